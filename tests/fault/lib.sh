# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
#
# lib.sh - what the tests of damage, hostile input, kills and full disks share.
# Comes after tests/cli/lib.sh.
# shellcheck disable=SC2154 # which sets $root and $dir

# Generous: these images take a fraction of a second.
# shellcheck disable=SC2034 # the tests use it
patience=5
[[ ! ${SANITIZER-} ]] || patience=60

# compile SOURCE PROGRAM [OPTION...]: a helper from this folder
compile() {
	"${CC:-cc}" -std=c11 -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 -I"$root" -O1 -o "$2" \
		"$root/tests/fault/$1" "${@:3}"
}

# make_source FILE: 24 MiB of ext4 whose image has chunks of every kind: data
# that shrinks and data that does not, zeros, equal ones, and some in many pieces.
make_source() {
	local i

	mkdir stage
	head -c 256K /dev/urandom > pattern
	for ((i = 0; i < 10; i++)); do cat pattern; done > stage/same
	head -c 2500K /dev/urandom > stage/random
	seq 1 500000 > stage/text
	for ((i = 0; i < 60; i++)); do seq $i 2000 > "stage/small$i"; done
	truncate -s 24M "$1"
	mkfs.ext4 -q -F -b 1024 -J size=1 -L source -d stage "$1"
	for ((i = 0; i < 60; i += 2)); do echo "rm small$i"; done |
		debugfs -w -f /dev/stdin "$1" > /dev/null 2>&1
	rm -r stage pattern
	clean "$1"
}

# make_victim FILE SIZE: another filesystem, with old data, to be overwritten
make_victim() {
	rm -f "$1"
	truncate -s "$2" "$1"
	mkfs.ext4 -q -F -b 4096 -L victim "$1"
	head -c 1M /dev/zero | tr '\0' '\252' |
		dd of="$1" bs=64K seek=96 conv=notrunc status=none
}

has_no_filesystem() { # has_no_filesystem FILE: nor anything else to mount or boot
	local status=0

	blkid -p "$1" > "$dir/found" 2>&1 || status=$?
	[[ $status = 2 ]] || fail "$1 should hold nothing known: $(cat "$dir/found")"
	! dumpe2fs -h "$1" > /dev/null 2>&1 || fail "$1 has a superblock"
}
