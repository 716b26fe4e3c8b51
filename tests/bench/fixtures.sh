#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# fixtures.sh - build the sample disks that bench.sh measures with.
#
#   fixtures.sh [-o DIR] [-m MIRROR] NAME...
#
# NAMEs: ext4 ext4one ext3 xfs btrfs ntfs fat.  Each makes DIR/NAME-lab.img (DIR:
# build/fixtures), a sparse file of 4 GiB: ext4 and ext3 with a real Debian root,
# 1.8 GB, the others with the programs and libraries of one, 1 GB; all aged.  What
# is there already is kept.  The root itself comes from MIRROR (the machine's own
# Debian sources) and stays in DIR/root.tar for the next fixture.  UUIDs, labels,
# files and the ageing are fixed; where the blocks go is the choice of the kernel,
# of ntfs-3g for NTFS, of mtools for FAT.  ext4one is ext4 with about one used
# block in a hundred altered in place.
#
# Another filesystem is one more function make_NAME DEVICE.
# Needs root (loop devices, mounts, FUSE), mmdebstrap and the mkfs programs:
# installs them.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=/dev/null
. "$here/lib.sh"

dir=$here/../../build/fixtures
mirror=
packages=linux-image-amd64,gcc,g++,make,git,vim,python3,firefox-esr,man-db,openssh-server
export SOURCE_DATE_EPOCH=1700000000 TZ=UTC
programs=(./boot ./usr/bin ./usr/lib/gcc ./usr/lib/firefox-esr ./usr/lib/x86_64-linux-gnu)
loop='' mnt='' part='' tree=''

cleanup() {
	if [ -n "$mnt" ]; then
		! mountpoint -q "$mnt" || umount "$mnt" || umount -l "$mnt"
		rmdir "$mnt" || :
	fi
	[ -z "$loop" ] || losetup -d "$loop" || :
	[ -z "$part" ] || rm -f "$part"
	[ -z "$tree" ] || rm -rf "$tree"
}

# root_tar: $dir/root.tar, the real files
root_tar() {
	local suite from=$mirror
	[ ! -s "$dir/root.tar" ] || return 0
	# shellcheck source=/dev/null
	suite=$(. /etc/os-release && echo "${VERSION_CODENAME:-stable}")
	if [ -z "$from" ] && [ -s /etc/apt/sources.list.d/debian.sources ]; then
		from=/etc/apt/sources.list.d/debian.sources
	elif [ -z "$from" ] && [ -s /etc/apt/sources.list ]; then
		from=/etc/apt/sources.list
	fi
	say "root.tar: $suite${from:+ from $from}"
	part=$dir/root.tar.part
	mmdebstrap --quiet --format=tar --variant=important --include="$packages" \
		"$suite" "$part" ${from:+"$from"}
	mv "$part" "$dir/root.tar"
	part=''
}

# prng N: N reproducible integers below 2^31
prng() {
	awk -v n="$1" 'BEGIN {
		s = 20231114
		for (i = 0; i < n; i++) {
			s = (s * 16807) % 2147483647
			print s
		}
	}'
}

# junk DEST COUNT MAXKIB: COUNT files of up to MAXKIB cut out of root.tar
junk() {
	local dest=$1 count=$2 max=$(($3 * 1024)) i=0 room off len
	room=$(($(stat -c %s "$dir/root.tar") - max))
	mkdir -p "$dest"
	while read -r off len; do
		dd if="$dir/root.tar" of="$dest/$i" bs=1M status=none \
			iflag=skip_bytes,count_bytes \
			skip=$((off % room)) count=$((1 + len % max))
		i=$((i + 1))
	done < <(prng $((count * 2)) | paste - -)
	sync -f "$dest"
}

# thin DEST K: deletes every file of DEST except each K-th
thin() {
	find "$1" -type f | sort -V | awk -v k="$2" 'NR % k' | xargs -r rm -f
	sync -f "$1"
}

# fill DEVICE: junk, the root, junk again, most of the junk deleted: the free
# space ends up in pieces and holds old data, as on a disk in use
fill() {
	local tmp=$mnt/var/tmp
	mount "$1" "$mnt"
	junk "$tmp/big" 700 3000
	thin "$tmp/big" 3
	tar -C "$mnt" --numeric-owner -xpf "$dir/root.tar"
	sync -f "$mnt"
	junk "$tmp/small" 1500 96
	thin "$tmp/small" 10
	thin "$tmp/big" 12
	umount "$mnt"
}

make_ext4() {
	local id=6f8b0c1e-0000-4000-8000-000000000004
	mkfs.ext4 -q -F -U $id -L lab-root -E hash_seed=$id "$1"
	fill "$1"
}

# 64 KiB in each tenth file of some size, and nothing else of the data
make_ext4one() {
	local file
	"$here/fixtures.sh" -o "$dir" ext4
	dd if="$dir/ext4-lab.img" of="$1" bs=1M conv=sparse status=none
	mount "$1" "$mnt"
	while read -r file; do
		dd if="$dir/root.tar" of="$file" bs=64k count=1 seek=1 conv=notrunc status=none
	done < <(find "$mnt/usr" -xdev -type f -size +256k | sort | awk 'NR % 10 == 0')
	umount "$mnt"
}

# inodes of 128 bytes: all that partimage knows
make_ext3() {
	local id=6f8b0c1e-0000-4000-8000-000000000003
	mkfs.ext3 -q -F -I 128 -U $id -L lab-old -E hash_seed=$id "$1"
	fill "$1"
}

# fill_programs: on the filesystem that is mounted on $mnt
fill_programs() {
	junk "$mnt/old" 300 2000
	tar -C "$mnt" --no-same-owner -xf "$dir/root.tar" "${programs[@]}"
	sync -f "$mnt"
	thin "$mnt/old" 6
}

make_xfs() {
	mkfs.xfs -q -f -m uuid=6f8b0c1e-0000-4000-8000-000000000005 -L lab-xfs "$1"
	mount "$1" "$mnt"
	fill_programs
	umount "$mnt"
}

make_btrfs() {
	mkfs.btrfs -q -f -U 6f8b0c1e-0000-4000-8000-000000000006 -L lab-btrfs "$1"
	mount "$1" "$mnt"
	fill_programs
	umount "$mnt"
}

# All is written when ntfs-3g has ended, not when umount has.
make_ntfs() {
	local fuse
	mkntfs -q -Q -F -L lab-win -p 0 -H 0 -S 0 "$1"
	ntfs-3g -o no_detach "$1" "$mnt" &
	fuse=$!
	until mountpoint -q "$mnt"; do
		kill -0 $fuse 2>/dev/null || die "ntfs-3g cannot mount $1"
		sleep 0.1
	done
	fill_programs
	umount "$mnt"
	wait $fuse
}

# FAT knows plain files only, and names without regard to case: of two the second
# is skipped.  In $part, as mtools asks a device for a geometry.
make_fat() {
	local -x MTOOLS_SKIP_CHECK=1 MTOOLSRC=/dev/null
	tree=$(mktemp -d "$dir/tree.XXXXXX")
	mkfs.fat -F 32 -i 1ab00032 -n LAB-FAT "$part" >/dev/null
	junk "$tree/old" 300 2000
	mcopy -i "$part" -s -Q "$tree/old" ::
	tar -C "$tree" --no-same-owner -xf "$dir/root.tar" "${programs[@]}"
	find "$tree" ! -type d ! -type f -delete
	mcopy -i "$part" -s -Q -D s "$tree/boot" "$tree/usr" ::
	seq 0 299 | awk 'NR % 6 { print "::/old/" $1 }' | xargs mdel -i "$part"
	rm -rf "$tree"
	tree=''
}

# fixture NAME: $dir/NAME-lab.img, complete or not there
fixture() {
	local image=$dir/$1-lab.img
	declare -F "make_$1" >/dev/null || misuse "no such fixture: $1"
	[ ! -s "$image" ] || return 0
	root_tar
	say "$image"
	part=$image.part
	rm -f "$part"
	truncate -s 4G "$part"
	loop=$(losetup -f --show "$part")
	"make_$1" "$loop"
	losetup -d "$loop"
	loop=''
	mv "$part" "$image"
	part=''
}

while getopts o:m:h opt; do
	case $opt in
	o) dir=$OPTARG ;;
	m) mirror=$OPTARG ;;
	h) usage && exit 0 ;;
	*) exit 2 ;;
	esac
done
shift $((OPTIND - 1))
[ $# -gt 0 ] || misuse "which?"
[ "$(id -u)" = 0 ] || die "must be root"
mkdir -p "$dir"
dir=$(cd "$dir" && pwd)
need mmdebstrap mkfs.ext4:e2fsprogs losetup:mount mkfs.xfs:xfsprogs mkfs.btrfs:btrfs-progs \
	mkntfs:ntfs-3g mkfs.fat:dosfstools mcopy:mtools
trap cleanup EXIT
mnt=$(mktemp -d)
for name; do
	fixture "$name"
done
