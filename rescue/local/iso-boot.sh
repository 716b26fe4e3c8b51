# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # variables are shared by the files of a verb
#
# iso-boot.sh - what starts an ISO: GRUB for BIOS, in one file, and a small filesystem with
# Debian's signed shim and GRUB for UEFI.

iso_bios_modules=(biosdisk part_msdos iso9660 normal search search_fs_file configfile linux
	echo halt)
# Removable media start by this name (UEFI specification, 3.5.1.1); shim goes on to
# grubx64.efi beside it.  gcdx64 is the GRUB that Debian signs for CDs.
iso_efi_files='
shim-signed /usr/lib/shim/shimx64.efi.signed BOOTX64.EFI
grub-efi-amd64-signed /usr/lib/grub/x86_64-efi-signed/gcdx64.efi.signed grubx64.efi
'

# iso_find: where GRUB finds the rest
iso_find() {
	cat << END
search --no-floppy --file --set=root /slate/id-$iso_id
set prefix=(\$root)/boot/grub
configfile /boot/grub/grub.cfg
END
}

iso_bios() { # iso_bios WORK FILE: as cdboot.img and boot_hybrid.img load it
	package_root grub-pc-bin /usr/lib/grub/i386-pc/cdboot.img
	from_bios=$from/usr/lib/grub/i386-pc
	iso_find > "$1/early.cfg"
	grub-mkimage -O i386-pc -d "$from_bios" -o "$1/core.img" -c "$1/early.cfg" \
		-p /boot/grub "${iso_bios_modules[@]}" 2> "$1/mkimage.log" ||
		die "grub-mkimage has failed: $(tail -n 1 "$1/mkimage.log")"
	cat "$from_bios/cdboot.img" "$1/core.img" > "$2"
}

iso_efi() { # iso_efi WORK FILE
	local tree=$1/efi.d package file name date=${SOURCE_DATE_EPOCH-$iso_date}

	mkdir -p "$tree/EFI/BOOT" "$tree/boot/grub"
	while read -r package file name; do
		[[ $package ]] || continue
		package_root "$package" "$file"
		cp "$from$file" "$tree/EFI/BOOT/$name"
	done <<< "$iso_efi_files"
	iso_find > "$tree/boot/grub/grub.cfg"
	find "$tree" -exec touch -d "@$date" {} +
	truncate -s $((($(du -s --apparent-size -B1M "$tree" | cut -f1) + 1) << 20)) "$2"
	mkfs.vfat --invariant -i "${iso_id:0:8}" -n SLATE_EFI "$2" > "$1/mkfs.log" 2>&1 ||
		die "mkfs.vfat has failed: $(tail -n 1 "$1/mkfs.log")"
	# mtools writes its own times into the folders, unless it is told another.
	TZ=UTC SOURCE_DATE_EPOCH=$date mcopy -s -m -i "$2" "$tree"/* :: 2> "$1/mcopy.log" ||
		die "mcopy has failed: $(tail -n 1 "$1/mcopy.log")"
}
