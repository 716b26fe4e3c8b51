#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# scattered.sh - a filesystem of 500 GiB in a sparse file, used here and there.
#
#   scattered.sh NAME FILE RANGES
#
# NAMEs: ext4 xfs btrfs ntfs exfat fat f2fs, as their mkfs makes them.  Prints the
# bytes that are in use in RANGES pieces, at equal distances from begin to end.
# FILE takes up to 250 MB, so it may be in memory.  How they come there:
#
#   ext4, xfs, btrfs  the kernel gives one file blocks all over the disk, without
#                     data, and takes each second piece back
#   the others        no kernel need know them: scatter.c tells
#
# Environment: SCATTER (build/scatter).  Needs root (mounts).
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=/dev/null
. "$here/lib.sh"

SCATTER=${SCATTER:-$here/../../build/scatter}
mnt='' tmp=''

cleanup() {
	if [ -n "$mnt" ]; then
		! mountpoint -q "$mnt" || umount "$mnt"
		rmdir "$mnt"
	fi
	[ -z "$tmp" ] || rm -f "$tmp"
}

# make COMMAND...: quiet, unless it fails
make() {
	"$@" "$file" >"$tmp" 2>&1 || die "$1: $(tail -n 3 "$tmp")"
}

# pieces PIECE: commands for xfs_io: space for a file over 470 GiB, PIECE MiB at a
# time, of which the second half of each range is taken back
pieces() {
	awk -v n="$ranges" -v half="$half" -v most="$1" 'BEGIN {
		for (at = 0; at < 2 * half * n; at += most)
			printf "falloc %dm %dm\n", at, most
		for (i = 0; i < n; i++)
			printf "fpunch %dm %dm\n", (2 * i + 1) * half, half
	}'
}

# by_kernel PIECE [MOUNT_OPTION]: see pieces
by_kernel() {
	mnt=$(mktemp -d)
	mount -o "loop${2:+,$2}" "$file" "$mnt"
	pieces "$1" >"$tmp"
	xfs_io -f "$mnt/file" <"$tmp" >/dev/null
	# in blocks of 512 bytes
	echo $(($(stat -c %b "$mnt/file") * 512))
	umount "$mnt"
}

make_ext4() {
	make mkfs.ext4 -q -F
	by_kernel 1024 noinit_itable
}

make_xfs() {
	make mkfs.xfs -q
	by_kernel 1024
}

# Btrfs frees no part of what it gave at once.
make_btrfs() {
	make mkfs.btrfs -q
	by_kernel "$half"
}

make_ntfs() {
	make mkntfs -q -Q -F
	"$SCATTER" ntfs "$file" "$ranges"
}

make_exfat() {
	make mkfs.exfat
	"$SCATTER" exfat "$file" "$ranges"
}

make_fat() {
	make mkfs.fat -F 32
	"$SCATTER" fat "$file" "$ranges"
	fsck.fat -n "$file" >"$tmp" || die "fsck.fat: $(cat "$tmp")"
}

make_f2fs() {
	make mkfs.f2fs -q
	"$SCATTER" f2fs "$file" "$ranges"
}

[ "${1-}" != -h ] || { usage && exit 0; }
[ $# = 3 ] || misuse "what, where, how many?"
declare -F "make_$1" >/dev/null || misuse "no such filesystem: $1"
file=$2 ranges=$3
[[ $ranges =~ ^[1-9][0-9]*$ ]] || misuse "not a number of ranges: $ranges"
half=$((470 * 512 / ranges)) # of what there is for each, in MiB
[ $half -gt 0 ] || misuse "too many ranges"
[ "$(id -u)" = 0 ] || die "must be root"
[ -x "$SCATTER" ] || die "$SCATTER is not there: run make $SCATTER"
trap cleanup EXIT
tmp=$(mktemp)
rm -f "$file"
truncate -s 500G "$file"
"make_$1"
