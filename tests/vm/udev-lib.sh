# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
#
# udev-lib.sh - Debian's systemd-udevd for tests of names, in a network namespace or a
# guest.  Comes after tests/cli/nc-lib.sh.
#
# The packages are unpacked, not installed: installing udev starts it, and it would
# rename the cards of the machine that runs the tests.
# shellcheck disable=SC2154 # lib.sh sets $root and $dir
NET_RENAME=$(realpath "${NET_RENAME:-$root/build/net-rename}")

# get_udev: once, into build/udev; $udev is that folder
get_udev() {
	udev=$root/build/udev
	mkdir -p "$udev"
	(
		flock 9 # two tests may want it at once
		cd "$udev" || exit
		[[ -e ready ]] || unpack_udev > log 2>&1 || {
			cat log >&2
			fail "Debian's udev package cannot be had"
		}
	) 9> "$udev/lock"
}

# unpack_udev: here.  Package lists that are absent or too old make the first attempt fail.
unpack_udev() {
	local deb wanted=(udev libsystemd-shared libkmod2)

	rm -rf ./*.deb bin lib usr etc
	apt-get download "${wanted[@]}" ||
		{ apt-get update && apt-get download "${wanted[@]}"; } || return
	for deb in ./*.deb; do dpkg -x "$deb" . || return; done
	rm ./*.deb
	: > ready
}

# udev_tree FOLDER: the root of a small system with busybox, udevd, ip and net-rename at
# the place that the printed rules name
udev_tree() {
	local file drop

	mkdir -p "$1"/{bin,etc/udev/rules.d,etc/systemd/network,dev,proc,sys,run,tmp} \
		"$1"/lib/systemd/network
	put_program "$(command -v busybox)" "$1" bin/busybox
	put_program "$(command -v ip)" "$1" bin/ip
	put_program "$udev/bin/udevadm" "$1" bin/udevadm
	busybox --list | while read -r file; do
		[[ -e $1/bin/$file ]] || ln -s busybox "$1/bin/$file"
	done
	ln -sf /bin/udevadm "$1/lib/systemd/systemd-udevd"
	cp -r "$udev/lib/udev" "$1/lib/"
	cp "$udev"/lib/systemd/network/*.link "$1/lib/systemd/network/"
	# What needs programs that are not there, or has nothing to do with cards.
	drop='persistent-storage|alsa|v4l|cdrom|input|sensor|drm|joystick|tape|dmi|block|btrfs'
	for file in "$1"/lib/udev/rules.d/*; do
		[[ ! ${file##*/} =~ $drop ]] || rm "$file"
	done
	rm -rf "$1/lib/udev/hwdb.bin" "$1/lib/udev/hwdb.d"
	find "$1/lib/udev" -maxdepth 1 -type f -delete
	echo root:x:0:0:root:/:/bin/sh > "$1/etc/passwd"
	sed -n 's/.*GROUP="\([a-z]*\)".*/\1:x:7:/p' "$1"/lib/udev/rules.d/* | sort -u \
		> "$1/etc/group"
	install -D "$NET_RENAME" "$1$(helper_place)"
}

helper_place() { # where the rules expect it
	netconf rules eth0=52:54:00:00:00:01 | sed -n 's/.*RUN+="\([^ ]*\) .*/\1/p' | head -n 1
}

# put_program FILE TREE PLACE: with the libraries that it is linked with, those of the
# unpacked packages first
put_program() {
	local lib libs=$udev/usr/lib/x86_64-linux-gnu/systemd:$udev/lib/x86_64-linux-gnu

	install -D "$1" "$2/$3"
	while read -r lib; do
		[[ -e $2$lib ]] || install -D "$lib" "$2${lib#"$udev"}"
	done < <(LD_LIBRARY_PATH=$libs ldd "$1" 2> /dev/null |
		sed -n 's,^[^/]*\(/[^ ]*\).*,\1,p')
}

# udev_functions: for the shell in that system
udev_functions() {
	cat << 'END'
export PATH=/bin:/sbin:/usr/bin:/usr/sbin
export SYSTEMD_LOG_TARGET=console SYSTEMD_LOG_LEVEL=info SYSTEMD_LOG_COLOR=0
start_udevd() {
	mkdir -p /run/udev
	/lib/systemd/systemd-udevd >> /run/udevd.log 2>&1 &
	udevd=$!
	n=0
	until [ -S /run/udev/control ] || [ $n = 100 ]; do
		usleep 50000
		n=$((n + 1))
	done
}
stop_udevd() {
	udevadm control --exit
	wait $udevd
	rm -rf /run/udev
}
names() { # names WORD: "WORD NAME ADDRESS" of each card
	for i in /sys/class/net/*; do
		[ ! -d $i ] || echo "$1 ${i##*/} $(cat $i/address)"
	done
}
END
}
