# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # variables are shared with the tests and lib.sh
#
# local-lib.sh - virtual PCs that restore themselves without a network.  Comes after
# tests/cli/lib.sh; the serial consoles of a test that fails stay in build/local-failed.
# shellcheck source=tests/cli/local-lib.sh
. "$root/tests/cli/local-lib.sh"
# shellcheck source=tests/cli/disk-lib.sh
. "$root/tests/cli/disk-lib.sh"
# shellcheck source=tests/vm/lib.sh
. "$root/tests/vm/lib.sh"
# shellcheck source=tests/vm/grub-lib.sh
. "$root/tests/vm/grub-lib.sh"
trap 'keep_consoles $?; drop_nodes; cleanup' EXIT

# A loaded machine emulates no steady clock: the kernel would take it for broken.
console_words='console=ttyS0 no_timer_check slate.onerror=reboot:1'
slow='' # more options for the disk

keep_consoles() { # keep_consoles STATUS
	local to

	[[ ! $guest_pid ]] || kill "$guest_pid" 2> /dev/null || true
	[[ $1 != 0 && $1 != 77 ]] || return 0
	to=$top/build/local-failed/$(basename "$0" .sh)
	rm -rf "$to"
	mkdir -p "$to"
	cp ./*.log ./*.log.err "$to" 2> /dev/null || true
	echo "what was seen is in $to" >&2
}

# ---- the PC --------------------------------------------------------------

# system_init: what the restored system does when it starts
system_init() {
	cat << 'END'
i=0
until findfs LABEL=root || [ $i = 300 ]; do usleep 100000; i=$((i + 1)); done
mount -t ext4 -o ro "$(findfs LABEL=root)" /mnt
echo "SYSTEM-$(cat /mnt/marker)"
[ ! -e /mnt/virus ] || echo SYSTEM-WRECKED
umount /mnt
echo MARKER-END
END
}

# make_local bios|uefi [LABEL MENU]: ./pc, a PC whose partition $system is a Linux,
# labelled root, and whose partition $images is empty.  GRUB starts it, and has its MENU
# on the filesystem with that LABEL, or on the root.  $secret is in the Linux.
make_local() {
	local table=('label: dos' 'size=70M, bootable' 'size=80M')

	system=1 images=2
	[[ $1 = bios ]] || {
		table=('label: gpt' 'size=34M, type=uefi' 'size=70M' 'size=80M')
		system=2 images=3
	}
	firmware=$1
	rm -f pc
	truncate -s 200M pc
	printf '%s\n' "${table[@]}" | sfdisk -q pc
	grub_images "${2-root}" "${3-/boot/grub/grub.cfg}" exfat search_fs_uuid halt
	[[ $1 = bios ]] || make_esp
	[[ $1 = uefi ]] || install_bios pc 64
	system_init > init
	[[ -e initrd ]] || make_initrd initrd init ext4 crc32c_generic ata_piix sd_mod nvme
	attach_parts pc
	mkfs.ext4 -q -L root "${disk}p$system"
	mkdir -p at images.d
	mount "${disk}p$system" at
	mkdir -p at/boot/grub at/etc/grub.d
	cp "$kernel" at/boot/vmlinuz
	cp initrd at/boot/initrd
	secret=$RANDOM$RANDOM$RANDOM
	echo "$secret" > at/marker
	copy_files at 6000
	local_menu > at/boot/grub/grub.cfg
	umount at
	detach_parts
}

make_esp() {
	in_part pc 1 mkfs.vfat -F 32 -n ESP > mkfs.log 2>&1
	in_part pc 1 put_grub
}

put_grub() { # put_grub DEVICE
	mmd -i "$1" ::/EFI ::/EFI/BOOT 2> mtools.log
	mcopy -i "$1" grub.efi ::/EFI/BOOT/BOOTX64.EFI 2>> mtools.log
}

# local_menu: what update-grub would make: the system first, then what slate-rescue has
# put there.  A guest whose product is "restore" has somebody who chooses the entry.
local_menu() {
	cat << 'END'
smbios --type 1 --get-string 5 --set product
set timeout=1
set default=system
if test "$product" = restore; then
	set default=slate-restore
fi
menuentry 'The system' --id system {
	linux /boot/vmlinuz console=ttyS0 quiet panic=-1 no_timer_check
	initrd /boot/initrd
}
END
	[[ ! -x at/etc/grub.d/42_slate ]] || at/etc/grub.d/42_slate
}

# install_local OPTION...: both entries, and the PC's image where they want it; then
# somebody does what children do
install_local() {
	expect_status 0 rescue install --root at --from "$tree" --options "$console_words" "$@"
	local_menu > at/boot/grub/grub.cfg
	grub-script-check at/boot/grub/grub.cfg
}

wreck() { # wreck FILES: so many of them get another content
	local file

	echo 'not the marker' > at/marker
	head -c 3000000 /dev/urandom > at/virus
	find at/usr -type f > files
	head -n "$1" files | while read -r file; do
		shred -n 1 -f "$file"
	done
}

# ---- it starts -----------------------------------------------------------

# start NAME SECONDS PRODUCT [ARGUMENT...]: ./pc, without any network card; what it says is
# NAME.log
start() {
	local with=(-machine "pc,graphics=off" -device "ide-hd,drive=disk,bootindex=2")
	local flash="if=pflash,format=raw" ovmf=/usr/share/OVMF/OVMF

	[[ $firmware = bios ]] || with=(-machine q35 -vga none
		-drive "$flash,unit=0,readonly=on,file=${ovmf}_CODE_4M.fd"
		-drive "$flash,unit=1,snapshot=on,file=${ovmf}_VARS_4M.fd"
		-device "nvme,drive=disk,serial=1,bootindex=2")
	[[ $firmware != secure ]] || with=(-machine "q35,smm=on" -vga none -m 512
		-global "driver=cfi.pflash01,property=secure,value=on"
		-drive "$flash,unit=0,readonly=on,file=${ovmf}_CODE_4M.ms.fd"
		-drive "$flash,unit=1,snapshot=on,file=${ovmf}_VARS_4M.ms.fd"
		-device "nvme,drive=disk,serial=1,bootindex=2")
	guest "$1.log" "$2" "${with[@]}" -smbios "type=1,product=$3,serial=PC1" \
		-drive "if=none,id=disk,format=raw,file=pc$slow" "${@:4}"
}

shows() { # shows NAME TEXT
	grep -aqE -- "$2" "$1.log" || {
		tail -c 3000 "$1.log" "$1.log.err" >&2
		fail "$1: the console does not show \"$2\""
	}
}

# whole NAME: the system is as it was when it was saved, and starts
whole() {
	start "$1" 400 none
	shows "$1" "^SYSTEM-$secret"
	! grep -aq SYSTEM-WRECKED "$1.log" || fail "$1: it is not as it was"
}
