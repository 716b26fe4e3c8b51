#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# NTFS with several sizes of clusters and sectors, used through ntfs-3g: there
# and back with every file, stream and attribute the same, and against partclone's
# idea of what is used.  Resized, fragmented, and what must not be saved just so:
# dirty, hibernated, shut down with Fast Startup, with changes in its log, damaged.
# limit 900
set -euo pipefail
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/cli/fs-lib.sh
. "$root/tests/cli/fs-lib.sh"
need_root
[[ -c /dev/fuse ]] || skip "needs FUSE: there is no /dev/fuse"

# ---- fixtures -------------------------------------------------------------

# up FILE FOLDER OPTIONS: mounted by ntfs-3g, its process in $fuse
up() {
	mkdir -p "$2"
	ntfs-3g -o "no_detach,permissions,streams_interface=xattr,$3" "$1" "$2" \
		> fuse.log 2>&1 &
	fuse=$!
	until mountpoint -q "$2"; do
		kill -0 "$fuse" 2> /dev/null || { cat fuse.log >&2; fail "cannot mount $1"; }
		sleep 0.02
	done
}

# down FOLDER: unmounted, and all of it written
down() {
	umount "$1"
	wait "$fuse"
	rmdir "$1"
}

make_ntfs() { # make_ntfs FILE SIZE [MKNTFS_OPTION...]: an empty one
	rm -f "$1"
	truncate -s "$2" "$1"
	mkntfs -F -Q -q -L fixture -p 0 -H 0 -S 0 "${@:3}" "$1" > mkntfs.log 2>&1 ||
		{ cat mkntfs.log >&2; fail "mkntfs ${*:3}"; }
}

# use FILE KIB: files of all kinds, compressed, sparse and with streams, some gone
use() {
	up "$1" at rw,compression
	mkdir at/packed
	setfattr -n system.ntfs_attrib_be -v 0x00000810 at/packed
	copy_files at "$2"
	odd_files at
	seq 30000 > at/packed/text
	head -c 1M /dev/zero > at/packed/zero
	head -c 300000 /dev/urandom > at/packed/random
	setfattr -n user.stream -v "$(seq -s ' ' 9000)" at/packed/text
	age at
	down at
}

# files FILE: the manifest of what is in it
files() {
	up "$1" at ro
	manifest at
	down at
}

# sound FILE: as ntfs-3g's tools say
sound() {
	ntfsfix -n "$1" > fsck.log 2>&1 || { cat fsck.log >&2; fail "ntfsfix: $1"; }
	ntfsinfo -m "$1" > fsck.log 2>&1 || { cat fsck.log >&2; fail "ntfsinfo: $1"; }
}

# there_and_back FILE
there_and_back() {
	round "$1"
	by_map "$1"
	sound "$1.back"
	files "$1" > want
	files "$1.back" > have
	[[ $(wc -l < want) -gt 100 ]] || fail "$1: no files?"
	same want have
}

# poke FILE OFFSET HEX
poke() {
	local hex=$3

	printf '%b' "${hex//??/\\x&}" | dd of="$1" bs=1 seek="$2" conv=notrunc status=none
}

# number FILE OFFSET BYTES: little-endian
number() {
	local value

	value=$(od -An -v -t "u$3" -j "$2" -N "$3" "$1")
	echo $((value))
}

# ---- every geometry -------------------------------------------------------

# The last sector is a copy of the boot sector that neither $Bitmap nor partclone
# know of, and before it there may be sectors that make no whole cluster.
while read -r name size cluster sector kib; do
	say "$name: clusters of $cluster, sectors of $sector"
	make_ntfs "$name" "$size" -c "$cluster" -s "$sector"
	use "$name" "$kib"
	there_and_back "$name"
	like_partclone "$name" ntfs "$cluster"
	rm "$name"*
done << END
small 20M 512 512 2000
usual 30000001 4096 512 3000
large 60M 65536 512 1000
huge 100M 262144 512 300
odd 20M 2048 1024 2000
native 20M 4096 4096 2000
END
