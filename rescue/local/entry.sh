# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # variables are shared by the files of a verb
#
# entry.sh - the menu entries for GRUB: /etc/grub.d/42_slate, whose text update-grub
# copies into grub.cfg.  Behind all others in the menu, so it is never the default.

entry_name=etc/grub.d/42_slate

# entry_render: the file; $files_*, $image_word and $target_word are set
entry_render() {
	cat << END
#!/bin/sh
exec tail -n +5 "\$0"
# Made by slate-rescue install; slate-rescue install --remove takes it away again.
# files: $files_uuid $files_path
END
	entry_menus
}

entry_menus() {
	entry_menu 'Slate rescue system' slate-rescue ''
	[[ ! ${image_word-} ]] || entry_menu "Restore this PC from ${image_word##*/}" \
		slate-restore \
		" slate.local=restore slate.image=$image_word slate.target=$target_word"
}

entry_menu() { # entry_menu TITLE ID WORDS: nothing in them needs quoting, see *_check
	# The signed GRUB has these modules already, but for NTFS and exFAT.
	local type=$files_type

	[[ $type != ext[34] ]] || type=ext2
	[[ $type != vfat ]] || type=fat
	cat << END
menuentry '$1' --class slate --id $2 {
	insmod part_gpt
	insmod part_msdos
	insmod $type
	search --no-floppy --fs-uuid --set=root $files_uuid
	echo '$1: loading ...'
	linux $files_path/vmlinuz$3${option[options]+ ${option[options]}}
	initrd $files_path/initrd.img
}
END
}

# entry_place ROOT WORK: all or nothing
entry_place() {
	local to=$1/$entry_name

	entry_render > "$2/entry"
	! cmp -s "$2/entry" "$to" || [[ ! -x $to ]] || return 0
	# update-grub runs whatever can be run there: a half-written one must not be.
	install -m 644 "$2/entry" "$to.new" || die "cannot write $to"
	sync -f "$to.new"
	chmod 755 "$to.new"
	mv -f "$to.new" "$to" || die "cannot write $to"
}

# entry_files ROOT: "UUID FOLDER" of the files that the installed entry is for
entry_files() {
	sed -nE 's,^# files: ([0-9A-Fa-f-]+ (/[A-Za-z0-9._-]+)*/slate)$,\1,p' \
		"$1/$entry_name" 2> /dev/null | grep -v '/\.\.*/' | head -n 1
}

entry_update() { # entry_update ROOT WORK: the menu that GRUB shows
	local how='update-grub (or: grub-mkconfig -o /boot/grub/grub.cfg)'

	if [[ $1 ]]; then
		say "now run, in the system in $1: $how"
	elif ! command -v update-grub > /dev/null; then
		say "there is no update-grub here; now run what renews GRUB's menu: $how"
	elif ! update-grub > "$2/update.log" 2>&1; then
		tail -n 5 "$2/update.log" >&2
		die 'update-grub failed: the menu is as it was. Mend that and run it again'
	fi
}
