#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# JFS there and back: new ones of every kind, one that a kernel has filled and
# aged, and those that must not be saved just so.
#
# Few kernels have JFS, and nothing else writes files into it.  So
# tests/fixtures/jfs-aged.img.xz is one that Linux 6.1 has filled with 440 small
# files, deleted every third and filled again, all in a virtual machine;
# jfs-crashed.img.xz one whose machine was switched off after a sync.  GRUB reads
# the files.
# limit 300
set -euo pipefail
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/cli/fs-lib.sh
. "$root/tests/cli/fs-lib.sh"
for tool in mkfs.jfs fsck.jfs jfs_tune xz; do
	command -v $tool > /dev/null || skip "needs $tool"
done

# checked FILE: nothing wrong with it
checked() {
	local status=0

	fsck.jfs -n -f -v "$1" > fsck 2>&1 || status=$?
	grep -q '^Filesystem is clean' fsck || status=1
	[[ $status = 0 ]] || { tail -n 20 fsck >&2; fail "fsck.jfs -n -f $1"; }
}

# there_and_back FILE: and all but the blocks that fsck.jfs counts as free was kept.
# As fsck.jfs compares the map with all files, those are the right ones.
there_and_back() {
	local free

	round "$1"
	by_map "$1"
	checked "$1.back"
	free=$(sed -n 's/^Free block count: *//p' fsck)
	equal "$("$dir/ranges" total "$1.used")" \
		$(($(size_of "$1") - free * 4096)) "bytes that are used in $1"
}

say "new ones"
while read -r size options; do
	say "$size: $options"
	rm -f new*
	truncate -s "$size" new
	# shellcheck disable=SC2086 # the options are words
	mkfs.jfs -q $options new > mkfs
	there_and_back new
done << 'END'
16M
33001K -L label
40M -O
80M -s 6
END

say "journal on another device"
rm -f new*
truncate -s 20M journal new
mkfs.jfs -q -j journal new > mkfs
round new
by_map new
grep -q 'its journal is on another device (UUID' new.said || fail "no word about it"
jfs_tune -l new > old.super
jfs_tune -l new.back > new.super
same old.super new.super
round journal
same journal journal.back

# ---- files -------------------------------------------------------------------

# files FILE: the checksums of its files, by GRUB, to which symbolic links (link,
# long) are no links
files() {
	mkdir -p at
	grub-mount "$(realpath "$1")" at
	(cd at && find . -type f ! -name link ! -name long -print0 | sort -z |
		xargs -0 sha256sum)
	umount at
}

say "aged by a kernel"
xz -dc "$root/tests/fixtures/jfs-aged.img.xz" > aged
there_and_back aged
if [[ $(id -u) = 0 && -c /dev/fuse ]] && command -v grub-mount > /dev/null; then
	files aged > aged.list
	files aged.back > back.list
	# What the kernel that wrote them saw.
	equal "$(sort -k 2 aged.list | sha256sum)" \
		'0f2661d3dc66b563b0355e9b452fb6e7b0c43d3936edf00c5fb89e373bb8dccd  -' "files"
	same aged.list back.list
else
	say "their contents are not looked at: that needs root, /dev/fuse and grub-mount"
fi

say "inside a larger file: what follows it is kept"
cat aged <(head -c 1M /dev/urandom) > larger
round larger
by_map larger
cmp <(tail -c 1M larger) <(tail -c 1M larger.back) || fail "the end is lost"

# ---- those that must not be saved just so --------------------------------------

set_bytes() { # set_bytes FILE OFFSET BYTES
	printf '%b' "$3" | dd of="$1" bs=1 seek="$2" conv=notrunc status=none
}

# granted REGEX FILE OPTION: saved all the same, and told
granted() {
	rm -f "$2.slate"
	expect_status 0 slate -b "$3" save "$2" "$2.slate"
	said "$1"
}

say "not clean"
xz -dc "$root/tests/fixtures/jfs-crashed.img.xz" > crashed
before=$(sum crashed)
refused 'not cleanly unmounted.*fsck.jfs.*--force' crashed
refused 'not cleanly unmounted' crashed -c
granted 'passed over: it was not cleanly' crashed --force
equal "$(sum crashed)" "$before" "the source"
fsck.jfs crashed > fsck || [[ $? = 1 ]]
there_and_back crashed
cp aged bad
set_bytes bad $((32768 + 40)) '\x02'
refused 'errors were found.*fsck.jfs -f' bad
granted 'passed over: errors were found' bad --force
cp aged bad
log=$(od -An -t u4 -j $((32768 + 76)) -N 4 aged)
set_bytes bad $(((log + 1) * 4096 + 28)) '\x00'
refused 'journal was not closed' bad -c

say "damaged"
cp aged bad
dd if=/dev/zero of=bad bs=1024 seek=$((64 + 4 * 4 + 2)) count=1 conv=notrunc status=none
refused 'does not agree with itself.*--nocheck' bad
granted 'passed over: its map of used blocks does not agree' bad -c
# One of the two maps is enough.
"$dir/ranges" slate bad.slate > bad.used
same bad.used aged.used
cp aged bad
dd if=/dev/zero of=bad bs=4096 seek=20 count=1 conv=notrunc status=none
refused 'the part for blocks from 0 on is not there.*fsck.jfs' bad --force
expect_status 0 slate -b --raw save bad bad.slate
stale back 20M
expect_status 0 slate -b -y restore back bad.slate
same bad back
cp aged bad
truncate -s 19M bad
refused 'larger than the device' bad --force
cp aged bad
set_bytes bad $((32768 + 4)) '\x03'
round bad
grep -q 'imaged byte by byte.*newer than this program' bad.said || fail "no word about it"
same bad bad.back
