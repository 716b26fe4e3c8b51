# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
#
# grub-lib.sh - GRUB on the disks of virtual machines, without its installer.

# le BYTES NUMBER: little-endian
le() {
	local i v=$2

	for ((i = 0; i < $1; i++, v >>= 8)); do
		# shellcheck disable=SC2059 # that is how a byte is made
		printf "\\x$(printf %02x $((v & 255)))"
	done
}

# install_bios DISK SECTOR: core.img goes there.  The places in GRUB's boot.img and
# diskboot.img that its installer fills in: include/grub/i386/pc/boot.h, kernel.h.
install_bios() {
	local blocks=$((($(stat -c %s core.img) + 511) / 512))

	head -c 440 /usr/lib/grub/i386-pc/boot.img > code
	le 8 "$2" | dd of=code bs=1 seek=$((0x5c)) conv=notrunc status=none
	le 2 $((0x9090)) | dd of=code bs=1 seek=$((0x66)) conv=notrunc status=none
	dd if=code of="$1" conv=notrunc status=none
	le 8 $(($2 + 1)) | dd of=core.img bs=1 seek=$((0x1f4)) conv=notrunc status=none
	le 2 $((blocks - 1)) | dd of=core.img bs=1 seek=$((0x1fc)) conv=notrunc status=none
	dd if=core.img of="$1" bs=512 seek="$2" conv=notrunc status=none
}

# grub_images LABEL CONFIG [MODULE...]: ./core.img and ./grub.efi, which finds CONFIG on the
# filesystem of that LABEL.  It writes to the serial port itself: a firmware moves the
# cursor in between.
grub_images() {
	local with=(part_gpt part_msdos ext2 fat ntfs normal search search_label cat configfile
		echo linux test serial terminal smbios "${@:3}")

	cat > early.cfg << END
serial --unit=0 --speed=115200
terminal_output serial
search --no-floppy --label --set=root $1
configfile (\$root)$2
END
	grub-mkimage -O i386-pc -o core.img -c early.cfg -p /boot -d /usr/lib/grub/i386-pc \
		biosdisk "${with[@]}"
	grub-mkimage -O x86_64-efi -o grub.efi -c early.cfg -p /boot \
		-d /usr/lib/grub/x86_64-efi "${with[@]}"
}
