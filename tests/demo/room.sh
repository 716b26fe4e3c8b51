#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# room.sh - the demo with a network: a server and a virtual PC in namespaces of their own.  The
# PC is emulated, and by far slower than a real one.
set -euo pipefail
# shellcheck source=tests/cli/pxe-lib.sh
. "$(dirname "$0")/../cli/pxe-lib.sh"
# shellcheck source=tests/cli/disk-lib.sh
. "$root/tests/cli/disk-lib.sh"
# shellcheck source=tests/vm/lib.sh
. "$root/tests/vm/lib.sh"
# shellcheck source=tests/vm/grub-lib.sh
. "$root/tests/vm/grub-lib.sh"
trap 'end_all; cleanup' EXIT
within=(ip netns exec "$ns")
seconds=600 # a PC may take; an emulated one on a slow machine
times=()

end_all() {
	[[ ! $guest_pid ]] || kill "$guest_pid" 2> /dev/null || true
	stop_server KILL
	ip netns del "$ns" 2> /dev/null || true
}

title() { printf '\n== %s\n' "$*"; }
note() { printf '   %s\n' "$*"; }

now() { echo "${EPOCHREALTIME/[.,]/}"; }

took() { # took BEGIN WHAT: remembers it for the end, too
	local text

	text=$(awk -v t=$(($(now) - $1)) 'BEGIN { printf "%.1f s", t / 1e6 }')
	times+=("$(printf '%-56s %9s' "$2" "$text")")
	note "took $text"
}

die() {
	echo "demo: $*" >&2
	exit 1
}

# try WHAT COMMAND...: shows and runs it
try() {
	local begin what=$1 shown

	shift
	begin=$(now)
	shown=" ${*}"
	shown=${shown// $SLATE/ slate} shown=${shown// $PXE/ slate-pxe}
	shown=${shown// "$root"\/rescue\// } shown=${shown/ in_lab/}
	printf '   $%s\n' "$shown"
	"$@" < /dev/null > said 2>&1 || { cat said; die "that failed"; }
	sed 's/^/   /' said
	[[ ! $what ]] || took "$begin" "$what"
}

# ---- the PC ------------------------------------------------------------------

# What the Linux on the PC's disk does when it starts
system_init() {
	cat << 'END'
i=0
until findfs LABEL=root || [ $i = 300 ]; do usleep 100000; i=$((i + 1)); done > /dev/null
mount -t ext4 -o ro "$(findfs LABEL=root)" /mnt
echo "PC: the Linux of $(cat /mnt/etc/hostname) has started from its disk."
echo "PC: $(cat /mnt/marker)"
echo "PC: $(find /mnt/usr | wc -l) files and folders in /usr"
umount /mnt
echo MARKER-END
END
}

system_menu() {
	cat << 'END'
linux /boot/vmlinuz console=ttyS0 quiet panic=-1 no_timer_check
initrd /boot/initrd
boot
END
}

make_pc() { # ./pc: MBR, GRUB, ext4 with files of this machine
	rm -f pc
	truncate -s 400M pc
	printf '%s\n' 'label: dos' 'size=300M, type=83, bootable' 'type=83' | sfdisk -q pc
	grub_images root /boot/grub.cfg
	install_bios pc 64
	in_part pc 1 mkfs.ext4 -q -L root
	in_part pc 2 mkfs.ext4 -q -L data
	system_init > init
	make_initrd initrd init virtio_pci virtio_blk ext4 crc32c_generic
	fill_part pc 1 150000
	in_part pc 1 put_system
}

put_system() { # put_system DEVICE
	mkdir -p at
	mount "$1" at
	mkdir -p at/boot at/etc at/usr
	cp "$kernel" at/boot/vmlinuz
	cp initrd at/boot/initrd
	system_menu > at/boot/grub.cfg
	echo 'NAME="Demo Linux"' > at/etc/os-release
	echo golden > at/etc/hostname
	echo "This is the PC of the lesson's first day." > at/marker
	umount at
}

# console LOG: what the PC shows, from where our part begins
console() {
	# shellcheck disable=SC2016 # $0 is for awk
	tail -n +1 -q --pid=$$ -F "$1" 2> /dev/null |
		stdbuf -oL tr -d '\000-\010\013-\037\177' |
		stdbuf -oL awk '/the server is|waiting for the network/ { on = 1 }
			(on || /^PC: /) && !/MARKER|^$/ { print "   pc01 | " $0 }'
}

start_pc() { # start_pc WHAT: by network first, then by disk
	local begin watcher

	begin=$(now)
	: > console.log
	console console.log &
	watcher=$!
	guest console.log $seconds -machine "pc,graphics=off" -m 320 -device virtio-rng-pci \
		-netdev tap,id=net,ifname=tap0,script=no,downscript=no \
		-device virtio-net-pci,netdev=net,mac=52:54:00:77:01:01,bootindex=1 \
		-drive "if=none,id=disk,format=raw,file=pc" \
		-device virtio-blk-pci,drive=disk,serial=PC01,bootindex=2
	sleep 0.5
	kill_children $watcher
	took "$begin" "$1"
}

kill_children() { # kill_children PID: and itself; they are a pipeline of ours
	local child

	# shellcheck disable=SC2013 # they are words of one line
	for child in $(cat "/proc/$1/task/$1/children" 2> /dev/null); do
		kill "$child" 2> /dev/null || true
	done
	kill "$1" 2> /dev/null || true
	wait "$1" 2> /dev/null || true
}

job_done() {
	in_lab "$PXE" results -c lab.conf > said
	sed 's/^/   /' said
	sed -n 2p said | grep -q ' done ' ||
		{ tail -n 30 console.log; die "the job is not done"; }
}

shows_system() {
	grep -aq "first day" console.log ||
		{ tail -n 30 console.log; die "it does not start"; }
}

# ---- the evening -------------------------------------------------------------

title "The rescue system that the PCs of a classroom boot: Debian's kernel, busybox, slate"
export SLATE_RESCUE_CACHE=$root/build/cache
make_folders 'dhcp.mode = server' 'dhcp.range = 10.77.0.100-10.77.0.120' \
	'jobs.kernel-options = console=ttyS0 no_timer_check panic=-1 slate.onerror=reboot:1'
try "build the rescue system" "$root/rescue/slate-rescue" build -o boot
get_kernel amd64

title "A PC: BIOS, 256 MiB memory more or less, a disk of 400 MiB with a Linux"
begin=$(now)
make_pc
cp --sparse=always pc first-day
took "$begin" "make the PC's disk"

title "The classroom's server, in a network of its own"
make_lab 0
ip -n "$ns" tuntap add dev tap0 mode tap
ip -n "$ns" link set tap0 master br0 up
start_server
note "slate-pxe serve: addresses, boot files, images and jobs on 10.77.0.1"
try '' in_lab "$PXE" host add -c lab.conf pc01 52:54:00:77:01:01

title "Save it: the PC is switched on and does what its job says"
try '' in_lab "$PXE" job add -c lab.conf pc01 save pc01.slate
start_pc "boot from the network, save the disk to the server"
job_done
try "verify the image" "$SLATE" -b verify images/pc01.slate

title "Wreck it: partition table, boot code and the begin of the filesystem are gone"
dd if=/dev/urandom of=pc bs=1M count=40 conv=notrunc status=none
note "40 MiB of garbage over the begin of the disk"

title "Restore it: the PC is switched on, and nobody touches it"
try '' in_lab "$PXE" job add -c lab.conf --no-personalise pc01 restore pc01.slate
start_pc "boot from the network, restore what is not as it was"
job_done

title "Switch it on again: no job, so it boots its disk"
start_pc "boot the restored system"
shows_system
try "compare the disk with the image" "$SLATE" -b verify images/pc01.slate pc
in_part first-day 1 e2fsck -fn > fsck.log 2>&1 || die "the first disk was not sound"
in_part pc 1 e2fsck -fn > fsck.log 2>&1 || die "the restored filesystem is not sound"
cmp <(manifest_part first-day 1) <(manifest_part pc 1) || die "the files are not the same"
note "and all files are as they were: contents, owners, modes, times"

title "How long it took (the PC is emulated; a real one is many times as fast)"
printf '   %s\n' "${times[@]}"
printf '\ndemo: the PC is as on the first day\n'
