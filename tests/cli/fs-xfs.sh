#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# XFS of both versions and with what mkfs.xfs can switch on, in use: there and
# back, every file the same, clean for xfs_repair, nothing less than partclone
# keeps.  And what must not be saved just so: a log with changes in it, a
# filesystem that is marked, counted wrong, cut short or damaged.
# limit 300
set -euo pipefail
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/cli/fs-lib.sh
. "$root/tests/cli/fs-lib.sh"
need_loop

# The kernel syncs at every umount: memory spares most of the time.
mkdir fast
mount -t tmpfs -o size=1500M tmpfs fast
cd fast

# make_xfs FILE SIZE [OPTION...]: mkfs.xfs makes nothing below 300 MiB but for
# the tests of XFS itself.
make_xfs() {
	rm -f "$1"
	truncate -s "$2" "$1"
	TEST_DIR=1 TEST_DEV=1 QA_CHECK_FS=1 mkfs.xfs -q -f -L fixture "${@:3}" "$1" \
		> mkfs.log 2>&1 || { cat mkfs.log >&2; fail "mkfs.xfs cannot make $1"; }
}

db() { # db FILE COMMAND...: read-only
	local args=() c

	for c in "${@:2}"; do args+=(-c "$c"); done
	xfs_db -r "${args[@]}" "$1"
}

field() { # field FILE NAME: of the superblock
	db "$1" 'sb 0' "print $2" | sed 's/.*= //'
}

# use FILE: the kernel fills it and deletes, so that free space is in pieces
use() {
	mount_image "$1" "$1.d" rw,nouuid
	cp -a files/. "$1.d"
	odd_files "$1.d"
	cp --reflink=auto "$1.d/odd/random" "$1.d/odd/shared"
	printf x | dd of="$1.d/odd/shared" bs=1 seek=70000 conv=notrunc status=none
	age "$1.d"
	umount "$1.d"
}

whole() { # whole FILE: xfs_repair finds nothing to do
	xfs_repair -n -o force_geometry "$1" > repair.log 2>&1 ||
		{ cat repair.log >&2; fail "$1 is not clean"; }
}

# age_offline FILE: the same without a kernel, which may not know version 4: every
# second file becomes no file, and xfs_repair frees what it had.
age_offline() {
	db "$1" 'path /' ls | awk '$6 ~ /^f/ && NR % 2 {
		printf "inode %d\nwrite core.mode 0\n", $2 }' > commands
	[[ $(wc -l < commands) -gt 300 ]] || fail "$1 has too few files"
	xfs_db -x "$1" < commands > db.log 2>&1
	xfs_repair -o force_geometry "$1" > repair.log 2>&1 ||
		{ cat repair.log >&2; fail "$1 cannot be aged"; }
	whole "$1"
}

# files_list: 500 files of this system for mkfs.xfs -p
files_list() {
	printf '/\n0 0\nd--755 0 0\n'
	find /usr/bin /usr/lib /etc -xdev -type f -size -30k ! -empty ! -name '* *' \
		2> find.log |
		awk 'NR <= 500 { print "f" NR, "---644 0 0", $0 } END { print "$" }'
}

# contents FILE: "NAME SHA256" of the files of files_list() in it, by xfs_db alone
contents() {
	db "$1" 'path /' ls | awk '$6 ~ /^f[0-9]+$/ {
		print $6 > "names"
		printf "inode %d\nprint core.size\nbmap\n", $2 }' > commands
	xfs_db -r "$1" < commands > extents
	rm -rf "$1.files"
	mkdir "$1.files"
	perl -e '
		my ($image, $block, $group) = splice(@ARGV, 0, 3);
		my ($out, $left);
		open(my $f, "<:raw", $image) or die "$image: $!";
		open(my $n, "<", "names") or die "names: $!";
		while (<>) {
			if (/core.size = (\d+)/) {
				$left = $1;
				chomp(my $name = <$n>);
				open($out, ">:raw", "$image.files/$name") or die "$!";
			}
			next if !m{startblock \d+ \((\d+)/(\d+)\) count (\d+)};
			sysseek($f, ($1 * $group + $2) * $block, 0);
			my $len = $3 * $block < $left ? $3 * $block : $left;
			sysread($f, my $buf, $len) == $len or die "$image: cut short";
			print $out $buf;
			$left -= $len;
		}
	' "$1" "$(field "$1" blocksize)" "$(field "$1" agblocks)" extents
	(cd "$1.files" && sha256sum -- * | awk '{ print $2, $1 }' | sort)
}

# same_contents A B: every file of the first is in the second, and as it was when
# files_list() took it from this system.
same_contents() {
	contents "$1" > "$1.list"
	contents "$2" > "$2.list"
	same "$1.list" "$2.list" "the files of $1 and of its copy"
	[[ $(wc -l < "$1.list") -gt 200 ]] || fail "$1 has too few files"
	equal "$(comm -23 "$1.list" files.sums)" '' "files of $1 that are not as they were"
}

# spare FILE: bytes on the free lists, blocks that the trees of free space grow
# by.  partclone and xfs_db take them for free; nobody ever reads what is in them.
spare() {
	local i commands=()

	for ((i = 0; i < $(field "$1" agcount); i++)); do
		commands+=("agf $i" 'print flcount')
	done
	db "$1" "${commands[@]}" |
		awk -v block="$(field "$1" blocksize)" '{ n += $3 } END { print n * block }'
}

# like_xfs_db FILE: what round() kept is what xfs_db does not list as free, and
# the free lists.
like_xfs_db() {
	local block

	block=$(field "$1" blocksize)
	db "$1" 'freesp -d' | awk -v block="$block" -v group="$(field "$1" agblocks)" '
		NF == 3 && $1 ~ /^[0-9]+$/ {
			printf "%d %d\n", ($1 * group + $2) * block, $3 * block }' > "$1.free"
	echo "0 $(size_of "$1")" > "$1.all"
	"$dir/ranges" minus "$1.all" "$1.free" > "$1.theirs"
	equal "$("$dir/ranges" minus "$1.theirs" "$1.used")" '' "$1: used, but not kept"
	"$dir/ranges" minus "$1.used" "$1.theirs" > "$1.more"
	equal "$("$dir/ranges" total "$1.more")" "$(spare "$1")" "$1: kept, but free"
}

# same_files A B
same_files() {
	local f

	for f in "$1" "$2"; do
		mount_image "$f" mounted ro,nouuid
		manifest mounted > "$f.list"
		umount mounted
	done
	same "$1.list" "$2.list"
}

# ---- every feature -----------------------------------------------------------

# NAME|SIZE|OPTIONS: groups of many kinds, the last one often shorter.  NAME!:
# compared with partclone, too, which takes two seconds to think.
matrix='
v5!|56M|-d agsize=20m
v5-1k|40M|-b size=1024 -d agcount=2
v5-64k|170M|-b size=65536 -d agcount=3
v5-4kn|48M|-s size=4096 -d agsize=16m
v5-rmap!|64M|-m rmapbt=1,reflink=1
v5-plain|40M|-m reflink=0,finobt=0,bigtime=0,inobtcount=0 -i sparse=0
v5-counts|48M|-i nrext64=1,size=2048
v5-one|40M|-d agcount=1
v5-groups|128M|-d agsize=16m -b size=2048
v5-logsu|100M|-l su=256k -d agcount=2
v4|56M|-m crc=0 -d agsize=20m
v4-512!|40M|-m crc=0 -b size=512
v4-old|40M|-m crc=0 -n ftype=0 -l version=1,lazy-count=0 -i attr=1,projid32bit=0
v4-ci|40M|-m crc=0 -n version=ci
v4-32k|90M|-m crc=0 -b size=32768 -s size=4096 -d agcount=2
'
mkdir files
copy_files files 3000
files_list > files.proto
awk '/^f/ { print $1, $NF }' files.proto | while read -r name path; do
	echo "$name $(sha256sum < "$path" | cut -d ' ' -f 1)"
done | sort > files.sums
made=0
while IFS='|' read -r name size options; do
	[[ $name ]] || continue
	peer=
	[[ $name = *! ]] && peer=1 name=${name%!}
	[[ $name != v4* ]] || options+=' -p files.proto'
	# shellcheck disable=SC2086 # words
	make_xfs "$name" "$size" $options
	if [[ $name = v4* ]]; then age_offline "$name"; else use "$name"; fi
	round "$name" -b
	by_map "$name"
	whole "$name.back"
	like_xfs_db "$name"
	used_bytes "$name.theirs" "$name" > before
	used_bytes "$name.theirs" "$name.back" > after
	same before after "the used bytes of $name and its copy"
	if [[ $name = v4* ]]; then
		same_contents "$name" "$name.back"
	else
		same_files "$name" "$name.back"
	fi
	[[ ! ${peer-} ]] || like_partclone "$name" xfs "$(spare "$name")"
	made=$((made + 1))
	rm -rf --one-file-system "$name"{,.*}
done <<< "$matrix"
equal $made 15 'filesystems made'

say 'grown: a last group of 3 MiB'
make_xfs disk 40M -d agsize=20m
truncate -s 43M disk
mount_image disk at rw
xfs_growfs -d at > growfs.log
umount at
equal "$(field disk dblocks)" $((43 << 8)) 'blocks after xfs_growfs'
use disk
round disk -b
by_map disk
whole disk.back
same_files disk disk.back
like_xfs_db disk

say 'an image of the size that partclone makes'
make_xfs large 320M -l size=8m
mount_image large large.d rw
find /usr/lib /usr/bin -xdev -type f -size +1000k -size -12M -printf '%s %p\n' |
	awk '(sum += $1) < 120e6 { sub(/^[0-9]+ /, ""); print }' > large.list
tar -C / -c -T large.list 2> tar.err | tar -x -C large.d
umount large.d
# Both in pieces of 4 MiB, as zstd sees back only to the begin of its piece.
expect_status 0 slate -o -b -z zstd:3 --chunk-size=4M save large large.slate
ours=$(stat -c %s large.slate)
theirs=$(partclone.xfs -q -c -s large -o - -F 2> pc.log |
	split -b 4M --filter='zstd -q -3 -c' | wc -c)
say "image of $ours bytes, partclone's $theirs"
[[ $theirs -gt 10000000 && $((ours * 100)) -le $((theirs * 102)) ]] || fail 'image too large'
rm -rf --one-file-system large*

# ---- the log -----------------------------------------------------------------

# state FILE: CLEAN or DIRTY, by xfs_logprint
state() {
	xfs_logprint -t "$1" 2> logprint.err | sed -n 's/.*state: <\(.*\)>$/\1/p'
}

say 'a log that goes around and around'
make_xfs ring 40M -d agcount=1 -b size=1024 -m reflink=0
clean=0 dirty=0
for ((i = 1; i <= 12; i++)); do
	mount_image ring at rw
	(
		cd at
		seq -f 'f%g' $((700 * (i % 4 + 1))) | xargs touch
		sync -f .
		rm -f f*[2-8]
	)
	((i % 3)) || xfs_io -x -c 'shutdown -f' at
	umount at
	if [[ $(state ring) = CLEAN ]]; then
		clean=$((clean + 1))
		expect_status 0 slate -b -o save ring ring.slate
		not_said 'byte by byte'
	else
		dirty=$((dirty + 1))
		refused 'log holds changes.*mount and unmount it.*--force' ring -b
		mount_image ring at rw # replayed
		umount at
	fi
done
cycle=$(($(field ring lsn) >> 32))
say "$clean times clean, $dirty times dirty, now in cycle $cycle"
[[ $clean -gt 6 && $dirty -gt 2 && $cycle -gt 3 ]] || fail 'not all kinds of log'

say 'a log with changes'
mount_image disk at rw
seq 1000 > at/new
xfs_io -x -c 'shutdown -f' at
umount at
equal "$(state disk)" DIRTY 'state of the log'
refused 'log holds changes' disk -b
refused 'log holds changes' disk -b -c
expect_status 0 slate -b -o --force save disk disk.slate
said 'passed over: its log holds changes'
xfs_repair -L -o force_geometry disk > repair.log 2>&1
round disk -b
by_map disk
whole disk.back

say 'a log and realtime files on other devices'
truncate -s 64M log.part rt.part
make_xfs disk 64M -l logdev=log.part,size=16m -r rtdev=rt.part
round disk -b
by_map disk
grep -q 'its log and its realtime files are on other devices' disk.said ||
	fail 'nothing is said of the other devices'
equal "$(field disk.back uuid)" "$(field disk uuid)" 'UUID of the copy'

# ---- what is refused -----------------------------------------------------------

change() { # change COMMAND...: by xfs_db, in a fresh disk
	local args=() c

	for c in "$@"; do args+=(-c "$c"); done
	cp good disk
	xfs_db -x "${args[@]}" disk > db.log 2>&1 || { cat db.log >&2; fail "xfs_db: $*"; }
}

make_xfs good 56M -d agsize=20m
use good
say 'counted wrong'
change 'sb 0' 'write fdblocks 1000'
refused 'superblock counts 1000 free blocks.*--nocheck' disk -b
expect_status 0 slate -b -o -c save disk disk.slate
said 'passed over: its superblock counts 1000'
change 'agf 1' 'write -d freeblks 1000'
refused 'allocation group 1 counts 1000 free blocks.*xfs_repair' disk -b -c
expect_status 0 slate -b -o --force save disk disk.slate
change 'agf 0' 'write -d longest 7'
refused 'allocation group 0 counts' disk -b

say 'in need of repair'
change 'sb 0' "write features_incompat $(($(field good features_incompat) | 16))"
refused 'in need of repair: run xfs_repair' disk -b -c

say 'damaged'
block=$(db good 'agf 1' 'print bnoroot' | sed 's/.*= //')
cp good disk
dd if=/dev/urandom of=disk bs=1 count=1 conv=notrunc status=none \
	seek=$(($(field good agblocks) * 4096 + block * 4096 + 80))
refused 'block [0-9]+ of allocation group 1.*is bad.*xfs_repair' disk -b --force
expect_status 0 slate -b -o --raw save disk disk.slate
stale disk.back 56M
expect_status 0 slate -b --yes restore disk.back disk.slate
same disk disk.back
cp good disk
truncate -s 50M disk
refused 'larger than the device' disk -b --force

say 'the source of it all is as it was'
whole good
