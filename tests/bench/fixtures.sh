#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# fixtures.sh - build the sample disks that bench.sh measures with.
#
#   fixtures.sh [-o DIR] [-m MIRROR] NAME...
#
# NAMEs: ext4 ext3.  Each makes DIR/NAME-lab.img (DIR: build/fixtures), a sparse
# file of 4 GiB with 1.8 GB in use: a real Debian root, aged.  What is there
# already is kept.  The root itself comes from MIRROR (the machine's own Debian
# sources) and stays in DIR/root.tar for the next fixture.  UUIDs, labels, files
# and the ageing are fixed; where the blocks go is the kernel's choice.
#
# Another filesystem is one more function make_NAME DEVICE.
# Needs root (loop devices, mounts), mmdebstrap and e2fsprogs: installs them.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=/dev/null
. "$here/lib.sh"

dir=$here/../../build/fixtures
mirror=
packages=linux-image-amd64,gcc,g++,make,git,vim,python3,firefox-esr,man-db,openssh-server
export SOURCE_DATE_EPOCH=1700000000 TZ=UTC
loop='' mnt='' part=''

cleanup() {
	if [ -n "$mnt" ]; then
		! mountpoint -q "$mnt" || umount "$mnt" || umount -l "$mnt"
		rmdir "$mnt" || :
	fi
	[ -z "$loop" ] || losetup -d "$loop" || :
	[ -z "$part" ] || rm -f "$part"
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

# inodes of 128 bytes: all that partimage knows
make_ext3() {
	local id=6f8b0c1e-0000-4000-8000-000000000003
	mkfs.ext3 -q -F -I 128 -U $id -L lab-old -E hash_seed=$id "$1"
	fill "$1"
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
need mmdebstrap mkfs.ext4:e2fsprogs losetup:mount
trap cleanup EXIT
mnt=$(mktemp -d)
for name; do
	fixture "$name"
done
