# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # variables are shared by the files of a verb
#
# install.sh - slate-rescue install: the rescue system on this PC itself, in GRUB's menu.

for part in system place image entry menu remove; do
	# shellcheck source=/dev/null
	. "$here/local/$part.sh"
done

# shellcheck disable=SC2034 # the dispatcher reads them
install_summary='install [OPTION]...'
# shellcheck disable=SC2034
install_options='
- device PART partition for kernel and initramfs (default: what /boot is on)
- image FILE add the entry "Restore this PC from FILE"
- target PART|DISK what that entry restores (default: what / is on)
- remove - take kernel, initramfs and entries away again
- root DIR not this system, but the one that is mounted on DIR
'$system_options

install_main() {
	local root=${option[root]-} name work

	[[ ${#operands[@]} = 0 ]] ||
		wrong_usage "install takes no operands: ${operands[*]}"
	[[ ! ${option[target]-} || ${option[image]-} ]] ||
		wrong_usage '--target is for --image'
	[[ $(id -u) = 0 ]] || refuse 'only root can install a rescue system'
	need findmnt util-linux blkid util-linux lsblk util-linux
	[[ -d ${root:-/} ]] || refuse "--root: there is no folder $root"
	root=$(realpath "${root:-/}")
	root=${root%/}
	work=$(mktemp -d "${TMPDIR:-/var/tmp}/slate-rescue.XXXXXX")
	# shellcheck disable=SC2064 # as it is now
	trap "install_end ${work@Q}" EXIT
	if [[ ${option[remove]-} ]]; then
		for name in device image target from options; do
			[[ ! ${option[$name]+x} ]] || wrong_usage "--remove knows no --$name"
		done
		install_remove "$root" "$work"
	else
		install_do "$root" "$work"
	fi
}

install_end() { # install_end WORK
	place_close "$1"
	work_remove "$1"
}

install_do() { # install_do ROOT WORK
	local old

	[[ -d $1/etc/grub.d ]] || refuse "$1/etc/grub.d is not there: slate-rescue needs GRUB" \
		"to start from a menu. slate-rescue iso makes a stick that needs nothing"
	system_check
	place_files "${option[device]-}" "$1"
	if [[ ${option[image]-} ]]; then
		image_find "${option[image]}"
		target_find "${option[target]-}" "$1"
		image_check "$2"
		target_name
		image_tell
	fi
	menu_find "$1"
	old=$(entry_files "$1") || old=''
	place_open "$2" "$files_uuid" || refuse "$files_device cannot be written"
	install_room "$2" "$opened"
	install_files "$opened$files_path"
	menu_place "$opened$files_path"
	menu_tell "$opened$files_path"
	entry_place "$1" "$2"
	place_close "$2"
	entry_update "$1" "$2"
	[[ ! $old || $old = "$files_uuid $files_path" ]] || forget_files "$2" "$old"
	echo "The rescue system is on $files_device, $files_path, and in GRUB's menu."
}

# install_room WORK FOLDER: old and new files are there at the same time for a moment
install_room() {
	local free want

	system_get "$1"
	free=$(df --output=avail -B1 "$2" | tail -n 1)
	want=$(($(stat -L -c %s "$kernel") + $(stat -L -c %s "$initrd") + (1 << 20)))
	[[ $free -ge $want ]] || refuse "$files_device has room for $((free >> 20)) MiB only," \
		"and kernel and initramfs want $(((want >> 20) + 1)) MiB; see --device"
}

# install_files FOLDER: each whole or not at all
install_files() {
	local name

	mkdir -p "$1" 2> /dev/null || die "cannot make the folder slate on $files_device"
	# A filesystem such as FAT has no modes, which is no failure.
	if ! cp "$kernel" "$1/vmlinuz.new" || ! cp "$initrd" "$1/initrd.new" ||
		! sync -f "$1"; then
		rm -f "$1"/*.new
		die "cannot write to $files_device; the rescue system there is as it was"
	fi
	mv -f "$1/vmlinuz.new" "$1/vmlinuz"
	mv -f "$1/initrd.new" "$1/initrd.img"
	sync -f "$1"
}
