#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# ReiserFS there and back: new ones of every kind, one that a kernel has filled
# and aged, and those that must not be saved just so.
#
# Few kernels still have ReiserFS, and nothing else writes files into it.  So
# tests/fixtures/reiserfs-aged.img.xz is one that Linux 6.1 has filled with 440
# small files, deleted every third and filled again, all in a virtual machine;
# reiserfs-crashed.img.xz one whose machine was switched off after a sync.  GRUB
# reads the files.
# limit 300
set -euo pipefail
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/cli/fs-lib.sh
. "$root/tests/cli/fs-lib.sh"
for tool in mkfs.reiserfs reiserfsck debugreiserfs resize_reiserfs xz; do
	command -v $tool > /dev/null || skip "needs $tool"
done

# checked FILE: nothing wrong with a copy of it (reiserfsck --check may write)
checked() {
	local status=0

	cp --sparse=always "$1" checked
	reiserfsck --check -q -y checked > fsck 2>&1 || status=$?
	grep -q '^No corruptions found' fsck || status=1
	[[ $status = 0 ]] || { tail -n 20 fsck >&2; fail "reiserfsck --check $1"; }
	rm checked
}

# like_debugreiserfs FILE BLOCK: round() kept all but what debugreiserfs -m calls free
like_debugreiserfs() {
	debugreiserfs -m "$1" 2>&1 | grep -o 'Free *([0-9]*-[0-9]*' | tr -c '0-9\n' ' ' |
		awk -v block="$2" -v size="$(size_of "$1")" '
			$1 * block > at { printf "%d %d\n", at, $1 * block - at }
			{ at = ($2 + 1) * block }
			END { if (size > at) printf "%d %d\n", at, size - at }' > "$1.theirs"
	"$dir/ranges" minus "$1.used" "$1.theirs" > "$1.more"
	"$dir/ranges" minus "$1.theirs" "$1.used" > "$1.less"
	[[ -s $1.theirs && ! -s $1.more && ! -s $1.less ]] ||
		{ head -n 5 "$1.more" "$1.less" >&2; fail "$1: not what debugreiserfs says"; }
}

# there_and_back FILE BLOCK
there_and_back() {
	round "$1"
	by_map "$1"
	like_debugreiserfs "$1" "$2"
	checked "$1.back"
}

say "new ones"
while read -r size block options; do
	say "$size, blocks of $block: $options"
	rm -f new*
	truncate -s "$size" new
	# shellcheck disable=SC2086 # the options are words
	mkfs.reiserfs -q -f -f -b "$block" $options new > mkfs 2>&1
	there_and_back new "$block"
done << 'END'
24M 4096 -s 513
40M 4096 --format 3.5
16M 512 -s 513
70M 8192
48M 2048 -s 16000
24M 1024 -l label -s 1000
END

say "enlarged"
truncate -s 60M new
resize_reiserfs -f -q new > resize 2>&1
there_and_back new 1024

# ---- files -------------------------------------------------------------------

# files FILE: the checksums of its files, by GRUB, to which symbolic links (link,
# long) are no links
files() {
	mkdir -p at
	grub-mount "$(realpath "$1")" at
	(cd at && find . -path ./.reiserfs_priv -prune -o \
		-type f ! -name link ! -name long -print0 | sort -z | xargs -0 sha256sum)
	umount at
}

say "aged by a kernel"
xz -dc "$root/tests/fixtures/reiserfs-aged.img.xz" > aged
there_and_back aged 4096
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

# set_bytes FILE OFFSET BYTES: in the superblock
set_bytes() {
	printf '%b' "$3" | dd of="$1" bs=1 seek=$((65536 + $2)) conv=notrunc status=none
}

# granted REGEX FILE OPTION: saved all the same, and told
granted() {
	rm -f "$2.slate"
	expect_status 0 slate -b "$3" save "$2" "$2.slate"
	said "$1"
}

say "not clean"
xz -dc "$root/tests/fixtures/reiserfs-crashed.img.xz" > crashed
before=$(sum crashed)
refused 'its journal holds changes.*reiserfsck --check.*--force' crashed
refused 'its journal holds changes' crashed -c
granted 'passed over: its journal holds changes' crashed --force
equal "$(sum crashed)" "$before" "the source"
reiserfsck --check -q -y crashed > fsck 2>&1
there_and_back crashed 4096
cp aged bad
set_bytes bad 50 '\x02\x00'
refused 'not cleanly unmounted' bad
refused 'not cleanly unmounted' bad -c
granted 'passed over: it was not cleanly' bad --force
cp aged bad
set_bytes bad 62 '\x01\x00'
refused 'found errors.*--nocheck' bad
granted 'passed over: the kernel has found errors' bad -c
cp aged bad
set_bytes bad 8 '\xff\xff\xff\xff'
refused 'did not finish.*--rebuild-tree' bad

say "damaged"
cp aged bad
set_bytes bad 4 '\x01\x00\x00\x00'
refused 'superblock counts 1 free blocks' bad
cp aged bad
dd if=/dev/zero of=bad bs=4096 seek=17 count=1 conv=notrunc status=none
refused 'block 0 of the bitmap is bad' bad --force
expect_status 0 slate -b --raw save bad bad.slate
stale back 24M
expect_status 0 slate -b -y restore back bad.slate
same bad back
cp aged bad
truncate -s 20M bad
refused 'larger than the device' bad --force

# libblkid takes a superblock whose journal begins before it for a copy in a journal.
say "journal on another device: nothing that libblkid knows"
truncate -s 40M far journal
mkfs.reiserfs -q -f -f -j journal far > mkfs 2>&1
round far
grep -q 'imaged byte by byte' far.said || fail "no word about it"
same far far.back
