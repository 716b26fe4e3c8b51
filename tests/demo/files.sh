#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# files.sh - the demo without a network: saves a partition and then a whole
# disk, restores both and shows that all is the same.  SLATE is the program.  Root.
# Works on files only: no disk of yours is touched.
set -euo pipefail

# Mounts are made in a namespace of our own: in the common one, a process that starts
# a namespace meanwhile keeps a copy of them, and they outlive their umount.
if [[ $(id -u) = 0 && ! ${SLATE_DEMO_NAMESPACE-} ]] && unshare -m true 2> /dev/null; then
	SLATE_DEMO_NAMESPACE=1 exec unshare -m --propagation slave bash "$0" "$@"
fi
export LC_ALL=C.UTF-8 PATH=$PATH:/usr/sbin:/sbin

slate=${SLATE:-slate}
size_mib=300 fill_mib=180
esp_mib=64 swap_mib=32 pc_mib=400 larger_mib=600

say() { printf '\n== %s\n' "$*"; }
note() { printf '   %s\n' "$*"; }

die() {
	echo "demo: $*" >&2
	exit 1
}

mib() { # mib BYTES: "12.3 MiB"
	awk -v n="$1" 'BEGIN { printf "%.1f MiB", n / 1048576 }'
}

try() { # try COMMAND...: shows and runs it, tells how long it took
	local begin=${EPOCHREALTIME/[.,]/} end

	printf '   $ %s\n' "${*/#"$slate"/slate}"
	"$@" < /dev/null || die "'${*##*/}' failed with exit status $?"
	end=${EPOCHREALTIME/[.,]/}
	note "took $(awk -v t=$((end - begin)) 'BEGIN { printf "%.1f s", t / 1e6 }')"
}

# Files of this very system, up to fill_mib of them.
pick() {
	find /usr/bin /usr/sbin /usr/share /usr/lib -xdev \( -type f -o -type l \) -size -8M \
		-printf '%s %p\n' | awk -v max=$((fill_mib * 1048576)) '
		(sum += $1) <= max { sub(/^[0-9]+ /, ""); print }'
}

fill() { # fill FOLDER
	pick > files
	tar -C / -c -T files --transform 's|^/||' 2> /dev/null | tar -x -p -C "$1"
}

# Every third file goes and some come back elsewhere: free space in pieces that
# holds old data, as on a disk in use.
age() { # age FOLDER
	sync -f "$1"
	find "$1/usr" -type f | sort | awk 'NR % 3 == 0' | tr '\n' '\0' | xargs -0 -r rm -f
	sync -f "$1"
	find "$1/usr" -type f | sort | awk 'NR % 5 == 0' | tr '\n' '\0' |
		xargs -0 -r cp -p --backup=numbered -t "$1"
}

make_partition() {
	truncate -s ${size_mib}M disk.img
	mkdir before after
	loops=1
	if mkfs.ext4 -q -F -L demo disk.img && mount -o loop disk.img before 2> /dev/null; then
		fill before
		age before
		umount before
	else
		loops=''
		note "loop devices cannot be mounted here: mkfs fills it instead"
		mkdir stage
		fill stage
		age stage
		mkfs.ext4 -q -F -L demo -d stage disk.img
		rm -rf stage
	fi
}

show() { # show IMAGE FOLDER: its files in FOLDER
	mount -o loop,ro "$1" "$2" 2> /dev/null || debugfs -R "rdump / $2" "$1" 2> /dev/null
}

# listing FOLDER: all that is known of its files but their contents.  (Where
# nothing can be mounted, links come out of the image without their times.)
listing() {
	(cd "$1" && find . -mindepth 1 \( -type l -printf '%p l %U:%G %l\n' \
		-o -type d -printf '%p d %m %U:%G %T@\n' \
		-o -printf '%p %y %m %U:%G %n %s %T@\n' \) | sort)
}

same() { # same COMMAND...: what it finds different, of which only the begin is shown
	"$@" > differences || {
		head -n 10 differences
		die "the copy is not the same"
	}
}

# ---- a whole disk: partitions are made as files and laid in their places --------

part_begin() { # part_begin DISK N: in MiB
	sfdisk -q -l -o START "$1" | awk -v n="$2" 'NR == n + 1 { print $1 / 2048 }'
}

part_size() { # part_size DISK N: in MiB
	sfdisk -q -l -o SECTORS "$1" | awk -v n="$2" 'NR == n + 1 { print $1 / 2048 }'
}

put_part() { # put_part FILE DISK N
	dd if="$1" of="$2" bs=1M seek="$(part_begin "$2" "$3")" conv=sparse,notrunc status=none
}

get_part() { # get_part FILE DISK N
	dd if="$2" of="$1" bs=1M skip="$(part_begin "$2" "$3")" count="$(part_size "$2" "$3")" \
		conv=sparse status=none
}

make_pc() {
	truncate -s ${pc_mib}M pc.img
	printf '%s\n' 'label: gpt' "size=${esp_mib}M, type=uefi, name=EFI" \
		"size=${swap_mib}M, type=swap, name=swap" \
		"size=${size_mib}M, type=linux, name=Linux" | sfdisk -q pc.img
	truncate -s ${esp_mib}M esp.img
	truncate -s ${swap_mib}M swap.img
	mkfs.vfat -F 32 -n ESP esp.img > /dev/null
	mkswap -q -L swap swap.img
	put_part esp.img pc.img 1
	put_part swap.img pc.img 2
	put_part disk.img pc.img 3
}

table() { # table DISK: what must be the same on a disk of any size
	sfdisk -d "$1" | sed -nE 's/^[^ ]+([0-9]) : (start= *[0-9]+, ).*(type=.*)/\1 \2\3/p'
}

same_files() { # same_files FILE FILE: two ext4 filesystems hold the same files
	show "$1" before
	show "$2" after
	listing before > before.list
	listing after > after.list
	same diff before.list after.list
	same diff -r --no-dereference before after
	note "$(wc -l < before.list) files and folders: contents, owners, modes, times, links"
	forget
}

forget() { # what show() has shown
	local m

	for m in before after; do
		! mountpoint -q "$m" || umount "$m"
	done
	rm -rf --one-file-system before after
	mkdir before after
}

cleanup() {
	local m

	cd /
	for m in before after; do
		! mountpoint -q "$dir/$m" || umount "$dir/$m" || umount -l "$dir/$m"
	done
	rm -rf --one-file-system "$dir"
}

[[ $(id -u) = 0 ]] || die "must be root, to mount what it compares"
command -v "$slate" > /dev/null || die "no program $slate: run make first"
dir=$(mktemp -d "${TMPDIR:-/var/tmp}/slate-demo.XXXXXX")
trap cleanup EXIT
cd "$dir"

say "A partition of $size_mib MiB: ext4 with files of this system"
make_partition
used=$(dumpe2fs -h disk.img 2> /dev/null | awk -F': *' '
	/^Block count/ { blocks = $2 }
	/^Free blocks/ { free = $2 }
	/^Block size/ { print (blocks - free) * $2 }')
note "$(mib "$used") in use"

say "Save it: only what is in use, compressed"
try "$slate" -b save disk.img disk.slate
note "an image of $(mib "$(stat -c %s disk.slate)")"

say "Is the image good?"
try "$slate" -b verify disk.slate

say "Restore it onto another partition, and compare both"
try "$slate" -b restore copy.img disk.slate
try e2fsck -fn copy.img
same_files disk.img copy.img

say "A whole disk of $pc_mib MiB: partition table (GPT), EFI system partition, swap, ext4"
make_pc
try "$slate" -b save pc.img pc.slate

say "What the image says about itself"
try "$slate" info pc.slate

say "Restore it onto a disk of $larger_mib MiB, and read back what was written"
truncate -s ${larger_mib}M pc2.img
if [[ $loops ]]; then
	try "$slate" -b --verify --grow restore pc2.img pc.slate
	[[ $(part_size pc2.img 3) -gt $((size_mib + larger_mib - pc_mib - 3)) ]] ||
		die "the last partition has not grown"
else
	note "without loop devices the last filesystem cannot grow (--grow)"
	try "$slate" -b --verify restore pc2.img pc.slate
fi

say "Compare both disks"
try sfdisk --verify pc2.img
table pc.img > before.table
table pc2.img > after.table
[[ $(wc -l < before.table) = 3 ]] || die "sfdisk does not list the partitions"
same diff before.table after.table
note "$(wc -l < before.table) partitions: places, types, names, UUIDs"
get_part esp2.img pc2.img 1
get_part swap2.img pc2.img 2
get_part root2.img pc2.img 3
same cmp esp.img esp2.img
same cmp swap.img swap2.img
note "the EFI system partition and the swap space"
try e2fsck -fn root2.img
same_files disk.img root2.img
printf '\ndemo: all the same\n'
