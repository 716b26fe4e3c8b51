#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Btrfs with every feature that this kernel and its tools have on one device,
# used, aged and moved: there and back, with btrfs check and a scrub of the copy,
# every file the same, and against partclone.  And what must not be saved just
# so: a log that is not replayed, a seed, several devices, damage.
# limit 600
set -euo pipefail
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/cli/fs-lib.sh
. "$root/tests/cli/fs-lib.sh"
need_loop
truncate -s 120M probe
mkfs.btrfs -q probe > log
mkdir probe.d
mount -o loop probe probe.d 2> /dev/null || skip "this kernel has no Btrfs"
umount probe.d
rm -r probe probe.d

# make FILE SIZE KIB MOUNT_OPTIONS [MKFS_OPTION...]: used and aged, with KIB of
# this system's files, subvolumes and snapshots.
make() {
	rm -f "$1"
	truncate -s "$2" "$1"
	mkfs.btrfs -q "${@:5}" "$1" > log 2>&1 || { cat log >&2; fail "mkfs.btrfs: $1"; }
	mount_image "$1" "$1.d" "rw,nobarrier,$4" # no need to reach a disk
	btrfs -q subvolume create "$1.d/sub"
	copy_files "$1.d/sub" "$3"
	odd_files "$1.d/sub"
	btrfs -q subvolume snapshot -r "$1.d/sub" "$1.d/before"
	seq 100000 > "$1.d/sub/odd/text"
	age "$1.d/sub"
	btrfs -q subvolume snapshot "$1.d/sub" "$1.d/after"
	rm -r "$1.d/after/usr/lib"
	[[ -z ${more-} ]] || $more "$1.d"
	umount "$1.d"
	rmdir "$1.d"
}

# scrubbed FILE: every checksum is right; FILE.list is all that it holds
scrubbed() {
	mount_image "$1" "$1.m"
	btrfs scrub start -B -r "$1.m" > scrubbed
	grep -q 'no errors found' scrubbed ||
		{ cat scrubbed >&2; fail "$1: scrub found errors"; }
	manifest "$1.m" > "$1.list"
	umount "$1.m"
	rmdir "$1.m"
}

# sound FILE: by btrfs check, which changes nothing, and by a scrub
sound() {
	btrfs check --readonly "$1" > fsck 2>&1 || {
		tail -n 20 fsck >&2
		fail "$1 is not clean"
	}
	scrubbed "$1"
}

# mirrors FILE: what its two superblocks say, with right checksums, in FILE.mirrors
mirrors() {
	btrfs inspect-internal dump-super -a -f "$1" | sed '/^superblock:/d' > "$1.mirrors"
	[[ $(grep -c '^csum.*\[match\]' "$1.mirrors") = 2 ]] ||
		{ cat "$1.mirrors" >&2; fail "$1: not two good superblocks"; }
}

# places FILE: where in FILE the ranges are that it reads, "ADDRESS LENGTH", by
# btrfs inspect-internal: "OFFSET LENGTH COPIES" for each copy
places() {
	btrfs inspect-internal dump-tree -t chunk "$1" > chunks
	awk '
		FNR == NR && /CHUNK_ITEM / {
			at[++n] = substr($0, index($0, "CHUNK_ITEM ") + 11) + 0
		}
		FNR == NR && /length .* type / { len[n] = $2 }
		FNR == NR && /stripe [01] devid/ { place[n, copies[n]++] = $6 }
		FNR == NR { next }
		{
			for (i = 1; $1 < at[i] || $1 >= at[i] + len[i]; i++) if (i > n) exit 1
			for (k = 0; k < copies[i]; k++)
				printf "%d %d %d\n", place[i, k] + $1 - at[i], $2, copies[i]
		}' chunks -
}

# trees FILE: prepares what follows; $node is the size of a node
trees() {
	btrfs inspect-internal dump-tree "$1" > trees
	node=$(btrfs inspect-internal dump-super "$1" | awk '$1 == "nodesize" { print $2 }')
}

extents() { # ADDRESS LENGTH of all that is used
	awk -v node="$node" '/ key \(.* (EXTENT|METADATA)_ITEM / {
		print substr($4, 2) + 0, $5 == "METADATA_ITEM" ? node : $6 + 0
	}' trees
}

inner_nodes() { # ADDRESS LENGTH of those that point to others
	awk -v node="$node" '/^node [0-9]+ level/ { print $2, node }' trees
}

# there_and_back FILE: with a look at all of it, which changes nothing
there_and_back() {
	local node copies inner head=$((1 << 20))

	say "$1"
	round "$1"
	by_map "$1"
	not_said 'passed over'
	manifest_of "$1" > "$1.list"
	mirrors "$1"
	mirrors "$1.back"
	same "$1.mirrors" "$1.back.mirrors" "the superblocks of $1 and of its copy"
	sound "$1.back"
	same "$1.list" "$1.back.list" "the files of $1 and of its copy"
	# Of all that is there twice, partclone keeps only one copy, of the first MiB
	# only what a superblock takes, and an inner node only by luck.  It counts in
	# nodes, and free parts of chunks as used, so it may have any number more.
	trees "$1"
	extents | places "$1" | awk '$3 > 1' > "$1.twice"
	inner_nodes | places "$1" > "$1.inner"
	cut -d ' ' -f 1,2 "$1.twice" "$1.inner" > "$1.known"
	copies=$(($("$dir/ranges" total <(cut -d ' ' -f 1,2 "$1.twice")) / 2))
	inner=$("$dir/ranges" total <(cut -d ' ' -f 1,2 "$1.inner"))
	like_partclone "$1" btrfs $((copies + inner + head)) "$(size_of "$1")"
	"$dir/ranges" minus "$1.more" "$1.known" > "$1.left"
	awk -v head=$head '$1 + $2 > head { exit 1 }' "$1.left" ||
		{ cat "$1.left" >&2; fail "$1: more than partclone, and nobody knows why"; }
	rm -f "$1"?*
}

# ---- features ---------------------------------------------------------------

make plain 130M 10000 noatime
there_and_back plain
make zstd 250M 12000 compress-force=zstd:3 -n 65536 --csum xxhash
there_and_back zstd
make lzo 120M 10000 compress-force=lzo -m single -d single --csum sha256
there_and_back lzo
make zlib 130M 10000 compress-force=zlib,space_cache=v1 \
	-R ^free-space-tree -O ^no-holes,^skinny-metadata,^extref
there_and_back zlib
make blake2 130M 8000 nodatacow -n 4096 --csum blake2
there_and_back blake2
make mixed 200M 8000 noatime -M -n 4096 -m dup -d dup
there_and_back mixed

simple_quota() { # the tools of Debian 12 cannot ask for it, nor can they check it
	perl -e 'open(my $d, "<", $ARGV[0]) or die; my $arg = pack("QQ", 4, 0);
		ioctl($d, 0xc0109428, $arg) or exit 1' "$1" ||
		echo "this kernel has no simple quotas"
}
more=simple_quota make quota 120M 2000 noatime
say quota
round quota
by_map quota
manifest_of quota > quota.list
scrubbed quota.back
same quota.list quota.back.list "the files of quota and of its copy"

# ---- moved about --------------------------------------------------------------

full_balance() {
	btrfs -q balance start --full-balance "$1" > log
}
resize() { # resize FILE SIZE: the filesystem in it, and nothing else
	mount_image "$1" "$1.d" rw
	btrfs -q filesystem resize "$2" "$1.d" > log
	umount "$1.d"
	rmdir "$1.d"
}
more=full_balance make larger 260M 10000 noatime # none below 256 MiB can be resized
truncate -s 290M larger
resize larger max
cp larger smaller
there_and_back larger
resize smaller 257M
say "smaller than what it lies in"
round smaller
tail -n 1 smaller.used > last
equal "$(awk '{ print $1 + $2 }' last)" "$(size_of smaller)" "end of the last used range"
[[ $(awk '{ print $2 }' last) -ge $((33 << 20)) ]] || fail "smaller: what follows it is lost"
sound smaller.back
rm smaller*

# ---- several devices ------------------------------------------------------------

several='several devices.*--raw'
truncate -s 120M one
make two 120M 4000 noatime -m single
attach one
one=$loop
attach two
two=$loop
mkdir at
mount "$two" at
btrfs -q device add "$one" at > log
umount at
refused "one of 2 devices.*$several" one
refused "one of 2 devices.*$several" two --force
say "the first one is taken away again: the other has number 2"
mount "$two" at
btrfs -q device remove "$two" at > log
umount at
losetup -d "$two"
losetup -d "$one"
there_and_back one

say "a seed, and what grew from it"
make seed 120M 2000 noatime
btrfstune -S 1 seed > log
refused 'seed device' seed
round seed --force
grep -q 'passed over: it is a seed device' seed.said || fail "seed: nothing said"
sound seed.back
truncate -s 120M grown
attach seed -r
two=$loop
attach grown
one=$loop
mount "$two" at
btrfs -q device add -f "$one" at > log
mount -o remount,rw at
echo new > at/new
umount at
losetup -d "$two"
losetup -d "$one"
refused "$several" grown --force

# ---- the log ----------------------------------------------------------------------

say "a log that is not replayed"
make good 130M 2000 noatime
mount_image good good.d rw,noatime,commit=300
sync -f good.d
head -c 3000000 /dev/urandom > good.d/fresh
head -c 70000 /dev/urandom > good.d/sub/fresh
head -c 2000 /dev/urandom > good.d/sub/small
sync good.d/fresh good.d/sub/fresh good.d/sub/small
cp good log-holder
fresh=$(cat good.d/fresh good.d/sub/fresh good.d/sub/small | sha256sum)
umount good.d
refused 'its log holds changes.*mount and unmount it' log-holder
refused 'its log holds changes' log-holder -c
round log-holder --force
by_map log-holder
grep -q 'passed over: it was not cleanly unmounted' log-holder.said || fail "nothing said"
mount_image log-holder.back at rw
equal "$(cat at/fresh at/sub/fresh at/sub/small | sha256sum)" "$fresh" "files of the log"
umount at
sound log-holder.back

# ---- damage -------------------------------------------------------------------------

say "damaged: nothing but every byte will do"
make good 120M 2000 noatime -m single
tree=$(btrfs inspect-internal dump-super good | awk '$1 == "root" { print $2 }')
cp good bad
printf 'damage' | dd of=bad bs=1 seek=$((tree + 500)) conv=notrunc status=none
refused 'tree 1 is bad; its trees are damaged.*btrfs check.*--raw' bad --force
expect_status 0 slate -b -o --raw save bad bad.slate
cp good bad
printf 'damage' | dd of=bad bs=1 seek=$((65536 + 300)) conv=notrunc status=none
refused 'superblock has a wrong checksum: btrfs rescue super-recover' bad
cp good bad
truncate -s 110M bad
refused 'larger than the device' bad --force

# ---- size -----------------------------------------------------------------------------

# Small chunks cost more, whatever the filesystem; and -m dup would count against
# the one that keeps both copies.
make big 500M 110000 noatime -m single
slate -o -b -z zstd:3 --chunk-size=4M save big big.slate 2> /dev/null
ours=$(size_of big.slate)
theirs=$(partclone.btrfs -q -c -s big -o - -F 2> /dev/null | zstd -q -3 -c | wc -c)
say "image of $ours bytes, partclone's $theirs"
[[ $((ours * 100)) -le $((theirs * 102)) ]] || fail "the image is too large"
