# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # variables are shared by the files of a verb
#
# place.sh - filesystems of this PC: which partition a file is on, how GRUB and the
# rescue system find it again, and mounting one for a while.

# What both GRUB and the rescue system read
place_types='ext2 ext3 ext4 vfat ntfs exfat'

# Spaces, and letters beyond ASCII, come from findmnt as \xNN.
mount_field() { # mount_field COLUMN PATH: of the filesystem that PATH is on
	printf %b "$(findmnt -nvro "$1" -T "$2" 2> /dev/null | head -n 1)"
}

# inside PATH: as the filesystem that it is on calls it, "" for its root
inside() {
	local top root path

	top=$(mount_field TARGET "$1")
	root=$(mount_field FSROOT "$1")
	path=$(realpath "$1")
	path=${path#"${top%/}"}
	echo "${root%/}$path"
}

mounted_on() { # mounted_on DEVICE: the folder where its root is mounted, if it is
	printf %b "$(findmnt -nvro TARGET,FSROOT -S "$1" 2> /dev/null |
		awk '$2 == "/" && !n++ { print $1 }')"
}

tag() { # tag NAME DEVICE: what libblkid finds there; nothing is no failure
	blkid -p -o value -s "$1" "$2" 2> /dev/null || true
}

device_number() { # device_number DEVICE: "8:1"
	echo "$((0x$(stat -L -c %t "$1"))):$((0x$(stat -L -c %T "$1")))"
}

plain() { # plain DEVICE: a partition or disk that is nobody's layer: GRUB sees it, always
	local at

	[[ -b $1 ]] || return 1
	at=/sys/dev/block/$(device_number "$1")
	[[ ! -d $at/dm && ! -d $at/md ]]
}

# place_check WHAT DEVICE: its filesystem is one that can be found and read before any
# system is up.  Sets $place_uuid and $place_type.
place_check() {
	[[ -b $2 ]] || refuse "$1 is on $2, which is no partition of a disk"
	plain "$2" || refuse "$1 is on $2, which is encrypted, LVM or RAID: that cannot be" \
		"read before the system is up; take a plain partition"
	place_type=$(tag TYPE "$2")
	place_uuid=$(tag UUID "$2")
	[[ $place_type && " $place_types " = *" $place_type "* ]] ||
		refuse "$1 is on $2, which holds ${place_type:-no filesystem}; it must be" \
			"ext4, NTFS, FAT or exFAT"
	[[ $place_uuid =~ ^[0-9A-Fa-f-]+$ ]] ||
		refuse "$2 (for $1) has no UUID that it could be found by"
	place_alone "$1" "$2"
}

# place_alone WHAT DEVICE: neither GRUB nor we know a clone from what it was made of
place_alone() {
	local same

	same=$(blkid -c /dev/null -o device -t UUID="$place_uuid" |
		grep -vxF "$(realpath "$2")" | xargs) ||
		return 0
	[[ ! $same ]] || refuse "$1 is on $2, and $same has the same UUID, as after cloning:" \
		"disconnect that disk, or give it another UUID"
}

# place_files DEVICE|"" ROOT: where kernel and initramfs go: DEVICE, or what ROOT/boot is on.
# Sets $files_device, $files_uuid, $files_type, and $files_path: the folder as GRUB sees it.
place_files() {
	local boot=$2/boot

	files_path=/slate
	files_device=$1
	if [[ ! $1 ]]; then
		[[ -d $boot ]] || refuse "there is no folder $boot"
		files_device=$(mount_field SOURCE "$boot")
		files_path=$(inside "$boot")/slate
	fi
	place_check 'the kernel' "$files_device"
	files_uuid=$place_uuid files_type=$place_type
	[[ $files_path =~ ^[A-Za-z0-9/._-]+$ ]] ||
		refuse "$files_path: GRUB would not find a folder of this name; use --device"
	place_secure "$files_type"
}

# place_secure TYPE: the GRUB that Debian signs has no NTFS and no exFAT, and with Secure Boot
# it loads nothing more.
place_secure() {
	local file=/sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c

	[[ $1 = ntfs || $1 = exfat ]] && [[ -r $file ]] || return 0
	[[ $(od -An -tu1 -j 4 -N 1 "$file" | tr -d ' ') != 1 ]] ||
		refuse "Secure Boot is on, and the GRUB that is signed for it cannot read" \
			"$1: put the kernel on ext4 or FAT (the image may lie on $1)"
}

# place_open WORK UUID: the partition's root is then $opened, mounted for a while if it is
# not; fails if there is no such partition
place_open() {
	local device

	device=$(blkid -c /dev/null -l -o device -t UUID="$2") || return 1
	opened=$(mounted_on "$device")
	[[ ! $opened ]] || return 0
	opened=$1/mnt
	mkdir -p "$opened"
	mount "$device" "$opened" 2> "$1/mount.err" || {
		say "cannot mount $device: $(tail -n 1 "$1/mount.err")"
		return 1
	}
}

# place_close WORK: programs that were at work when we were interrupted, or that look into
# all that is mounted, may hold it for a while.
place_close() {
	local try

	mountpoint -q "$1/mnt" || return 0
	for try in {1..20}; do
		! umount "$1/mnt" 2> /dev/null || return 0
		sleep 0.1
	done
	umount -l "$1/mnt" || die "cannot unmount $1/mnt"
}
