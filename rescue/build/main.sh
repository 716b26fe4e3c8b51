# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash disable=SC2154,SC2034 # files share variables
#
# main.sh - slate-rescue build

build_summary='build [OPTION]...'
build_options='
o output DIR boot tree (default /srv/slate/boot)
- kernel DEB|PATH another kernel: a package, or vmlinuz or its folder
- modules LIST more kernel modules or folders of them, with commas
- key FILE certificate of the server or its authority (PEM)
- firmware - the firmware that the modules name, from /lib/firmware
'
build_needs=$((150 << 20)) # bytes that the work takes, at most
build_limit=$((25 << 20))  # of kernel and initramfs together
release=()                 # lines "NAME VERSION" of what goes in

for part in fetch kernel modules modules-list programs tree libraries initramfs firmware \
	boot; do
	# shellcheck source=/dev/null
	. "$here/build/$part.sh"
done

build_main() {
	local output=${option[output]-/srv/slate/boot} work

	[[ ${#operands[@]} = 0 ]] || wrong_usage "build takes no operands: ${operands[*]}"
	build_check
	mkdir -p "$output" 2> /dev/null || die "cannot make the folder $output"
	output=$(realpath "$output")
	exec 7< "$output" || die "cannot read $output"
	# Some network filesystems have no locks.
	flock -n -E 75 7 2> /dev/null || [[ $? != 75 ]] ||
		refuse "another build is at work in $output"
	rm -rf "$output"/.slate-build.* # of one that was killed
	# Inside, hidden: then the files only need to be renamed at the end.
	work=$(mktemp -d "$output/.slate-build.XXXXXX" 2> /dev/null) ||
		die "cannot write to $output"
	# shellcheck disable=SC2064 # as it is now
	trap "work_remove ${work@Q}" EXIT
	build_room "$output"
	mkdir -p "$work/boot/slate"
	kernel_get "$work"
	boot_get_loaders "$work/boot"
	build_initramfs "$work"
	install -m 644 "$kernel" "$work/boot/slate/vmlinuz"
	boot_menus "$work/boot"
	boot_place "$work/boot" "$output"
	build_tell "$output" "$work"
}

# build_check: all that can be wrong before anything is done
build_check() {
	local key=${option[key]-} part name package programs=()

	while read -r name package _; do
		[[ ! $name ]] || programs+=("$name" "$package")
	done <<< "$programs_list"
	need depmod kmod xz xz-utils zstd zstd strip binutils dpkg-deb dpkg "${programs[@]}"
	[[ ! $key ]] || need openssl openssl
	for part in init/init init/consoles init/lease; do
		[[ -f $here/$part ]] || refuse "Slate is not complete: $here/$part is missing"
	done
	[[ $key ]] || return 0
	[[ -r $key ]] || refuse "--key: cannot read $key"
	openssl x509 -inform PEM -in "$key" -noout 2> /dev/null ||
		refuse "--key: $key is no certificate in the form PEM"
	! grep -q 'PRIVATE KEY' "$key" || refuse "--key: $key holds a private key, which" \
		"everybody in the network could read then: give the certificate alone"
	openssl x509 -in "$key" -noout -checkend 0 > /dev/null ||
		say "--key: $key is out of date: no machine will trust this server"
}

build_room() { # build_room FOLDER
	local free wants=$build_needs given=${option[kernel]-} unpacked

	# A kernel's package is unpacked there, with all that we do not take.
	if [[ $given = *.deb && -f $given ]]; then
		unpacked=$(dpkg-deb -f "$given" Installed-Size 2> /dev/null) || unpacked=''
		[[ ! $unpacked =~ ^[0-9]{1,9}$ ]] || wants=$((wants + (10#$unpacked << 10)))
	fi
	free=$(df --output=avail -B1 "$1" | tail -n 1)
	[[ $free -ge $wants ]] || refuse "$1 has room for $((free >> 20)) MiB only;" \
		"building wants $((wants >> 20)) MiB for a while, and 30 MiB stay"
}

build_initramfs() { # build_initramfs WORK
	local work=$1

	mkdir "$work/modules.d" "$work/tree.d"
	modules_choose "$work"
	modules_pack "$work" "$work/modules.d"
	tree_make "$work" "$work/tree.d"
	firmware_add "$work" "$work/tree.d"
	{
		echo "slate $(slate_version)"
		printf '%s\n' "${release[@]}" | sort -u
	} > "$work/boot/slate/release"
	install -m 644 "$work/boot/slate/release" "$work/tree.d/etc/slate-release"
	initramfs_make "$work" "$work/boot/slate/initrd.img"
}

mib() { # mib BYTES: "12.3 MiB"
	awk -v n="$1" 'BEGIN { printf "%.1f MiB", n / 1048576 }'
}

build_tell() { # build_tell OUTPUT WORK
	local kernel_size initrd_size all

	kernel_size=$(stat -c %s "$1/slate/vmlinuz")
	initrd_size=$(stat -c %s "$1/slate/initrd.img")
	all=$((kernel_size + initrd_size))
	echo "$1 is complete: kernel $kernel_version $(mib "$kernel_size"), initramfs" \
		"$(mib "$initrd_size") with $(wc -l < "$2/modules") modules, both $(mib $all)"
	[[ $all -le $build_limit ]] || say "that is more than $(mib $build_limit): machines" \
		"with little memory may not boot it"
}
