#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The rescue system with nothing to do: the screen of slate stands on the monitor (tty1) and
# takes keys; on the serial line is a shell, and slate shows the same there, as on a vt220.
# The actions of its menu work: a shell, reboot, power off; and a restore to a partition.
# limit 900
set -euo pipefail
# shellcheck source=tests/cli/screen-lib.sh
. "$(dirname "$0")/../../cli/screen-lib.sh"
# shellcheck source=tests/vm/lib.sh
. "$root/tests/vm/lib.sh"
command -v qemu-system-x86_64 > /dev/null || skip "needs qemu-system-x86_64"
screen_wait=$((120 * ${VM_SLOW:-1}))

make_disk() { # ./disk: one partition, with ext4
	truncate -s 64M disk
	printf '%s\n' 'label: dos' 'start=2048' | sfdisk -q disk
	mkfs.ext4 -q -O ^has_journal -L lesson -E offset=1048576 disk 60M
}

# pc [WORD...]: a PC without a network, with the WORDs for the kernel; its serial line is the
# terminal of screen-lib.sh, its monitor is read by "monitor"
pc() {
	rm -f control.in control.out
	mkfifo control.in control.out
	screen_start 80x24 qemu-system-x86_64 -accel tcg -cpu max -m 384 -nodefaults \
		-no-reboot -display none -vga std -chardev "pipe,id=control,path=$dir/control" \
		-mon control -chardev stdio,id=line,signal=off -serial chardev:line \
		-drive if=none,id=disk,format=raw,snapshot=on,file="$dir/disk" \
		-device virtio-blk-pci,drive=disk,serial=DISK-1 -device virtio-rng-pci \
		-kernel "$tree/slate/vmlinuz" -initrd "$tree/slate/initrd.img" \
		-append "console=ttyS0 no_timer_check quiet $*"
	shows '^/ #|^~ #'
}

press() { # press KEY...: on the PC's own keyboard, as QEMU calls them
	local key

	for key in "$@"; do
		echo "sendkey $key" > control.in
		sleep 0.5
	done
}

# monitor REGEX: waits until tty1 shows it, as the shell on the serial line reads it
monitor() {
	local end=$((SECONDS + screen_wait)) n=0
	local text="fold -w 80 /dev/vcs1 | tr -c ' -~\\n' '?' | grep '[^ ]'"

	while :; do
		n=$((n + 1))
		keys "clear; $text; echo END-\$(($n))" Enter
		shows "^END-$n\$"
		! screen | grep -qE -- "$1" || return 0
		[[ $SECONDS -lt $end ]] || {
			screen >&2
			fail "tty1 does not show '$1'"
		}
		sleep 1
	done
}

get_boot_tree
make_disk

say "the monitor shows the tree of disks, and keys work"
pc
monitor '^[> ]- vda +64\.0 MiB'
monitor 'vda1 +63\.0 MiB ext4 +lesson'
press down ret
monitor 'What shall be done with vda1\?'
press esc

say "on the serial line, as well"
keys clear Enter
keys slate Enter
shows '^>- vda +64\.0 MiB'
shows '^  .+ vda1 +63\.0 MiB ext4 +lesson'
shows 'serial DISK-1'
keys Down
shows '^> .+ vda1'
keys Enter
shows 'What shall be done with vda1\?'
keys Escape
keys F1
shows 'draw everything anew'
keys Escape

say "a shell, and back"
keys m Down Enter
shows 'Type exit to come back'
keys "cat /proc/1/comm; echo \$TERM-\$((6 * 7))" Enter
shows '^vt220-42$'
keys exit Enter
shows '^> .+ vda1'

say "a partition is restored when its name is typed, and not by its disk's"
keys m Down Enter
shows 'Type exit to come back'
keys 'slate -b save --nodesc /dev/vda1 lesson.slate; clear; exit' Enter
shows '^> .+ vda1'
keys Enter
shows 'What shall be done with vda1'
keys Down Enter
shows 'lesson.slate.* vda1'
keys Enter
shows '>Go<'
keys Enter
shows 'Nothing stands against it. N'
keys Tab Enter
shows 'To go on, type'
keys -l vda
keys Enter
shows 'neither its name'
keys C-u
keys -l vda1
keys Enter
shows 'Restore: done'
keys Enter Escape
shows '^> .+ vda1'

say "power off"
keys m End Up Enter
shows 'Power this computer off now\?'
keys Tab Enter
shows 'reboot: Power down'
shows '^ended: 0'

say "in German; restart, from the keyboard"
pc LANGUAGE=de
monitor '^ Slate [0-9.]+ +Datentr.+ger und Partitionen'
press m down down ret
monitor 'neu starten\?'
press tab ret
shows 'reboot: Restarting system'
shows '^ended: 0'
