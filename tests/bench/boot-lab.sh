#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# boot-lab.sh RUNS - how quick a virtual PC is, for the group "boot" of bench.sh.  Prints
# lines "CASE<TAB>SECONDS":
#
#	slate, first byte written	from power-on; the disk is empty
#	dnsmasq and lpxelinux, marker	from power-on until /init of a bare busybox has an
#					address: the same kernel, machine and network
set -euo pipefail
# shellcheck source=tests/vm/room-lib.sh
. "$(dirname "$0")/../vm/room-lib.sh"
limit=$((600 * ${VM_SLOW:-1}))

now() { # ms
	date +%s%3N
}

tell() { # tell CASE MILLISECONDS
	awk -v c="$1" -v ms="$2" 'BEGIN { printf "%s\t%.3f\n", c, ms / 1000 }' >&3
}

# until_true WHAT COMMAND...: at most $limit seconds
until_true() {
	local end=$((SECONDS + limit))

	until "${@:2}"; do
		[[ $SECONDS -lt $end ]] || fail "no $1: $(tail -c 1000 "$log")"
		sleep 0.05
	done
}

written() { # written FILE: it has blocks
	[[ $(stat -c %b "$1") -gt 0 ]]
}

on_console() { # on_console REGEX
	grep -aqE "$1" "$log"
}

bare_init() {
	cat << 'END'
ip link set eth0 up
udhcpc -f -q -n -t 20 -T 1 -i eth0 -s /bin/true > /dev/null
echo "MARKER-BARE"
END
}

# bare_tree: what dnsmasq gives: it has no HTTP
bare_tree() {
	mkdir -p bare/pxelinux.cfg
	cp boot/lpxelinux.0 boot/ldlinux.c32 boot/slate/vmlinuz bare
	bare_init > init
	make_initrd bare/initrd.img init virtio_pci virtio_net
	printf '%s\n' 'DEFAULT bare' 'LABEL bare' ' KERNEL vmlinuz' ' INITRD initrd.img' \
		' APPEND console=ttyS0 quiet no_timer_check panic=-1' \
		> bare/pxelinux.cfg/default
	chmod -R a+rX bare
}

by_dnsmasq() {
	local begin

	ip netns exec "$ns" dnsmasq -k -C /dev/null --port=0 --user=root --no-ping \
		--interface=br0 --dhcp-range=10.77.0.100,10.77.0.120,1h \
		--dhcp-boot=lpxelinux.0 \
		--enable-tftp --tftp-root="$dir/bare" --dhcp-leasefile="$dir/bare.leases" \
		--log-facility=- 2> other.log &
	other_pid=$!
	begin=$(now)
	power_on_diskless 1
	until_true marker on_console MARKER-BARE
	tell 'dnsmasq and lpxelinux, marker' $(($(now) - begin))
	until_off 1 $limit
	kill "$other_pid"
	wait "$other_pid" || true
	other_pid=''
}

by_slate() {
	local begin

	# shellcheck disable=SC2119
	start_server
	rm -f disk
	truncate -s 220M disk
	job pc1 restore room1.slate --no-personalise --verify=none
	begin=$(now)
	power_on 1 bios virtio disk
	until_true "first byte" written disk
	tell 'slate, first byte written' $(($(now) - begin))
	until_off 1 $limit
	job_is 'done'
}

exec 3>&1 > lab.out
make_room 1 'dhcp.mode = server' 'dhcp.ipxe = loader' 'dhcp.probe = no'
make_system golden dos
slate -b save golden images/room1.slate 2> err
chmod 644 images/room1.slate
bare_tree
stop_server
for ((run = 0; run < ${1:-1}; run++)); do
	by_dnsmasq
	by_slate
	stop_server
done
