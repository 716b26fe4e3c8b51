#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The screens that look around, compared with golden text on both sizes; in German;
# disks that come and go, many partitions, wide labels.
# limit 900
set -euo pipefail
# shellcheck source=tests/cli/screen-lib.sh
. "$(dirname "$0")/screen-lib.sh"
lynx
export SHELL=/bin/sh

make_images() {
	mkdir images
	truncate -s 4M part
	mkfs.ext4 -q -O ^has_journal -U clear -L tiny part
	expect_status 0 slate -b save part images/lynx.slate
	head -c 100 images/lynx.slate > images/broken.slate
}

tour() { # tour SIZE LANGUAGE: all screens that only look
	local tag=$1-$2

	screen_start "$1" "LC_ALL=$3" "LANGUAGE=$2"
	shows 'sdb .*backup'
	shows 'root'
	golden "disks-$tag"
	keys F1
	golden "help-$tag"
	keys Escape
	keys Down Enter
	golden "actions-$tag"
	keys End Enter
	shows 'EFI'
	golden "info-place-$tag"
	keys q
	keys m
	golden "menu-$tag"
	keys Down Down Enter
	golden "reboot-$tag"
	keys Escape
	keys Tab f
	golden "place-$tag"
	keys C-u "$dir/images" Enter
	shows 'lynx.slate.* part'
	shows "$4"
	golden "images-$tag"
	keys End Enter
	golden "image-actions-$tag"
	keys End Enter
	shows tiny
	keys q
	shows 'broken.slate'
	keys q
	shows sdb
}

make_images
for size in 80x24 132x43; do
	say "all screens in English on $size"
	tour $size en C.UTF-8 'no image'
	say "all screens in German on $size"
	tour $size de de_DE.UTF-8 'kein Abbild'
done

say "a disk appears and vanishes; the chosen one stays chosen"
screen_start 80x24
shows 'sdb .*backup'
keys End
shows '^>.*sdb'
disk sdaa 65:160 10 'New One'
shows 'sdaa .*New One'
shows '^>.*sdb'
rm -r "$machine/sys/block/sdaa"
hides sdaa
rm -r "$machine/sys/block/sdb"
hides 'sdb '
shows '^>.*sda3'

say "partitions fold away"
keys Left
hides 'sda1'
shows '^>[+] sda'
keys Right
shows 'sda1'

say "no disk at all"
rm -r "$machine"/sys/block/*
shows 'No disk was found'
keys Enter Left Down Space
shows 'No disk was found'

say "200 partitions: the last one is reached, and shown"
disk sdc 8:32 400
for i in {1..200}; do part sdc "sdc$i" "259:$i" 1; done
shows '1 disk, 200 partitions'
keys End
shows '^>.*sdc200 '
keys Home
shows '^>.*sdc '
keys NPage NPage
hides '^>.*sdc '

say "a label of 64 wide characters, and one that is out to harm, leave the columns alone"
rm -r "$machine"
lynx
wide=$(printf '日%.0s' {1..64})
disk sdc 8:32 20 'Wide'
mkfs.ntfs -q -Q -F -L "$wide" "$machine/dev/sdc" > /dev/null 2>&1
tune2fs -L $'a\e[2Jb\xff' "$machine/dev/sda2" > /dev/null
screen_start 80x24
shows 'sdc .*日日日日日日日日 '
shows 'a[?]\[2Jb[?]'
golden wide-80x24
