#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# A whole session under valgrind, of looking around and of dialogues: no invalid access,
# nothing lost.
# limit 900
set -euo pipefail
# shellcheck source=tests/cli/screen-lib.sh
. "$(dirname "$0")/screen-lib.sh"
need_valgrind
lynx
truncate -s 4M part
mkfs.ext4 -q part
expect_status 0 slate -b save part lynx.slate

say "looking around"
watched
shows 'sdb .*backup'
keys Down Down Left Right Enter
shows 'What shall be done'
keys End Enter
shows 'Serial number'
keys q F1
shows 'Keys on all'
keys q m Enter
shows 'Network names'
keys q Tab
shows 'lynx.slate.*part'
keys f C-u
keys -l "/no/such folder"
keys Left BSpace Enter
shows '/no/such foldr'
keys f C-u
keys -l "$dir"
keys Enter
shows 'lynx.slate.*part'
keys Enter End Enter
shows 'image_id|ext4'
keys q
resize 60x20
shows 'too small'
resize 132x43
shows 'lynx.slate'
disk sdx 65:112 10
rm -r "$machine/sys/block/sdb"
keys Tab
shows sdx
keys C-c Tab Enter
ended_well

say "dialogues: an estimate, one that is stopped, a save, a plan, a restore"
disk sdb 8:16 64 'Stick' 0815
rm -r "$machine/sys/block/sdx"
watched
shows 'sdb .*backup'
keys Down Down Enter
shows 'What shall'
keys Enter
shows 'Folder or server'
keys Escape
shows 'Used as'
keys Enter
shows 'What shall'
keys Enter
shows 'about [0-9]'
keys Tab C-u x Enter
shows 'Save: done'
keys Enter Escape
shows 'Used as'
keys End
shows '^>.*sdb'
keys Enter Down Enter
shows 'lynx.slate.* part'
keys Escape
shows 'not chosen'
keys BTab Enter
shows 'lynx.slate.* part'
keys Home Enter
shows '>Go<'
keys Enter
shows 'Nothing stands against it\. N'
keys Tab Enter
shows 'To go on, type'
keys sdb Enter
shows 'Restore: done'
keys Enter
shows '>Go<'
keys Enter
shows 'The plan'
keys C-c
shows '>No<'
keys Tab Enter
ended_well
