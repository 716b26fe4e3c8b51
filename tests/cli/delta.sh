#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Only what differs: an unchanged target is not touched, a changed one gets just
# the chunks that differ, from wherever on this machine they are; what another
# layout, an interrupted restore and a wrong seed or state do.  slate diff.
# limit 900
set -euo pipefail
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/fault/lib.sh
. "$root/tests/fault/lib.sh"
# shellcheck source=tests/cli/disk-lib.sh
. "$root/tests/cli/disk-lib.sh"
need_loop

# told EXPRESSION VALUE WHAT: in the last report
told() {
	equal "$(jq -r "$1" report)" "$2" "$3"
}

# less EXPRESSION NUMBER WHAT: it is there, and smaller
less() {
	local value

	value=$(jq -e "$1" report) || fail "the report has no $1"
	[[ $value -lt $2 ]] || fail "$3: $value, not below $2"
}

restore() { # restore STATUS TARGET IMAGE [OPTION...]
	expect_status "$1" slate --yes --report=report "${@:4}" restore "$2" "$3"
}

# poke FILE OFFSET: 4 KiB of new data there
poke() {
	head -c 4096 /dev/urandom |
		dd of="$1" bs=4096 seek=$(($2 / 4096)) conv=notrunc status=none
}

# offset_of FILE PATH: of a file's first block in the ext4 filesystem FILE
offset_of() {
	local block

	block=$(debugfs -R "bmap $2 0" "$1" 2> /dev/null)
	[[ $block -gt 0 ]] || fail "no $2 in $1"
	echo $((block * 4096))
}

# A filesystem of 64 MiB with random files, each as large as some chunks.
disks() {
	mkdir stage
	for ((i = 0; i < 12; i++)); do head -c 2M /dev/urandom > "stage/random$i"; done
	head -c 64K /dev/urandom > pattern
	for ((i = 0; i < 32; i++)); do cat pattern; done > stage/twice
	seq 1 500000 > stage/text
	truncate -s 64M source
	mkfs.ext4 -q -F -b 4096 -J size=4 -d stage source
	"$SLATE" -b --chunk-size=64k save source image 2> err
	"$SLATE" -b --chunk-size=64k -z0 save source plain 2> err
	stale stale 64M
	chunks=$(slate --json info image | jq .chunks)
	victim=$(offset_of source random5)
}

unchanged() {
	say "nothing differs, nothing is written"
	cp source target
	touch -d '2001-02-03 04:05:06' target
	before=$(stat -c '%y %z' target)
	restore 0 target image
	said 'holds all of it already.*nothing was written'
	equal "$(stat -c '%y %z' target)" "$before" "the target's times"
	told .touched false "touched"
	told .complete true "complete"
	told .chunks_wanted 0 "chunks that differ"
	told .bytes.written 0 "bytes written"
	less .bytes.fetched $((300 * 56 + 70000)) "bytes fetched: no chunk"
	expect_status 0 slate diff image target
	grep -q "^all (ext4) .* 0 of  *$chunks chunks differ" out || { cat out; fail "diff"; }

	say "but free space is erased where that is wanted"
	poke target $(($(size_of target) - 8192))
	restore 0 target image -e
	told .touched true "touched"
	told .chunks_wanted 0 "chunks that differ"
	less 0-.bytes.trimmed 0 "bytes erased"
	same_ext source target
}

changed() {
	say "one chunk differs"
	cp source target
	poke target "$victim"
	expect_status 5 slate --report=report diff image target
	grep -q "^all (ext4) .* 1 of  *$chunks chunks differ, 64.0 KiB" out ||
		{ cat out; fail "diff"; }
	told .different.chunks 1 "chunks that differ"
	told '.different_regions[0].chunks' 1 "chunks that differ in the region"
	told '.different.ranges[0].offset' $((victim / 65536 * 65536)) "where"
	expect_status 5 slate --json diff image target
	equal "$(tail -n 1 out | jq .different.chunks)" 1 "as JSON"
	restore 0 target image --verify
	said "1 of $chunks chunks differed"
	same_ext source target
	told .delta true "delta"
	told .chunks_wanted 1 "chunks"
	told .different.chunks 0 "differences afterwards"
	less .bytes.fetched 150000 "bytes fetched"
	less .bytes.written 140000 "bytes written"

	say "everything, when that is wanted"
	restore 0 target image --no-delta
	told .delta false "delta"
	told .chunks_wanted "$chunks" "chunks"
	same_ext source target
}

# The first chunk does not differ: it is hidden all the same until all else is done.
crash_safe() {
	local i complete=0 wiped=0

	say "power cuts while one chunk is written"
	if [[ ${SANITIZER-} ]]; then
		echo "left out: a sanitizer wants to be loaded first"
		return
	fi
	compile cut.c cut.so -shared -fPIC -ldl
	cp source changed
	poke changed "$victim"
	for ((i = 1; complete == 0; i++)); do
		cp changed target
		SLATE_CUT=$dir/target:$i:$((i % 3)) LD_PRELOAD=$dir/cut.so \
			run "$SLATE" -b -j0 restore target image
		[[ $status = 137 || $status = 0 ]] || fail "cut $i: exit status $status"
		if cmp -s target source; then
			complete=1
		elif ! cmp -s target changed; then
			has_no_filesystem target
			wiped=$((wiped + 1))
			restore 0 target image
			same_ext source target
		fi
	done
	[[ $wiped -ge 3 ]] || fail "the cuts missed the restore: $wiped of $i"
}

again() {
	local i part

	say "repeated chunks, and chunks that were elsewhere, are not fetched"
	cp source target
	dd if=/dev/zero of=target bs=4096 seek=$(($(offset_of source twice) / 4096)) count=512 \
		conv=notrunc status=none
	restore 0 target plain
	less .bytes.fetched 300000 "bytes fetched"
	less 0-.bytes.local -1000000 "bytes from the target itself"
	same_ext source target
	# Two pieces change places.
	cp source target
	for i in 1 2; do
		part[i]=$((($(offset_of source random$i) + 65535) / 65536))
	done
	for i in 1 2; do
		dd if=source of=target bs=64K skip="${part[i]}" seek="${part[3 - i]}" \
			count=16 conv=notrunc status=none
	done
	restore 0 target plain
	told .chunks_wanted 32 "chunks"
	less .bytes.fetched 1800000 "bytes fetched"
	same_ext source target
}

seeds() {
	local old

	say "--seed: an older image, a device"
	cp source older
	poke older "$victim"
	"$SLATE" -b -z0 --chunk-size=64k save older older.slate 2> err
	for old in older older.slate; do
		stale target 64M
		restore 0 target plain --seed=$old
		same_ext source target
		less .bytes.fetched 400000 "bytes fetched with the seed $old"
		less 0-.bytes.local -20000000 "bytes from the seed $old"
	done
	say "a seed that is damaged, small, or nonsense"
	dd if=/dev/urandom of=older.slate bs=1M seek=8 count=4 conv=notrunc status=none
	stale target 64M
	restore 0 target plain --seed=older.slate
	same_ext source target
	truncate -s 5M older
	restore 0 target plain --no-delta --seed=older
	same_ext source target
	cp target before
	restore 3 target plain --no-delta --seed=missing
	said 'seed.*missing'
	restore 3 target plain --no-delta --seed=/
	truncate -s 8M older.slate
	restore 3 target plain --no-delta --seed=older.slate
	said 'only a whole image'
	same before target "the target of a restore without its seed"
}

# ended SIGNAL [OPTION...]: a restore of ./plain to the stale ./target, ended in its
# middle, $status; tried until it is
ended() {
	local pid i n begin=$((20 << 20))

	for ((n = 0; n < 40; n++)); do
		cp stale target
		"$SLATE" -b -j0 "${@:2}" restore target plain 2> err &
		pid=$!
		for ((i = 0; i < 20000; i++)); do
			kill -0 $pid 2> /dev/null || break
			! cmp -s -i $begin -n 65536 target stale || continue
			break
		done
		kill -s "$1" $pid 2> /dev/null || true
		status=0
		wait $pid 2> /dev/null || status=$?
		[[ $status = 0 ]] || return 0
	done
	fail "no restore was hit in its middle"
}

interrupted() {
	say "killed, and started again"
	ended KILL
	equal "$status" 137 "exit status"
	has_no_filesystem target
	restore 0 target plain
	same_ext source target
	told .delta true "delta after a kill"
	less .chunks_wanted $((chunks * 3 / 4)) "chunks wanted"
}

states() {
	local whole

	say "--state: what is done is not read again"
	ended INT --state=state
	equal "$status" 130 "exit status"
	equal "$(json state .chunks)" "$chunks" "chunks in the state"
	cp target half
	cp state half.state
	restore 0 target plain --state=state
	same_ext source target
	told .delta true "delta"
	absent state
	whole=$(jq .used_bytes report)
	less .bytes.read $((whole * 9 / 10)) "bytes read with a state"
	less .chunks_wanted $((chunks * 3 / 4)) "chunks wanted"

	say "a state of another image, of a disk that has changed, of something else"
	cp half.state state
	restore 0 target image --state=state
	same_ext source target
	absent state
	cp stale target
	cp half.state state
	restore 0 target plain --state=state
	same_ext source target
	absent state
	said 'has changed since'
	echo precious > state
	cp half target
	restore 3 target plain --state=state
	said 'left alone'
	equal "$(cat state)" precious "a file that is no state"
	same half target "the target"
	echo '{"slate_state":1,"done":"zz"}' > state
	restore 0 target plain --state=state
	same_ext source target
}

others() {
	say "another filesystem is overwritten, not compared"
	truncate -s 64M target
	mkfs.minix target > mkfs.log 2>&1
	cp target minix
	restore 0 target image --delta
	said 'holds something else'
	told .delta false "delta"
	same_ext source target
	[[ $(blkid -p -s TYPE -o value target) = ext4 ]] || fail "two filesystems are seen"
	say "from a pipe everything is written"
	restore 0 target - --delta < image
	said 'from its begin to its end'
	same_ext source target
}

whole_disk() { # whole_disk gpt|dos
	local size

	say "$1: a whole disk, on an equal and on a larger one"
	make_disk disk 200M "$1"
	"$SLATE" -b -o save disk disk.slate 2> err
	for size in 200M 230M; do
		stale copy $size
		restore 0 copy disk.slate
		told .delta false "delta"
		cp copy first
		restore 0 copy disk.slate
		told .touched false "touched"
		same first copy "an unchanged disk"
		poke copy $(($(part_begin disk "$root") + $(in_part disk "$root" \
			offset_of_first)))
		in_part copy $swap mkswap -q -L other
		restore 0 copy disk.slate --verify
		told .delta true "delta"
		less .chunks_wanted 5 "chunks"
		same_table disk copy
		sound_table copy
		same_parts disk copy
		# The table alone is damaged.
		dd if=/dev/zero of=copy bs=512 count=34 conv=notrunc status=none
		restore 0 copy disk.slate
		same_table disk copy
		sound_table copy
		same_parts disk copy
	done
	say "$1: grown, and restored again"
	stale copy 260M
	restore 0 copy disk.slate --grow
	restore 0 copy disk.slate --grow
	sound_table copy
	same_parts disk copy
}

offset_of_first() { # offset_of_first DEVICE: of some file's data
	debugfs -R 'bmap /odd/random 0' "$1" 2> /dev/null | awk '{ print $1 * 4096 }'
}

disks
unchanged
changed
crash_safe
again
seeds
interrupted
states
others
whole_disk gpt
whole_disk dos
