#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# What is no image, an image of the future, volumes that do not belong together,
# and images whose numbers were forged (with right checksums): a clear message,
# at once, with little memory, and nothing written to the target.
set -euo pipefail
# shellcheck source=tests/cli/lib.sh
. "${0%/*}/lib.sh"
# shellcheck source=tests/fault/lib.sh
. "$root/tests/fault/lib.sh"

tool=$dir/imagetool
# Address space in KiB: libraries and one worker need some 60 MiB.
memory=160000
[[ ! ${SANITIZER-} ]] || memory=unlimited

# frugal COMMAND...: with little memory and time
frugal() {
	(
		ulimit -v $memory
		exec timeout -s KILL "$patience" "$@"
	)
}

# refused STATUS REGEX IMAGE: by all verbs that read images, also by force
refused() {
	local verb

	for verb in verify info 'restore target' '--force restore target'; do
		# shellcheck disable=SC2086 # words
		expect_status "$1" frugal "$SLATE" -b -j1 $verb "$3"
		said "$2"
	done
	same victim target "target of a restore from $3"
}

from_pipe() { # from_pipe STATUS REGEX IMAGE...: joined
	expect_status "$1" frugal "$SLATE" -b -j1 verify - < <(cat "${@:3}")
	said "$2"
	expect_status "$1" frugal "$SLATE" -b -j1 restore target - < <(cat "${@:3}")
	said "$2"
}

no_images() {
	say "no images"
	head -c 300K /dev/urandom > noise
	: > empty
	mkdir folder
	gzip -c source > zipped.gz
	zstd -q -o zipped.zst source
	printf 'WM\x2aP\x2a\x4d\x18\x04\0\0\0abcd' > frame.zst # a skippable frame, not ours
	printf '\x57\x2aM\x18' > four
	head -c 15 good > fifteen

	for name in noise zipped.gz zipped.zst frame.zst four fifteen source; do
		refused 4 'is not a slate image' "$name"
		from_pipe 4 'is not a slate image' "$name"
	done
	refused 4 'is not a slate image' /dev/zero
	refused 4 'is empty' empty
	refused 4 'is empty' /dev/null
	from_pipe 4 'is empty' empty
	refused 3 'is a directory' folder
	refused 3 'no such image' missing
	refused 3 'no such image' folder/missing
	refused 3 'cannot open|no such' empty/below

	ln -s loop loop
	refused 3 'loop: ' loop
	mkfifo fifo
	: > fifo & # a writer that has nothing to say
	expect_status 4 frugal "$SLATE" -b verify fifo
	said 'is empty'
	wait
}

# forged FIELD VALUE: ./good with another number and right checksums, as ./bad
forged() {
	local off len

	read -r off len _ < <("$tool" fields good | grep -E " $1\$")
	cp good bad
	"$tool" put bad "$off" "$len" "$2"
	"$tool" seal bad
}

features() {
	say "versions and features"
	forged header.version 2
	refused 4 'format version 2.*newer slate' bad
	from_pipe 4 'format version 2' bad
	forged header.incompat 0x80000001
	refused 4 'incompat 0x80000001.*newer slate' bad
	from_pipe 4 'incompat 0x80000001' bad
	for word in compat ro_compat; do
		forged "header.$word" 0xffffffff
		rm -f new
		expect_status 0 frugal "$SLATE" -b -j1 verify bad
		expect_status 0 frugal "$SLATE" -b -j1 info bad
		expect_status 0 frugal "$SLATE" -b -j1 restore new bad
		same new whole "what an image with unknown $word features holds"
	done
	forged record.codec 99
	expect_status 4 frugal "$SLATE" -b -j1 verify bad
	said 'unknown codec 99.*newer slate'
}

# Only lengths of the giants are giant: the files have 305 bytes.
giants() {
	local size

	say "giants"
	for size in 0x4000000000000000 0x3fffffffff000000 0x800000000000; do
		"$tool" giant bad $size 22
		refused 4 'more than [0-9]+ chunks' bad
	done
	"$tool" giant bad 0x8000000000000000 22
	refused 4 'header: impossible sizes' bad
	"$tool" giant bad 0x100000000000 16
	refused 4 'more than [0-9]+ chunks' bad

	"$tool" giant bad 0x400000000000 22 # 64 TiB, as many chunks as there may be
	expect_status 4 frugal "$SLATE" verify bad
	said '16777216 of 16777216 chunks'
	expect_status 3 frugal "$SLATE" -b --force restore target bad
	said 'target is too small'
	expect_status 4 frugal "$SLATE" -b restore new.giant bad
	absent new.giant
	same victim target "target too small for a giant"

	forged header.device_size 0x4000000000000000
	expect_status 0 frugal "$SLATE" verify bad
	expect_status 3 frugal "$SLATE" -b restore target bad
	said 'target is too small'
}

# Every number in the image in turn, with values that are likely to hurt.  Most
# are found out; some mean nothing to verify.  None may crash it or make it slow.
numbers() {
	local off len field value all top i=0

	say "forged numbers"
	while read -r off len field; do
		[[ $len -le 8 && $field != *.magic && $field != *.tag ]] || continue
		all=$(((1 << (8 * len - 1)) - 1 << 1 | 1)) # of 8 bytes: -1, the same bits
		top=$((1 << (8 * len - 1)))
		for value in 0 1 $((1 << 24)) $((top >> 1)) $((all ^ top)) $all; do
			cp good bad
			"$tool" put bad "$off" "$len" "$value"
			# Frames of forged length are not to be found.
			"$tool" seal bad 2> /dev/null || true
			for image in bad -; do
				run frugal "$SLATE" -j1 verify $image < bad
				[[ $status = 0 || $status = 4 ]] ||
					fail "$field = $value, $image: $status, $(cat err)"
			done
			# without its end, so that a file is read like a pipe
			head -c $(($(size_of bad) - 200)) bad > short
			expect_status 4 frugal "$SLATE" -j1 verify short
			i=$((i + 1))
		done
	done < <("$tool" fields good)
	[[ $i -gt 250 ]] || fail "only $i numbers were forged"
}

volumes() { # volumes FOLDER: with an image in volumes, each time another one
	mkdir "$1"
	"$SLATE" -b -z0 -V 2 save source "$1/image" 2> err
}

# The end is not that of the begin: that shows before anything is touched.
tail_refused() { # tail_refused REGEX
	expect_status 4 frugal "$SLATE" verify x/image
	said "$1"
	expect_status 4 frugal "$SLATE" -b restore target x/image
	said "$1"
	same victim target "target of a restore from x/image"
}

# Begin and end are those of one image: that something else is in between shows
# only when that is read.
middle_refused() { # middle_refused REGEX
	expect_status 4 "$SLATE" verify x/image
	said "$1"
	expect_status 4 "$SLATE" -b restore target x/image
	said "$1"
	has_no_filesystem target
	cp victim target
	expect_status 4 "$SLATE" -b restore target - < <(cat x/image.*)
	has_no_filesystem target
	cp victim target
}

again() { # the volumes of a in x, once more
	rm -rf x
	cp -r a x
}

volumes_mixed_up() {
	local last

	say "volumes"
	volumes a
	volumes b
	last=$(cd a && printf '%s\n' image.* | tail -n 1)
	[[ $last > image.002 ]] || fail "$last should be the fourth volume or a later one"
	expect_status 0 "$SLATE" verify a/image
	said 'reading a/image\.000'
	expect_status 0 "$SLATE" verify a/image.000

	again
	rm "x/$last"
	tail_refused 'volume'
	again
	rm x/image.00[1-9]
	tail_refused 'volume'
	again
	rm x/image.001
	refused 4 'image\.001 is missing \(.*image\.002 is there' x/image
	again
	rm x/image.000
	refused 3 'no such image' x/image
	refused 3 'no such image' x/image.000
	refused 4 'is not a slate image' x/image.001

	again
	cp a/image.001 x/image.002
	cp a/image.002 x/image.001
	middle_refused 'chunk [0-9]+ '
	again
	cp "b/$last" "x/$last"
	tail_refused 'another image.*volumes'
	again
	cp b/image.001 x/image.001
	middle_refused 'another image.*volumes|chunk [0-9]+ '
}

compile imagetool.c imagetool -lcrypto
make_source source
make_victim victim 24M
cp victim target
"$SLATE" -b --chunk-size=1M save source good 2> err
"$SLATE" -b restore whole good 2> err

no_images
features
giants
numbers
volumes_mixed_up
