#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Images by zstd are zstd streams of the used bytes; equal chunks are stored
# once, zeros not at all.
set -euo pipefail
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
need_loop

fields() { # fields IMAGE: what it says of its chunks, in ./fields
	slate info --json "$1" > fields
}

# ---- zstd -dc --------------------------------------------------------------

say "a filesystem smaller than its file, and not full of zeros behind its end"
make_ext4 disk 40M 14000 -b 1024
head -c $((3 * 1024 * 1024 + 3 * 512)) /dev/urandom >> disk
used_ranges disk > ranges
used_bytes ranges disk > used
equal "$(tail -n 1 ranges | awk '{ print $1 + $2 }')" "$(size_of disk)" \
	"the end of the last range"
equal "$(head -n 1 ranges | cut -d' ' -f1)" 0 "the begin of the first range"

stream() { # stream FILE...: put together they are a zstd stream of the used bytes
	cat "$@" > joined
	zstd -q -t < joined || fail "zstd -t does not accept $*"
	zstd -q -d -c < joined > unpacked || fail "zstd -dc does not accept $*"
	same used unpacked "used bytes and what zstd -dc gives of $*"
}

for options in '' -zzstd:1 -zzstd:19 --chunk-size=64k --chunk-size=4M -j0 -j4; do
	say "options: $options"
	# shellcheck disable=SC2086 # none or one
	expect_status 0 slate -b -o $options save disk image
	fields image
	equal "$(json fields .used_bytes)" "$(size_of used)" "used bytes in the header"
	equal "$(json fields .chunks_same)" 0 "SAME chunks"
	stream image
done
json fields .chunks_zero > /dev/null
[[ $(json fields .chunks_zero) -gt 0 ]] || fail "the fixture has no chunk of zeros"

say "from standard output, and in volumes"
slate -b save disk - 2> err | cat > image
stream image
expect_status 0 slate -b -V1 save disk parts
[[ -e parts.002 ]] || fail "not in volumes"
stream parts.*

say "what is no zstd image is no zstd stream"
expect_status 0 slate -b -o -zlz4 save disk image
! zstd -q -t < image 2> /dev/null || [[ $(zstd -q -d -c < image | wc -c) = 0 ]] ||
	fail "zstd takes an lz4 image for its own"

# ---- equal chunks ------------------------------------------------------------

say "equal stretches are stored once"
head -c 1M /dev/urandom > stretch
head -c 512K /dev/urandom > other
{
	cat stretch other stretch
	head -c 1M /dev/zero
	cat other stretch
} > source
truncate -s $((5 * 1024 * 1024)) source

back() { # back OPTION...: from the file and from a pipe, over old data
	stale copy 6M
	expect_status 0 slate -b "$@" restore copy image
	cmp -n 5M source copy || fail "restored from a file: not the same"
	stale copy 6M
	expect_status 0 slate -b "$@" restore copy - < <(cat image)
	cmp -n 5M source copy || fail "restored from a pipe: not the same"
	expect_status 0 slate -b "$@" verify image
	expect_status 0 slate -b "$@" verify image copy
	expect_status 0 slate -b "$@" verify - < <(cat image)
}

export SOURCE_DATE_EPOCH=1
for codec in none gzip bzip2 zstd lz4 xz; do
	expect_status 0 slate -b -o -j0 -z$codec save source image
	expect_status 0 slate -b -o -j4 -z$codec save source image.4
	same image image.4
	fields image
	equal "$(json fields '[.chunks_data, .chunks_same, .chunks_zero] | join(" ")')" \
		"6 10 4" "$codec: DATA, SAME and ZERO chunks"
	[[ $(size_of image) -lt $((1700 * 1024)) ]] || fail "$codec: too large an image"
	back -j0
	back -j4
done

say "with chunks that are larger than the repeated parts nothing is the same"
expect_status 0 slate -b -o --chunk-size=4M save source image
fields image
equal "$(json fields .chunks_same)" 0 "SAME chunks"
back -j2

say "chunks with equal bytes at unlike places of a filesystem, too"
truncate -s 16M disk2
mkfs.ext4 -q -F -b 1024 -m 0 -O ^has_journal disk2
mount_image disk2 at rw
head -c 4M /dev/zero | tr '\0' x > at/x1
for i in 1 2 3; do cat stretch > at/s$i; done
umount at
manifest_of disk2 > disk2.list
for jobs in 0 4; do
	expect_status 0 slate -b -o -j$jobs save disk2 image
	stale copy 16M
	expect_status 0 slate -b -j$jobs restore copy - < <(cat image)
	same_ext disk2 copy
	manifest_of copy > copy.list
	same disk2.list copy.list
done
