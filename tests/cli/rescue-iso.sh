#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# slate-rescue iso: an ISO that is a bootable stick, too, with all that BIOS and UEFI look
# for; the same bytes from the same input.  That it starts: tests/vm/long/local-iso.sh.
set -euo pipefail
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/cli/local-lib.sh
. "$root/tests/cli/local-lib.sh"

make_iso() { # make_iso FILE [OPTION]...
	expect_status 0 rescue iso --from boot -o "$@"
}

unpack() { # unpack FILE: ./iso.d, and its partition for UEFI as ./efi.d
	local start

	rm -rf iso.d efi.d
	xorriso -osirrox on -indev "$1" -extract / iso.d > xorriso.log 2>&1 ||
		{ cat xorriso.log >&2; fail "$1 cannot be read"; }
	chmod -R u+w iso.d
	start=$(sfdisk -J "$1" | jq '.partitiontable.partitions[1].start')
	mkdir efi.d
	mcopy -s -n -i "$1@@$((start * 512))" :: efi.d
}

has() { # has FILE TEXT: a line of it, from its beginning
	grep -qE -- "^[[:space:]]*$2" "$1" || {
		cat "$1" >&2
		fail "$1 has no $2"
	}
}

refused() { # refused REGEX OPTION...: and the file that is there stays
	local want=$1 before

	before=$(sum pc.iso)
	shift
	expect_status 3 rescue iso --from boot -o pc.iso "$@"
	said "$want"
	equal "$(sum pc.iso)" "$before" 'the ISO that was there'
}

fake_boot boot 300

say 'the same bytes'
make_iso pc.iso
mkdir -p away/boot
cp -r boot away
sleep 2 # so that clocks show another time
(
	umask 077
	cd away
	TZ=Asia/Tokyo make_iso again.iso
)
same pc.iso away/again.iso
SOURCE_DATE_EPOCH=1700000000 make_iso dated.iso
differ pc.iso dated.iso
equal "$(find . -maxdepth 1 -name '.slate*' | wc -l)" 0 "folders that were left behind"

say 'a stick and a CD'
sfdisk -J pc.iso > table
equal "$(json table .partitiontable.label)" dos 'the table'
equal "$(json table '[.partitiontable.partitions[].type] | join(" ")')" 'cd ef' 'types'
equal "$(json table '.partitiontable.partitions[0].bootable')" true 'the active partition'
[[ $(json table '.partitiontable.partitions | all(.start * 512 + .size * 512 <= '"$(
	stat -c %s pc.iso))") = true ]] || fail "a partition ends behind the stick"
xorriso -indev pc.iso -report_el_torito plain > torito 2> xorriso.log
has torito 'El Torito boot img :   1  BIOS  y'
has torito 'El Torito boot img :   2  UEFI  y'
equal "$(blkid -p -o value -s LABEL pc.iso)" SLATE_RESCUE 'the label'
# Both readers of the stick's partitions see the same filesystems.
equal "$(blkid -p -o value -s LABEL -O $((64 * 512)) pc.iso)" SLATE_RESCUE 'partition 1'

say 'what is in it'
unpack pc.iso
same boot/slate/vmlinuz iso.d/slate/vmlinuz
same boot/slate/initrd.img iso.d/slate/initrd.img
menu=iso.d/boot/grub/grub.cfg
grub-script-check $menu || fail "GRUB cannot read the menu"
has $menu 'set default=slate-rescue$'
has $menu 'linux /slate/vmlinuz$'
has $menu 'linux /slate/vmlinuz slate.local=restore slate.image=LABEL=SLATE:/pc.slate$'
id=$(basename iso.d/slate/id-*)
has efi.d/boot/grub/grub.cfg "search .*--file .*/slate/$id\$"
for file in BOOTX64.EFI grubx64.efi; do
	[[ $(head -c 2 efi.d/EFI/BOOT/$file) = MZ ]] || fail "$file is no program of UEFI"
done
grep -aq 'Debian Secure Boot' efi.d/EFI/BOOT/grubx64.efi || fail "GRUB is not signed"

say 'other words'
make_iso own.iso --image UUID=1234-ABCD:/lab/pc7.slate --target largest --options nomodeset
unpack own.iso
words='slate.local=restore slate.image=UUID=1234-ABCD:/lab/pc7.slate slate.target=largest'
has $menu "linux /slate/vmlinuz $words nomodeset\$"
has $menu 'linux /slate/vmlinuz nomodeset$'
[[ ! -e iso.d/slate/$id ]] || fail "another menu has the same id"

say 'what is refused'
refused 'has to be like LABEL=' --image /pc.slate
refused 'has to be like LABEL=' --image 'LABEL=MY STICK:/pc.slate'
refused 'has to be like LABEL=' --image "LABEL=A:/x' }"
refused 'has to be first, largest' --target 'largest slate.then=poweroff'
refused 'can be given to the kernel' --options "quiet' } menuentry"
refused 'no nowhere/slate/vmlinuz' --from nowhere
expect_status 3 rescue iso --from boot -o away
said 'away cannot be a file'
mknod stick b 7 250
expect_status 3 rescue iso --from boot -o stick
said 'is a device: make a file'
[[ -b stick ]] || fail "there is a file in place of the stick"
mkfifo pipe
expect_status 3 rescue iso --from boot -o pipe
said 'pipe cannot be a file'
cp pc.iso boot/slate/vmlinuz
refused 'is no Linux kernel' --target first
SOURCE_DATE_EPOCH=now expect_status 3 rescue iso --from boot -o pc.iso
expect_status 2 rescue iso --from boot operand
