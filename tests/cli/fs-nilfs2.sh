#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# NILFS2: there and back, straight from mkfs.nilfs2 and as a kernel left it
# after some use (of that only the metadata is here; tests/unit/nilfs2_test.c
# compares the map with what lssu said).  Few kernels at hand can mount it, no
# program checks it, and Debian's partclone does not know it.
# limit 300
set -euo pipefail
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/cli/fs-lib.sh
. "$root/tests/cli/fs-lib.sh"

[[ $(type -t mkfs.nilfs2) ]] || skip "needs nilfs-tools: there is no mkfs.nilfs2"

# there_and_back FILE MAX: at most MAX bytes of it are used, and they come back
there_and_back() {
	local total

	round "$1" -b
	by_map "$1"
	cmp <(used_bytes "$1.used" "$1") <(used_bytes "$1.used" "$1.back") >&2 ||
		fail "used blocks of $1 and its copy differ"
	total=$("$dir/ranges" total "$1.used")
	say "$1: $total of $(size_of "$1") bytes used"
	[[ $total -le $2 ]] || fail "$1: $total bytes used, not $2 at most"
	# Each superblock alone makes it a NILFS2 filesystem.
	equal "$(blkid -p -o value -s TYPE "$1.back")" nilfs2 "what the copy is"
	equal "$(blkid -p -o value -s UUID "$1.back")" "$(blkid -p -o value -s UUID "$1")" \
		"the copy's UUID"
}

# ---- new -------------------------------------------------------------------

# A new one has two segments in use, and the second superblock.
while IFS=: read -r name size segment options; do
	truncate -s "$size" "$name"
	# shellcheck disable=SC2086 # they are several
	mkfs.nilfs2 -q -L fixture $options "$name"
	there_and_back "$name" $((2 * segment + 4096))
	[[ $(stat -c %s "$name.slate") -lt 40000 ]] || fail "$name: a large image of nothing"
	rm -f "$name" "$name".*
done <<- 'END'
	default:160M:8388608:
	small-blocks:48M:2097152:-b 1024
	small-segments:8M:16384:-b 1024 -B 16
	half-segments:80M:4194304:-B 1024
	block-count:8M:65536:-b 4096 -B 16 -O block_count
END

# ---- used by a kernel -------------------------------------------------------

# unpack PIECES FILE: as tests/fuzz/pieces.sh has packed it
unpack() {
	truncate -s 48M "$2"
	perl -e '
		open(my $in, "<:raw", $ARGV[0]) or die "$!";
		open(my $out, "+<:raw", $ARGV[1]) or die "$!";
		while (read($in, my $head, 8) == 8) {
			my ($at, $n) = unpack("VV", $head);
			read($in, my $piece, $n * 512) == $n * 512 or die "cut short";
			seek($out, $at * 512, 0);
			print $out $piece;
		}' "$1" "$2"
}

for name in aged-1k aged-4k; do
	unpack "$root/tests/fuzz/corpus/nilfs2/$name" "$name"
	there_and_back "$name" 6000000
done

# ---- what is cleared, and what is refused -----------------------------------

# change FILE OFFSET HEX: in both superblocks, with the right checksums
change() {
	perl -e '
		open(my $f, "+<:raw", $ARGV[0]) or die "$!";
		for my $at (1024, int((-s $f) / 4096 - 1) * 4096) {
			seek($f, $at, 0);
			read($f, my $b, 1024);
			substr($b, $ARGV[1], length($ARGV[2]) / 2) = pack("H*", $ARGV[2]);
			substr($b, 16, 4) = "\0" x 4;
			my $crc = unpack("V", substr($b, 12, 4));
			my $bytes = unpack("v", substr($b, 8, 2));
			for my $byte (unpack("C*", substr($b, 0, $bytes))) {
				$crc ^= $byte;
				$crc = $crc & 1 ? $crc >> 1 ^ 0xedb88320 : $crc >> 1 for 1 .. 8;
			}
			substr($b, 16, 4) = pack("V", $crc);
			seek($f, $at, 0);
			print $f $b;
		}' "$@"
}

truncate -s 16M good
mkfs.nilfs2 -q -B 16 good

say "free space of the target is cleared, see imager/fs/nilfs2.c"
head -c 16M /dev/urandom > over
expect_status 0 slate save good good.slate
expect_status 0 slate --yes restore over good.slate
same good over
rm over good.slate

say "not cleanly unmounted, with errors"
cp --sparse=always good disk
change disk $((0x74)) 0000
refused 'not cleanly unmounted.*mount and unmount it.*--force' disk
refused 'not cleanly unmounted' disk -c
round disk -b --force
grep -q 'passed over: it was not cleanly unmounted' disk.said || fail "no notice"
change disk $((0x74)) 0300
refused 'found errors in it.*--nocheck' disk
round disk -b -c

say "a feature that is not known: byte by byte"
cp --sparse=always good disk
change disk $((0x110)) 01
round disk -b
grep -q 'byte by byte: it has features newer' disk.said || fail "no notice"
same disk disk.back

say "larger than the device, damaged"
cp --sparse=always good disk
truncate -s 15M disk
refused 'larger than the device' disk --force
cp --sparse=always good disk
printf 'x' | dd of=disk bs=1 seek=5000 conv=notrunc status=none
refused 'no checkpoint where its superblock says' disk --force
round disk -b --raw
same disk disk.back

say "on a larger device the second superblock stays where it is"
cp --sparse=always good disk
truncate -s 17M disk
there_and_back disk $((2 * 65536 + 4096 + 1048576))
