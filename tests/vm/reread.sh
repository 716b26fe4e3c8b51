#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# A kernel that reads partition tables has those of a disk that was restored: the
# program runs in a guest, on disks with other partitions than before.
# limit 900
set -euo pipefail
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/../cli/lib.sh"
# shellcheck source=tests/vm/lib.sh
. "$root/tests/vm/lib.sh"

# Each disk: the partitions before, the program, the partitions after it.
guest_init() {
	cat << 'END'
show() { # show DISK WORD
	for p in /sys/block/$1/$1p*; do
		[ ! -d $p ] || echo "$2 $1 $(cat $p/partition) $(cat $p/start) $(cat $p/size)"
	done
}
i=0
until [ -b /dev/nvme0n1 ] && [ -b /dev/nvme1n1 ] || [ $i = 100 ]; do
	usleep 100000
	i=$((i + 1))
done
for disk in nvme0n1 nvme1n1; do
	# The names of disks are in no order; the size tells which one it is.
	[ "$(cat /sys/block/$disk/size)" = 204800 ] && image=gpt || image=dos
	show $disk BEFORE-$image
	slate -b --yes restore /dev/${disk}p3 $image.slate 2>&1 | grep 'is a partition' &&
		echo "REFUSED $image"
	slate -b --yes --verify restore /dev/$disk $image.slate || echo "FAILED $image"
	show $disk AFTER-$image
done
echo MARKER-END
END
}

# table FILE: "NUMBER FIRST-SECTOR SECTORS"; of an extended partition the kernel
# shows two sectors
table() {
	sfdisk -J "$1" | jq -r '.partitiontable.partitions[] |
		"\(.node | capture("(?<n>[0-9]+)$").n) \(.start) " +
		(if .type == "5" then 2 else .size end | tostring)' | sort -n
}

told() { # told WORD: the lines of it, as table has them
	tr -d '\r' < guest.log | sed -n "s/^$1 nvme[01]n1 //p" | sort -n
}

get_kernel cloud-amd64
truncate -s 80M gpt dos
printf '%s\n' 'label: gpt' 'size=40M' '5: size=16M' 'size=8M' | sfdisk -q gpt
printf '%s\n' 'label: dos' '1: size=30M, type=83' '3: size=40M, type=5' '5: size=10M, type=83' \
	'6: size=20M, type=83' | sfdisk -q dos
truncate -s 100M gpt.target
truncate -s 120M dos.target
for kind in gpt dos; do
	slate -o save $kind $kind.slate 2> err
	printf '%s\n' 'label: gpt' 'size=10M' 'size=20M' 'size=30M' | sfdisk -q $kind.target
done
guest_init > init
mkdir more
cp gpt.slate dos.slate more
add_program "$SLATE" more usr/bin/slate
make_initrd initrd init
guest guest.log 300 -machine pc -kernel "$kernel" -initrd initrd \
	-append 'console=ttyS0 quiet panic=-1 no_timer_check' \
	-drive if=none,id=a,format=raw,file=gpt.target -device nvme,drive=a,serial=a \
	-drive if=none,id=b,format=raw,file=dos.target -device nvme,drive=b,serial=b
for kind in gpt dos; do
	say "$kind"
	[[ $(told BEFORE-$kind | wc -l) = 3 ]] ||
		{ tail -n 40 guest.log >&2; fail "not three"; }
	diff <(table $kind) <(told AFTER-$kind) >&2 || {
		tail -n 40 guest.log >&2
		fail "the kernel has other partitions"
	}
done
equal "$(grep -ac '^REFUSED' guest.log)" 2 "refused: a disk into a partition"
! grep -aE 'FAILED|partprobe' guest.log >&2 || fail "what the program said"
