#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# NTFS with several sizes of clusters and sectors, used through ntfs-3g: there
# and back with every file, stream and attribute the same, and against partclone's
# idea of what is used.  Resized, fragmented, and what must not be saved just so:
# dirty, hibernated, shut down with Fast Startup, with changes in its log, damaged.
# limit 1200
set -euo pipefail
# Memory, where there is some: ntfs-3g syncs a lot.
[[ ! -w /dev/shm ]] || export TMPDIR=${TMPDIR:-/dev/shm}
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/cli/fs-lib.sh
. "$root/tests/cli/fs-lib.sh"
need_root
[[ -c /dev/fuse ]] || skip "needs FUSE: there is no /dev/fuse"

# ---- fixtures -------------------------------------------------------------

# up FILE FOLDER OPTIONS: mounted by ntfs-3g, its process in $fuse
up() {
	mkdir -p "$2"
	ntfs-3g -o "no_detach,permissions,streams_interface=xattr,$3" "$1" "$2" \
		> fuse.log 2>&1 &
	fuse=$!
	until mountpoint -q "$2"; do
		kill -0 "$fuse" 2> /dev/null || { cat fuse.log >&2; fail "cannot mount $1"; }
		sleep 0.02
	done
}

# down FOLDER: unmounted, and all of it written
down() {
	umount "$1"
	wait "$fuse"
	rmdir "$1"
}

make_ntfs() { # make_ntfs FILE SIZE [MKNTFS_OPTION...]: an empty one
	rm -f "$1"
	truncate -s "$2" "$1"
	mkntfs -F -Q -q -L fixture -p 0 -H 0 -S 0 "${@:3}" "$1" > mkntfs.log 2>&1 ||
		{ cat mkntfs.log >&2; fail "mkntfs ${*:3}"; }
}

# use FILE KIB: files of all kinds, compressed, sparse and with streams, some gone
use() {
	up "$1" at rw,compression
	mkdir at/packed
	setfattr -n system.ntfs_attrib_be -v 0x00000810 at/packed
	copy_files at "$2"
	odd_files at
	seq 30000 > at/packed/text
	head -c 1M /dev/zero > at/packed/zero
	head -c 300000 /dev/urandom > at/packed/random
	setfattr -n user.stream -v "$(seq -s ' ' 9000)" at/packed/text
	age at
	down at
}

# files FILE: the manifest of what is in it
files() {
	up "$1" at ro
	manifest at
	down at
}

# sound FILE: as ntfs-3g's tools say
sound() {
	ntfsfix -n "$1" > fsck.log 2>&1 || { cat fsck.log >&2; fail "ntfsfix: $1"; }
	ntfsinfo -m "$1" > fsck.log 2>&1 || { cat fsck.log >&2; fail "ntfsinfo: $1"; }
	# It compares $Bitmap with the clusters of all files.
	ntfsresize -i -f -P "$1" > fsck.log 2>&1 ||
		{ tail -n 5 fsck.log >&2; fail "ntfsresize: $1"; }
}

# number FILE OFFSET BYTES
number() {
	od -An -t "u$3" -j "$2" -N "$3" "$1" | tr -d ' '
}

# backup FILE: where its backup boot sector is, behind the last sector, in bytes
backup() {
	echo $(($(number "$1" 40 8) * $(number "$1" 11 2)))
}

# there_and_back FILE
there_and_back() {
	round "$1"
	by_map "$1"
	sound "$1.back"
	cmp -i "$(backup "$1")" "$1" "$1.back" >&2 || fail "$1: the backup boot sector differs"
	files "$1" > want
	files "$1.back" > have
	[[ $(wc -l < want) -gt 100 ]] || fail "$1: no files?"
	same want have
}

# ---- every geometry -------------------------------------------------------

# The last sector is a copy of the boot sector that neither $Bitmap nor partclone
# know of, and before it there may be sectors that make no whole cluster.
while read -r name size cluster sector kib options; do
	say "$name: clusters of $cluster, sectors of $sector $options"
	# shellcheck disable=SC2086 # several words
	make_ntfs "$name" "$size" -c "$cluster" -s "$sector" $options
	use "$name" "$kib"
	there_and_back "$name"
	cmp -n 512 -i "0:$(backup "$name")" "$name.back" "$name.back" >&2 ||
		fail "$name has no backup boot sector"
	like_partclone "$name" ntfs "$cluster"
	rm "$name"*
done << END
small 20M 512 512 2000
usual 30000001 4096 512 3000
large 60M 65536 512 1000
huge 100M 262144 512 300
largest 600M 2097152 512 300
odd 20M 2048 1024 2000
native 20M 4096 4096 2000
packed 20M 4096 512 2000 -C
plain 25M 1024 512 2000 -I -z 4 -T
END

# Programs, and as much again of what is compressed already (pictures, archives).
say "an image as small as partclone's"
make_ntfs big 250M
up big at rw
tar -C / -c usr/lib 2> tar.log | head -c 60M | tar -C at -x 2> tar.log || true
head -c 60M /dev/urandom > at/pictures
down at
size_like_partclone big ntfs
size_like_stream big ntfs
rm big*

# ---- fragmented, resized --------------------------------------------------

# ntfsresize marks the volume dirty, so that Windows checks it.
resize() { # resize FILE SIZE
	ntfsresize -f -f -P -s "$2" "$1" > resize.log 2>&1 < <(yes) ||
		{ tail -n 5 resize.log >&2; fail "ntfsresize $1"; }
}

say "grown, and marked dirty by ntfsresize"
make_ntfs disk 20M -c 512
use disk 1500
files disk > want
truncate -s 60M disk
resize disk 60Mi
refused 'marked dirty.*chkdsk' disk
refused 'marked dirty' disk --nocheck
ntfsfix -d disk > fsck.log
there_and_back disk
like_partclone disk ntfs 512

say "shrunk, in a partition that is larger"
resize disk 25Mi
ntfsfix -d disk > fsck.log
there_and_back disk
truncate -s 25M disk
ntfsfix -d disk > fsck.log # ntfsresize leaves out the backup boot sector
there_and_back disk
like_partclone disk ntfs 512

# Files of three clusters, each second of which makes room for pieces of $MFT.
say "\$MFT in so many pieces that it has a list of attributes"
make_ntfs disk 14M -c 512
up disk at rw
perl -e 'chdir "at" or die;
	mkdir "d";
	for my $i (1 .. 2500) {
		open(my $f, ">", "d/$i") or die "$i: $!";
		print $f "x" x 1500;
		close $f or die "$i: $!";
	}
	open(my $f, ">", "full") or die "full: $!";
	while (syswrite($f, "x" x 512)) {}
	close $f;
	for (my $i = 1; $i < 2500; $i += 2) { unlink "d/$i" or die "$i: $!" }
	my $n = 0;
	while (open(my $e, ">", "d/empty-$n")) { $n++ }'
rm at/full
down at
ntfsinfo -v -i 0 disk > mft.log
grep -q 'ATTRIBUTE_LIST' mft.log || fail "\$MFT has no list of attributes"
there_and_back disk
like_partclone disk ntfs 512
rm disk*

# ---- what is refused ------------------------------------------------------

# granted REGEX FILE OPTION...: it is saved all the same, and all files are there
granted() {
	round "$2" "${@:3}"
	grep -qE -- "$1" "$2.said" || { cat "$2.said" >&2; fail "no message like '$1'"; }
	by_map "$2"
	files "$2.back" > have
	same want have
}

# unsafe FILE REGEX: ntfs-3g does not write to it either, for a reason like that
unsafe() {
	up "$1" at rw,norecover
	findmnt -n -o OPTIONS at | grep -q '^ro\b' || fail "ntfs-3g would write to $1"
	down at
	grep -qE -- "$2" fuse.log || { cat fuse.log >&2; fail "ntfs-3g does not say '$2'"; }
}

# place FILE INODE: where its data begins, in bytes
place() {
	local cluster

	cluster=$(ntfsinfo -v -i "$2" "$1" |
		awk '/attribute \$DATA/ { data = 1 }
			data && $1 == "0x0" && NF == 3 { print $2; exit }')
	[[ $cluster = 0x* ]] || fail "$1: where is inode $2?"
	echo $((cluster * 4096))
}

# log_page MAJOR MINOR FLAGS: a restart page of $LogFile that is in use
log_page() {
	perl -e 'my ($major, $minor, $flags) = @ARGV;
		my $page = pack("a4vvx8VVvvvv", "RSTR", 30, 9, 4096, 4096, 48, $minor, $major,
			7);
		$page .= "\0" x (48 - length $page);
		$page .= pack("Vx4vvvvVvvVx4", 1 << 20, 1, 0xffff, 0, $flags, 45, 224, 64,
			1 << 21);
		$page .= "\0" x (48 + 64 + 16 - length $page) . "\xff\xff\xff\xff";
		$page .= "\0" x (4096 - length $page);
		substr($page, 512 * $_ - 2, 2) = pack("v", 7) for 1 .. 8;
		print $page' "$@"
}

make_ntfs good 20M
use good 1500
cp good disk
files disk > want
there_and_back disk

say "dirty, as ntfsfix leaves it"
ntfsfix disk > fsck.log
refused 'marked dirty: run chkdsk /f' disk
refused 'marked dirty' disk --nocheck
granted 'passed over: it is marked dirty' disk --force
ntfsfix -d disk > fsck.log
there_and_back disk

say "changes in \$LogFile; Fast Startup"
for log in '1 1 2' '1 1 0' '2 0 2'; do
	cp good disk
	# shellcheck disable=SC2086 # three arguments
	log_page $log > page
	cat page page |
		dd of=disk bs=4096 seek=$(($(place disk 2) / 4096)) conv=notrunc status=none
	case $log in
	'1 1 2') there_and_back disk ;;
	'1 1 0')
		unsafe disk 'unclean'
		refused 'LogFile holds changes.*chkdsk /f.*--force' disk
		granted 'passed over: its .LogFile' disk --force
		;;
	*)
		unsafe disk 'Metadata kept in Windows cache'
		refused 'Fast Startup.*shutdown /s /t 0' disk --nocheck
		granted 'passed over: Windows keeps changes' disk --force
		;;
	esac
done

say "hibernated"
cp good disk
up disk at rw
{ printf hibr; head -c 2M /dev/zero; } > at/hiberfil.sys
down at
files disk > want
unsafe disk 'Windows is hibernated'
refused 'Windows is hibernated.*shutdown /s /t 0.*--force' disk
refused 'Windows is hibernated' disk --nocheck
granted 'passed over: Windows is hibernated' disk --force
up disk at rw,remove_hiberfile
{ printf WAKE; head -c 2M /dev/zero; } > at/hiberfil.sys
down at
files disk > want
there_and_back disk

say "damaged: nothing but every byte will do"
cp good disk
dd if=/dev/zero of=disk bs=4096 seek=$(($(place disk 6) / 4096)) count=1 conv=notrunc \
	status=none
refused 'Bitmap takes clusters of system files for free.*chkdsk /f.*--raw' disk
refused 'system files for free' disk --force
round disk --raw
same disk disk.back
cp good disk
truncate -s 19M disk
refused 'larger than the device.*--raw' disk --force
cp good disk
dd if=/dev/urandom of=disk bs=512 seek=$(($(number good 56 8) * 8)) count=1 conv=notrunc \
	status=none
refused 'MFTMirr' disk

say "a source that nobody can write to, with its block size left alone"
attach good -r
before=$(blockdev --getbsz "$loop")
expect_status 0 slate -b -o save "$loop" image
equal "$(blockdev --getbsz "$loop")" "$before" "the block size of $loop"
stale copy 20M
expect_status 0 slate -b -y restore copy image
losetup -d "$loop"
sound copy
