#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# A filesystem full of real files, there and back with every codec and with 0,
# 1 and 4 jobs: every used block and every file the same, the images the same
# whatever the number of jobs.
set -euo pipefail
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
need_loop
export SOURCE_DATE_EPOCH=1700000000

say "a filesystem that was in use"
make_ext4 disk 64M 18000
manifest_of disk > disk.list
for kind in 'odd/setuid' 'odd/fifo' 'odd/short' 'new.*line' 'user\.long' 'trusted\.slate' \
	'posix_acl_access' 'posix_acl_default' 'security\.capability' '/usr/'; do
	grep -q "$kind" disk.list || fail "the fixture has no $kind"
done
before=$(sum disk)

# back IMAGE JOBS TARGET: restores and compares everything
back() {
	expect_status 0 slate -b "-j$2" restore "$3" "$1"
	same_ext disk "$3"
}

round_trip() { # round_trip CODEC
	local jobs

	for jobs in 0 1 4; do
		expect_status 0 slate -b "-z$1" -j$jobs save disk "$1.$jobs"
		equal "$(json <(slate info --json "$1.$jobs") .codec)" "$1" codec
		stale copy 64M
		back "$1.$jobs" $jobs copy
		expect_status 0 slate -b -j$jobs verify "$1.$jobs" copy
		same "$1.0" "$1.$jobs" "images by 0 and by $jobs jobs"
	done
	manifest_of copy > copy.list
	same disk.list copy.list
	rm "$1.1" "$1.4"
}

for codec in none gzip bzip2 zstd lz4 xz; do
	say "$codec"
	round_trip $codec
done

say "compression is worth something, and images of different codecs differ"
for codec in gzip bzip2 zstd lz4 xz; do
	[[ $(size_of $codec.0) -lt $(($(size_of none.0) * 9 / 10)) ]] ||
		fail "$codec does not compress"
done
[[ $(size_of xz.0) -lt $(size_of zstd.0) && $(size_of zstd.0) -lt $(size_of lz4.0) ]] ||
	fail "the order of sizes is odd"

say "without SOURCE_DATE_EPOCH two images have different ids"
(
	unset SOURCE_DATE_EPOCH
	expect_status 0 slate -b save disk one
	expect_status 0 slate -b save disk two
	differ <(json <(slate info --json one) .image_id) \
		<(json <(slate info --json two) .image_id)
	rm one two
)

say "levels: the highest of each codec, and the options that only change speed"
for codec in gzip:9 bzip2:9 zstd:19 lz4:12 xz:0; do
	expect_status 0 slate -b -o -z$codec --chunk-size=1M save disk level
	stale copy 64M
	back level 2 copy
done

say "every chunk size"
for size in 64k 128k 512k 2m 4M; do
	expect_status 0 slate -b -o -zlz4 --chunk-size=$size save disk chunks
	[[ $(json <(slate info --json chunks) .chunk_size) = \
		$(numfmt --from=iec "${size^^}") ]] ||
		fail "not the chunk size that was asked for"
	stale copy 64M
	back chunks 2 copy
done

say "into a block device, from a block device"
stale copy 64M
attach copy
back zstd.0 2 "$loop"
expect_status 0 slate -b verify zstd.0 "$loop"
expect_status 0 slate -b -j4 save "$loop" again
losetup -d "$loop"
stale other 64M
back again 2 other
manifest_of other > copy.list
same disk.list copy.list

say "--verify of both"
expect_status 0 slate -b --verify --report=report save disk checked
stale copy 64M
expect_status 0 slate -b --verify --report=report restore copy checked
json report .read_back > /dev/null
same_ext disk copy

say "the source is as it was"
equal "$(sum disk)" "$before" "sha256 of the source"
