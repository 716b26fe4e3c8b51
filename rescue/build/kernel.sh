# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash disable=SC2154,SC2034 # files share variables
#
# kernel.sh - the kernel: the installed one of linux-image-amd64, the same fetched, or
# that of --kernel.  kernel_get sets
#
#	$kernel		the image
#	$kernel_version	what modules and uname -r call it
#	$kernel_modules	the folder of its modules

# kernel_get WORK: WORK is a folder to unpack into
kernel_get() {
	local given=${option[kernel]-}

	if [[ ! $given ]]; then
		kernel_debian
	elif [[ -d $given ]]; then
		kernel_in "$given"
	elif [[ $given = *.deb && -f $given ]]; then
		unpack "$given" "$1/kernel"
		kernel_in "$1/kernel" "$given"
	elif [[ -f $given ]]; then
		kernel_is "$given" "$(dirname "$(realpath "$given")")/.."
	else
		refuse "--kernel: there is no $given"
	fi
	release+=("kernel $(kernel_text "$kernel")")
}

# kernel_debian: the versioned package that linux-image-amd64 stands for
kernel_debian() {
	local package

	package=$(dpkg-query -W -f '${Depends}\n' linux-image-amd64 2> /dev/null |
		grep -oE 'linux-image-[^ ,]+' | head -n 1) || package=''
	if [[ $package ]] && installed "$package" > /dev/null &&
		[[ -f /boot/vmlinuz-${package#linux-image-} ]]; then
		kernel_is "/boot/vmlinuz-${package#linux-image-}" /
		return
	fi
	[[ $(id -u) != 0 ]] || candidate linux-image-amd64 > /dev/null ||
		apt-get -q update > /dev/null 2>&1 || true
	package=$(apt-cache depends linux-image-amd64 2> /dev/null |
		awk '/Depends: linux-image-/ && !n++ { print $2 }') || package=''
	[[ $package ]] || die "apt knows no package linux-image-amd64, and it is not" \
		"installed: as root, apt-get update; or give a kernel by --kernel"
	fetch "$package"
	kernel_in "$fetched"
}

# kernel_in FOLDER [DEB]: as an unpacked package, with the newest image
kernel_in() {
	local image

	image=$(find "$1/boot" -name 'vmlinuz-*' 2> /dev/null | sort -V | tail -n 1) || image=''
	[[ $image ]] || refuse "${2-$1} has no boot/vmlinuz-*: that is no package of a kernel"
	kernel_is "$image" "$1"
}

kernel_is() { # kernel_is IMAGE ROOT
	local place

	kernel=$(realpath "$1")
	kernel_version=$(kernel_text "$kernel")
	kernel_version=${kernel_version%% *}
	[[ $kernel_version =~ ^[0-9][A-Za-z0-9.+~_-]*$ ]] ||
		refuse "$1 is no image of a Linux kernel for PCs"
	for place in "$2" "$2/usr" / ; do
		kernel_modules=$place/lib/modules/$kernel_version
		[[ ! -d $kernel_modules/kernel ]] || break
	done
	[[ -d $kernel_modules/kernel ]] || refuse "the modules of $1 are missing: neither" \
		"$2 nor / has lib/modules/$kernel_version"
	kernel_modules=$(realpath "$kernel_modules")
}

# kernel_text IMAGE: what the kernel says of itself, which begins with its version
# (Documentation/x86/boot.rst: "HdrS" at 0x202, where the text is at 0x20e)
kernel_text() {
	local at

	[[ $(dd if="$1" bs=1 skip=514 count=4 status=none | tr -d '\0') = HdrS ]] || return 0
	at=$(od -An -tu2 -j 526 -N 2 "$1")
	dd if="$1" bs=1 skip=$((at + 512)) count=250 status=none | tr '\0' '\n' |
		head -n 1 | tr -cd '[:print:]'
}
