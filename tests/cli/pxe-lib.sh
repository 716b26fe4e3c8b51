# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
#
# pxe-lib.sh - a lab for the tests of slate-pxe: network namespaces that only this test
# sees (they live in its own mount namespace), joined by a bridge.
#
#	make_lab 3		the server's, 10.77.0.1/24 on br0, and clients 1 to 3
#	in_lab COMMAND...	where the server is;  client 2 COMMAND...	on that client
#	start_server		slate-pxe with lab.conf; waits until it is ready
#	stop_server [SIGNAL]	and waits for its end; its status is in $server_status
#
# Client N has eth0 with the MAC 52:54:00:77:00:0N, and no address.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

PXE=$(realpath "${PXE:-$root/build/slate-pxe}")
[[ $(id -u) = 0 ]] || skip "needs root, for network namespaces"
ns=slate$$ server_pid=
chmod 755 "$dir"
trap 'stop_server KILL; cleanup' EXIT

in_lab() {
	ip netns exec "$ns" "$@"
}

client() { # client N COMMAND...
	ip netns exec "$ns-$1" "${@:2}"
}

make_lab() { # make_lab CLIENTS
	local i

	# Their names are files, which go away with the test's mounts.
	mkdir -p /run/netns
	mount -t tmpfs none /run/netns
	ip netns add "$ns"
	ip -n "$ns" link set lo up
	ip -n "$ns" link add br0 type bridge stp_state 0 forward_delay 0
	ip -n "$ns" addr add 10.77.0.1/24 dev br0
	ip -n "$ns" link set br0 up
	for ((i = 1; i <= $1; i++)); do
		ip netns add "$ns-$i"
		ip -n "$ns-$i" link set lo up
		ip -n "$ns" link add "v$i" type veth peer name eth0 netns "$ns-$i"
		ip -n "$ns-$i" link set eth0 address "52:54:00:77:00:$(printf %02x "$i")" up
		ip -n "$ns" link set "v$i" master br0 up
	done
}

# make_folders [LINE...]: images, boot tree and state below $dir, and a lab.conf that
# names them; LINEs are "section.key = value".
make_folders() {
	local line section=

	mkdir -p images boot/slate
	chmod 777 images
	echo kernel > boot/slate/vmlinuz
	echo initrd > boot/slate/initrd.img
	echo loader > boot/lpxelinux.0
	echo shim > boot/bootx64.efi
	{
		echo "lab.images = $dir/images"
		echo "lab.boot = $dir/boot"
		echo "lab.state = $dir/state"
		echo "lab.user = nobody"
		for line; do echo "$line"; done
	} | sort -s -t. -k1,1 | while IFS= read -r line; do
		[[ ${line%%.*} = "$section" ]] || echo "[${line%%.*}]"
		section=${line%%.*}
		echo "${line#*.}"
	done > lab.conf
}

# shellcheck disable=SC2120 # most have no arguments for it
start_server() {
	local i

	: > server.log
	# No function: its number shall be the server's own.  Its sandbox has no ptrace(), by
	# which a sanitizer looks for leaks at the end.
	ASAN_OPTIONS=${ASAN_OPTIONS-}:detect_leaks=0 ip netns exec "$ns" \
		"$PXE" serve -c lab.conf "$@" > server.out 2> server.log &
	server_pid=$!
	for ((i = 0; i < 200; i++)); do
		! grep -q '^ready on' server.log || return 0
		kill -0 "$server_pid" 2> /dev/null || break
		sleep 0.1
	done
	cat server.log >&2
	fail "the server did not start"
}

# shellcheck disable=SC2034,SC2120 # the caller reads server_status
stop_server() { # stop_server [SIGNAL]
	[[ $server_pid ]] || return 0
	kill -s "${1:-TERM}" "$server_pid" 2> /dev/null || true
	server_status=0
	wait "$server_pid" 2> /dev/null || server_status=$?
	server_pid=
}

logged() { # logged REGEX: the server has said that
	grep -qE -- "$1" server.log || {
		tail -n 20 server.log >&2
		fail "the server did not say \"$1\""
	}
}

# lease N [OPTION...]: busybox udhcpc on client N; what it was given is in lease.N, a shell's
# assignments, and the address is set.
lease() {
	local n=$1

	cat > udhcpc.sh << 'END'
#!/bin/sh
[ "$1" = bound ] || [ "$1" = renew ] || exit 0
set | grep -E '^(ip|mask|router|dns|domain|siaddr|boot_file|lease|serverid)=' > "$LEASE"
ip addr flush dev "$interface"
ip addr add "$ip/$mask" dev "$interface"
END
	chmod 755 udhcpc.sh
	client "$n" env LEASE="$dir/lease.$n" busybox udhcpc -f -n -q -t 5 -T 2 -i eth0 \
		-s "$dir/udhcpc.sh" "${@:2}" > "udhcpc.$n" 2>&1
}

got() { # got N NAME: of client N's lease
	sed -n "s/^$2='\{0,1\}\([^']*\)'\{0,1\}$/\1/p" "lease.$1"
}
