# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # variables are shared by the files of a verb
#
# menu.sh - a menu beside the kernel, for a GRUB that has all its files there: when a power
# cut has ended a restore, the system's own menu is not there, and this one goes on
# with the restore by itself.

# menu_find ROOT: where the system's own menu is; sets $system_device and $system_menu, ""
# if kernel and initramfs are on the same filesystem.  There is none either for a system on
# LVM or the like: a GRUB beside the kernel may not see that, would take the system for one
# that is gone, and restore at every start.
menu_find() {
	system_menu=''
	[[ -d $1/boot ]] || return 0
	system_device=$(mount_field SOURCE "$1/boot")
	plain "$system_device" || {
		say "$1/boot is on $system_device, which is no plain partition: leave GRUB's" \
			"own files where they are, as elsewhere it would not find the system"
		return
	}
	[[ $(device_number "$files_device") = "$(device_number "$system_device")" ]] ||
		system_menu=$(inside "$1/boot")/grub/grub.cfg
	[[ $system_menu =~ ^[A-Za-z0-9/@._-]*$ ]] || system_menu=''
}

# menu_render: an interrupted restore has left no filesystem where the system was
menu_render() {
	local default=slate-rescue

	[[ ! ${image_word-} ]] || default=slate-restore
	cat << END
# Made by slate-rescue install; slate-rescue install --remove takes it away again.
set pc=none
search --no-floppy --fs-uuid --set=pc $(tag UUID "$system_device")
if [ -f (\$pc)$system_menu ]; then
	set default=pc
	set timeout=1
else
	echo 'There is no system, as after a restore that was interrupted.'
	set default=$default
	set timeout=10
fi
menuentry 'This PC' --id pc {
	set root=\$pc
	configfile (\$pc)$system_menu
}
END
	entry_menus
}

menu_place() { # menu_place FOLDER: whole or not at all
	[[ $system_menu ]] || {
		rm -f "$1/grub/grub.cfg" # of a system that was there before
		return
	}
	mkdir -p "$1/grub"
	menu_render > "$1/grub/grub.cfg.new" || die "cannot write to $files_device"
	sync -f "$1/grub/grub.cfg.new"
	mv -f "$1/grub/grub.cfg.new" "$1/grub/grub.cfg"
}

# menu_in_use FOLDER: GRUB itself is beside the menu
menu_in_use() {
	[[ -d $1/grub/i386-pc || -d $1/grub/x86_64-efi ]]
}

# menu_tell FOLDER: as it is mounted now
menu_tell() {
	[[ $system_menu && ${target-} ]] || return 0
	[[ $(device_number "$target") = "$(device_number "$system_device")" ]] || return 0
	menu_in_use "$1" || say "GRUB's own files are on $target, which is restored: if the" \
		"power fails meanwhile, there is no menu. slate-rescue(8) tells how to move" \
		"them to $files_device"
}
