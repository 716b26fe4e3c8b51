# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # variables are shared by the files of a verb
#
# iso.sh - slate-rescue iso: the rescue system on a CD or a USB stick.  The same input
# makes the same bytes.

for part in system iso-boot; do
	# shellcheck source=/dev/null
	. "$here/local/$part.sh"
done

iso_summary='iso [OPTION]...'
iso_options='
o output FILE the ISO (default slate-rescue.iso)
- image WHERE the image that is restored (default LABEL=SLATE:/pc.slate)
- target RULE what it is restored to (default: the only disk)
'$system_options
iso_date=1577836800 # 2020: a time before which no certificate or file of today is

iso_main() {
	local output=${option[output]-slate-rescue.iso} work folder

	[[ ${#operands[@]} = 0 ]] || wrong_usage "iso takes no operands: ${operands[*]}"
	iso_check
	system_check
	folder=$(dirname "$output")
	[[ ! -b $output ]] || refuse "--output: $output is a device: make a file, and" \
		"bring it there by cp or dd"
	[[ (! -e $output || -f $output) && -d $folder ]] ||
		refuse "--output: $output cannot be a file"
	# In the same folder: then the file only needs to be renamed at the end.
	work=$(mktemp -d "$(realpath "$folder")/.slate-rescue.XXXXXX" 2> /dev/null) ||
		die "cannot write to $folder"
	# shellcheck disable=SC2064 # as it is now
	trap "work_remove ${work@Q}" EXIT
	system_get "$work"
	iso_tree "$work"
	iso_write "$work"
	mv -f "$work/iso" "$output"
	echo "$output is complete: $(($(stat -c %s "$output") >> 20)) MiB, for CDs and, by dd" \
		"or cp onto the whole device, for USB sticks; BIOS and UEFI, also Secure Boot"
}

iso_check() {
	# What neither the kernel's command line nor GRUB takes for something else
	local value='[A-Za-z0-9/._+,@%:-]+'

	[[ ${option[image]-LABEL=X:/x} =~ ^(LABEL|UUID|PARTUUID)=$value:/$value$ ]] ||
		refuse '--image: it has to be like LABEL=SLATE:/pc.slate or' \
			'UUID=1234-ABCD:/images/pc.slate, without spaces'
	[[ ${option[target]-x} =~ ^((UUID|PARTUUID|LABEL)=)?$value$ ]] ||
		refuse "--target: it has to be first, largest, a serial number, a path," \
			"or like PARTUUID=..."
	[[ ${SOURCE_DATE_EPOCH-0} =~ ^[0-9]{1,10}$ ]] ||
		refuse 'the environment variable SOURCE_DATE_EPOCH is no number of seconds'
	need xorriso xorriso mcopy mtools mkfs.vfat dosfstools grub-mkimage grub-common
}

# iso_tree WORK: all that goes onto the ISO, in $WORK/iso.d; $iso_id names its content
iso_tree() {
	local tree=$1/iso.d

	mkdir -p "$tree/slate" "$tree/boot/grub" "$tree/.disk"
	install -m 644 "$kernel" "$tree/slate/vmlinuz"
	install -m 644 "$initrd" "$tree/slate/initrd.img"
	iso_menu > "$tree/boot/grub/grub.cfg"
	iso_id=$(cd "$tree" && sha256sum slate/* boot/grub/grub.cfg | sha256sum)
	iso_id=${iso_id:0:16}
	# GRUB looks for this file: there may be other sticks with a /boot/grub.
	echo "$iso_id" > "$tree/slate/id-$iso_id"
	# The file that the signed GRUB looks for if its own folder has no menu
	echo "Slate rescue system $(slate_version), $iso_id" > "$tree/.disk/info"
	iso_bios "$1" "$tree/boot/grub/bios.img"
	iso_efi "$1" "$1/efi.img"
}

# iso_menu: the first entry writes nothing, and is started if nobody chooses
iso_menu() {
	local image=${option[image]-LABEL=SLATE:/pc.slate} words=''

	[[ ! ${option[target]-} ]] || words=" slate.target=${option[target]}"
	words="slate.local=restore slate.image=$image$words"
	cat << 'END'
set timeout=15
set default=slate-rescue
END
	iso_entry 'Slate rescue system: by hand, or the job that a server has' \
		slate-rescue s ''
	iso_entry "Restore this PC from ${image##*:} on ${image%%:/*}, without asking" \
		slate-restore r " $words"
	cat << 'END'
menuentry 'Switch off' --id off --hotkey=o {
	halt
}
END
}

iso_entry() { # iso_entry TITLE ID KEY WORDS
	cat << END
menuentry '$1 [$3]' --id $2 --hotkey=$3 {
	echo 'loading the rescue system ...'
	linux /slate/vmlinuz$4${option[options]+ ${option[options]}}
	initrd /slate/initrd.img
}
END
}

# iso_write WORK: $WORK/iso.  Partition 1 of the stick is the ISO itself, partition 2
# the one for UEFI, which a CD has as a second boot image.
iso_write() {
	local date

	date=$(date -u -d "@${SOURCE_DATE_EPOCH-$iso_date}" +%Y%m%d%H%M%S00)
	find "$1/iso.d" -exec touch -h -d "@${SOURCE_DATE_EPOCH-$iso_date}" {} +
	xorriso -as mkisofs -quiet -o "$1/iso" -V SLATE_RESCUE -R -J \
		--modification-date="$date" --set_all_file_dates "$date" -uid 0 -gid 0 \
		--grub2-mbr "$from_bios/boot_hybrid.img" -partition_offset 16 \
		-append_partition 2 0xef "$1/efi.img" \
		-b boot/grub/bios.img -no-emul-boot -boot-load-size 4 -boot-info-table \
		--grub2-boot-info -eltorito-alt-boot \
		-e --interval:appended_partition_2:all:: -no-emul-boot \
		"$1/iso.d" > "$1/xorriso.log" 2>&1 ||
		die "xorriso has failed: $(tail -n 1 "$1/xorriso.log")"
}
