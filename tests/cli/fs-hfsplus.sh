#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# HFS Plus: Debian 12 has no mkfs for it, but xorriso puts one into an ISO image,
# and hfsplus-age.pl makes an aged volume of that.  GRUB's reader judges the
# copies, as there is no fsck either.  Journals, wrappers and scattered maps:
# tests/unit/hfsplus_test.c.
# limit 300
set -euo pipefail
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/cli/fs-lib.sh
. "$root/tests/cli/fs-lib.sh"
for tool in xorriso grub-mount; do
	command -v $tool > /dev/null || skip "needs $tool"
done
[[ -c /dev/fuse ]] || skip "needs /dev/fuse"

files() { # files KIB: about so many, in files/
	rm -rf files
	mkdir files
	copy_files files "$1"
	# GRUB follows links, and decompresses what it can.
	find files \( -type l -o -name '*.gz' -o -name '*.xz' -o -name '*.lzo' \) -delete
	find files -type f ! -perm -u+r -delete
	: > files/empty
	seq 30000 > files/text
}

make() { # make NAME MIB NTH [XORRISO_OPTION...]: every NTH file is moved
	xorriso -as mkisofs -quiet -hfsplus "${@:4}" -o iso files 2> xorriso.err ||
		{ cat xorriso.err >&2; fail "xorriso"; }
	"$root/tests/fixtures/hfsplus-age.pl" iso "$1" $(($2 << 20)) "$3"
}

same_files() { # same_files FILE: it has what is in files/
	mkdir -p at
	grub-mount "$PWD/$1" "$PWD/at"
	diff -r files at >&2 || fail "$1: files differ"
	umount at
}

# free_blocks FILE: in the volume header
free_blocks() {
	od -An -tu4 --endian=big -j $((1024 + 48)) -N 4 "$1" | tr -d ' '
}

files 6000
for block in 512 2048; do
	say "blocks of $block bytes"
	make disk 60 3 -hfsplus-block-size $block
	same_files disk
	round disk
	by_map disk
	same_files disk.back
	equal "$("$dir/ranges" total disk.used)" \
		$(((60 << 20) - $(free_blocks disk) * block)) "used bytes"
	like_partclone disk hfsp
done

say "as xorriso has made it: every block is used"
untouched() { # disk, as xorriso makes it of files/
	xorriso -as mkisofs -quiet -hfsplus -o iso files 2> xorriso.err
	read -r start sectors < <(od -An -tu4 --endian=big -j 1544 -N 8 iso)
	dd if=iso of=disk bs=512 skip="$start" count="$sectors" status=none
	blocks=$(od -An -tu4 --endian=big -j $((1024 + 44)) -N 4 disk | tr -d ' ')
}
for extra in 1 2 3; do
	head -c 2048 /dev/urandom > files/extra$extra # a block more
	untouched
	# xorriso forgets the last byte of the map when it has all eight bits.
	if [[ $((blocks % 8)) = 0 ]]; then
		refused 'blocks of its own files are marked free' disk --force
		continue
	fi
	round disk
	! grep -E 'byte by byte' disk.said >&2 || fail "not by its map"
	like_partclone disk hfsp
	same disk disk.back
done

# Most of it is compressed already: chunks are compressed on their own,
# partclone's output as one stream, so that many like programs make a difference.
say "a size like partclone's"
files 5000
head -c 100M /dev/urandom > files/pictures
make disk 180 50
round disk
by_map disk
size_like_partclone disk hfsp
same_files disk.back

say "what is refused, and what is not"
files 1000
make disk 8 3
cp disk good
change() { # change OFFSET BYTES: in the volume header
	cp good disk
	printf '%b' "$2" | dd of=disk bs=1 seek=$((1024 + $1)) conv=notrunc status=none
}
change 6 '\x00'
refused 'not cleanly unmounted.*fsck_hfs' disk
refused 'not cleanly unmounted' disk --nocheck
round disk --force
grep -q 'passed over: it was not cleanly' disk.said || fail "no notice"
same_files disk.back
change 48 '\x00\x00\x00\x07'
refused 'counts 7 free blocks' disk
round disk --nocheck
same_files disk.back
change 272 '\x7f' # nothing that matters
round disk
change $((112 + 16)) '\x00\x00\x00\x01' # the map is where the catalog is
refused 'own files are marked free|counts [0-9]+ free blocks' disk
cp good disk
truncate -s $(((8 << 20) - 2048)) disk
refused 'larger than the device' disk --force

say "inside a disk"
{ head -c 1M /dev/urandom; cat good; head -c 5000 /dev/urandom; } > big
attach big -o 1M --sizelimit 8M
expect_status 0 slate -b -o save "$loop" image
not_said 'byte by byte'
stale copy 8M
expect_status 0 slate -b -y restore copy image
same_files copy
tail -c 1024 good | cmp - <(tail -c 1024 copy) || fail "the copy of the header differs"
losetup -d "$loop"
