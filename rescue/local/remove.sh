# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
# shellcheck disable=SC2154 # variables are shared by the files of a verb
#
# remove.sh - slate-rescue install --remove.

install_remove() { # install_remove ROOT WORK
	local old

	[[ -e $1/$entry_name ]] || {
		echo 'There is no rescue system in the menu.'
		return
	}
	old=$(entry_files "$1") ||
		refuse "$1/$entry_name was not made by slate-rescue install, or was changed"
	remove_refuse "$2" "$old"
	# First the entry: one that finds no files would be worse than files without one.
	rm -f "$1/$entry_name"
	entry_update "$1" "$2"
	forget_files "$2" "$old"
	echo "The rescue system is gone from this PC."
}

# remove_refuse WORK "UUID FOLDER": not when GRUB itself is there
remove_refuse() {
	place_open "$1" "${2%% *}" || return 0
	! menu_in_use "$opened${2#* }" || refuse "GRUB's own files are in $opened${2#* }: the" \
		"PC would not start without them. First move GRUB back: grub-install DISK;" \
		"then delete the folder ${2#* }/grub there"
	place_close "$1"
}

forget_files() { # forget_files WORK "UUID FOLDER"
	local folder=${2#* }

	place_open "$1" "${2%% *}" || {
		say "the partition ${2%% *} is not there: the files in its $folder stay"
		return
	}
	if menu_in_use "$opened$folder"; then
		say "GRUB's own files are in $opened$folder: all that is there stays"
	else
		rm -f "$opened$folder"/{vmlinuz,initrd.img,grub/grub.cfg}
		rmdir --ignore-fail-on-non-empty "$opened$folder"/{grub,} 2> /dev/null || true
	fi
	sync -f "$opened"
	place_close "$1"
}
