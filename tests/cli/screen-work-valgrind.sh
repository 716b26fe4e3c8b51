#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# A whole session of work under valgrind: save, a wrong name, a restore that is stopped, and
# one that is not; comparison.  No invalid access, nothing lost.
# limit 900
set -euo pipefail
# shellcheck source=tests/cli/screen-work-lib.sh
. "$(dirname "$0")/screen-work-lib.sh"
[[ ! ${SANITIZER-} ]] || skip "sanitizers do not run under valgrind"
command -v valgrind > /dev/null || skip "needs valgrind"
screen_wait=180
work_disks
mkdir up.www
httpd up

# What curses keeps for good is still reachable and no leak.
screen_start 80x24 valgrind --leak-check=full --show-leak-kinds=definite,indirect,possible \
	--errors-for-leak-kinds=definite,indirect,possible --error-exitcode=9 \
	--log-file="$dir/valgrind" "$SLATE" --sys=machine
shows ' lpd '
act lpa 0
shows 'about [0-9]'
keys C-u Tab C-u
keys -l x
keys Enter
shows 'Save: done'
keys i
shows '"verb": "save"'
keys Enter Escape
cp x.slate up.www
to_restore lpb
type_name lpa
shows 'neither its name'
told up "rate 20000"
keys C-u
type_name lpb
shows ' [1-9][0-9]? %'
resize 60x20
shows 'too small'
resize 132x43
shows 'Esc Stop'
keys F1
shows 'small pieces'
keys Escape
hides 'small pieces'
keys Escape
shows 'Stop now'
keys Tab Enter
shows 'UNFINISHED'
told up
keys Enter Escape
to_restore lpb
keys Escape
shows 'You did not confirm it'
keys Enter
to_question
type_name lpb
shows 'Restore: done'
keys Enter Escape
act lpb 3
shows 'x.slate'
keys Enter
shows '>Go<'
keys Enter
shows 'Compare: done'
keys C-c
shows 'Leave Slate\?'
keys Tab Enter
shows 'ended: [0-9]'
cat valgrind
shows 'ended: 0'
grep -q 'ERROR SUMMARY: 0 errors' valgrind || fail "valgrind found something"
