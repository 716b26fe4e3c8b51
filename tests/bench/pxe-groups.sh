# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
# pxe-groups.sh - the groups tftp and dhcp of bench.sh, which sources it.
#
# Each server runs in a network namespace and is asked by netload (tests/load) from another
# one, over a pair of veth: the same client, the same options.  CPU seconds are the
# server's (a control group's), the wall clock is the client's.  All run before other processes
# (chrt): else a server of a hundred processes gets a hundred shares of a busy machine.  The
# peers are unpacked in build/peers, not installed.

PXE=${PXE:-$here/../../build/slate-pxe}
NETLOAD=${NETLOAD:-$here/../../build/netload}
peers=$here/../../build/peers
room=slate-bench$$ server_group=/sys/fs/cgroup/cpuacct/slate-bench$$
serving=''

get_peers() {
	[ ! -e "$peers/ready" ] || return 0
	say "fetching tftpd-hpa, atftpd, dnsmasq"
	mkdir -p "$peers/deb"
	(
		cd "$peers/deb"
		apt-get -q -o APT::Sandbox::User=root download tftpd-hpa atftpd dnsmasq-base \
			libwrap0 || {
			apt-get -q update
			apt-get -q -o APT::Sandbox::User=root download tftpd-hpa atftpd \
				dnsmasq-base libwrap0
		}
		for deb in *.deb; do
			dpkg -x "$deb" ..
		done
	) >&2 || die "cannot fetch the servers to compare with"
	: >"$peers/ready"
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
	"$NETLOAD" -m "$tmp/boot/big" 67108864
	"$NETLOAD" -m "$tmp/boot/piece" 2000000
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
	rm -rf "$leases"/* && mkdir -m 777 "$leases/state"
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
		[hpa]="$peers/usr/sbin/in.tftpd -L -4 -a 10.77.0.1:69 -s $tmp/boot"
		[atftpd]="$peers/usr/sbin/atftpd --daemon --no-fork --bind-address 10.77.0.1
			--user nobody.nogroup --verbose=0 --no-multicast --maxthread 500 $tmp/boot"
		[dnsmasq]="$peers/usr/sbin/dnsmasq -k --port=0 --conf-file=/dev/null --user=root
			--interface=eth0 --pid-file= --log-facility=$tmp/dnsmasq.log
			--enable-tftp --tftp-root=$tmp/boot --tftp-max=1000 --no-ping
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
		'[$group, $case, .seconds, $ns / 1e9, 0, 0, .bytes + .exchanges, "-", "-", "-"] |
		@tsv' "$tmp/told" | tee -a "$result" >&2
}

group_tftp() {
	local round kind one="-s 10.77.0.1 -b 1408 -f big" many="-s 10.77.0.1 -b 1408 -n 100 -f piece"
	make_room
	for ((round = 0; round < runs; round++)); do
		for kind in slate hpa atftpd; do
			# shellcheck disable=SC2086 # words of a command
			serve_and_ask $kind off "$kind, window 1" $one
		done
		# shellcheck disable=SC2086
		{
			serve_and_ask dnsmasq server "dnsmasq, window 16 asked for" $one -w 16
			serve_and_ask slate off "slate, window 16" $one -w 16
			serve_and_ask slate off "slate, 100 at once" $many
			serve_and_ask hpa off "hpa, 100 at once" $many
		}
	done
	goal wall '<=' 1 "slate, window 1" "hpa, window 1"
	goal wall '<=' 1 "slate, window 1" "atftpd, window 1"
	goal wall '>=' 3 "dnsmasq, window 16 asked for" "slate, window 16"
	goal wall '>=' 1.5 "hpa, 100 at once" "slate, 100 at once"
	goal cpu '<=' 1 "slate, 100 at once" "hpa, 100 at once"
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
