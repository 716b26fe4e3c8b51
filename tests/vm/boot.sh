#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Restored disks boot: a GPT and an MBR disk with ESP, ext4, NTFS and swap, put on
# an equal, a larger and a smaller disk, started by BIOS and by UEFI.  GRUB shows
# a file of the ext4 partition; once for each kind Linux mounts it.
# limit 1500
set -euo pipefail
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/../cli/lib.sh"
# shellcheck source=tests/cli/disk-lib.sh
. "$root/tests/cli/disk-lib.sh"
need_loop
# shellcheck source=tests/vm/lib.sh
. "$root/tests/vm/lib.sh"
get_kernel

# le BYTES NUMBER: little-endian
le() {
	local i v=$2

	for ((i = 0; i < $1; i++, v >>= 8)); do
		# shellcheck disable=SC2059 # that is how a byte is made
		printf "\\x$(printf %02x $((v & 255)))"
	done
}

# The places in GRUB's boot.img and diskboot.img that its installer fills in:
# include/grub/i386/pc/boot.h, include/grub/i386/pc/kernel.h.
install_bios() { # install_bios DISK SECTOR: core.img goes there
	local blocks=$((($(stat -c %s core.img) + 511) / 512))

	head -c 440 /usr/lib/grub/i386-pc/boot.img > code
	le 8 "$2" | dd of=code bs=1 seek=$((0x5c)) conv=notrunc status=none
	le 2 $((0x9090)) | dd of=code bs=1 seek=$((0x66)) conv=notrunc status=none
	dd if=code of="$1" conv=notrunc status=none
	le 8 $(($2 + 1)) | dd of=core.img bs=1 seek=$((0x1f4)) conv=notrunc status=none
	le 2 $((blocks - 1)) | dd of=core.img bs=1 seek=$((0x1fc)) conv=notrunc status=none
	dd if=core.img of="$1" bs=512 seek="$2" conv=notrunc status=none
}

grub_images() {
	cat > early.cfg << 'END'
search --no-floppy --label --set=root root
configfile ($root)/boot/grub.cfg
END
	grub-mkimage -O i386-pc -o core.img -c early.cfg -p /boot -d /usr/lib/grub/i386-pc \
		biosdisk part_gpt part_msdos ext2 normal search search_label cat \
		configfile echo linux test halt
	grub-mkimage -O x86_64-efi -o grub.efi -c early.cfg -p /boot \
		-d /usr/lib/grub/x86_64-efi part_gpt part_msdos ext2 normal search search_label \
		cat configfile echo linux test halt efi_gop
}

make_bootable() { # make_bootable gpt|dos: ./disk
	local loop

	make_disk disk 200M "$1"
	grub_images
	if [[ $1 = gpt ]]; then
		install_bios disk $(($(part_begin disk 1) / 512))
	else
		install_bios disk 64
	fi
	loop=$(losetup -f --show -o "$(part_begin disk $esp)" \
		--sizelimit "$(part_size disk $esp)" disk)
	mmd -i "$loop" ::/EFI ::/EFI/BOOT
	mcopy -i "$loop" grub.efi ::/EFI/BOOT/BOOTX64.EFI
	losetup -d "$loop"
	loop=$(losetup -f --show -o "$(part_begin disk $root)" \
		--sizelimit "$(part_size disk $root)" disk)
	mkdir at
	mount "$loop" at
	mkdir -p at/boot
	secret=$RANDOM$RANDOM$RANDOM
	echo "MARKER-$secret" > at/boot/marker
	cp linux at/boot/vmlinuz
	cp initrd at/boot/initrd
	cat > at/boot/grub.cfg << 'END'
cat /boot/marker
if test -f /boot/linux-too; then
	linux /boot/vmlinuz console=ttyS0 quiet panic=-1
	initrd /boot/initrd
	boot
fi
echo MARKER-END
END
	if [[ ${2-} ]]; then
		: > at/boot/linux-too
	fi
	umount at
	rmdir at
	losetup -d "$loop"
}

boots() { # boots DISK WHAT FIRMWARE-ARGUMENT...: and shows the file from ext4
	guest boot.log 180 -drive "file=$1,format=raw,if=ide,snapshot=on" "${@:3}"
	grep -aq "MARKER-$secret" boot.log || {
		tail -c 1000 boot.log boot.log.err >&2
		fail "$2: does not boot"
	}
	say "$2: boots"
}

linux_init() {
	cat << 'END'
i=0
until mount -t ext4 -o ro "$(findfs LABEL=root)" /mnt 2> /dev/null || [ $i = 50 ]; do
	usleep 200000
	i=$((i + 1))
done
echo "LINUX-$(cat /mnt/boot/marker)"
swapon "$(findfs LABEL=swap)" && echo LINUX-SWAP
echo MARKER-END
END
}

get_kernel
cp "$kernel" linux
linux_init > init
make_initrd initrd init ahci sd_mod ata_piix ext4
for kind in dos gpt; do
	make_bootable $kind
	boots disk "$kind, the source, BIOS" "${bios[@]}"
	boots disk "$kind, the source, UEFI" "${uefi[@]}"
	"$SLATE" -b -o save disk disk.slate 2> err
	for size in 200M 240M 180M; do
		stale copy $size
		"$SLATE" --yes --verify restore copy disk.slate 2> err
		boots copy "$kind, restored to $size, BIOS" "${bios[@]}"
		boots copy "$kind, restored to $size, UEFI" "${uefi[@]}"
	done
	stale copy 260M
	"$SLATE" --yes --grow restore copy disk.slate 2> err
	boots copy "$kind, grown, BIOS" "${bios[@]}"
done

say "Linux on a restored disk"
make_bootable gpt linux
"$SLATE" -b -o save disk disk.slate 2> err
stale copy 180M
"$SLATE" --yes --verify restore copy disk.slate 2> err
guest boot.log 240 -drive "file=copy,format=raw,if=ide,snapshot=on" "${uefi[@]}"
grep -aq "LINUX-MARKER-$secret" boot.log || { tail -c 2000 boot.log >&2; fail "no Linux"; }
grep -aq LINUX-SWAP boot.log || { tail -c 2000 boot.log >&2; fail "no swap"; }
