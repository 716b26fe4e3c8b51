# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash disable=SC2154,SC2034 # files share variables
#
# initramfs.sh - writes folders as archives for the kernel
# (Documentation/driver-api/early-userspace/buffer-format.rst, "newc").  cpio(1) would
# put the building machine's times, owners and link counts in: here the same files make
# the same bytes everywhere.

# initramfs_make WORK FILE: from $WORK/modules.d and $WORK/tree.d. Modules are packed
# already, so the kernel need not spend time on them.
initramfs_make() {
	{
		cpio_archive "$1/modules.d" &&
			cpio_archive "$1/tree.d" | zstd -q -19 -T1 -c
	} > "$2" || die "cannot write $2"
}

cpio_archive() { # cpio_archive FOLDER: on standard output
	local type mode size name target number=0

	while IFS=' ' read -r -d '' type mode size name; do
		number=$((number + 1))
		case $type in
		d)
			cpio_head "$name" $((0040000 | 0$mode & 01777)) 2 0
			;;
		f)
			cpio_head "$name" $((0100000 | 0$mode & 0777)) 1 "$size" &&
				cat "$1/$name" && cpio_pad "$size"
			;;
		l)
			target=$(readlink "$1/$name") &&
				cpio_head "$name" $((0120777)) 1 ${#target} &&
				printf %s "$target" && cpio_pad ${#target}
			;;
		*) die "$1/$name: neither file nor folder nor link" ;;
		esac || return
	done < <(find "$1" -mindepth 1 -printf '%y %m %s %P\0' | sort -z -k 4)
	number=0
	cpio_head 'TRAILER!!!' 0 1 0
}

cpio_head() { # cpio_head NAME MODE LINKS SIZE; its number is $number
	# Owner and group are root, the time is 1970, there are no devices.
	printf '070701%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%s\0' \
		"$number" "$2" 0 0 "$3" 0 "$4" 0 0 0 0 $((${#1} + 1)) 0 "$1" &&
		cpio_pad $((110 + ${#1} + 1))
}

cpio_pad() { # cpio_pad LENGTH: zeros up to a multiple of 4
	local zeros='\0\0\0'

	printf '%b' "${zeros:0:$((-$1 & 3)) * 2}"
}
