#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# A whole session of work under valgrind: save, a wrong name, a restore that is stopped, and
# one that is not; comparison.  No invalid access, nothing lost.
# limit 900
set -euo pipefail
# shellcheck source=tests/cli/screen-work-lib.sh
. "$(dirname "$0")/screen-work-lib.sh"
need_valgrind
work_disks
mkdir up.www
httpd up

watched
shows ' lpd '
save_lpa
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
ended_well
