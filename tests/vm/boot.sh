#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Restored disks boot: a GPT and an MBR disk with ESP, ext4, NTFS and swap, put on
# an equal, a larger and a smaller disk, started by BIOS and by UEFI.  GRUB shows a
# file of each filesystem; once for each firmware Linux does, and swaps.
# limit 1800
set -euo pipefail
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/../cli/lib.sh"
# shellcheck source=tests/vm/lib.sh
. "$root/tests/vm/lib.sh"
# shellcheck source=tests/vm/grub-lib.sh
. "$root/tests/vm/grub-lib.sh"
# shellcheck source=tests/cli/disk-lib.sh
. "$root/tests/cli/disk-lib.sh"
need_loop

# A guest whose product name is "linux" goes on to it.
grub_config() {
	cat << 'END'
cat /marker
search --no-floppy --label --set=esp ESP
cat ($esp)/marker
search --no-floppy --label --set=win windows
cat ($win)/marker
smbios --type 1 --get-string 5 --set product
if test "$product" = linux; then
	linux /boot/vmlinuz console=ttyS0 quiet panic=-1 no_timer_check
	initrd /boot/initrd
	boot
fi
echo MARKER-END
END
}

linux_init() {
	cat << 'END'
i=0
until findfs LABEL=root || [ $i = 100 ]; do usleep 100000; i=$((i + 1)); done
mount -t ext4 -o ro "$(findfs LABEL=root)" /mnt
echo "LINUX-$(cat /mnt/marker)"
umount /mnt
mount -t vfat -o ro "$(findfs LABEL=ESP)" /mnt
echo "LINUX-$(cat /mnt/marker)"
swapon "$(findfs LABEL=swap)" && echo LINUX-SWAP
echo MARKER-END
END
}

make_bootable() { # make_bootable gpt|dos: ./disk, with $secret in it
	local loop

	make_disk disk 200M "$1"
	secret=$RANDOM$RANDOM$RANDOM
	grub_images root /boot/grub.cfg
	if [[ $1 = gpt ]]; then
		install_bios disk $(($(part_begin disk 1) / 512))
	else
		install_bios disk 64
	fi
	echo "ESP-$secret" > marker
	in_part disk $esp put_fat marker
	echo "WINDOWS-$secret" > marker
	in_part disk $win put_ntfs marker
	mkdir at
	loop=$(losetup -f --show -o "$(part_begin disk $root)" \
		--sizelimit "$(part_size disk $root)" disk)
	mount "$loop" at
	mkdir -p at/boot
	cp "$kernel" at/boot/vmlinuz
	cp initrd at/boot/initrd
	grub_config > at/boot/grub.cfg
	echo "ROOT-$secret" > at/marker
	umount at
	losetup -d "$loop"
	rmdir at
}

# Not every kernel that runs the tests can mount these.
put_fat() { # put_fat FILE DEVICE
	mmd -i "$2" ::/EFI ::/EFI/BOOT
	mcopy -i "$2" grub.efi ::/EFI/BOOT/BOOTX64.EFI
	mcopy -i "$2" "$1" "::/$1"
}

put_ntfs() { # put_ntfs FILE DEVICE
	ntfscp -q "$2" "$1" "$1"
}

# boots DISK WHAT [bios|uefi]: started by both at once, and Linux by one
boots() {
	local name want product

	for name in bios uefi; do
		[[ ${3-} = "$name" ]] && product=linux || product=none
		boot $name "$1" 400 -smbios "type=1,product=$product" &
	done
	wait
	for name in bios uefi; do
		for want in {ROOT,ESP,WINDOWS}-$secret; do
			shows $name "$want" "$2"
		done
		[[ ${3-} = "$name" ]] || continue
		for want in LINUX-{ROOT,ESP}-$secret LINUX-SWAP; do
			shows $name "$want" "$2"
		done
	done
	say "$2: boots"
}

shows() { # shows bios|uefi TEXT WHAT
	grep -aq -- "$2" "$1.log" || {
		tail -c 2000 "$1.log" "$1.log.err" >&2
		fail "$3: started by $1, it does not say $2"
	}
}

get_kernel cloud-amd64
linux_init > init
declare -A linux_by=([dos]=bios [gpt]=uefi)
make_initrd initrd init sd_mod ata_piix vfat nls_cp437 nls_ascii
for kind in dos gpt; do
	make_bootable $kind
	boots disk "$kind, the source"
	slate -b -o save disk disk.slate 2> err
	for size in 200M 240M 180M; do
		[[ $size = 180M ]] && linux=${linux_by[$kind]} || linux=
		stale copy $size
		slate --yes --verify restore copy disk.slate 2> err
		boots copy "$kind, restored to $size" "$linux"
	done
	stale copy 260M
	slate --yes --grow restore copy disk.slate 2> err
	boots copy "$kind, grown"
done
