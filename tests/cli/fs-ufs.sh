#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# UFS1 and UFS2 in both byte orders: makefs makes and fills them, ufs-age.pl ages
# them.  Debian has no fsck for UFS: GRUB's readers judge the copies.  Of what is
# big-endian GRUB reads only a part (no UFS2, no indirect blocks): there the map
# is that of its little-endian twin, and every byte that it has is the same.
# limit 300
set -euo pipefail
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/cli/fs-lib.sh
. "$root/tests/cli/fs-lib.sh"
for tool in makefs grub-mount; do
	command -v $tool > /dev/null || skip "needs $tool"
done
[[ -c /dev/fuse ]] || skip "needs /dev/fuse"

# makefs loses files of UFS2: with each inode that it writes it empties at most one
# more block of inodes, and when one directory has more directories in it than a
# block has inodes (16 at least), some of these blocks are in use by then.  So here
# are few directories.  GRUB follows links, and decompresses what it can.
files() { # files KIB: about so many, in files/
	rm -rf files copied
	mkdir files copied
	copy_files copied "$1"
	find copied -type f | sort | perl -ne '
		chomp;
		open(my $f, "<:raw", $_) or next;
		read($f, my $head, 6);
		next if $head =~ /^(\x1f\x8b|\xfd7zXZ|\x89LZO)/;
		my $to = "files/" . int($no / 250);
		-d $to or mkdir($to) or die "$to: $!";
		rename($_, "$to/" . $no++ % 250) or die "$_: $!"'
	mkdir -p files/deep/er
	: > files/deep/er/empty
	seq 30000 > files/text
}

make() { # make NAME SIZE ORDER OPTIONS
	rm -f "$1"
	makefs -t ffs -B "$3" -s "$2" -o "$4" "$1" files > makefs.out
	"$root/tests/fixtures/ufs-age.pl" "$1"
}

same_files() { # same_files FILE: it has what is in files/
	mkdir -p at
	grub-mount "$PWD/$1" "$PWD/at"
	diff -r files at >&2 || fail "$1: files differ"
	umount at
}

there_and_back() { # there_and_back FILE
	round "$1"
	by_map "$1"
	cmp <(used_bytes "$1.used" "$1") <(used_bytes "$1.used" "$1.back") ||
		fail "used bytes differ"
}

files 4000
while read -r version bsize fsize; do
	say "UFS$version, blocks of $bsize bytes, fragments of $fsize"
	for order in le be; do
		make $order 12m $order \
			"version=$version,bsize=$bsize,fsize=$fsize,maxbpcg=700,density=8192"
		[[ $order = be ]] || same_files $order
		there_and_back $order
		[[ $order = be ]] || same_files $order.back
	done
	same le.used be.used
	[[ $("$dir/ranges" total le.used) -lt $((9 << 20)) ]] || fail "too much used"
	[[ $(grep -c . le.used) -gt 5 ]] || fail "the map is not in pieces"
done << 'END'
1 8192 1024
1 8192 4096
1 32768 4096
2 16384 2048
2 8192 4096
2 4096 512
END

say "more files"
files 30000
make disk 60m le version=2,density=16384
same_files disk
there_and_back disk
same_files disk.back

say "what is refused, and what is not"
files 1000
for order in le be; do
	make disk 8m $order version=1,maxbpcg=300,density=8192
	cp disk good
	change() { # change OFFSET BYTES
		cp good disk
		printf '%b' "$2" | dd of=disk bs=1 seek="$1" conv=notrunc status=none
	}
	change $((8192 + 209)) '\x00'
	refused 'not cleanly unmounted.*fsck_ffs' disk
	refused 'not cleanly unmounted' disk --nocheck
	round disk --force
	grep -q 'passed over: it was not cleanly' disk.said || fail "no notice"
	[[ $order = be ]] || same_files disk.back
	change $((8192 + 204)) '\x01\x02\x03\x04'
	refused 'its superblock counts [0-9]+ free fragments' disk
	round disk --nocheck
	[[ $order = be ]] || same_files disk.back
	change $((24 * 1024 + 4)) '\x00\x00\x00\x00'
	refused 'cylinder group 0 has a bad header' disk --force
	cp good disk
	truncate -s $(((8 << 20) - 512)) disk
	refused 'larger than the device' disk --force
done

say "inside a disk"
make good 8m le version=2,density=8192
{ head -c 1M /dev/urandom; cat good; head -c 5000 /dev/urandom; } > big
attach big -o 1M --sizelimit 8M
expect_status 0 slate -b -o save "$loop" image
not_said 'byte by byte'
stale copy 8M
expect_status 0 slate -b -y restore copy image
same_files copy
losetup -d "$loop"
