#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Disks with bad sectors: without --rescue nothing is saved and the message says
# where; with it all else is, the image records exactly what could not be read,
# and everybody who uses the image is told.
set -euo pipefail
# shellcheck source=tests/cli/lib.sh
. "${0%/*}/lib.sh"
# shellcheck source=tests/fault/lib.sh
. "$root/tests/fault/lib.sh"

eio=${SLATE_EIO_LIB:-$(dirname "$SLATE")/eio.so}
[[ -f $eio ]] || skip "$eio is not there: make tests"
tool=$dir/imagetool
chunk=262144

# with_bad OFFSET+LENGTH,... COMMAND...: on the disk $disk, these bytes cannot be read
with_bad() {
	SLATE_EIO=$disk:$1 LD_PRELOAD=$eio "${@:2}"
}

# ranges LIST: "OFFSET+LENGTH,..." one a line, "OFFSET LENGTH"
ranges() {
	tr ',+' '\n ' <<< "$1"
}

unreadable() { # unreadable REPORT: the same from a report
	jq -r '.unreadable[]? | "\(.offset) \(.length)"' "$1"
}

total() { # total: of the ranges on standard input
	awk '{ sum += $2 } END { print sum + 0 }'
}

# rescued LIST [SAVE_OPTION...]: what is bad and in use, and only that, is zeros in
# a restore, and all say so.  The source is ./whole, which has no data in free space.
rescued() {
	local bad=$1 bytes

	bytes=$(ranges "$bad" | total)
	rm -f image new report
	expect_status 1 with_bad "$bad" "$SLATE" -b -j$((RANDOM % 3)) --rescue --report=report \
		"${@:2}" save "$disk" image
	said "$bytes bytes in [0-9]+ places could not be read"
	same <(unreadable report) <(ranges "$bad") 'unreadable ranges in the report'
	equal "$(json report .unreadable_bytes)" "$bytes" 'bytes in the report'

	expect_status 0 "$SLATE" verify --report=report image
	said 'could not be read'
	equal "$(json report .unreadable_bytes)" "$bytes" "bytes in verify's report"
	expect_status 0 "$SLATE" info image
	grep -qiE "(unreadable|could not be read).*$bytes" out ||
		fail "info does not tell: $(cat out)"
	expect_status 0 "$SLATE" info --json image
	equal "$(jq '[.. | .unreadable_bytes? // empty][0]' out)" "$bytes" \
		'bytes by info --json'

	expect_status 0 "$SLATE" -b --report=report restore new image
	said 'could not be read'
	equal "$(json report .unreadable_bytes)" "$bytes" "bytes in restore's report"
	cp whole expected
	ranges "$bad" | "$tool" zero expected
	same expected new 'what was rescued'
}

refused() { # refused OFFSET LIST [SAVE_OPTION...]: no image, and why
	rm -f image
	expect_status 1 with_bad "$2" "$SLATE" -b "${@:3}" save "$disk" image
	said "offset $1: Input/output error"
	absent image image.part
}

# on_a_disk: all of it, on $disk, whose sectors have $1 bytes
on_a_disk() {
	local s=$1 a=$((inside + 4 * chunk)) b=$((inside + 5 * chunk - $1))

	say "$disk: one sector"
	refused '[0-9]+' "$a+$s"
	said '--rescue saves the rest'
	rescued "$a+$s"

	say "$disk: many"
	refused '[0-9]+' "$a+$s,$b+$((2 * s))" -z0
	rescued "$a+$s,$b+$((2 * s))"                      # the second across two chunks
	rescued "$((a + 8 * s))+$((3 * chunk + 5 * s))" -z0 # more than two whole chunks
	rescued "$a+$s,$((a + 2 * s))+$s,$((a + 16384))+$((3 * s))" -zgzip
	rescued "$((inside + 64 * s))+$s,$((inside + 2 * chunk))+$s" --chunk-size=64k

	say "$disk: free space"
	rm -f image
	expect_status 0 with_bad "$free+$((4 * s))" "$SLATE" -b save "$disk" image
	expect_status 0 with_bad "$free+$((4 * s))" "$SLATE" -b --rescue -o --report=report \
		save "$disk" image
	equal "$(json report '.unreadable_bytes // 0')" 0 'unreadable bytes in free space'
	not_said 'could not be read'
	expect_status 1 with_bad "$a+$s,$free+$s" "$SLATE" -b --rescue -o --report=report \
		save "$disk" image
	equal "$(unreadable report)" "$a $s" 'unreadable ranges in used space'
	rescued "$a+$s,$free+$((4 * s))" --raw
}

compile imagetool.c imagetool -lcrypto
make_source source
"$SLATE" -b save source good 2> err
"$SLATE" -b restore sparse good 2> err
cp --sparse=never sparse whole # so that --raw has free space to read

# The largest file lies in one piece; the largest hole behind it is free space.
read -r first last < <(debugfs -R 'blocks /random' source 2> /dev/null | tr ' ' '\n' |
	grep . | sort -n | sed -n '1p;$p' | paste -sd ' ')
inside=$((first * 1024 / chunk * chunk + chunk)) # a chunk's begin in the file
[[ $((last * 1024 - inside)) -gt $((8 * chunk)) ]] || fail "the file is too short, or in pieces"
used_ranges whole > used
free=$(awk '$1 > at + 1048576 { print at; exit } { at = $1 + $2 }' used)
free=$(((free + 4095) / 4096 * 4096))

disk=$dir/whole
on_a_disk 512

say "the filesystem's own map"
bitmap=$(dumpe2fs source 2> /dev/null | sed -n 's/.*Block bitmap at \([0-9]*\).*/\1/p' |
	sed -n 2p)
refused $((bitmap * 1024)) $((bitmap * 1024))+1024
rescued $((bitmap * 1024))+1024 --raw

say "nothing is bad"
rm -f image
expect_status 0 with_bad 0+0 "$SLATE" -b --rescue save "$disk" image
expect_status 0 "$SLATE" verify image "$disk"

say "to a pipe"
expect_status 1 with_bad "$((inside + 512))+512" \
	bash -c "\"$SLATE\" -b --rescue save whole - > image"
expect_status 0 "$SLATE" verify image
said 'could not be read'

need_root
for size in 512 4096; do
	attach whole -b $size
	disk=$loop
	on_a_disk $size
	losetup -d "$loop"
done
