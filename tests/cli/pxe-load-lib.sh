# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
#
# pxe-load-lib.sh - a room of simulated machines (tests/load) on client 1 of the lab.
#
#	make_room [LINE...]	the lab, files that can be checked, room for all of them
#	room OPTION...		netload there; its figures are in load.json, it must succeed
#	figure NAME		one of them
# shellcheck source=tests/cli/pxe-lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/pxe-lib.sh"

NETLOAD=$(realpath "${NETLOAD:-$(dirname "$PXE")/netload}")
[[ -x $NETLOAD ]] || fail "$NETLOAD is not there: make tests"
image=60000000 # bytes, of images/room.slate

make_room() { # LINEs as of make_folders
	local i

	make_lab 2
	make_folders 'dhcp.mode = server' 'dhcp.range = 10.77.0.10-10.77.0.250' \
		'dhcp.probe = no' 'tftp.transfers-max = 1000' 'tftp.per-client-max = 1000' "$@"
	"$NETLOAD" -m boot/loader "${LOADER_SIZE:-400000}"
	"$NETLOAD" -m boot/config 20000
	"$NETLOAD" -m boot/tiny 408
	"$NETLOAD" -m images/room.slate $image
	# Each address that DHCP may give is set, so that a machine can use it.
	for ((i = 10; i <= 250; i++)); do
		echo "addr add 10.77.0.$i/32 dev eth0"
	done > addresses
	echo "route add 10.77.0.0/24 dev eth0" >> addresses
	ip -n "$ns-1" -batch addresses
	ip -n "$ns-2" addr add 10.77.0.3/24 dev eth0
}

room() {
	client 1 "$NETLOAD" "$@" > load.json 2> load.err || {
		head -n 10 load.err >&2
		cat load.json >&2
		tail -n 10 server.log >&2
		fail "machines failed: $*"
	}
	cat load.json
}

figure() {
	json load.json ".$1"
}

descriptors() { # of the server
	local all=("/proc/$server_pid/fd"/*)

	echo ${#all[@]}
}

memory() { # of the server, KiB
	awk '/^VmRSS:/ { print $2 }' "/proc/$server_pid/status"
}

# settled WHAT N SECONDS: what the function WHAT prints is N at last
settled() {
	local i

	for ((i = 0; i < 10 * $3; i++)); do
		[[ $("$1") != "$2" ]] || return 0
		sleep 0.1
	done
	fail "$1: $("$1"), not $2, after $3 s"
}
