# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
#
# screen-work-lib.sh - disks to save and to restore to, and an image of one of them behind a
# server that is as slow as wished.  The disks are real loop devices, of a machine that is a
# folder: no other disk can be chosen.
# shellcheck source=tests/cli/screen-lib.sh
. "${BASH_SOURCE[0]%/*}/screen-lib.sh"
# shellcheck source=tests/cli/disk-lib.sh
. "$root/tests/cli/disk-lib.sh"
# shellcheck source=tests/cli/net-lib.sh
. "$root/tests/cli/net-lib.sh"
trap 'end_servers; screen_cleanup' EXIT
need_root

# lpa: a disk with two filesystems.  lpb: as large and empty; lpc: too small; lpd: a
# filesystem.  Their paths are short, so that lines break alike in every folder.
work_disks() {
	truncate -s 120M raw.img d.img
	sfdisk -q raw.img <<< $'label: gpt\nsize=40M\nsize=60M\n'
	in_part raw.img 1 mkfs.ext4 -q -O ^has_journal -U clear -L one
	in_part raw.img 2 mkfs.ext4 -q -O ^has_journal -U clear -L two
	mkdir m
	mount -o "loop,offset=$(part_begin raw.img 2)" raw.img m
	head -c 40M /dev/urandom > m/x
	umount m
	# So that what is not in use is zero, as on an empty disk: cmp(1) can compare them.
	expect_status 0 slate -b save raw.img raw.slate
	truncate -s 120M a.img
	expect_status 0 slate -b restore --yes a.img raw.slate
	rm raw.*
	mkfs.ext4 -q d.img
	loop_disk lpa a.img 120 1
	loop_disk lpb b.img 120 2
	loop_disk lpc c.img 20 3
	loop_disk lpd d.img 120 4
}

work_screen() { # work_screen SIZE [VARIABLE=VALUE...]
	screen_start "$@" "$SLATE" --sys=machine
	shows ' lpd '
}

# save_lpa: as x.slate, with no description
save_lpa() {
	act lpa 0
	shows 'about [0-9]'
	keys C-u Tab C-u
	keys -l x
	keys Enter
}

# From the dialogue of a restore or copy to the question: its plan, which nothing is against.
to_question() {
	shows '>(Go|Los)<'
	keys Enter
	shows '(Nothing stands against|Nichts spricht dagegen)'
	keys Tab Enter
	shows '(To go on, type|tippen Sie seinen Namen)'
}

# to_restore NAME: that disk, with the image of the server $url, as far as to the question
to_restore() {
	act "$1" 1
	shows 'x.slate'
	keys f
	shows '(┌|[+]-)'
	keys C-u
	keys -l "$url/x.slate"
	keys Enter
	shows "$url/x.slate"
	to_question
}

type_name() { # type_name NAME
	keys -l "$1"
	keys Enter
}

# No filesystem and no partition table is seen on it.
unfinished() { # unfinished DEVICE
	status=0
	blkid -p "$1" > out || status=$?
	[[ $status = 2 ]] || fail "something is on $1: $(cat out)"
}
