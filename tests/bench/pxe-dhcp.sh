# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
# pxe-dhcp.sh - the group dhcp of bench.sh, which sources it.
#
# Each server runs in a network namespace and is asked by netload (tests/load) from another
# one, over a pair of veth: the same client, the same options.  CPU seconds are the
# server's (a control group's), the wall clock is the client's.  All run before other processes
# (chrt): else a server of a hundred processes gets a hundred shares of a busy machine.  The
# peers are unpacked in build/peers, not installed.
# shellcheck disable=SC2154 # tmp, runs, result and group are bench.sh's

NETLOAD=${NETLOAD:-$here/../../build/netload}
peers=$here/../../build/peers
room=slate-bench$$ server_group=/sys/fs/cgroup/cpuacct/slate-bench$$
serving=''

get_peers() {
	[ ! -e "$peers/ready-dhcp" ] || return 0
	say "fetching dnsmasq"
	mkdir -p "$peers/deb-dhcp"
	(
		cd "$peers/deb-dhcp"
		apt-get -q -o APT::Sandbox::User=root download dnsmasq-base || {
			apt-get -q update
			apt-get -q -o APT::Sandbox::User=root download dnsmasq-base
		}
		for deb in *.deb; do
			dpkg -x "$deb" ..
		done
	) >&2 || die "cannot fetch the servers to compare with"
	: >"$peers/ready-dhcp"
}

make_room() {
	[ ! -d "$tmp/boot" ] || return 0
	get_peers
	ip netns add "$room"
	ip netns add "$room-c"
	ip -n "$room" link add eth0 type veth peer name eth0 netns "$room-c"
	ip -n "$room" addr add 10.77.0.1/16 dev eth0
	ip -n "$room-c" addr add 10.77.0.2/16 dev eth0
	ip -n "$room" link set eth0 up
	ip -n "$room-c" link set eth0 up
	mkdir -p "$tmp/boot" "$tmp/images" "$server_group"
	chmod 755 "$tmp"
	# Leases must be on a disk, which $tmp may not be.
	leases=$(mktemp -d /var/tmp/slate-bench.XXXXXX)
	chmod 755 "$leases"
}

drop_room() {
	stop_serving
	ip netns del "$room" 2>/dev/null || :
	ip netns del "$room-c" 2>/dev/null || :
	rmdir "$server_group" 2>/dev/null || :
	[ -z "${leases-}" ] || rm -rf "$leases"
}

stop_serving() {
	[ -n "$serving" ] || return 0
	kill "$serving" 2>/dev/null || :
	wait "$serving" 2>/dev/null || :
	serving=''
}

# start_serving KIND MODE: one of the servers, with new state
start_serving() {
	local lib=$peers/usr/lib/x86_64-linux-gnu
	rm -rf "${leases:?}"/* && mkdir -m 777 "$leases/state"
	cat >"$tmp/lab.conf" <<-END
		[lab]
		images = $tmp/images
		boot = $tmp/boot
		state = $leases/slate
		user = nobody
		interface = eth0
		[dhcp]
		mode = $2
		range = 10.77.1.0-10.77.9.255
		probe = no
		[tftp]
		transfers-max = 1000
		per-client-max = 1000
	END
	local -A servers=(
		[slate]="$PXE serve -c $tmp/lab.conf"
		[dnsmasq]="$peers/usr/sbin/dnsmasq -k --port=0 --conf-file=/dev/null --user=root
			--interface=eth0 --pid-file= --log-facility=$tmp/dnsmasq.log
			--no-ping
			--dhcp-range=10.77.1.0,10.77.9.255,255.255.0.0,1h --dhcp-authoritative
			--dhcp-lease-max=5000 --dhcp-leasefile=$leases/state/leases"
	)
	# shellcheck disable=SC2086 # words of a command
	(
		echo "$BASHPID" >"$server_group/cgroup.procs"
		LD_LIBRARY_PATH=$lib exec chrt -r 1 ip netns exec "$room" ${servers[$1]}
	) >"$tmp/server.log" 2>&1 &
	serving=$!
	sleep 2
	kill -0 "$serving" || die "$1: $(cat "$tmp/server.log")"
}

# serve_and_ask KIND MODE CASE NETLOAD_OPTION...: one line of the result.  Memory is not
# measured.
serve_and_ask() {
	local before after
	start_serving "$1" "$2"
	before=$(cat "$server_group/cpuacct.usage")
	chrt -r 1 ip netns exec "$room-c" "$NETLOAD" "${@:4}" >"$tmp/told" 2>"$tmp/log" ||
		die "$group: $3: $(head -n 3 "$tmp/log") $(cat "$tmp/told")"
	after=$(cat "$server_group/cpuacct.usage")
	stop_serving
	jq -r --arg group "$group" --arg case "$3" --argjson ns $((after - before)) \
		'[$group, $case, .seconds, $ns / 1e9, 0, 0, .exchanges,
		"-", "-", "-"] | @tsv' "$tmp/told" | tee -a "$result" >&2
}

group_dhcp() {
	local round
	make_room
	for ((round = 0; round < runs; round++)); do
		serve_and_ask dnsmasq server "dnsmasq, 1000 leases" -i eth0 -n 1000 -c 50
		serve_and_ask slate server "slate, 1000 leases" -i eth0 -n 1000 -c 50
		serve_and_ask dnsmasq server "dnsmasq, one by one" -i eth0 -n 200 -c 1
		serve_and_ask slate server "slate, one by one" -i eth0 -n 200 -c 1
	done
	goal wall '>=' 1 "dnsmasq, 1000 leases" "slate, 1000 leases"
	goal wall '>=' 1 "dnsmasq, one by one" "slate, one by one"
}
