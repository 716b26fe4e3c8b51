#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# A swap area: of its content only the header is kept, so that label and UUID
# are the same afterwards; one in use is left alone.
set -euo pipefail
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
need_root

uuid=01234567-89ab-cdef-0123-456789abcdef

swap() { # swap FILE SIZE [OPTION...]: with old content
	rm -f "$1"
	head -c "$2" /dev/urandom > "$1"
	chmod 600 "$1"
	mkswap -q -L "old swap" -U $uuid "${@:3}" "$1"
}

known() { # known FILE: as swap with that label and UUID
	local tag

	for tag in TYPE=swap LABEL='old swap' UUID=$uuid; do
		equal "$(blkid -p -o value -s "${tag%%=*}" "$1")" "${tag#*=}" "${tag%%=*} of $1"
	done
}

say "only the header is kept"
swap disk 16M
known disk
before=$(sum disk)
for codec in none zstd; do
	expect_status 0 slate -b -o -z$codec save disk image
	not_said 'byte by byte'
	equal "$(sum disk)" "$before" "sha256 of the source"
	[[ $(size_of image) -lt 8192 ]] || fail "an image of $(size_of image) bytes"
	expect_status 0 slate info --json image
	equal "$(json out '.metadata.regions[0] | [.fs, .label, .uuid] | join(",")')" \
		"swap,old swap,$uuid" "what info says"
	equal "$(json out .used_bytes)" 4096 "used bytes"
	stale copy 16M
	expect_status 0 slate -b restore copy image
	known copy
	cmp -n 4096 disk copy || fail "the headers differ"
	expect_status 0 slate -b verify image copy
	rm -f new
	expect_status 0 slate -b restore new image
	known new
	equal "$(size_of new)" $((16 << 20)) "size of a new file"
	stale copy 17M
	expect_status 0 slate -b restore copy - < <(cat image)
	known copy
done

say "with larger pages, and smaller than its file: what is behind it is kept"
for pages in 8192 16384 65536; do
	swap disk 4M -p $pages 2> mkswap.err
	expect_status 0 slate -b -o save disk image
	equal "$(json <(slate info --json image) .used_bytes)" "$pages" "used bytes"
	stale copy 4M
	expect_status 0 slate -b restore copy image
	known copy
	cmp -n "$pages" disk copy || fail "the headers differ"
done
swap disk 4M
head -c 100000 /dev/urandom >> disk
expect_status 0 slate -b -o save disk image
stale copy "$(size_of disk)"
expect_status 0 slate -b restore copy image
known copy
cmp <(tail -c 100000 disk) <(tail -c 100000 copy) || fail "the end is not the same"

say "all of it with --raw"
expect_status 0 slate -b -o --raw save disk image
expect_status 0 slate -b restore copy image
same disk copy

say "a hibernated system is saved byte by byte, and that is said"
swap disk 4M
printf 'S1SUSPEND\0' | dd of=disk bs=1 seek=4086 conv=notrunc status=none
expect_status 0 slate -b -o save disk image
said 'swsuspend is imaged byte by byte: it holds a hibernated system'
stale copy 4M
expect_status 0 slate -b restore copy image
same disk copy

say "active swap is refused, as source and as target"
swap disk 16M
expect_status 0 slate -b -o save disk image
attach disk
# Only the header: the kernel may use the rest of what is in use.
before=$(head -c 4096 disk | sha256sum)
if swapon -p 0 "$loop" 2> swapon.err; then
	for name in "$loop" disk; do
		expect_status 3 slate -b save "$name" image2
		said 'in use.*active swap'
		absent image2 image2.part
		expect_status 3 slate -b restore "$name" image
		said 'in use.*active swap'
		expect_status 3 slate -b -m --force restore "$name" image
		said 'in use.*active swap'
	done
	expect_status 0 slate -b -m save "$loop" image2
	said 'in use.*may not be consistent'
	swapoff "$loop"
	equal "$(head -c 4096 disk | sha256sum)" "$before" \
		"sha256 of the header that was refused"
	expect_status 0 slate -b save "$loop" image3
	expect_status 0 slate -b restore "$loop" image
	known disk
else
	say "left out, a device: $(cat swapon.err)"
fi
losetup -d "$loop"
if swapon -p 0 disk 2> swapon.err; then
	expect_status 3 slate -b save disk image4
	said 'in use.*active swap'
	expect_status 3 slate -b restore disk image
	said 'in use.*active swap'
	swapoff disk
	known disk
else
	say "left out, a file: $(cat swapon.err)"
fi
