#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Files as devices: holes stay holes, whatever the size; and which targets a
# restore takes, makes, extends or refuses.
set -euo pipefail
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
need_loop

allocated() { # allocated FILE: in KiB
	du -k "$1" | cut -f1
}

# ---- holes -------------------------------------------------------------------

holey() { # holey FILE SIZE: unknown content at odd places, and holes
	truncate -s "$2" "$1"
	for at in 0 70001 262143 1048576 5000000 7340032; do
		head -c 9999 /dev/urandom | dd of="$1" bs=64K seek=$at oflag=seek_bytes \
			conv=notrunc status=none
	done
	head -c 1 /dev/urandom |
		dd of="$1" bs=1 seek=$(($(size_of "$1") - 1)) conv=notrunc status=none
}

say "unknown content: holes stay holes, and old data gives way to them"
holey source $((48 * 1024 * 1024 + 12345))
kib=$(allocated source)
for options in '' --raw; do
	for jobs in 0 2; do
		# shellcheck disable=SC2086 # none or one
		expect_status 0 slate -b -o -j$jobs $options save source image
		[[ -n $options ]] || said 'byte by byte'
		[[ $(size_of image) -lt 300000 ]] || fail "holes are in the image"
		rm -f new
		expect_status 0 slate -b -j$jobs restore new image
		same source new
		[[ $(allocated new) -le $((kib + 512)) ]] ||
			fail "holes were filled: $(allocated new) KiB of $kib"
		stale old "$(size_of source)"
		expect_status 0 slate -b -j$jobs restore old image
		same source old
		[[ $(allocated old) -le $((kib + 512)) ]] ||
			fail "holes were filled: $(allocated old) KiB of $kib"
		stale old "$(size_of source)"
		expect_status 0 slate -b -j$jobs restore old - < <(cat image)
		same source old
	done
done
stale old 49M
attach old
expect_status 0 slate -b restore "$loop" image
losetup -d "$loop"
cmp -n "$(size_of source)" source old || fail "restored to a device: not the same"
rm -f new old

say "zeros that are written, not holes: the same bytes, and holes then"
head -c 3M /dev/zero > zeros
printf x >> zeros
expect_status 0 slate -b -o --raw save zeros image
expect_status 0 slate -b restore new image
same zeros new
[[ $(allocated new) -lt 600 ]] || fail "zeros take room: $(allocated new) KiB"
rm new

say "2 TiB with next to nothing in it"
if truncate -s 2T huge 2> /dev/null; then
	printf begin | dd of=huge conv=notrunc status=none
	printf middle | dd of=huge bs=1 seek=$((1 << 40)) conv=notrunc status=none
	printf end | dd of=huge bs=1 seek=$(((2 << 40) - 3)) conv=notrunc status=none
	expect_status 0 command time -f %M -o memory "$SLATE" -b -o -j2 save huge image
	[[ ${SANITIZER-} || $(cat memory) -lt $((80 * 1024)) ]] ||
		fail "$(cat memory) KiB of memory"
	expect_status 0 command time -f %M -o memory "$SLATE" -b -j2 restore new image
	[[ ${SANITIZER-} || $(cat memory) -lt $((80 * 1024)) ]] ||
		fail "$(cat memory) KiB of memory"
	equal "$(size_of new)" "$((2 << 40))" "size"
	[[ $(allocated new) -lt 1024 ]] || fail "not sparse"
	for at in 0 $((1 << 40)) $(((2 << 40) - 4096)); do
		cmp -n 4096 -i "$at" huge new || fail "not the same"
	done
	rm huge new
else
	say "left out: this filesystem has no such large files"
fi

# ---- sizes -------------------------------------------------------------------

say "odd sizes"
for size in 1 2 511 512 513 4095 4096 4097 65535 65536 65537 262143 262144 262145 1000001; do
	head -c $size /dev/urandom > source
	for jobs in 0 2; do
		expect_status 0 slate -b -o -j$jobs save source image
		rm -f new
		expect_status 0 slate -b -j$jobs restore new image
		same source new "$size bytes"
		stale old $size
		expect_status 0 slate -b -j$jobs --verify restore old image
		same source old "$size bytes"
		stale old $((size + 3))
		expect_status 0 slate -b -j$jobs restore old - < <(cat image)
		cmp -n $size source old || fail "$size bytes in a larger target"
		equal "$(size_of old)" $((size + 3)) "size of a larger target"
	done
	truncate -s $size source # nothing but a hole
	rm source && truncate -s $size source
	expect_status 0 slate -b -o save source image
	stale old $size
	expect_status 0 slate -b restore old image
	same source old "$size bytes of nothing"
done

say "a filesystem smaller than its file: what is behind it is kept"
make_ext4 disk 24M 4000
head -c 333333 /dev/urandom >> disk
expect_status 0 slate -b -o save disk image
stale old "$(size_of disk)"
expect_status 0 slate -b restore old image
same_ext disk old
cmp <(tail -c 333333 disk) <(tail -c 333333 old) || fail "the end is not the same"

say "free space is left alone, or zeros with -e, or discarded"
truncate -s 24M disk
expect_status 0 slate -b -o save disk image
used_ranges disk > ranges
awk '{ if ($1 > at) print at, $1 - at; at = $1 + $2 }' ranges > free.ranges
stale old 30M
cp old before
expect_status 0 slate -b restore old image
same <(used_bytes free.ranges old) <(used_bytes free.ranges before) "free space"
only_zeros() { # only_zeros FILE RANGES
	used_bytes "$2" "$1" | tr -d '\0' | head -c 1 > left
	[[ ! -s left ]] || fail "$1: free space is not zero"
}
echo "$((24 << 20)) $((6 << 20))" >> free.ranges
for options in -e '-e -j0' --discard '-e --discard'; do
	cp before old
	# shellcheck disable=SC2086
	expect_status 0 slate -b $options restore old image
	only_zeros old free.ranges
	truncate -s 24M old
	same_ext disk old
done
cp before old
attach old
expect_status 0 slate -b --discard restore "$loop" image
only_zeros "$loop" free.ranges
losetup -d "$loop"
rm before

# ---- targets -----------------------------------------------------------------

say "a larger target"
stale old 30M
expect_status 0 slate -b restore old image
equal "$(size_of old)" $((30 << 20)) size
same_ext disk old

say "a smaller target is refused"
stale old $(((24 << 20) - 1))
before=$(sum old)
expect_status 3 slate -b restore old image
said 'old is too small: it has 25165823 bytes, the image needs 25165824 \(1 more\)'
equal "$(sum old)" "$before" "the smaller target"
attach old
expect_status 3 slate -b restore "$loop" image
said 'too small'
losetup -d "$loop"
equal "$(sum old)" "$before" "the smaller target"

say "an empty file is extended, a missing one made, not readable for others"
rm -f old
: > old
expect_status 0 slate -b restore old image
same_ext disk old
rm -f new
(umask 0 && expect_status 0 slate -b restore new image)
same_ext disk new
equal "$(stat -c %a new)" 600 "mode of a new file"
ln -s new link
rm new && : > new
expect_status 0 slate -b restore link image
same_ext disk new

say "but nothing is ever made below /dev, nor where there is no folder"
for name in "/dev/slate-test-$$" "/dev/../dev/slate-test-$$" nowhere/new; do
	expect_status 3 slate -b restore "$name" image
	said 'No such file|no such'
	absent "$name" nowhere
done
ln -s "/dev/slate-test-$$" dangling
expect_status 3 slate -b restore dangling image
absent "/dev/slate-test-$$"
rm dangling

say "a dry run touches nothing"
stale old 24M
touch -d '2001-01-01' old
before=$(stat -c '%s %y %z %b' old)
: > empty
for option in -S --simulate --dry-run; do
	expect_status 0 slate -b $option -e restore old image
	said 'nothing was written'
	equal "$(stat -c '%s %y %z %b' old)" "$before" "the target after $option"
	expect_status 0 slate -b $option restore missing image
	absent missing
	expect_status 0 slate -b $option restore empty image
	equal "$(size_of empty)" 0 "the empty target"
	expect_status 0 slate -b $option save disk image.new
	absent image.new image.new.part
	truncate -s 1M small
	expect_status 3 slate -b $option restore small image
	said 'too small'
done

say "what is no target"
mkdir folder
mkfifo fifo
for name in folder fifo /dev/null /dev/zero .; do
	expect_status 3 slate -b restore "$name" image
	said "$name"
	expect_status 3 slate -b save "$name" image.new
	absent image.new image.new.part
done
stale old 24M
attach old -r
expect_status 3 slate -b restore "$loop" image
said 'write-protected|[Rr]ead-only'
losetup -d "$loop"

say "what is no source"
: > empty
expect_status 3 slate -b save empty image.new
expect_status 3 slate -b save missing image.new
said 'missing: .*No such file'
absent image.new image.new.part

say "the image is no target, the source no image"
truncate -s 24M image.long
cp image image.big
before=$(sum image)
ln image image.hard
ln -s image image.link
for name in image image.hard image.link ./image "$dir/image"; do
	expect_status 3 slate -b restore "$name" image
	said 'is the image itself'
done
expect_status 3 slate -b restore image image.hard
equal "$(sum image)" "$before" "the image"
before=$(sum disk)
ln disk disk.hard
ln -s disk disk.link
for name in disk disk.hard disk.link; do
	expect_status 3 slate -b save disk "$name"
	expect_status 3 slate -b -o save disk "$name"
	said 'is the source itself'
	expect_status 3 slate -b -o save "$name" disk
done
equal "$(sum disk)" "$before" "the source"
[[ -L disk.link ]] || fail "a link was replaced"

say "an image on the very device is no image for it, nor a place for one"
stale old 24M
cp disk old
mount_image old at rw
cp image at/image
umount at
mount_image old at
dev=$(findmnt -n -o SOURCE at)
expect_status 3 slate -b restore "$dev" at/image
said "lies on $dev"
umount at
mount_image old at rw
dev=$(findmnt -n -o SOURCE at)
expect_status 3 slate -b -m save "$dev" at/new
said 'would be written to the device'
absent at/new at/new.part
umount at
