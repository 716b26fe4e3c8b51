#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# guest-lab.sh RUNS - a restore in a virtual PC against the same outside it, for the group
# "boot" of bench.sh.  Prints lines "CASE<TAB>SECONDS":
#
#	slate restore, outside		of an image on the server, on one processor
#	limit restore, outside		of the same data, in a file, on one processor
#	limit restore, in the guest	the same, with the file on a second disk
#	slate restore, in the guest	by a job of the rescue system, divided by how much
#					slower the guest's limit (limit.c) was
#
# Needs LIMIT, a program.
set -euo pipefail
# shellcheck source=tests/vm/room-lib.sh
. "$(dirname "$0")/../vm/room-lib.sh"
# shellcheck source=tests/bench/free.sh
. "$top/tests/bench/free.sh"
span=$((600 * ${VM_SLOW:-1}))
start=2048 # the partition's first sector

tell() { # tell CASE MILLISECONDS
	awk -v c="$1" -v ms="$2" 'BEGIN { printf "%s\t%.3f\n", c, ms / 1000 }' >&3
}

# make_data: the disk "golden" with programs of this machine, its partition alone as "part",
# the image, and what limit makes of it, as "packed"
make_data() {
	mkdir data
	find /usr/lib/x86_64-linux-gnu -type f -size -8M -print0 |
		sort -z > names
	head -z -n 2000 names | xargs -0 cp -t data --backup=numbered
	[[ $(du -sm data | cut -f 1) -ge 100 ]] || fail "this machine has too few programs"
	truncate -s 1000M part
	mkfs.ext4 -q -d data part
	truncate -s 1001M golden
	printf 'label: dos\n%s,,83\n' "$start" | sfdisk -q golden
	dd if=part of=golden bs=1M seek=1 conv=notrunc,sparse status=none
	slate -b -z zstd:1 save golden images/room1.slate 2> err
	chmod 644 images/room1.slate
	free_ranges part > free
	"$LIMIT" save part free packed zstd 1 1 256
	truncate -s %512 packed
}

# guest_init: limit, and how long it took
guest_init() {
	cat << 'END'
read -r before rest < /proc/uptime
limit restore /dev/vda /free /dev/vdb zstd 1 1 256 || poweroff -f
read -r after rest < /proc/uptime
echo "LIMIT $before $after"
END
}

blank() { # blank SIZE: the disk to restore to
	rm -f disk
	truncate -s "$1" disk
}

limit_guest() {
	local with card=

	blank 1000M
	firmware bios
	run_machine 1 bios none '' -kernel boot/slate/vmlinuz -initrd limit.img \
		-append 'console=ttyS0 quiet no_timer_check panic=-1' \
		-drive if=virtio,format=raw,file=disk \
		-drive if=virtio,format=raw,read-only=on,file=packed
	until_off 1 $span
	shows 'LIMIT [0-9.]+ [0-9.]+'
	limit_ms=$(grep -aoE 'LIMIT [0-9.]+ [0-9.]+' "$log" |
		awk '{ printf "%.0f", ($3 - $2) * 1000 }')
	cmp disk part || fail "limit has not restored in the guest what it saved"
	tell 'limit restore, in the guest' "$limit_ms"
}

limit_outside() {
	local begin

	blank 1000M
	begin=$(date +%s%3N)
	taskset -c 0 "$LIMIT" restore disk free packed zstd 1 1 256
	own_limit_ms=$(($(date +%s%3N) - begin))
	tell 'limit restore, outside' "$own_limit_ms"
}

slate_outside() {
	blank 1001M
	in_lab taskset -c 0 "$SLATE" -b --yes --report=report restore disk \
		http://10.77.0.1/images/room1.slate 2> err
	tell 'slate restore, outside' "$(jq '.seconds | add * 1000 | round' report)"
}

slate_guest() {
	local ms

	blank 1001M
	job pc1 restore room1.slate --no-personalise --verify=none
	power_on 1 bios virtio disk
	until_off 1 $span
	job_is 'done'
	in_lab "$PXE" results --json -c lab.conf > results.list
	ms=$(jq -s "map(select(.id == $job))[0].receipt.seconds | add * 1000 | round" \
		results.list)
	tell 'slate restore, in the guest, its own clock' "$ms"
	tell 'slate restore, in the guest' $((ms * own_limit_ms / limit_ms))
}

exec 3>&1 > lab.out
make_room 1 'dhcp.mode = server' 'dhcp.ipxe = loader' 'dhcp.probe = no'
make_data
add_program "$LIMIT" more bin/limit
cp free more/free
guest_init > init
make_initrd limit.img init virtio_pci virtio_blk
for ((run = 0; run < ${1:-1}; run++)); do
	limit_outside
	slate_outside
	limit_guest
	slate_guest
done
