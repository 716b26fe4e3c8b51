#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# F2FS: there and back with every feature that mkfs.f2fs has, filled by
# sload.f2fs and moved about by defrag.f2fs and resize.f2fs, as few kernels at
# hand can mount it.  And what must not be saved just so.
# limit 300
set -euo pipefail
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/cli/fs-lib.sh
. "$root/tests/cli/fs-lib.sh"

for tool in mkfs.f2fs sload.f2fs dump.f2fs fsck.f2fs resize.f2fs defrag.f2fs; do
	[[ $(type -t "$tool") ]] || skip "needs f2fs-tools: there is no $tool"
done

# load FILE FROM TO: status 1 says that mkfs.f2fs left something to mend
load() {
	sload.f2fs -f "$2" -t "$3" "$1" > load.log 2>&1 || [[ $? = 1 ]] || {
		tail -n 3 load.log >&2
		fail "$1 cannot be filled"
	}
	! grep 'Error' load.log >&2 || fail "$1 cannot be filled"
}

checked() { # checked FILE: by fsck.f2fs, which changes nothing
	fsck.f2fs --dry-run "$1" > fsck.log 2>&1 || fail "$1: fsck.f2fs ends with $?"
	grep -q 'other corrupted bugs *\[Ok..\]' fsck.log || fail "$1: fsck.f2fs stopped"
	! grep -E '\[Fail\]|ASSERT|\[FIX\]' fsck.log >&2 || fail "$1 is not clean"
}

# sums FILE [N]: of the contents of its files, or every Nth, by inode number
sums() (
	rm -rf dumped
	mkdir dumped
	cd dumped
	dump.f2fs -n 0~-1 "../$1" > /dev/null
	# Inodes have the same number twice: "nid: N  ino: N  offset: ..."
	awk '$1 == "nid:" && $2 == $4 { print $2 }' dump_nat |
		awk -v n="${2:-1}" 'NR % n == 0' |
		while read -r ino; do
			# Its status says nothing; what it could not read will be missing.
			echo Y | dump.f2fs -i "$ino" "../$1" > dump.log 2>&1 || true
			[[ -d lost_found ]] || continue
			find lost_found -type f -exec sha256sum {} + | sed "s/^/$ino /"
			rm -rf lost_found
		done
)

# there_and_back FILE [NO_PARTCLONE]
there_and_back() {
	checked "$1"
	round "$1" -b
	by_map "$1"
	checked "$1.back"
	cmp <(used_bytes "$1.used" "$1") <(used_bytes "$1.used" "$1.back") >&2 ||
		fail "used blocks of $1 and its copy differ"
	sums "$1" 20 > source.list
	sums "$1.back" 20 > copy.list
	same source.list copy.list "the contents of the files of $1"
	[[ -n ${2-} ]] && return
	# One block more: the one in which a mount looks for nodes that fsync() wrote.
	# Partclone keeps the whole SSA, also of segments that are empty, and what
	# lies behind the last segment by chance.
	like_partclone "$1" f2fs 4096 "$("$dir/ranges" total ssa)"
	"$dir/ranges" minus "$1.less" ssa > "$1.unexplained"
	equal "$("$dir/ranges" total "$1.unexplained")" 0 "$1: bytes less than partclone"
}

# find_ssa FILE: where its SSA is and what follows the main area, into ./ssa
find_ssa() {
	dump.f2fs -d 1 "$1" 2> /dev/null | tr -d '[]' | awk -v size="$(size_of "$1")" '
		{ v[$1] = $NF }
		END {
			end = v["main_blkaddr"] + v["segment_count_main"] * 512
			at = v["ssa_blkaddr"]
			if (v["main_blkaddr"] > at)
				printf "%d %d\n", at * 4096, (v["main_blkaddr"] - at) * 4096
			if (size > end * 4096)
				printf "%d %d\n", end * 4096, size - end * 4096
		}' > ssa
	[[ -s ssa ]] || fail "$1: no SSA?"
}

# ---- every feature --------------------------------------------------------

mkdir files more
copy_files files 3000
(cd files && find . -type f -size -40k | head -n 60 | cpio -pdm ../more 2> /dev/null) ||
	cp -r files/etc more
head -c 3000000 /dev/urandom > more/random
seq 300000 > more/text
truncate -s 5M more/sparse
find files -type l -delete

every=encrypt,verity,extra_attr,project_quota,inode_checksum,flexible_inline_xattr
every+=,quota,inode_crtime,lost_found,sb_checksum,compression
# "NAME: MKFS OPTIONS".  Debian's sload.f2fs cannot compress; a kernel that can is
# in tests/vm/fs.sh.
while IFS=': ' read -r name options; do
	say "$name: mkfs.f2fs $options"
	rm -f "$name"*
	truncate -s 128M "$name"
	# shellcheck disable=SC2086 # they are several
	mkfs.f2fs -q -l fixture $options "$name" > mkfs.log || fail "mkfs.f2fs: $(cat mkfs.log)"
	find_ssa "$name"
	partclone=
	# partclone.f2fs crashes on these.
	[[ $name != large-nat ]] || partclone=no
	[[ $name != plain ]] || there_and_back "$name"
	load "$name" files /
	[[ $name = readonly ]] || load "$name" more /more
	there_and_back "$name" $partclone
	rm -f "$name" "$name".*
done <<- END
	plain:
	compressed: -O extra_attr,inode_checksum,sb_checksum,compression
	all: -O $every
	readonly: -O ro
	large-nat: -i
	sections: -s 2 -z 2
	casefold: -O casefold -C utf8
	android: -g android
	geometry: -a 1 -o 30 -s 2 -w 4096
END

# ---- in use for a while ---------------------------------------------------

say "moved by defrag.f2fs and resize.f2fs, every file the same"
truncate -s 160M aged
mkfs.f2fs -q -l fixture aged > /dev/null
load aged files /
load aged more /more
find_ssa aged
defrag.f2fs -l 700 -s "$(awk 'NR == 1 { print ($1 + $2) / 4096 + 1024 }' ssa)" aged > /dev/null
load aged more /again
fsck.f2fs -f aged > /dev/null
truncate -s 256M aged
resize.f2fs aged > /dev/null
find_ssa aged
mkdir few
find files -type f -size +1k | awk 'NR % 23 == 0' | head -n 40 | xargs cp -t few
load aged few /few
there_and_back aged
sums aged > source.list
sums aged.back > copy.list
same source.list copy.list "the contents of all files"
# Those that fit into their inodes (up to 3.6 KiB) dump.f2fs leaves out, and holes.
find few more -type f -size +8 ! -name sparse -exec sha256sum {} + | cut -d ' ' -f 1 |
	sort -u > want.list
cut -d ' ' -f 2 source.list | sort -u > have.list
equal "$(comm -23 want.list have.list)" "" "files that are not in the filesystem"
[[ $(wc -l < source.list) -gt 300 ]] || fail "only $(wc -l < source.list) files"

say "as small as partclone's"
rm -rf big
mkdir big
copy_files big 110000
find big -type l -delete
truncate -s 500M large
mkfs.f2fs -q large > /dev/null
load large big /
round large -b
by_map large
checked large.back
size_like_partclone large f2fs
rm -rf big large*

# ---- what is refused ------------------------------------------------------

# flags FILE SET CLEAR: in its newest checkpoint, with the right checksum
flags() {
	perl -e '
		open(my $f, "+<:raw", $ARGV[0]) or die "$!";
		sub at { my ($off, $n) = @_; seek($f, $off, 0); read($f, my $b, $n); $b }
		my $cp = unpack("V", at(1024 + 76, 4)) * 4096;
		my $next = $cp + 512 * 4096;
		$cp = $next if unpack("Q<", at($next, 8)) > unpack("Q<", at($cp, 8));
		my $b = at($cp, 4096);
		my $flags = unpack("V", substr($b, 132, 4));
		substr($b, 132, 4) = pack("V", ($flags | hex $ARGV[1]) & ~hex $ARGV[2]);
		my $crc = 0xf2f52010;
		for my $byte (unpack("C4092", $b)) {
			$crc ^= $byte;
			$crc = $crc & 1 ? $crc >> 1 ^ 0xedb88320 : $crc >> 1 for 1 .. 8;
		}
		substr($b, 4092, 4) = pack("V", $crc);
		for my $off ($cp, $cp + (unpack("V", substr($b, 136, 4)) - 1) * 4096) {
			seek($f, $off, 0);
			print $f $b;
		}' "$@"
}

truncate -s 128M good
mkfs.f2fs -q good > /dev/null
load good few /

say "not cleanly unmounted"
cp --sparse=always good disk
flags disk 0 1
before=$(sum disk)
refused 'not cleanly unmounted.*fsck.f2fs -f.*--force' disk
refused 'not cleanly unmounted' disk -c
round disk -b --force
grep -q 'passed over: it was not cleanly unmounted' disk.said || fail "no notice"
equal "$(sum disk)" "$before" "sha256 of the source"
fsck.f2fs -f disk.back > /dev/null
checked disk.back

say "in need of a check"
cp --sparse=always good disk
flags disk 10 0
refused 'in need of a check.*--nocheck' disk
round disk -b -c
checked good

say "larger than the device, damaged"
cp --sparse=always good disk
truncate -s 127M disk
refused 'larger than the device' disk --force
round disk --raw -b
same disk disk.back
cp --sparse=always good disk
dd if=/dev/zero of=disk bs=1k seek=$((2 * 1024 + 1)) count=3 conv=notrunc status=none
refused 'checkpoint 1 of 2 is damaged' disk

say "several devices"
truncate -s 128M first second
if mkfs.f2fs -q -c second first > mkfs.log 2>&1; then
	refused 'spans 2 devices.*--raw' first --force
else
	fail "$(cat mkfs.log)"
fi
