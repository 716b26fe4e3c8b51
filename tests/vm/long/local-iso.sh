#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The ISO starts as a CD and as a USB stick, by BIOS, UEFI and UEFI with Secure Boot; at one
# key it restores a PC whose disk was lost from an image on another stick, without any
# network card, and the PC starts again.
# limit 1800
set -euo pipefail
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/../../cli/lib.sh"
# shellcheck source=tests/vm/local-lib.sh
. "$root/tests/vm/local-lib.sh"
need_loop

make_stick() { # ./stick, with the image where the ISO's menu looks for it
	rm -f stick
	truncate -s 64M stick
	printf '%s\n' 'label: dos' 'type=c' | sfdisk -q stick
	in_part stick 1 mkfs.vfat -n SLATE > mkfs.log 2>&1
	mcopy -n -o -i "stick@@$(part_begin stick 1)" pc.slate ::/pc.slate
}

# media cd|usb: QEMU's arguments in $media
media() {
	local usb="usb-storage,removable=on,drive"

	media=(-device qemu-xhci -drive "if=none,id=iso,format=raw,readonly=on,file=rescue.iso"
		-drive "if=none,id=stick,format=raw,snapshot=on,file=stick"
		-device "$usb=stick,bootindex=3")
	if [[ $1 = cd ]]; then
		media+=(-device "ide-cd,drive=iso,bootindex=1")
	else
		media+=(-device "$usb=iso,bootindex=1")
	fi
}

# press KEY NAME: once a second, until the kernel has started; GRUB does not tell when
# its menu is there
press() {
	local i

	for ((i = 0; i < 120; i++)); do
		! grep -aq 'Linux version' "$2.log" 2> /dev/null || return 0
		echo "sendkey $1" >&7
		sleep 1
	done
}

restores() { # restores bios|uefi|secure cd|usb
	local name=$1-$2 media pid

	say "$1, $2"
	make_local "${1/secure/uefi}"
	slate -b -d -o save pc pc.slate 2> err
	make_stick
	head -c 40000000 /dev/urandom | dd of=pc conv=notrunc bs=1M status=none
	firmware=$1
	media "$2"
	rm -f "$name.log"
	press r "$name" &
	pid=$!
	start "$name" 400 none "${media[@]}" -chardev pipe,id=keys,path=keys \
		-mon chardev=keys,mode=readline
	kill $pid 2> /dev/null || true
	wait $pid || true
	shows "$name" 'The job "restore" is done'
	[[ $1 != secure ]] || shows "$name" 'secureboot: Secure boot enabled'
	firmware=${1/secure/uefi}
	whole "$name-system"
}

get_boot_tree
expect_status 0 rescue iso --from "$tree" -o rescue.iso --options "$console_words"
mkfifo keys.in keys.out
exec 7<> keys.in 8<> keys.out
restores bios cd
restores bios usb
restores uefi usb
restores uefi cd
restores secure usb
