#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# FAT12, FAT16 and FAT32 as mkfs.fat makes them, filled and aged by mtools:
# there and back with a clean fsck.fat and every file the same; used blocks
# against partclone's; and those that must not be saved just so: dirty, with
# errors, with tables that contradict one another, damaged.
# limit 900
set -euo pipefail
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/cli/fs-lib.sh
. "$root/tests/cli/fs-lib.sh"
export MTOOLS_SKIP_CHECK=1 MTOOLSRC=/dev/null
# Memory, where that can be had: nothing here needs a disk.
if [[ $(id -u) = 0 ]] && mkdir fast && mount -t tmpfs -o size=1500M tmpfs fast; then
	cd fast
fi

# Names that mcopy does not like make it ask for ever.
mcopy() {
	timeout -s KILL 100 mcopy "$@" < /dev/null
}

# tree FOLDER KIB: files with names that FAT can hold, sorted out by case
tree() {
	mkdir "$1"
	copy_files "$1" "$2"
	find "$1" ! -type d ! -type f -delete
	find "$1" -depth -mindepth 1 -name '*[]\[:*?"<>|\\]*' -exec rm -rf {} +
	find "$1" -depth -mindepth 1 -name '*[. ]' -exec rm -rf {} +
	(cd "$1" && find . -mindepth 1 | sort | awk 'seen[tolower($0)]++' |
		tr '\n' '\0' | xargs -0 -r rm -rf)
	mkdir -p "$1/Odd names/deep/er/and/er" "$1/Odd names/empty folder"
	(
		cd "$1/Odd names"
		: > 'nothing at all.txt'
		echo x > 'a rather long name, with commas; and = signs + more [1].text'
		echo x > UPPER.TXT
		echo x > $'f\xc3\xbcr \xe2\x82\xac 5 and more.txt'
		head -c 70000 /dev/urandom > deep/er/random.bin
		(cd deep && seq -f 'file-with-a-rather-long-name-%g' 120 | xargs touch)
	)
}

# fill IMAGE FOLDER: copied, aged, and what is in it now as FOLDER.now
fill() {
	local f

	mcopy -i "$1" -spmQ "$2"/* ::
	rm -rf "$2.now"
	cp -a "$2" "$2.now"
	find "$2" -type f -printf '%P\n' | grep -vE 'Odd|pictures' | sort |
		awk 'NR % 3 == 0' > gone
	sed 's|^|::|' gone | tr '\n' '\0' | xargs -0 -r mdel -i "$1"
	(cd "$2.now" && tr '\n' '\0' < ../gone | xargs -0 -r rm)
	mmd -i "$1" ::/again
	mkdir "$2.now/again"
	find "$2.now" -type f -size -30k -size +1k | sort |
		awk 'NR % 7 == 0 && n++ < 60' > picked
	while read -r f; do
		cp -n "$f" "$2.now/again"
	done < picked
	mcopy -i "$1" -spmQ "$2.now"/again/* ::/again
}

# same_files IMAGE FOLDER: everything in the root directory is as in FOLDER
same_files() {
	rm -rf back
	mkdir back
	mcopy -i "$1" -spmQn '::*' back
	diff -r "$2" back >&2 || fail "$1: files differ"
}

# same_head IMAGE: boot sector, its copy and all tables are those of the source
same_head() {
	local sector reserved tables root small large

	read -r sector < <(od -An -tu2 -j 11 -N 2 "$1")
	read -r reserved < <(od -An -tu2 -j 14 -N 2 "$1")
	read -r tables < <(od -An -tu1 -j 16 -N 1 "$1")
	read -r root < <(od -An -tu2 -j 17 -N 2 "$1")
	read -r small < <(od -An -tu2 -j 22 -N 2 "$1")
	read -r large < <(od -An -tu4 -j 36 -N 4 "$1")
	[[ $small = 0 ]] || large=$small
	cmp -n $(((reserved + tables * large) * sector + root * 32)) "$1" "$1.back" >&2 ||
		fail "$1: tables or boot sectors differ"
}

fsck() { # fsck IMAGE
	fsck.fat -n "$1" > "$dir/fsck" 2>&1 || { cat "$dir/fsck" >&2; fail "$1 is not clean"; }
	! grep -E 'Dirty|differ|[Bb]ad' "$dir/fsck" >&2 || fail "$1 is not clean"
}

# ---- there and back -------------------------------------------------------

tree small 600
tree large 9000

# matrix NAME SIZE FOLDER MKFS_OPTION...: with $peer, compared with partclone
matrix() {
	local name=$1 folder=$3

	truncate -s "$2" "$name"
	mkfs.fat -n FIXTURE "${@:4}" "$name" > mkfs.log 2>&1 ||
		{ cat mkfs.log >&2; fail "mkfs.fat ${*:4}"; }
	fill "$name" "$folder"
	fsck "$name"
	round "$name"
	by_map "$name"
	same_head "$name"
	fsck "$name.back"
	same_files "$name.back" "$folder.now"
	# partclone takes the entries of a FAT12 for 16 bits each, so that its map
	# has little to do with the files.  What mkfs.fat leaves over after the last
	# whole track is not in partclone's map at all.
	[[ ! ${peer-} ]] || like_partclone "$name" fat 32768
	rm -rf "$name"*
}

say "FAT12"
matrix floppy 1440K small -F 12
matrix 12-large 16M small -F 12 -s 16 -f 1 -r 64
matrix 12-4k 6M small -F 12 -S 4096 -s 1 -R 2
say "FAT16"
matrix 16-small 32M large -F 16 -s 2 -a
peer=1 matrix 16-1k 40M large -F 16 -S 1024 -s 4 -R 16 -f 1
peer=1 matrix 16-32k 140M small -F 16 -s 64 -r 1024
say "FAT32"
peer=1 matrix 32 40M large -F 32 -s 1
matrix 32-reserved 40M large -F 32 -s 1 -R 300 -b 200 -f 1
peer=1 matrix 32-4k 280M large -F 32 -S 4096 -s 1
say "what else mkfs.fat writes into a boot sector"
matrix floppy-fd 720K small -F 12 -M 0xfd -g 2/9 -R 1
peer=1 matrix 16-disk 60M large -F 16 -s 4 -M 0xf0 -g 255/63 -h 63 -D 0x80 --mbr=y
peer=1 matrix 32-odd 70M large -s 1 -F 32 -R 33 -b 16 --mbr=y --invariant

say "bad blocks that mkfs.fat was told of"
seq 40000 3 40090 > bad
truncate -s 60M marked
mkfs.fat -F 32 -s 1 -n FIXTURE -l bad marked > mkfs.log
fill marked small
round marked
grep -q '62 clusters are marked bad and are not read' marked.said || fail "nothing said"
by_map marked
same_head marked
same_files marked.back small.now
rm marked*

# Of these libblkid, and so Linux, knows nothing.
say "the Atari variant, sectors of more than 4096 bytes: byte by byte"
for options in '-A' '-F 32 -S 8192 -s 1'; do
	truncate -s 40M foreign
	# shellcheck disable=SC2086 # several words
	mkfs.fat $options foreign > mkfs.log 2>&1
	round foreign
	grep -q 'byte by byte' foreign.said || fail "mkfs.fat $options: nothing said"
	same foreign foreign.back
	rm foreign*
done

# Programs and pictures.
say "an image as small as partclone's"
tree huge 2000
find /usr/lib -xdev -type f -size +500k -size -9000k -printf '%s %p\n' |
	awk '(sum += $1) <= 50e6 { sub(/^[0-9]+ /, ""); print }' > picked
n=0
while read -r name; do
	cp "$name" huge/program-$((++n)).so
done < picked
head -c 60M /dev/urandom > huge/pictures
truncate -s 300M huge.img
mkfs.fat -F 32 -s 8 huge.img > mkfs.log
fill huge.img huge
round huge.img
fsck huge.img.back
same_files huge.img.back huge.now
like_partclone huge.img fat 32768
size_like_partclone huge.img fat
size_like_stream huge.img fat
rm -rf huge*

# ---- what is not saved just so ---------------------------------------------

truncate -s 40M good
mkfs.fat -F 32 -s 1 -n FIXTURE good > mkfs.log
fill good small
fsck good
cp good disk
sector() { # sector FIELD_OFFSET: a 16-bit number of the boot sector
	od -An -tu2 -j "$1" -N 2 good | tr -d ' '
}
fat1=$(($(sector 14) * 512))
fat2=$((fat1 + $(sector 36) * 512))

change() { # change OFFSET BYTES...: of a fresh copy, bytes as \x..
	cp good disk
	while [[ $# -gt 1 ]]; do
		printf '%b' "$2" | dd of=disk bs=1 seek="$1" conv=notrunc status=none
		shift 2
	done
}
granted() { # granted REGEX OPTION...: saved, with a notice, files as they are
	expect_status 0 slate -b -o "${@:2}" save disk image
	said "$1"
	not_said 'byte by byte'
	stale copy 40M
	expect_status 0 slate -b -y restore copy image
	same_files copy small.now
}

say "dirty, and with errors"
change 65 '\x01'
refused 'not cleanly unmounted.*fsck.fat -a.*--nocheck' disk
granted 'passed over: it was not cleanly' -c
change $((fat1 + 7)) '\x07'
refused 'not cleanly unmounted' disk
granted 'passed over: it was not cleanly' -c
change $((fat1 + 7)) '\x0b'
refused 'errors in reading or writing.*chkdsk' disk
granted 'passed over: errors' --force

say "what fsck.fat does not call clean"
change $((fat2 + 4000)) '\x01\x02\x03'
refused 'copies of its allocation table differ in 1 entries' disk
granted 'passed over: the copies' -c
# A link between the last two clusters, which are free.
last=$(fsck.fat -vn good | awk '/data clusters/ { print $1 + 1 }')
link=$(printf '%08x' "$last" | sed -E 's/(..)(..)(..)(..)/\\x\4\\x\3\\x\2\\x\1/')
change $((fat1 + (last - 1) * 4)) "$link" $((fat2 + (last - 1) * 4)) "$link"
refused 'lead to clusters that are free' disk
refused 'lead to clusters that are free.*fsck.fat' disk -c
granted 'passed over' --force
change 13 '\x02'
refused 'the copy in sector 6 tell different layouts.*--raw' disk

say "bad clusters are not read, and that is said"
# The last one; the FSInfo sector then counts one too many.
change $((fat1 + last * 4)) '\xf7\xff\xff\x0f' $((fat2 + last * 4)) '\xf7\xff\xff\x0f'
granted '1 clusters are marked bad and are not read'
expect_status 0 slate -b verify image copy

say "a folder with a bad sector is no reason to refuse --rescue"
eio=${SLATE_EIO_LIB:-$(dirname "$SLATE")/eio.so}
if [[ -f $eio ]]; then
	cp good disk
	first=$(mshowfat -i disk '::/Odd names' < /dev/null | grep -o '<[0-9]*' | head -n 1)
	place=$((fat2 + fat2 - fat1 + (${first#<} - 2) * 512))
	expect_status 1 env SLATE_EIO="disk:$place+512" LD_PRELOAD="$eio" \
		"$SLATE" -b -o --rescue save disk image
	said '512 bytes in [0-9]+ places could not be read'
	not_said 'byte by byte'
fi

say "cut off, or with a boot sector that cannot be"
cp good disk
truncate -s 30M disk
refused 'larger than the device' disk
change 14 '\xff\xff'
expect_status 3 slate -b -o save disk image
said 'boot sector|copy in sector'

say "no FAT after all: byte by byte"
change 42 '\x01'
expect_status 0 slate -b -o save disk image
said 'byte by byte.*newer'
stale copy 40M
expect_status 0 slate -b -y restore copy image
same disk copy

say "a source that nobody can write to"
need_root
cp good disk
attach disk -r
expect_status 0 slate -b -o save "$loop" image
same good disk
losetup -d "$loop"
