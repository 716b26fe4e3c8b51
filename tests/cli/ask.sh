#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Questions: on a terminal before anything is destroyed and for a description,
# answered beforehand by -b, -B, --yes, and never asked of anything else.
set -euo pipefail
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
need_loop
command -v script > /dev/null || skip "needs script(1), to have a terminal"

make_ext4 disk 16M 1000 -b 1024
expect_status 0 slate -b save disk image
expect_status 0 slate -b save disk keep
stale old 16M
untouched=$(sum old)
full=$(sum image)

# terminal INPUT N COMMAND...: runs it on a terminal where INPUT (with printf's
# escapes) is typed; it must end with status N.  What the terminal showed is in ./err.
terminal() {
	local want=$2 status=0

	# shellcheck disable=SC2059 # that is the point
	printf "$1" | script -qec "$(printf '%q ' "${@:3}")" screen > out || status=$?
	tr -d '\r' < screen > err
	[[ $status = "$want" ]] || {
		cat screen >&2
		fail "exit status $status, not $want: $*"
	}
}

# answered INPUT: the target was restored
restored() {
	terminal "$1" 0 "$SLATE" "${@:2}" restore copy image
	same_ext disk copy
	cp old copy
}

# spared INPUT [OPTION...]: the target was not touched
spared() {
	terminal "$1" 3 "$SLATE" "${@:2}" restore copy image
	equal "$(sum copy)" "$untouched" "the target after '$1'"
}

cp old copy

say "a restore asks before it destroys"
spared 'no\n'
said 'Restore: copy \(16\.0 MiB, no filesystem known\) will be overwritten with image'
said 'Continue\? +\[y/N\]'
said 'not confirmed'
spared 'n\n'
spared '\n'
spared 'NO\n'
spared 'cancel\n'
spared '\004'
spared 'perhaps\nwhat\nhm\n'
said 'Please answer yes or no'
spared '' -o
restored 'yes\n'
restored 'y\n'
restored ' Yes \n'
restored 'perhaps\nyes\n'
cp disk copy
terminal 'n\n' 3 "$SLATE" restore copy image
said 'ext4 "fixture"'
same disk copy

say "it says which partitions, where it is not all of a disk"
truncate -s 4M parts
sfdisk -q -X gpt parts <<< $'size=1M\nsize=1M'
expect_status 0 slate -b save parts parts.slate
terminal 'n\n' 3 "$SLATE" --part=1,2 restore parts parts.slate
said 'Only partitions 1,2: all they hold is lost'
not_said 'All it holds'

say "but not in batch mode, with --yes, or when nothing is destroyed"
cp old copy
restored '' -b
not_said 'Continue'
restored '' --yes
not_said 'Continue'
restored 'no\n' -b
terminal '' 0 "$SLATE" -S restore copy image
not_said 'Continue'
equal "$(sum copy)" "$untouched" "the target after a dry run"
terminal '' 0 "$SLATE" restore new image
not_said 'Continue'
same_ext disk new
: > empty
terminal '' 0 "$SLATE" restore empty image
not_said 'Continue'
same_ext disk empty

say "-B answers, by the first glob that fits title/message"
restored '' -B 'Restore/*=Yes'
restored '' -B 'x=y;Restore/*copy*overwritten*=yes;*=No'
restored '' '-B*=CONTINUE'
restored '' -B '*=Ok'
restored 'no\n' -B 'unknown=No'
spared '' -B 'Restore/*=No'
said '-B answers "No"'
spared 'yes\n' -B '*=Cancel'
spared '' -B '*=perhaps'
said 'neither Yes nor No'
spared '' -B '*=No' --yes
for glob in 'Restore/*=No' '*=no'; do
	expect_status 3 slate -B "$glob" restore copy image
	equal "$(sum copy)" "$untouched" "the target after -B '$glob'"
done

say "nobody is asked when the input is no terminal"
for input in no yes ''; do
	expect_status 0 slate restore copy image < <(echo "$input")
	not_said 'Continue'
	same_ext disk copy
done
echo no > typed
expect_status 0 slate restore copy image < typed
expect_status 3 slate save disk image < <(yes)
not_said 'Replace it'
equal "$(sum image)" "$full" "the image"

say "a save asks for a description"
description() { # description TEXT: of ./new
	equal "$(json <(slate info --json new) '.metadata.description // "none"')" \
		"$1" description
	rm new
}
rm new
terminal 'room 12, after the holidays\n' 0 "$SLATE" save disk new
said 'Description: '
description 'room 12, after the holidays'
terminal '\n' 0 "$SLATE" save disk new
description none
terminal '\004' 0 "$SLATE" save disk new
description none
for option in -d --nodesc -b; do
	terminal 'x\n' 0 "$SLATE" $option save disk new
	not_said 'Description:'
	description none
done
terminal 'x\n' 0 "$SLATE" --description=y save disk new
not_said 'Description:'
description y
terminal 'x\n' 0 "$SLATE" -B 'Description/*=from -B' save disk new
not_said 'Description:'
description 'from -B'
expect_status 0 slate -B 'Description/Description=from -B' save disk new
description 'from -B'
expect_status 0 slate save disk new < typed
description none

say "a save asks before it replaces an image"
terminal 'no\n' 3 "$SLATE" -d save disk image
said 'image exists already\. Replace it\?'
equal "$(sum image)" "$full" "the image"
terminal '\n' 3 "$SLATE" -d save disk image
equal "$(sum image)" "$full" "the image"
terminal 'yes\n' 0 "$SLATE" -d save disk image
differ image keep "an image that was not replaced, and the old one,"
for options in -o --yes '-B Overwrite/*=Yes'; do
	cp keep image
	# shellcheck disable=SC2086
	terminal '' 0 "$SLATE" -d $options save disk image
	not_said 'Replace'
	differ image keep "an image that was not replaced, and the old one,"
done
cp keep image
terminal '' 3 "$SLATE" -b save disk image
expect_status 3 slate -B 'Overwrite/*=No' save disk image
expect_status 3 slate -B 'x=y' save disk image
same keep image
expect_status 0 slate -B 'Overwrite/*=Yes' save disk image
cp keep image

say "-w waits between volumes, when it may ask"
rm -f new*
terminal '\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n' 0 "$SLATE" -d -w -z0 -V2 save disk new
said 'Press Enter when volume \.001'
expect_status 0 slate -b verify new
for options in -b '-B x=y'; do
	rm new*
	# shellcheck disable=SC2086
	terminal '' 0 "$SLATE" $options -d -w -z0 -V2 save disk new
	not_said 'Press Enter'
done
rm new*
expect_status 0 slate -w -z0 -V2 save disk new < <(:)
not_said 'Press Enter'

say "control-C ends a question"
mkfifo keys
cp old copy
script -qec "$(printf '%q ' "$SLATE" restore copy image)" screen < keys > out &
exec 8> keys
timeout 60 bash -c 'until grep -qs Continue screen out; do sleep 0.1; done'
printf '\003' >&8
status=0
wait $! || status=$?
exec 8>&-
equal "$status" 130 "exit status"
equal "$(sum copy)" "$untouched" "the target"

say "an image does not go to a terminal"
terminal '' 3 "$SLATE" -b save disk -
said 'standard output is a terminal'

say "a terminal gets one line that changes"
terminal '' 0 "$SLATE" -b restore copy image
grep -q $'\r' screen || fail "no carriage return"
said 'restore +100% .*\['
! grep -qE '10[1-9]%|1[1-9][0-9]%|[2-9][0-9][0-9]%' screen || fail "beyond 100 %"
terminal '' 0 env COLUMNS=40 "$SLATE" -b --raw save disk new2
[[ $(tr '\r' '\n' < screen | grep -E '^(save|sync)' | wc -L) -lt 40 ]] || fail "too long a line"
