#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# --verify=sample on disks that lose writes: what makes the target recognisable
# is always read back, and of the rest about one chunk of 16, each time others.
# limit 900
set -euo pipefail
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/fault/lib.sh
. "$root/tests/fault/lib.sh"
# shellcheck source=tests/cli/disk-lib.sh
. "$root/tests/cli/disk-lib.sh"
need_loop

compile lose.c lose.so -fPIC -shared -ldl
chunk=65536
chunks=2048 # of what is saved byte by byte: two at either end are edges
others=$((chunks - 4))
sampled=$(((others + 15) / 16 + 4))

# loses RANGES STATUS SLATE_ARGUMENT...: as expect_status, ./copy loses what is written there
loses() {
	expect_status "$2" env SLATE_LOSE="copy:$1" LD_PRELOAD="$dir/lose.so" \
		"$SLATE" -b --report=report "${@:3}"
}

told() { # told JQ VALUE: in the report
	equal "$(json report "$1")" "$2" "$1"
}

old() { # old: ./copy is all there and holds something else, which it must not keep
	head -c $((chunks * chunk)) /dev/zero | tr '\0' '\252' > copy
}

head -c $((chunks * chunk)) /dev/urandom > disk
expect_status 0 slate -b -znone --chunk-size=$chunk save disk image

say "a whole restore: so many are read back, as text and in the receipt"
old
for target in copy new; do
	loses 0+0 0 --no-delta --verify=sample restore $target image
	said "restored, .*, $sampled of $chunks chunks read back and found equal"
	told '[.verify, .chunks_read_back, .chunks, .different.chunks] | @csv' \
		"\"sample\",$sampled,$chunks,0"
	same disk $target
done
told .read_back direct
loses 0+0 0 --no-delta --verify=full restore copy image
said 'restored, 128.0 MiB, read back and found equal'
told '[.verify, .chunks_read_back] | @csv' "\"full\",$chunks"
loses 0+0 0 --no-delta --verify restore copy image
told '[.verify, .chunks_read_back] | @csv' "\"full\",$chunks"
loses 0+0 0 --no-delta restore copy image
not_said 'read back'
told '[has("verify"), has("chunks_read_back")] | @csv' 'false,false'
loses 0+0 0 --verify=sample restore copy image
said 'holds all of it already'
told '[.touched, .verify, .chunks_read_back] | @csv' "false,\"full\",$chunks"

say "nothing arrives but the edges: every chunk of the sample differs"
old
loses $((2 * chunk))+$((others * chunk)) 5 --no-delta --verify=sample restore copy image
said "$((sampled - 4)) of $sampled chunks that were read back differ"
told '[.verify, .chunks_read_back, .different.chunks] | @csv' \
	"\"sample\",$sampled,$((sampled - 4))"

say "half arrives: about half of the sample differs, another half each time"
old
for round in 1 2 3 4; do
	loses $((2 * chunk))+$((others * chunk / 2)) 5 --no-delta --verify=sample restore copy \
		image
	told .chunks_read_back $sampled
	json report '.different.ranges[].offset' > found.$round
	n=$(json report .different.chunks)
	# 64 of 128, give or take 5.5
	((n > 25 && n < 103)) || fail "$n chunks of the sample were found to differ"
	for ((other = 1; other < round; other++)); do
		differ found.$other found.$round "the samples $other and $round"
	done
done

say "the edges: one sector of them is always found"
for at in 0 4096 $((chunk + 512)) $(((chunks - 1) * chunk)) $((chunks * chunk - 512)); do
	old
	loses $at+512 5 --no-delta --verify=sample restore copy image
	said '1 of .* differ'
done

say "superblock of a filesystem; boot sector and the second table of a disk"
make_ext4 one 64M 4000
expect_status 0 slate -b --chunk-size=$chunk save one one.slate
make_disk two 200M gpt
expect_status 0 slate -b --chunk-size=$chunk save two two.slate
end=$((200 << 20))
for case in one:1024+512 one:1536+512 two:0+512 two:512+512 two:$((end - 512))+512 \
	two:$((end - 4096))+2048; do
	name=${case%:*}
	stale copy "$(size_of "$name")"
	loses "${case#*:}" 5 --no-delta --verify=sample restore copy "$name.slate"
	stale copy "$(size_of "$name")"
	loses "${case#*:}" 5 --verify=sample clone "$name" copy
done

say "with a new partition table, single partitions, and from a pipe"
stale copy 260M
loses 0+0 0 --verify=sample --grow restore copy two.slate
sound_table copy
stale copy 260M
loses $(((260 << 20) - 512))+512 5 --verify=sample --grow restore copy two.slate
loses 0+0 0 --no-delta --verify=sample --part=2 restore copy two.slate
[[ $(json report .chunks_read_back) -lt $(json report .chunks) ]] || fail "all was read back"
stale copy 200M
loses 0+0 0 --verify=sample restore copy - < two.slate
same_parts two copy

say "clone and save"
old
loses 0+0 0 --verify=sample clone disk copy
n=$(json report .chunks)
said ", [0-9]+ of $n chunks read back and found equal"
[[ $(json report .chunks_read_back) -lt $n ]] || fail "all was read back"
rm -f copy
expect_status 0 slate -b -o --verify=sample --report=report -znone --chunk-size=$chunk \
	save disk new
said "saved as .*, $((chunks / 16)) of $chunks chunks read back and found equal"
told '[.verify, .chunks_read_back] | @csv' "\"sample\",$((chunks / 16))"
same <(slate info --json image | jq .chunks_data) <(slate info --json new | jq .chunks_data)

say "what it is not"
for value in none half '' FULL; do
	expect_status 2 slate -b --verify=$value restore copy image
	said 'neither full nor sample'
done
