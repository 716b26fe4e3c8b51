# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash disable=SC2154,SC2034 # files share variables
#
# boot.sh - the boot tree: loaders as Debian ships (and signs) them, with the names that
# slate-pxe(8) and the loaders themselves expect, and menus for other servers.

# A line: PACKAGE FILE NAME. shim asks for grubx64.efi; HTTP boot of UEFI has its own
# loader, as no signed GRUB can load by HTTP.
boot_loaders='
pxelinux /usr/lib/PXELINUX/lpxelinux.0 lpxelinux.0
syslinux-common /usr/lib/syslinux/modules/bios/ldlinux.c32 ldlinux.c32
shim-signed /usr/lib/shim/shimx64.efi.signed bootx64.efi
grub-efi-amd64-signed /usr/lib/grub/x86_64-efi-signed/grubnetx64.efi.signed grubx64.efi
ipxe /usr/lib/ipxe/snponly.efi http/bootx64.efi
'
boot_mark='made by slate-rescue build'

boot_get_loaders() { # boot_get_loaders FOLDER
	local package file name

	while read -r package file name; do
		[[ $package ]] || continue
		package_root "$package" "$file"
		install -D -m 644 "$from$file" "$1/$name"
	done <<< "$boot_loaders"
}

# boot_menus FOLDER: for TFTP servers that know nothing of machines and jobs.  slate-pxe
# has its own answer for each of these names.
boot_menus() {
	mkdir -p "$1/pxelinux.cfg" "$1/grub"
	# 2: the loader adds BOOTIF.  It cannot name its server: the DHCP server will.
	cat > "$1/pxelinux.cfg/default" << END
# $boot_mark, for servers other than slate-pxe
DEFAULT slate
PROMPT 0
LABEL slate
LINUX slate/vmlinuz
INITRD slate/initrd.img
SYSAPPEND 2
END
	cat > "$1/grub/grub.cfg" << END
# $boot_mark, for servers other than slate-pxe
set timeout=0
regexp --set=1:a --set=2:b --set=3:c --set=4:d --set=5:e --set=6:f \\
    '^(..):(..):(..):(..):(..):(..)\$' "\$net_default_mac"
menuentry "Slate" {
    linux /slate/vmlinuz slate.server=http://\$net_default_server \\
        BOOTIF=01-\$a-\$b-\$c-\$d-\$e-\$f
    initrd /slate/initrd.img
}
END
	cat > "$1/slate.ipxe" << END
#!ipxe
# $boot_mark, for servers other than slate-pxe
kernel slate/vmlinuz initrd=initrd.img slate.server=http://\${next-server} \
BOOTIF=01-\${netX/mac:hexhyp}
initrd slate/initrd.img
boot
END
}

# boot_place FROM TO: moves the files of the one folder into the other, each whole or not at
# all; kernel and initramfs, which must fit, last and together.  Menus that somebody
# else wrote stay.
boot_place() {
	local name last=(slate/release slate/vmlinuz slate/initrd.img)

	sync -f "$1" # a power cut shall not leave names without content
	while read -r name; do
		mkdir -p "$2/$(dirname "$name")"
		if [[ $name = *.cfg* || $name = *.ipxe ]] && [[ -e $2/$name ]] &&
			! grep -q "$boot_mark" "$2/$name"; then
			say "$2/$name stays: somebody else wrote it"
			continue
		fi
		mv -f "$1/$name" "$2/$name"
	done < <(cd "$1" && find . -type f -printf '%P\n' | grep -v '^slate/' | sort
		printf '%s\n' "${last[@]}")
}
