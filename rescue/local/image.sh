# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # variables are shared by the files of a verb
#
# image.sh - the image that this PC restores itself from, and what is restored.

# image_find FILE: sets $image_device, and $image_word for slate.image=.  The image need
# not be there yet: its entry belongs into the system that is saved into it.
image_find() {
	local file=$1 folder path

	[[ -e $file || ! -e $file.000 ]] || file+=.000
	[[ ! -d $file ]] || refuse "--image: $file is a folder"
	folder=$(realpath -e "$(dirname "$file")" 2> /dev/null) ||
		refuse "--image: there is no folder $(dirname "$file"); is its partition" \
			"mounted?"
	image_file=$folder/$(basename "$file")
	image_device=$(mount_field SOURCE "$folder")
	place_check "the image" "$image_device"
	path=$(inside "$folder")/${image_file##*/}
	[[ $path =~ ^/[A-Za-z0-9/._+,@%=-]+$ ]] || refuse "--image: the name $path cannot be" \
		"given to the kernel: only letters, digits and . _ + , @ % = - are possible"
	image_word=UUID=$place_uuid:$path
}

# target_find PART|DISK|"" ROOT: what is restored; default: what ROOT is on.  Sets $target and
# $target_disk (yes or "").
target_find() {
	target=${1:-$(mount_field SOURCE "${2:-/}")}
	[[ -b $target ]] || refuse "--target: $target is no partition or disk"
	target_disk=''
	[[ $(tag PART_ENTRY_UUID "$target") ]] || target_disk=yes
	# A partition has no queue of its own.
	[[ ! $target_disk || -d /sys/dev/block/$(device_number "$target")/queue ]] ||
		refuse "--target: $target has no id (PARTUUID) that it could be found by"
}

# target_name: sets $target_word for slate.target=.  The names of disks may change from one
# start to the next.
target_name() {
	local id

	if [[ $target_disk ]]; then
		id=$(lsblk -dno SERIAL "$target")
		target_word=$id
	else
		id=$(tag PART_ENTRY_UUID "$target")
		target_word=PARTUUID=$id
	fi
	[[ $id =~ ^[A-Za-z0-9._:-]+$ ]] || refuse "--target: $target has no serial number" \
		"that the rescue system could find it by; name a partition"
}

# image_check: image and target go together
image_check() {
	local on size have program

	on=$(device_number "$image_device")
	[[ $on != "$(device_number "$target")" ]] || refuse "the image $image_file lies on" \
		"$target, which it would be restored to: put it on another partition"
	[[ ! $target_disk || $(tag PART_ENTRY_DISK "$image_device") != \
		"$(device_number "$target")" ]] || refuse "the image $image_file lies on the" \
		"disk $target, which it would be restored to: restore a partition, by --target"
	[[ -e $image_file ]] || {
		say "$image_file is not there yet: start the rescue system by its entry and" \
			"save $target there"
		return
	}
	program=$(own_program SLATE slate)
	"$program" --json info "$image_file" > "$1/info" 2> "$1/info.err" ||
		refuse "--image: $(sed -n 's/^slate: //p' "$1/info.err" | head -n 1)"
	if grep -q '^      "part":' "$1/info"; then
		[[ $target_disk ]] || refuse "$image_file is the image of a whole disk, and" \
			"$target is a partition: name the disk by --target"
	else
		[[ ! $target_disk ]] || refuse "$image_file is the image of a partition, and" \
			"$target is a whole disk: name the partition by --target"
	fi
	size=$(sed -n 's/^  "device_bytes": \([0-9]*\),$/\1/p' "$1/info")
	have=$(blockdev --getsize64 "$target")
	[[ $size && $size -le $have ]] || refuse "$target is too small for $image_file: it" \
		"has $have bytes, the image wants $size"
}

# image_tell: a power cut in the middle of a restore shall not end in a PC without a menu
image_tell() {
	[[ $(device_number "$files_device") != "$(device_number "$target")" ]] ||
		say "the rescue system lies on $target, which it restores: if the power fails" \
			"meanwhile, the PC starts again only by slate-rescue iso or the" \
			"network. --device puts it on another partition"
}
