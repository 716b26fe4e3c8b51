# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
#
# lib.sh - virtual machines for tests.  Comes after tests/cli/lib.sh and before
# disk-lib.sh makes a disk, which has another $root.
# shellcheck disable=SC2154 # which sets $root and $dir
top=$root
within=() guest_pid=

# get_kernel cloud-amd64|amd64: Debian's kernel package, unpacked once in
# build/kernel-NAME: the small one for virtual machines, or the one that has all
# filesystems.  $kernel is the image, $modules the folder to give to modprobe -d,
# $version its name.
get_kernel() {
	local place=$top/build/kernel-$1

	mkdir -p "$place"
	(
		flock 9 # two tests may want it at once
		cd "$place" || exit
		[[ -e ready ]] || unpack_kernel "$1" > log 2>&1 || {
			cat log >&2
			fail "Debian's kernel package cannot be had"
		}
	) 9> "$place/lock"
	# shellcheck disable=SC2034 # the caller reads it
	kernel=$(ls "$place"/boot/vmlinuz-*)
	modules=$place
	version=$(ls "$place/lib/modules")
}

# unpack_kernel FLAVOUR: here.  Package lists that are absent or too old make the first
# attempt fail.
unpack_kernel() {
	rm -rf boot lib usr ./*.deb
	download_kernel "$1" || { apt-get update && download_kernel "$1"; } || return
	dpkg -x ./*.deb . && rm ./*.deb && depmod -b . "$(ls lib/modules)" && : > ready
}

download_kernel() { # download_kernel FLAVOUR
	local package

	package=$(apt-cache depends "linux-image-$1" |
		awk '/Depends: linux-image-/ { print $2; exit }')
	[[ $package ]] && apt-get -o Acquire::Retries=3 download "$package"
}

# get_boot_tree: $tree, as slate-rescue build makes it of these programs; $kernel is its
# kernel
get_boot_tree() {
	local place=$top/build/boot-tree new

	get_kernel amd64
	# Debian's packages that are not installed are fetched once.
	export SLATE_RESCUE_CACHE=$top/build/rescue
	mkdir -p "$place"
	(
		flock 9 # two tests may want it at once
		new=$(find "$top"/build/{slate,slate-netconf,slate-agent} \
			"$top"/rescue/{build,init} -newer "$place/slate/initrd.img" \
			-type f 2> /dev/null || echo none)
		[[ $new ]] || exit 0
		"$top/rescue/slate-rescue" build -o "$place" --kernel "$modules" \
			> "$place/log" 2>&1 ||
			{ cat "$place/log" >&2; fail "there is no rescue system"; }
	) 9> "$place.lock"
	# shellcheck disable=SC2034 # the caller reads it
	tree=$place
}

# make_initrd FILE INIT [MODULE...]: busybox, the script INIT as part of /init, modules
# that are loaded before it runs, and all that is in the folder ./more if there is one.
make_initrd() {
	local out=$1 init=$2 tree=$dir/initrd.d

	shift 2
	rm -rf "$tree"
	mkdir -p "$tree"/{bin,dev,proc,sys,m,mnt}
	add_program "$(command -v busybox)" "$tree" bin/busybox
	{
		cat << 'END'
#!/bin/busybox sh
/bin/busybox mkdir -p /sbin /usr/bin /usr/sbin /tmp
/bin/busybox --install -s
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
exec > /dev/console 2>&1
while read -r m; do insmod "/m/$m"; done < /m/order
END
		cat "$init"
		echo 'poweroff -f'
	} > "$tree/init"
	chmod 755 "$tree/init"
	[[ ! -d more ]] || cp -r more/. "$tree"
	: > needed
	[[ $# = 0 ]] || needs "$@" > needed
	while read -r file; do
		cp "$file" "$tree/m/"
		basename "$file"
	done < needed > "$tree/m/order"
	(cd "$tree" && find . | sort | cpio -o -H newc --quiet) | gzip -1 > "$out"
	rm -rf "$tree"
}

# needs MODULE...: their files, those first that others need
needs() {
	modprobe -d "$modules" -S "$version" -a --show-depends "$@" > modprobe.out
	sed -n 's/^insmod \([^ ]*\).*/\1/p' modprobe.out | awk '!seen[$0]++'
}

# guest LOG SECONDS ARGUMENT...: runs QEMU until it ends by itself or says
# "MARKER-END"; its serial console goes to LOG.  Processors are emulated: slower
# than KVM, but it works everywhere, and alike.  What starts QEMU can be in the array
# $within.
guest() {
	local log=$1 end=$((SECONDS + $2))

	shift 2
	: > "$log"
	"${within[@]}" qemu-system-x86_64 -accel tcg -cpu max -m 384 -display none \
		-monitor none -nic none -no-reboot -serial "file:$log" "$@" > "$log.err" 2>&1 &
	guest_pid=$!
	while [[ $SECONDS -lt $end ]] && kill -0 $guest_pid 2> /dev/null; do
		! grep -aq MARKER-END "$log" || break
		sleep 0.2
	done
	kill $guest_pid 2> /dev/null || true
	wait $guest_pid || true
	guest_pid=
}

# boot bios|uefi FILE SECONDS [ARGUMENT...]: a disk as old PCs have it, or one as new
# ones have it.  The log is bios.log or uefi.log; the firmware's own text is in it, too.
boot() {
	local with=(-machine "pc,graphics=off" -device "ide-hd,drive=disk")
	local flash="if=pflash,format=raw" ovmf=/usr/share/OVMF

	[[ $1 = bios ]] || with=(-machine q35 -vga none
		-drive "$flash,unit=0,readonly=on,file=$ovmf/OVMF_CODE_4M.fd"
		-drive "$flash,unit=1,snapshot=on,file=$ovmf/OVMF_VARS_4M.fd"
		-device "nvme,drive=disk,serial=1")
	guest "$1.log" "$3" "${with[@]}" \
		-drive "if=none,id=disk,format=raw,snapshot=on,file=$2" "${@:4}"
}
