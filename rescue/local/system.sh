# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # variables are shared by the files of a verb
#
# system.sh - the rescue system itself, for install and iso: made now, or taken from a
# boot tree that slate-rescue build has made.  system_get sets $kernel and $initrd.

for part in kernel fetch; do
	# shellcheck source=/dev/null
	. "$here/build/$part.sh"
done
system_options='
- from DIR the boot tree that has kernel and initramfs (else made now)
- options WORDS more words for the command line of the kernel
'

# system_check: all that can be wrong before anything is done
system_check() {
	local from=${option[from]-} name
	# What a boot loader would take for something else, and control characters
	local words='^[A-Za-z0-9 ,.:=_/@%+-]*$'

	[[ ${option[options]-} =~ $words ]] || refuse "--options: only letters, digits," \
		"spaces and , . : = _ / @ % + - can be given to the kernel"
	if [[ ! $from ]]; then
		load build
		build_check
		return
	fi
	for name in vmlinuz initrd.img; do
		[[ -s $from/slate/$name && -r $from/slate/$name ]] ||
			refuse "--from: there is no $from/slate/$name: slate-rescue build -o" \
				"$from makes it"
	done
	kernel=$from/slate/vmlinuz
	[[ $(kernel_text "$kernel") ]] || refuse "--from: $kernel is no Linux kernel for PCs"
}

system_get() { # system_get WORK: a folder to work in
	if [[ ${option[from]-} ]]; then
		initrd=${option[from]}/slate/initrd.img
		return
	fi
	say 'making kernel and initramfs; that takes a minute'
	build_room "$1"
	mkdir -p "$1/boot/slate"
	kernel_get "$1"
	build_initramfs "$1"
	initrd=$1/boot/slate/initrd.img
}
