#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Whatever ends a restore, and whenever: afterwards the target is as it was, or
# has no superblock, or is complete; and a second restore mends it.  By SIGKILL
# at random moments, by power cuts behind every single write, by SIGINT and
# SIGTERM.  A save that is ended leaves nothing behind.
set -euo pipefail
# shellcheck source=tests/cli/lib.sh
. "${0%/*}/lib.sh"
# shellcheck source=tests/fault/lib.sh
. "$root/tests/fault/lib.sh"

RANDOM=4711
untouched=0 wiped=0 complete=0

count_state() { # count_state TARGET: which of the three it is; fails for a fourth
	if cmp -s victim "$1"; then
		untouched=$((untouched + 1))
	elif cmp -s whole "$1"; then
		complete=$((complete + 1))
	else
		has_no_filesystem "$1"
		wiped=$((wiped + 1))
	fi
}

tell() { # tell WHAT: the states counted, and begins anew
	echo "$1: $untouched untouched, $wiped without a superblock, $complete complete"
	untouched=0 wiped=0 complete=0
}

put_back() { # put_back TARGET: the victim, in place
	dd if=victim of="$1" bs=1M conv=notrunc status=none
}

# take_time COMMAND...: in microseconds, $took
take_time() {
	local begin=${EPOCHREALTIME/[.,]/}

	expect_status 0 "$@"
	took=$((${EPOCHREALTIME/[.,]/} - begin))
}

# moment: seconds, at most somewhat longer than a whole restore takes
moment() {
	local us=$(((RANDOM << 15 | RANDOM) % (took * 5 / 4)))

	printf '%d.%06d' $((us / 1000000)) $((us % 1000000))
}

# killed_restores N TARGET [SLATE_OPTION...]: at random moments; more of them when
# the machine's load makes all miss the middle
killed_restores() {
	local i target=$2

	put_back "$target"
	take_time "$SLATE" -b -j0 "${@:3}" restore "$target" good
	same whole "$target" 'a restore that nobody disturbed'
	for ((i = 0; i < $1 || (wiped == 0 && i < 60); i++)); do
		put_back "$target"
		run timeout -s KILL "$(moment)" "$SLATE" -b -j$((i % 3)) "${@:3}" \
			restore "$target" good
		[[ $status = 137 || $status = 0 ]] || fail "killed, and exit status $status"
		count_state "$target"
		[[ $((i % 4)) = 0 ]] || continue
		expect_status 0 "$SLATE" -b restore "$target" good
		same whole "$target" 'a restore after a killed one'
	done
	[[ $wiped -gt 0 ]] || fail "no restore was hit in its middle"
}

# disks SIZE KIB: a source with so much random data, its image, and what a restore
# makes of a victim of the same size
disks() {
	rm -rf source victim stage good whole target
	mkdir stage
	seq 1 50000 > stage/text
	head -c "$2K" /dev/urandom > stage/random
	truncate -s "$1" source
	mkfs.ext4 -q -F -b 1024 -J size=1 -d stage source
	make_victim victim "$1"
	"$SLATE" -b --chunk-size=64k save source good 2> err
	cp victim whole
	"$SLATE" -b restore whole good 2> err
	same_ext source whole
	cp victim target
}

# Behind every write, hole and sync: as many restores, so the disk is small.
power_cuts() {
	local n=0 seed

	say "power cuts"
	while [[ $complete = 0 ]]; do
		n=$((n + 1))
		for seed in 0 1 3; do
			put_back target
			SLATE_CUT=$dir/target:$n:$((n * seed)) LD_PRELOAD=$dir/cut.so \
				run "$SLATE" -b -j0 restore target good
			[[ $status = 137 || $status = 0 ]] || fail "cut $n: exit status $status"
			count_state target
		done
	done
	[[ $untouched -gt 0 && $wiped -gt 60 ]] ||
		fail "the cuts missed the restore: $untouched untouched, $wiped wiped"
	tell "$n cuts, three times"
}

# A restore that has begun and gets no more input, ended by a signal.
silent_pipe() { # silent_pipe SIGNAL STATUS
	local writer pid begin

	put_back target
	mkfifo silent
	"$SLATE" -b restore target - < silent 2> err &
	pid=$!
	exec {writer}> silent
	head -c $(($(size_of good) / 2)) good >&"$writer"
	for ((begin = SECONDS; SECONDS < begin + 20; )); do
		cmp -s victim target || break
		sleep 0.05
	done
	sleep 0.2
	kill -s "$1" $pid
	for ((begin = SECONDS; SECONDS < begin + patience; )); do
		kill -0 $pid 2> /dev/null || break
		sleep 0.05
	done
	! kill -0 $pid 2> /dev/null || fail "SIG$1 does not end a restore from a silent pipe"
	status=0
	wait $pid || status=$?
	exec {writer}>&-
	rm silent
	equal "$status" "$2" "exit status after SIG$1"
	said 'stopped by a signal'
	said 'without a valid filesystem'
	has_no_filesystem target
}

# The same before anything has come: nothing is touched.
silent_from_the_begin() {
	put_back target
	mkfifo silent
	for image in - silent; do
		exec {writer}<> silent
		expect_status 143 timeout -k 20 --preserve-status 0.5 \
			"$SLATE" -b restore target $image < silent
		exec {writer}>&-
		same victim target "target of a restore that got no byte"
	done
	# Nobody even opens the other end.
	expect_status 143 timeout -k 20 --preserve-status 0.5 \
		"$SLATE" -b restore target silent
	expect_status 143 timeout -k 20 --preserve-status 0.5 "$SLATE" verify silent
	rm silent
}

# ended_restores N SIGNAL STATUS: at random moments
ended_restores() {
	local i

	put_back target
	take_time "$SLATE" -b -j0 restore target good
	for ((i = 0; i < $1; i++)); do
		put_back target
		run timeout --preserve-status -s "$2" "$(moment)" "$SLATE" -b -j$((i % 3)) \
			restore target good
		# The signal may come before it is caught, or too late.
		[[ $status = "$3" || $status = 0 ]] || fail "SIG$2, and exit status $status"
		[[ $status = 0 ]] || not_said '^[^ ]*: restored'
		count_state target
	done
	tell "$1 restores ended by SIG$2"
}

nothing_left() { # nothing_left NAME
	compgen -G "$1*" > left || return 0
	fail "a save that was ended leaves $(cat left)"
}

ended_saves() {
	local options

	say "saves that are ended"
	for options in '' '-V1' '--report=report'; do
		for signal in TERM:143 INT:130 HUP:129; do
			# shellcheck disable=SC2086 # words
			expect_status "${signal#*:}" timeout --preserve-status \
				-s "${signal%:*}" 1 \
				"$SLATE" -b -j1 -zxz:9 $options save slow ended
			said 'stopped by a signal'
			nothing_left ended
		done
	done
	equal "$(json report .status)" 129 'status in the report'

	echo old > kept
	expect_status 143 timeout --preserve-status 1 "$SLATE" -b -j1 -zxz:9 -o save slow kept
	equal "$(cat kept)" old 'an image that was to be replaced'
	rm kept
	nothing_left kept

	mkfifo unread
	# shellcheck disable=SC2016 # the inner shell's $0
	expect_status 143 timeout -k 20 --preserve-status 1 \
		bash -c 'exec "$0" -b -z0 save slow - 1<> unread' "$SLATE"
	said 'stopped by a signal'
}

disks 8M 400
if [[ ! ${SANITIZER-} ]]; then
	compile cut.c cut.so -shared -fPIC -ldl
	power_cuts
else
	echo "no power cuts: a sanitizer wants to be loaded first"
fi

say "signals"
for signal in TERM:143 INT:130 HUP:129; do
	silent_pipe "${signal%:*}" "${signal#*:}"
done
silent_from_the_begin

disks 48M 24000
say "restores onto a file"
killed_restores 16 target
tell "killed restores onto a file"
killed_restores 8 target -y
tell "killed restores onto a file, not synced"
ended_restores 6 TERM 143
ended_restores 6 INT 130
say "restores onto a loop device"
if [[ $(id -u) = 0 ]] && loop=$(losetup -f --show target 2> /dev/null); then
	killed_restores 12 "$loop"
	tell "killed restores onto a loop device"
	losetup -d "$loop"
else
	echo "no loop devices to be had: files only"
fi

mv source slow
ended_saves
