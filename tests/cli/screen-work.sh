#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# By keys alone: save, restore, copy, compare, check; the question before it destroys, a
# wrong name, stopping, what stands against it, how it ended.
# limit 900
set -euo pipefail
# shellcheck source=tests/cli/screen-work-lib.sh
. "$(dirname "$0")/screen-work-lib.sh"
work_disks
a=$dir/machine/dev/lpa b=$dir/machine/dev/lpb d=$dir/machine/dev/lpd

# Figures differ from run to run.
figures() {
	masked | sed -E -e 's/-:--/TIME/g; s/[0-9.]+ ([KMGT]i)?B/SIZE/g' \
		-e 's/[█▒·]{9,}/BAR/g; s/[0-9]+/N/g; s/ +/ /g'
}

say "save"
work_screen 80x24
save_lpa
shows 'Save: done'
golden end-save figures
keys i
shows '"verb": "save"'
keys End
hides '"verb": "save"'
shows '"seconds"'
keys i Enter
shows 'Save to an image'
keys Escape
expect_status 0 slate verify x.slate "$a"

say "an image of that name is there: No is what Enter says"
was=$(stat -c %i x.slate)
save_lpa
shows 'exists already'
keys Enter
shows 'Nothing was changed'
[[ $(stat -c %i x.slate) = "$was" ]] || fail "the image was replaced"
keys Enter
shows 'Save to an image'
keys Enter
shows 'exists already'
keys Tab Enter
shows 'Save: done'
[[ $(stat -c %i x.slate) != "$was" ]] || fail "the image was not replaced"
keys Enter Escape

mkdir -p up.www/images
cp x.slate up.www
httpd up

say "restore: a wrong name is told, and nothing happens"
to_restore lpb
type_name lpa
shows 'neither its name'
keys C-u Enter
shows 'neither its name'
type_name " lpb "
shows 'Restore: done'
cmp "$a" "$b"
keys Enter Escape
shows ' lpd '

say "restore: not confirmed"
dd if=/dev/urandom of="$b" bs=1M seek=60 count=20 conv=notrunc status=none
before=$(sha256sum "$b")
to_restore lpb
type_name lp
shows 'neither its name'
keys Escape
shows 'You did not confirm it'
[[ $(sha256sum "$b") = "$before" ]] || fail "it was written to"
keys Enter
hides 'You did not'
keys Escape
shows ' lpd '

say "what differs"
act lpb 3
shows 'x.slate'
keys Enter
shows '>Go<'
keys Enter
shows 'Compare: they are not equal'
golden end-diff figures
keys Enter Escape
act lpa 3
shows 'x.slate'
keys Enter
shows '>Go<'
keys Enter
shows 'Compare: done'
keys Enter Escape

say "copy"
act lpa 2
shows 'Choose a disk'
pick lpb
keys Enter
to_question
type_name lpb
shows 'Copy: done'
expect_status 0 slate verify x.slate "$b"
keys Enter Escape

say "check: whole, and damaged"
cp x.slate y.slate
printf damage | dd of=y.slate bs=1 seek=20000000 conv=notrunc status=none
for what in 'x.slate Check: done' 'y.slate Check: the image is damaged'; do
	keys Tab
	shows 'y.slate'
	keys Home
	[[ $what = x* ]] || keys Down
	shows "^>${what%% *}"
	keys Enter
	shows '(┌|[+]-)'
	keys Down Enter
	shows '>Go<'
	keys Enter
	shows "${what#* }"
	keys Enter Escape Tab
	shows ' lpd '
done
rm y.slate

say "what stands against it"
act lpc 1
shows 'x.slate'
keys Enter
shows '>Go<'
keys Enter
shows 'too small'
keys Enter
shows '>Go<'
keys Escape
act lpd 1
shows 'x.slate'
keys Enter
shows '>Go<'
keys Enter
shows 'Nothing stands against it. N' # its dry run has let go of the disk
mount "$d" m
keys Tab Enter
shows 'Restore: not done; nothing was changed'
shows 'mounted read-write'
golden end-refused figures
umount m

tour() { # tour LANGUAGE LOCALE: of a restore that is slow, and stopped
	truncate -s 0 b.img # what an earlier one has written would be kept
	truncate -s 120M b.img
	mkfs.ext4 -q -F "$b"
	told up
	work_screen 80x24 "LANGUAGE=$1" "LC_ALL=$2"
	to_restore lpb
	golden "confirm-80x24-$1" figures
	resize 132x43
	golden "confirm-132x43-$1" figures
	resize 80x24
	told up "rate 20000"
	type_name lpb
	shows ' [1-9][0-9]? %'
	golden "work-80x24-$1" figures
	resize 60x20
	shows '(too small|zu klein)'
	resize 132x43
	shows '[█▒·]{110}'
	golden "work-132x43-$1" figures
	keys F1
	golden "work-help-$1" figures
	keys Escape
	resize 80x24
	keys Escape
	golden "work-stop-$1" figures
	keys Enter
	shows '(Esc Stop|Esc Abbrechen)'
	keys C-c
	shows '(Stop now|Jetzt abbrechen)'
	keys Tab Enter
	shows 'UNF'
	golden "end-half-$1" figures
	unfinished "$b"
	expect_status 5 slate diff x.slate "$b"
	keys Enter Escape
	told up
	to_restore lpb
	type_name lpb
	shows '(Restore: done|Zurückspielen: fertig)'
	expect_status 0 slate verify x.slate "$b"
	golden "end-restore-$1" figures
}

say "stopped in the middle, and done again"
tour en C.UTF-8
say "the same in German"
tour de de_DE.UTF-8

say "a signal ends it in order"
told up "rate 20000"
keys Enter Escape
mkfs.ext4 -q -F "$b"
work_screen 80x24
to_restore lpb
type_name lpb
shows ' [1-9][0-9]? %'
kill -TERM "$(pgrep -P "$(tmx list-panes -F '#{pane_pid}')")"
shows 'ended: 143'
shows 'terminal as before'
unfinished "$b"

say "a save to a server that does not answer is stopped"
told up "silent 60"
work_screen 80x24
act lpa 0
shows 'about [0-9]'
keys C-u
keys -l "$url"
keys Enter
shows '(100 %|Waiting until)'
keys Escape
shows 'The image is not finished then'
keys Tab Enter
shows 'Save: stopped'
shows 'was not kept'

say "no colour; no UTF-8: ASCII only"
for how in TERM=vt220 LC_ALL=C; do
	told up
	mkfs.ext4 -q -F "$b"
	work_screen 80x24 "$how"
	to_restore lpb
	told up "rate 20000"
	type_name lpb
	shows ' [1-9][0-9]? %'
	[[ $how != LC_ALL* ]] || shows '###=[.][.][.]'
	screen > work
	keys Escape
	shows 'Stop now'
	screen >> work
	keys Tab Enter
	shows UNFINISHED
	screen >> work
done
! LC_ALL=C grep -q '[^ -~]' work || fail "not only ASCII"
