#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# What a run tells and where: text and JSON, progress, --report, -g; standard
# output has nothing but what was asked for.
set -euo pipefail
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
need_loop

make_ext4 disk 64M 12000
expect_status 0 slate -b save disk image
head -c 100000 image > damaged
used=$(json <(slate info --json image) .used_bytes)

# ---- text ----------------------------------------------------------------------

say "text goes to standard error, one line at the end of each phase"
text() { # text REGEX OPERAND...
	expect_status 0 slate "${@:2}"
	[[ ! -s out ]] || fail "something on standard output: ${*:2}"
	said "$1"
	! grep -q $'\r' err || fail "a carriage return in a file: ${*:2}"
	[[ $(grep -c '%, ' err) -le 4 ]] || fail "too many progress lines in so short a time"
}
rm -f new copy
text '^save: 100%, ([0-9.]+ MiB) of \1, .*elapsed$' -b save disk new
said '^disk: [0-9.]+ MiB used, saved as [0-9.]+ MiB in new$'
text '^restore: 100%, ([0-9.]+ MiB) of \1, ' -b restore copy new
said '^copy: restored, [0-9.]+ MiB$'
text '^verify: 100%' -b verify new
said '^new: whole, [0-9]+ chunks, [0-9.]+ MiB'
text '^compare: 100%' -b verify new copy
said '^copy: equal to new'
text 'saved as' -b --verify -o save disk new
said '^verify: 100%'
text 'holds all of it already.*nothing was written' -b --verify restore copy new
text 'read back and found equal' -b --verify --no-delta restore copy new
slate -b save disk - > new 2> err
said '^save: 100%'
slate -b info new > out 2> err
[[ -s out && ! -s err ]] || fail "info: not on standard output, or more than that"

say "slow work on a pipe tells about every five seconds"
mkfifo slow
head -c 40M /dev/urandom > noise
(sleep 6 && cat > drained) < slow &
slate -b -z0 save noise - 2> err > slow
wait $!
lines=$(grep -c '^save: .*%' err)
[[ $lines -ge 2 && $lines -le 4 ]] || fail "$lines progress lines in six seconds"
! grep -qE '^save: (10[1-9]|1[1-9][0-9]|[2-9][0-9][0-9])%' err || fail "beyond 100 %"
rm drained noise

say "-g: less or more"
printf 'no filesystem' > plain
expect_status 0 slate -b save plain plain.image
said 'byte by byte'
expect_status 0 slate -b -o -g0 save plain plain.image
not_said 'no filesystem is recognised'
expect_status 0 slate -b -o -g5 save plain plain.image
said 'no filesystem is recognised'
said '"image_id": "'

# ---- JSON ------------------------------------------------------------------------

# is_json FILE STATUS VERB: each line an object; the progress of each phase goes
# up to its total and not beyond, the result comes last.
is_json() {
	local objects

	objects=$(jq -c . < "$1" | wc -l)
	equal "$objects" "$(wc -l < "$1")" "objects in $1, and lines"
	jq -es 'map(.event) |
		.[-1] == "result" and all(.[:-1][];
			. == "progress" or . == "notice" or . == "regions")' \
		"$1" > /dev/null || fail "$1: events of another kind"
	jq -es 'map(select(.event == "regions") | .regions[]) |
		all(.[]; .done <= .total and .damaged <= .total)' "$1" > /dev/null ||
		fail "$1: regions beyond their total"
	jq -es --argjson status "$2" --arg verb "$3" \
		'.[-1] | .status == $status and .verb == $verb' "$1" > /dev/null ||
		fail "$1: a wrong result: $(tail -n 1 "$1")"
	jq -es 'map(select(.event == "progress")) |
		all(.[]; .done <= .total and .done >= 0 and .elapsed >= 0
			and .image >= 0 and .rate >= 0 and (.eta == null or .eta >= 0))' \
		"$1" > /dev/null || fail "$1: beyond the total"
	jq -es 'map(select(.event == "progress")) | group_by(.phase) |
		all(.[]; (map(.done) | . == sort) and (map(.image) | . == sort)
			and (map(.elapsed) | . == sort)
			and (map(.total) | unique | length == 1))' \
		"$1" > /dev/null || fail "$1: progress goes backwards"
	[[ $2 != 0 ]] || jq -es 'map(select(.event == "progress")) | group_by(.phase) |
		length > 0 and all(.[]; .[-1].done == .[-1].total)' "$1" > /dev/null ||
		fail "$1: the last progress is not all of it"
}

say "--json: one object a line on standard output"
rm -f new copy
expect_status 0 slate -b --json save disk new
is_json out 0 save
equal "$(jq -r 'select(.event == "progress" and .phase == "save") | .total' out | sort -u)" \
	"$used" total
[[ ! -s err ]] || fail "text besides JSON: $(cat err)"
equal "$(tail -n 1 out | jq -r '[.image, .device, .fs, .label] | join(" ")')" \
	'new disk ext4 fixture' "what the result says"
expect_status 0 slate -b --json --verify restore copy new
is_json out 0 restore
equal "$(tail -n 1 out | jq -r '.different.chunks')" 0 "chunks that differ"
expect_status 0 slate -b --json verify new copy
is_json out 0 verify
expect_status 0 slate -b --json -e restore copy new
is_json out 0 restore
expect_status 0 slate -b --json --dry-run restore copy new
equal "$(tail -n 1 out | jq -r .touched)" false touched
expect_status 0 slate -b --json restore copy - < <(cat new)
is_json out 0 restore
expect_status 0 slate -b --json -o --raw save plain plain.image
is_json out 0 save
slate -b --json save disk - > piped 2> err
is_json err 0 save
expect_status 0 slate -b verify piped
expect_status 0 slate info --json new
json out . > /dev/null
cp new volumes.000
expect_status 0 slate info --json volumes
json out .metadata > /dev/null
equal "$(jq -s length out)" 1 "objects by info of another name"

say "--json: failures are results, too"
failure() { # failure STATUS VERB OPERAND...
	expect_status "$1" slate -b --json "${@:2}"
	is_json out "$1" "$2"
	[[ -n $(tail -n 1 out | jq -r .error) ]] || fail "no reason in the result: ${*:2}"
	said '^slate: '
}
rm -f copy
failure 3 save missing image.2
failure 3 save disk image
failure 4 restore copy damaged
failure 4 verify damaged
failure 3 verify missing
cp disk copy
printf 'x' | dd of=copy bs=1 seek=1050 conv=notrunc status=none
failure 5 verify image copy
[[ $(tail -n 1 out | jq -r '.different.chunks') = 1 ]] || fail "not one chunk that differs"
truncate -s 1M copy
failure 3 restore copy image
tail -n 1 out | jq -r .error | grep -q 'too small' || fail "the result does not say why"
status=0
slate -b --json save disk - > /dev/full 2> err || status=$?
equal "$status" 1 "exit status with a full disk"
jq -e 'select(.event == "result") | .status == 1' <(grep '^{' err) > /dev/null ||
	fail "no result"
rm -f copy
status=0
slate -b --json restore copy image > /dev/full 2> err || status=$?
equal "$status" 1 "exit status when the result cannot be told"

# ---- report ----------------------------------------------------------------------

say "--report: one object about the run, whatever becomes of it"
report() { # report STATUS EXPRESSION OPERAND...
	rm -f report
	expect_status "$1" slate -b --report=report "${@:3}"
	jq -es --argjson status "$1" 'length == 1 and .[0].status == $status' \
		report > /dev/null || fail "a wrong report: $(cat report)"
	jq -e "$2" report > /dev/null || fail "not $2: $(cat report)"
}
id=$(json <(slate info --json image) .image_id)
root=$(json <(slate info --json image) .root)
rm -f new copy
report 0 ".verb == \"save\" and .used_bytes == $used and .image == \"new\"
	and .device == \"disk\" and (has(\"error\") | not) and .touched and .seconds.save >= 0
	and .label == \"fixture\" and .device_bytes == 67108864 and .fs == \"ext4\"
	and (.uuid | length) == 36 and .image_bytes == $(size_of image)" save disk new
report 0 ".verb == \"restore\" and .image_id == \"$id\" and .root == \"$root\" and .touched
	and .used_bytes == $used and .image_bytes == $(size_of image) and .chunks > 0
	and .seconds.restore >= 0 and .seconds.sync >= 0" restore copy image
report 0 '.touched == false and .complete and .read_back and .different.chunks == 0' \
	restore copy image
report 0 ".image_id == \"$id\" and .root == \"$root\" and .image_bytes == $(size_of image)" \
	restore copy - < <(cat image)
report 0 '.read_back and .different.chunks == 0' --verify restore copy image
report 0 ".image_id == \"$id\" and .root == \"$root\" and (.touched | not)" verify image
report 0 '.different.chunks == 0 and .different.ranges == []' verify image copy
printf 'x' | dd of=copy bs=1 seek=1050 conv=notrunc status=none
report 5 '.different.chunks == 1 and .different.bytes > 0 and (.error | test("differ"))
	and .different.ranges[0].offset <= 1050
	and .different.ranges[0].offset + .different.ranges[0].length > 1050' verify image copy
report 4 '(.error | length > 0) and (.touched | not)' restore copy damaged
truncate -s 1M small
report 3 '(.error | test("too small")) and (.touched | not)' restore small image
report 3 '(.error | length > 0) and (.touched | not) and .device == "missing"' save missing new2
absent new2
