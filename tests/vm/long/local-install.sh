#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# A PC without any network card restores its first partition from an image on its second
# one, by its boot entry, and then starts: by BIOS and UEFI; the image on ext4, NTFS, FAT
# and exFAT.
# limit 1800
set -euo pipefail
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/../../cli/lib.sh"
# shellcheck source=tests/vm/local-lib.sh
. "$root/tests/vm/local-lib.sh"
need_loop

# prepare FILESYSTEM: install first, then save, so that the image has the entry, too; then
# the system is wrecked.  Kernel and initramfs are beside the image where this
# machine can write there.
prepare() {
	attach_parts pc
	mount "${disk}p$system" at
	"make_$1" "${disk}p$images"
	save_system
	"put_$1" "${disk}p$images"
	mount "${disk}p$system" at
	wreck 100
	umount at
	detach_parts
}

save_system() {
	umount at
	slate -b -d -o save "${disk}p$system" pc.slate 2> err
}

make_ext4() {
	mkfs.ext4 -q "$1"
	install_beside "$1"
}

make_ntfs() {
	mkntfs -q -Q -F "$1" > mkfs.log 2>&1
	install_beside "$1"
}

install_beside() { # install_beside DEVICE
	mount "$1" images.d
	mkdir images.d/lab
	install_local --device "$1" --image images.d/lab/pc.slate
	umount images.d
}

put_ext4() {
	mount "$1" images.d
	cp pc.slate images.d/lab/
	umount images.d
}

put_ntfs() {
	put_ext4 "$1"
}

make_exfat() {
	mkfs.exfat "$1" > mkfs.log 2>&1
	mount.exfat-fuse "$1" images.d > fuse.log 2>&1
	mkdir images.d/lab
	install_local --image images.d/lab/pc.slate
	umount images.d
}

put_exfat() {
	mount.exfat-fuse "$1" images.d > fuse.log 2>&1
	cp pc.slate images.d/lab/
	umount images.d
}

# Not every kernel that runs the tests can mount it: the entry is made for ext4, and then
# gets the other UUID.
make_fat() {
	local old new

	mkfs.ext4 -q "$1"
	old=$(blkid -p -o value -s UUID "$1")
	mount "$1" images.d
	mkdir images.d/lab
	install_local --image images.d/lab/pc.slate
	umount images.d
	wipefs -q -a "$1"
	mkfs.vfat "$1" > mkfs.log 2>&1
	new=$(blkid -p -o value -s UUID "$1")
	sed -i "s/$old/$new/" at/etc/grub.d/42_slate
	local_menu > at/boot/grub/grub.cfg
}

put_fat() {
	mmd -i "$1" ::/lab
	mcopy -i "$1" pc.slate ::/lab/
}

restores() { # restores bios|uefi FILESYSTEM
	local name=$1-$2

	say "$1, the image on $2"
	make_local "$1"
	prepare "$2"
	[[ $2 != ext4 ]] || {
		start "$name-wrecked" 400 none
		shows "$name-wrecked" SYSTEM-WRECKED
	}
	start "$name-restore" 400 restore
	shows "$name-restore" 'The job "restore" is done'
	whole "$name-system"
}

get_boot_tree
restores bios ext4
restores uefi ext4
restores bios ntfs
restores uefi fat
restores bios exfat
