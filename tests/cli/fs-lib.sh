# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
#
# fs-lib.sh - what the tests of the filesystems (fs-*.sh) share.  Comes after
# lib.sh.
# shellcheck disable=SC2154 # which sets $root and $dir

"${CC:-cc}" -std=c11 -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 -I"$root" -O1 -o "$dir/ranges" \
	"$root/tests/fixtures/ranges.c" "$root/common/extents.c" "$root/common/err.c"

# round FILE [SAVE_OPTION...]: FILE saved as FILE.slate and restored over old
# data as FILE.back; the source stays as it is.
round() {
	local before

	before=$(sum "$1")
	expect_status 0 slate -o "${@:2}" save "$1" "$1.slate"
	cp "$dir/err" "$1.said"
	equal "$(sum "$1")" "$before" "$1 after it was saved"
	stale "$1.back" "$(size_of "$1")"
	expect_status 0 slate --yes restore "$1.back" "$1.slate"
	"$dir/ranges" slate "$1.slate" > "$1.used"
}

# by_map FILE: round() must not have imaged it byte by byte
by_map() {
	! grep -E 'byte by byte' "$1.said" >&2 || fail "$1 was imaged byte by byte"
	[[ $("$dir/ranges" total "$1.used") -lt $(size_of "$1") ]] ||
		fail "$1: everything is used?"
}

# like_partclone FILE TOOL [MORE [LESS]]: what round() kept against the bitmap of
# partclone.TOOL: at most MORE bytes more and LESS bytes less (default 0), both
# to be explained where it is called.  Prints the difference.
like_partclone() {
	local more less

	"partclone.$2" -q -c -s "$1" -o "$1.pc" -F > "$dir/pc.log" 2>&1 ||
		{ tail -n 5 "$dir/pc.log" >&2; fail "partclone.$2 cannot save $1"; }
	"$dir/ranges" partclone "$1.pc" > "$1.theirs"
	rm "$1.pc"
	"$dir/ranges" minus "$1.used" "$1.theirs" > "$1.more"
	"$dir/ranges" minus "$1.theirs" "$1.used" > "$1.less"
	more=$("$dir/ranges" total "$1.more") less=$("$dir/ranges" total "$1.less")
	say "$1: $more bytes more than partclone, $less less"
	[[ $more -le ${3:-0} ]] || { head -n 5 "$1.more" >&2; fail "$1: $more bytes more"; }
	[[ $less -le ${4:-0} ]] || { head -n 5 "$1.less" >&2; fail "$1: $less bytes less"; }
}

# smaller_than FILE PERCENT OTHERS OPTION...: saved with these options, the image is
# at most PERCENT larger than OTHERS
smaller_than() {
	local ours

	slate -o -b "${@:4}" save "$1" "$1.z" 2> /dev/null
	ours=$(stat -c %s "$1.z")
	rm "$1.z"
	say "$1 with ${*:4}: image of $ours bytes, partclone's $3"
	[[ $((ours * 100)) -le $(($3 * (100 + $2))) ]] || fail "$1: image too large"
}

# size_like_partclone FILE TOOL: the image is at most 2 % larger than what
# partclone.TOOL gives with the same codec on pieces of the same size.  What it
# costs that chunks are compressed on their own has nothing to do with the
# filesystem, but with the files, and files are what this machine happens to have:
# docs/BENCHMARKS.md has that for a whole Debian system.  For fixtures of some
# 10 MiB and more.
size_like_partclone() {
	smaller_than "$1" 2 "$("partclone.$2" -q -c -s "$1" -o - -F 2> /dev/null |
		split -b 256K --filter='zstd -q -3 -c' - | wc -c)" -z zstd:3
}

# size_like_stream FILE TOOL: the same against one stream of zstd -1.  For fixtures
# of which a good part is compressed already, as on a PC that is in use; that part
# makes this hold whatever the rest is.
size_like_stream() {
	smaller_than "$1" 2 "$("partclone.$2" -q -c -s "$1" -o - -F 2> /dev/null |
		zstd -q -1 -c | wc -c)" -z zstd:1
}

# refused REGEX FILE [OPTION...]: not saved, for a reason like REGEX, nothing left
refused() {
	rm -f "$2.slate"
	expect_status 3 slate "${@:3}" save "$2" "$2.slate"
	said "$1"
	absent "$2.slate"
}
