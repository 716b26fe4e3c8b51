# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
#
# lib.sh - virtual machines for tests.  Comes after tests/cli/lib.sh.
# shellcheck disable=SC2154 # which sets $root and $dir

# get_kernel: Debian's kernel package, unpacked once in build/kernel.  $kernel is the
# image, $modules the folder to give to modprobe -d, $version its name.
get_kernel() {
	local place=$root/build/kernel package

	if [[ ! -e $place/done ]]; then
		rm -rf "$place"
		mkdir -p "$place"
		package=$(apt-cache depends linux-image-amd64 |
			awk '/Depends: linux-image-/ { print $2; exit }')
		[[ $package ]] || fail "no package linux-image-amd64: apt-get update?"
		cd "$place"
		apt-get -qq -o Acquire::Retries=3 download "$package" > apt.log 2>&1 ||
			{ cat apt.log >&2; fail "the kernel package cannot be had"; }
		dpkg -x ./*.deb .
		rm ./*.deb
		depmod -b . "$(ls lib/modules)"
		: > done
		cd "$dir"
	fi
	kernel=$(ls "$place"/boot/vmlinuz-*)
	modules=$place
	version=$(ls "$place/lib/modules")
}

# make_initrd FILE INIT MODULE...: busybox, the script INIT as /init, modules that
# are loaded before it runs.
make_initrd() {
	local out=$1 init=$2 tree=$dir/initrd.d

	shift 2
	rm -rf "$tree"
	mkdir -p "$tree"/{bin,dev,proc,sys,m,mnt}
	cp "$(command -v busybox)" "$tree/bin/busybox"
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
		echo 'sync; poweroff -f'
	} > "$tree/init"
	chmod 755 "$tree/init"
	# modprobe names a module's own needs first.
	modprobe -d "$modules" -S "$version" -a --show-depends "$@" |
		sed -n 's/^insmod \([^ ]*\).*/\1/p' | awk '!seen[$1]++' > "$tree/list"
	while read -r file; do
		cp "$file" "$tree/m/"
		basename "$file"
	done < "$tree/list" > "$tree/m/order"
	(cd "$tree" && find . | sort | cpio -o -H newc --quiet) | gzip -1 > "$out"
	rm -rf "$tree"
}

# Processors are emulated: slower than KVM, but it works everywhere, and alike.
#
# guest LOG SECONDS ARGUMENT...: runs QEMU until it ends by itself or says
# "MARKER-END"; its serial console goes to LOG.
guest() {
	local log=$1 limit=$2 pid i

	shift 2
	: > "$log"
	qemu-system-x86_64 -accel tcg -cpu max -m 512 -display none -monitor none -nic none \
		-no-reboot -serial "file:$log" "$@" 2> "$log.err" &
	pid=$!
	for ((i = 0; i < limit * 5; i++)); do
		kill -0 $pid 2> /dev/null || break
		! grep -q MARKER-END "$log" || break
		sleep 0.2
	done
	kill $pid 2> /dev/null || true
	wait $pid 2> /dev/null || true
}

# Both firmwares show text on the serial console, too.
# shellcheck disable=SC2034 # the caller uses them
bios=(-machine "pc,graphics=off")
# shellcheck disable=SC2034
uefi=(-machine q35 -drive "if=pflash,format=raw,unit=0,readonly=on,file=/usr/share/OVMF/OVMF_CODE_4M.fd"
	-drive "if=pflash,format=raw,unit=1,snapshot=on,file=/usr/share/OVMF/OVMF_VARS_4M.fd")
