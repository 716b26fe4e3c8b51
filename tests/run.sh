#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# run.sh [-j N] [-t SECONDS] [-o LOGDIR] [-e] TEST... - runs tests, tells how
# they went.
#
# A TEST is a bash script (*.sh), a fuzz target (*_fuzz: runs for FUZZ_SECONDS,
# default 10; with a FUZZ_SEED every run tries the same inputs in the same order, as far
# as it comes; without one each is another and goes on from the last) or a unit test.
# -j N: so many at a time (default: processors); -t: how long one may take (default
# 600 s); -o: where NAME.log files go (default build/logs); -e: having nothing to
# run is no failure.
#
# A script fails by its exit status; 77 means skipped, its last line says why.
# Comment lines among its first 10 can tell the runner more:
#   # serial         it measures time: nothing else may run meanwhile
#   # limit SECONDS  it may take longer than -t
#
# The last line printed is "N passed, N failed", with ", N skipped" if there were any.
set -euo pipefail
cd "$(dirname "$0")/.."

jobs=$(nproc) limit=600 logs=build/logs empty_is_fine=
passed=0 failed=0 skipped=0
declare -A running=() begun=() # process id: test; process id: microseconds

# Debian 12's sanitizers do not start where the kernel spreads addresses widely.
steady=()
! setarch "$(uname -m)" -R true 2> /dev/null || steady=(setarch "$(uname -m)" -R)

name_of() { # tests/cli/save.sh: cli/save; tests/style.sh: style
	local dir=${1%/*} base=${1##*/}

	dir=${dir##*/}
	base=${base%.sh}
	[[ $dir = tests ]] && echo "$base" || echo "$dir/$base"
}

# tagged FILE WORD: prints what follows "# WORD" among the first lines of a
# script; fails if it is not there.
tagged() {
	local line

	[[ $1 = *.sh ]] && line=$(sed 10q "$1" | grep -E "^# $2( |\$)") && echo "${line##* }"
}

# sanitizers REPORT: what they find goes to files REPORT.*, so that no test can
# overlook it; the exit status is none of ours (libFuzzer's own default is 77).
sanitizers() {
	local with=allow_addr2line=1:quarantine_size_mb=64

	export ASAN_OPTIONS=exitcode=99:log_path=$1:detect_leaks=1:$with
	export UBSAN_OPTIONS=exitcode=99:log_path=$1:print_stacktrace=1
	export LSAN_OPTIONS=exitcode=99:log_path=$1 TSAN_OPTIONS=exitcode=99:log_path=$1
}

# What one test mounts must not stay busy because another one's processes see it.
private=()
! unshare -m true 2> /dev/null || private=(unshare -m --propagation private)

start() { # start TEST: in the background
	local test=$1 name log report seconds command seeds new

	name=$(name_of "$test")
	log=$logs/$name.log
	seconds=$(tagged "$test" limit) && [[ $seconds -gt $limit ]] || seconds=$limit
	command=("$test")
	case $test in
	*.sh) command=(bash "$test") ;;
	*_fuzz)
		# New inputs go to the first folder, the seeds come from the second.  That
		# libFuzzer reads the first again each second would make runs differ.
		seeds=${test##*/}
		seeds=tests/fuzz/corpus/${seeds%_fuzz}
		new=$test.${FUZZ_SEED:-corpus}
		[[ ! ${FUZZ_SEED-} ]] || rm -rf "$new"
		mkdir -p "$new"
		command+=(-max_total_time="${FUZZ_SECONDS:-10}" -seed="${FUZZ_SEED:-0}"
			-reload=0 -timeout=20 -rss_limit_mb=1024
			-error_exitcode=99 -timeout_exitcode=98 -print_final_stats=1
			-artifact_prefix="$test." "$new")
		[[ ! -d $seeds ]] || command+=("$seeds")
		seconds=$((limit + ${FUZZ_SECONDS:-10}))
		;;
	esac
	mkdir -p "${log%/*}"
	[[ $test != *_fuzz && ! ${SANITIZER-} ]] || command=("${steady[@]}" "${command[@]}")
	report=$(realpath "$log").report
	rm -f "$report".*
	(
		sanitizers "$report"
		trap 'kill "$!"; wait' TERM
		timeout -k 10 "$seconds" "${private[@]}" "${command[@]}" &
		wait "$!"
	) < /dev/null > "$log" 2>&1 &
	running[$!]=$test
	begun[$!]=${EPOCHREALTIME/[.,]/}
}

# skips LOG: "TEST: REASON" for every skipped test of a cmocka log; the reason
# is what the test printed before it skipped.
skips() {
	awk '/^\[==========\]/ { inside = /Running/; next }
		!inside { next }
		/^\[ RUN      \]/ { said = ""; next }
		/^\[  SKIPPED \]/ { print $4 ": " (said == "" ? "no reason given" : said) }
		{ said = said (said == "" ? "" : " ") $0 }' "$1"
}

finish() { # finish TEST STATUS MICROSECONDS: tells about a test that has ended
	local name log status=$2 time line

	name=$(name_of "$1")
	log=$logs/$name.log
	! grep -qsE 'Sanitizer|runtime error' "$log".report.* || status=99
	cat "$log".report.* >> "$log" 2> /dev/null || true
	time=$(printf '%d.%d s' $(($3 / 1000000)) $(($3 / 100000 % 10)))
	case $status in
	0)
		passed=$((passed + 1))
		echo "ok $name $time"
		;;
	77)
		skipped=$((skipped + 1))
		echo "skip $name: $(tail -n 1 "$log")"
		;;
	*)
		failed=$((failed + 1))
		echo "FAIL $name $time (exit status $status$(why "$status"); all of it in $log)"
		tail -n 25 "$log" | sed 's/^/    /'
		;;
	esac
	[[ $1 = *_test ]] || return 0
	while read -r line; do
		skipped=$((skipped + 1))
		echo "skip $name: $line"
	done < <(skips "$log")
}

# why STATUS: what a status means that the runner or a sanitizer has caused
why() {
	case $1 in
	98) echo ": one input took too long" ;;
	99) echo ": found by a sanitizer" ;;
	124 | 137) echo ": took too long, ended by force" ;;
	esac
}

wait_until() { # wait_until N: at most N tests are running
	local pid status now

	while [[ ${#running[@]} -gt $1 ]]; do
		status=0
		wait -n -p pid "${!running[@]}" || status=$?
		now=${EPOCHREALTIME/[.,]/}
		finish "${running[$pid]}" "$status" $((now - begun[$pid]))
		unset "running[$pid]"
	done
}

usage() {
	sed -n '4,20s/^# \{0,1\}//p' "$0"
	exit 2
}

while getopts j:t:o:eh opt; do
	case $opt in
	j) jobs=$OPTARG ;;
	t) limit=$OPTARG ;;
	o) logs=$OPTARG ;;
	e) empty_is_fine=1 ;;
	*) usage ;;
	esac
done
shift $((OPTIND - 1))

# Whoever stops us stops the tests: timeout passes the signal on to all of a test.
trap '[[ ${#running[@]} = 0 ]] || kill "${!running[@]}"; wait' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

mkdir -p "$logs"
rm -f "$logs/summary"
alone=()
for test; do
	if tagged "$test" serial > /dev/null; then
		alone+=("$test")
		continue
	fi
	wait_until $((jobs - 1))
	start "$test"
done
wait_until 0
for test in "${alone[@]}"; do
	start "$test"
	wait_until 0
done

summary="$passed passed, $failed failed"
[[ $skipped = 0 ]] || summary+=", $skipped skipped"
echo "$summary" | tee "$logs/summary"
[[ $failed = 0 && ($# -gt 0 || $empty_is_fine) ]]
