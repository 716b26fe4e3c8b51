#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Images that were cut off, overwritten or put together wrongly.  verify says
# what is wrong; restore does not touch the target when that could be known
# before, else leaves it without a superblock; restore --force takes all that is
# good and lists the rest.  All of it from a file and through a pipe.
# limit 1200
set -euo pipefail
# shellcheck source=tests/cli/lib.sh
. "${0%/*}/lib.sh"
# shellcheck source=tests/fault/lib.sh
. "$root/tests/fault/lib.sh"

tool=$dir/imagetool
RANDOM=20071 # so that the random places are the same in every run

# ---- what to expect --------------------------------------------------------

# lost FROM TO: how many chunks of ./good have bytes of theirs, or of the chunk
# that they equal, in this range
lost() {
	awk -v from="$1" -v to="$2" '
		$3 == "record" { off[n] = $1; end[n] = $1 + $2; kind[n] = $4; same[n++] = $5 }
		$3 == "data" { end[n - 1] = $1 + $2 }
		END {
			for (i = 0; i < n; i++) {
				gone[i] = off[i] < to && end[i] > from ||
					kind[i] == 3 && gone[same[i]]
				sum += gone[i]
			}
			print sum + 0
		}' good.frames
}

# swallowed FROM TO: how many chunks are lost when these bytes are no more.  The
# first of them goes on behind the gap, over the begin of what stands there.
swallowed() {
	local end

	end=$(awk -v from="$1" '$3 == "data" && $1 + $2 > from { print $1 + $2; exit }' \
		good.frames)
	lost "$1" $((end + $2 - $1))
}

# at KIND [N]: where the Nth (default 1) frame of this kind begins
at() {
	awk -v kind="$1" -v n="${2:-1}" '$3 == kind && ++i == n { print $1; exit }' good.frames
}

refused() { # refused WHAT COMMAND...: nothing was written
	expect_status 4 timeout -s KILL "$patience" "${@:2}"
	same victim target "target of a restore that $1"
}

broken_off() { # broken_off COMMAND...: the restore ended in the middle
	expect_status 4 timeout -s KILL "$patience" "$@"
	said 'without a valid filesystem'
	has_no_filesystem target
	cp victim target
}

# forced LOST COMMAND...: all but LOST chunks are in ./new, and the report has the list
forced() {
	local want=4

	[[ $1 != 0 ]] || want=0
	rm -f new report
	expect_status "$want" timeout -s KILL "$patience" "${@:2}"
	equal "$(jq -r '.lost.chunks // 0' report)" "$1" 'number of chunks lost'
	equal "$(json report .status)" "$want" 'status in the report'
	cp whole expected
	jq -r '.lost.ranges[]? | "\(.offset) \(.length)"' report | "$tool" zero expected
	[[ $1 = 0 ]] || said 'cannot be restored, they are damaged'
	same expected new 'what --force restores'
}

# ---- the trials: each on the image ./bad -----------------------------------

verified() { # verified REGEX: as damaged, in these words
	expect_status 4 timeout -s KILL "$patience" "$SLATE" verify bad
	said "$1"
	trials=$((trials + 1))
}

# The begin is gone: nothing can be done with it.
no_header() { # no_header REGEX
	verified "$1"
	refused 'has no header' "$SLATE" -b restore target bad
	refused 'has no header' "$SLATE" -b --force restore target bad
	refused 'has no header' "$SLATE" -b restore target - < <(cat bad*)
	refused 'has no header' "$SLATE" -b --force restore target - < <(cat bad*)
}

through_a_pipe() { # through_a_pipe LOST
	broken_off "$SLATE" -b -j0 restore target - < <(cat bad*)
	forced "$1" "$SLATE" -b -y --force --report=report restore new - < <(cat bad*)
}

# The end is gone: that shows before the restore begins, but not in a pipe.
no_tail() { # no_tail REGEX LOST
	verified "$1"
	refused 'has no end' "$SLATE" -b restore target bad
	forced "$2" "$SLATE" -b -y --force --report=report restore new bad
	through_a_pipe "$2"
}

# The index is good, a chunk is not: LOST chunks, in a pipe PIPE_LOST.
bad_chunk() { # bad_chunk REGEX LOST [PIPE_LOST]
	verified "$1"
	broken_off "$SLATE" -b restore target bad
	forced "$2" "$SLATE" -b -y --force --report=report restore new bad
	through_a_pipe "${3:-$2}"
}

flip() { # flip OFFSET: a bit of ./good
	cp good bad
	"$tool" flip bad "$1"
}

cut() { # cut LENGTH
	head -c "$1" good > bad
}

piece() { # piece FROM TO: these bytes of ./good
	dd if=good bs=64K skip="$1" count=$(($2 - $1)) iflag=skip_bytes,count_bytes status=none
}

# ---- where to damage -------------------------------------------------------

every_boundary() {
	local off kind

	while read -r off _ kind _; do
		cut "$off"
		case $kind in
		header) no_header 'is empty' ;;
		map) no_header 'map: .*ends before' ;;
		*) no_tail 'trailer|ends' "$(lost "$off" "$size")" ;;
		esac
	done < good.frames
}

# some_places N: cut off anywhere
some_places() {
	local i off first

	first=$(at record)
	for ((i = 0; i < $1; i++)); do
		off=$(((RANDOM << 15 | RANDOM) % size))
		# The structures at both ends are small: each gets its share.
		[[ $((i % 8)) != 0 ]] || off=$((off % first))
		[[ $((i % 8)) != 1 ]] || off=$((size - off % (size - $(at index))))
		cut "$off"
		if [[ $off -lt $first ]]; then
			no_header 'is empty|not a slate image|header: cut|map: '
		else
			no_tail 'trailer|ends' "$(lost "$off" "$size")"
		fi
	done
}

every_field() {
	local off len field

	while read -r off len field; do
		flip $((off + len / 2))
		case $field in
		header.magic | header.tag) no_header 'not a slate image' ;;
		header.*) no_header 'header|not a slate image' ;;
		map.*) no_header 'map: ' ;;
		record.*) bad_chunk 'chunk 0 .*record' "$(lost "$off" $((off + 1)))" ;;
		index.*) no_tail 'index' 0 ;;
		trailer.*) no_tail 'trailer' 0 ;;
		esac
	done < <("$tool" fields good)
}

# harmless: the damage in ./bad made no difference, because no codec looks at
# every bit of what it wrote (bzip2 has tables that it never uses)
harmless() {
	run timeout -s KILL "$patience" "$SLATE" verify bad
	[[ $status = 0 ]] || return
	rm -f new
	expect_status 0 "$SLATE" -b -y restore new bad
	same whole new 'a restore from an image that verifies'
	ignored=$((ignored + 1))
}

# packed_data N: a bit in the middle of some packed chunks
packed_data() {
	local n i off len

	n=$(grep -c ' data$' good.frames)
	for ((i = 0; i < $1; i++)); do
		read -r off len _ < <(grep ' data$' good.frames | sed -n $((RANDOM % n + 1))p)
		off=$((off + len / 2))
		flip "$off"
		harmless || bad_chunk "chunk [0-9]+ " "$(lost "$off" $((off + 1)))"
	done
}

misplaced() {
	local mid off

	mid=$(at data 6)

	cp good bad
	head -c 600K /dev/zero |
		dd of=bad bs=64K seek="$mid" oflag=seek_bytes conv=notrunc status=none
	bad_chunk 'the first: chunk' "$(lost "$mid" $((mid + 600 * 1024)))"

	cat good <(echo more) > bad
	no_tail 'trailer|behind' 0
	cat good good > bad
	no_tail 'image should have' 0

	off=$((mid + 1000)) # in a packed chunk: that is lost, the next one found
	{ piece 0 "$off" && echo 7bytes && piece "$off" "$size"; } > bad
	no_tail 'chunk|record' "$(lost "$off" $((off + 1)))"
	off=$(at record 7) # between two: nothing is lost
	{ piece 0 "$off" && echo 7bytes && piece "$off" "$size"; } > bad
	no_tail 'no chunk record|should have' 0
	{ piece 0 "$off" && piece $((off + 1)) "$size"; } > bad
	no_tail 'chunk|should have' "$(lost "$off" $((off + 1)))"
}

# Two chunks of the same length have changed places.  The index notices both; a
# pipe has only the order to go by, in which the later one hides the rest.
swapped() {
	local a b len

	read -r a _ < <(grep ' 524288 data$' good.frames | sed -n 3p)
	read -r b _ < <(grep ' 524288 data$' good.frames | sed -n 4p)
	len=$((b - a))
	a=$((a - len + 524288)) b=$((b - len + 524288)) # where their records begin
	{
		piece 0 $a
		piece $b $((b + len))
		piece $a $b
		piece $((b + len)) "$size"
	} > bad
	equal "$(size_of bad)" "$size" 'size after chunks were swapped'
	bad_chunk 'record and index disagree' 2 1
}

volumes() {
	local m=$((1 << 20))

	rm bad
	"$SLATE" -b "-z$codec" --chunk-size=512k -V 1 save source bad 2> err
	same <(cat bad.*) good "volumes and one file"
	"$tool" flip bad.002 12345
	bad_chunk 'chunk' "$(lost $((2 * m + 12345)) $((2 * m + 12346)))"
	"$tool" flip bad.002 12345

	truncate -s $((m - 1000)) bad.001
	no_tail 'volume' "$(swallowed $((2 * m - 1000)) $((2 * m)))"
	truncate -s 0 bad.001
	no_tail 'volume' "$(swallowed $m $((2 * m)))"
	rm bad.*
}

# use CODEC: ./good, its length and what it consists of
use() {
	codec=$1
	say "$codec"
	rm -f good
	"$SLATE" -b "-z$codec" --chunk-size=512k save source good 2> err
	"$tool" frames good > good.frames
	size=$(size_of good)
}

export SOURCE_DATE_EPOCH=1
compile imagetool.c imagetool -lcrypto
make_source source
make_victim victim 24M
cp victim target
trials=0 ignored=0

use zstd
expect_status 0 "$SLATE" -b restore whole good
same_ext source whole
for kind in 1 2 3; do
	grep -q " record $kind " good.frames || fail "no chunk of kind $kind to damage"
done
every_boundary
some_places 40
every_field
packed_data 6
misplaced
volumes

use none
some_places 6
packed_data 3
misplaced
swapped
for codec in gzip bzip2 lz4 xz; do
	use "$codec"
	some_places 2
	packed_data 4
done
[[ $ignored -lt 5 ]] || fail "$ignored flipped bits were not noticed"
echo "$trials damaged images"
