#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Memory: at most 64 MiB and 8 MiB a worker, however large the disk.  And an
# empty filesystem is saved at once.
set -euo pipefail
# shellcheck source=tests/cli/lib.sh
. "${0%/*}/lib.sh"
# shellcheck source=tests/fault/lib.sh
. "$root/tests/fault/lib.sh"

[[ ! ${SANITIZER-} ]] || skip "a sanitizer needs memory of its own"
[[ -x /usr/bin/time ]] || skip "needs /usr/bin/time (package time)"
most=0

# within JOBS COMMAND...: slate with so many workers, in the memory it may take
within() {
	local kib limit=$((65536 + 8192 * $1))

	expect_status 0 /usr/bin/time -q -o peak -f %M "$SLATE" -b "-j$1" "${@:2}"
	kib=$(cat peak)
	[[ $kib -gt 1000 ]] || fail "$kib KiB is no measurement"
	[[ $kib -le $limit ]] || fail "$kib KiB, more than $limit: -j$1 ${*:2}"
	[[ $kib -le $most ]] || most=$kib
}

# all_ways JOBS SOURCE [SAVE_OPTION...]: saved, verified, restored, also by pipes
all_ways() {
	rm -f image new
	within "$1" "${@:3}" save "$2" image
	within "$1" verify image
	within "$1" --verify restore new image
	rm new
	within "$1" restore new - < image
}

medium() {
	local jobs

	say "64 MiB of data"
	mkdir stage
	head -c 40M /dev/urandom > stage/random
	seq 1 3500000 > stage/text
	truncate -s 128M medium
	mkfs.ext4 -q -F -d stage medium
	rm -r stage
	for jobs in 0 1 2 4; do
		all_ways $jobs medium
		same_used medium new
	done
	all_ways 4 medium -z0
	all_ways 4 medium -z1
	all_ways 4 medium --chunk-size=4M
	all_ways 4 medium --chunk-size=64k -zlz4
	rm medium

	say "the slowest levels"
	make_source small
	for codec in zstd:19 xz:9 bzip2:9 gzip:9; do
		all_ways 2 small "-z$codec"
	done
	same_used small new
	rm small
}

# giant: 2 TiB, almost all of it hole
giant() {
	local at

	say "2 TiB of ext4"
	truncate -s 2T giant 2> /dev/null || {
		echo "this filesystem has no files of 2 TiB"
		return
	}
	mkfs.ext4 -q -F -E lazy_itable_init=1,lazy_journal_init=1 giant
	all_ways 2 giant
	within 4 verify image new
	[[ $(du -m new | cut -f 1) -lt 200 ]] || fail "the copy is not sparse: $(du -m new)"
	rm giant new

	say "2 TiB with little in it"
	truncate -s 2T giant
	for at in 0 1 1000 1000000 2097150; do
		head -c 1M /dev/urandom | dd of=giant bs=1M seek=$at conv=notrunc status=none
	done
	for jobs in 1 4; do
		all_ways $jobs giant
		within $jobs verify image giant
	done
	[[ $(du -m new | cut -f 1) -lt 20 ]] || fail "the copy is not sparse: $(du -m new)"
}

empty() {
	local begin took

	say "an empty filesystem"
	truncate -s 64M empty
	mkfs.ext4 -q -F empty
	begin=${EPOCHREALTIME/[.,]/}
	expect_status 0 "$SLATE" -b save empty empty.image
	took=$((${EPOCHREALTIME/[.,]/} - begin))
	echo "64 MiB of ext4 without files: $((took / 1000)) ms"
	[[ $took -lt 5000000 ]] || fail "that took $((took / 1000)) ms"
}

empty
medium
giant
echo "at most $((most / 1024)) MiB"
