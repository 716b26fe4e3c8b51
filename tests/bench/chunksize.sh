#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# chunksize.sh - what chunk size and level cost: the figures behind the defaults.
#
#   chunksize.sh [-f FIXDIR] [LEVEL...]
#
# For each chunk size and each zstd LEVEL (default: 1 3) prints, as a Markdown
# table, image size and CPU seconds of a save of the ext4 fixture, and how many
# used bytes lie in chunks that differ on a copy of it that was used for a while:
# 100 files deleted, 100 MB added, each 40th file of /usr/lib and /usr/bin
# replaced as a package upgrade does, many times touched.  The last rows are one
# long stream of the same used bytes, through zstd itself.
#
# Environment: SLATE (build/slate), SCRATCH (/dev/shm, some 8 GB).  Needs root.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=/dev/null
. "$here/lib.sh"

SLATE=${SLATE:-$here/../../build/slate}
fix=$here/../../build/fixtures
tmp=''

finish() {
	[ -z "$tmp" ] || {
		! mountpoint -q "$tmp/mnt" || umount "$tmp/mnt"
		rm -rf "$tmp"
	}
}

# use_it FILE: some weeks of work on the filesystem in FILE
use_it() {
	local file
	mount -o loop "$1" "$tmp/mnt"
	find "$tmp/mnt/usr/share/doc" -type f | sort | sed -n 1,100p | xargs -r rm -f
	dd if="$fix/root.tar" of="$tmp/mnt/home/new" bs=1M count=100 skip=300 status=none
	while read -r file; do
		cp -p "$file" "$file.new"
		printf x >>"$file.new"
		mv "$file.new" "$file"
	done < <(find "$tmp/mnt/usr/lib" "$tmp/mnt/usr/bin" -type f -size +20k | sort |
		awk 'NR % 40 == 0')
	find "$tmp/mnt/etc" "$tmp/mnt/usr/include" -type f -exec touch -d 2024-01-01 {} +
	umount "$tmp/mnt"
}

# timed COMMAND...: runs it, sets $cpu to its user and system seconds
timed() {
	command time -q -o "$tmp/time" -f '%U %S' "$@" >"$tmp/log" 2>&1 </dev/null ||
		die "$1 failed: $(tail -n 3 "$tmp/log")"
	cpu=$(awk '{ printf "%.1f", $1 + $2 }' "$tmp/time")
}

# changed IMAGE: MB of used bytes in chunks that differ on the used copy
changed() {
	local status=0
	"$SLATE" verify "$1" "$tmp/used" -b --report="$tmp/report" 2>/dev/null || status=$?
	[ "$status" = 5 ] || die "verify ended with $status, not with 5"
	awk '/"different"/ { inside = 1 }
		inside && /"bytes"/ { gsub(/[^0-9]/, ""); printf "%.1f", $0 / 1e6; exit }' \
		"$tmp/report"
}

row() { # row CHUNK LEVEL CPU CHANGED: of the image $tmp/image
	printf '| %s | %s | %.1f | %s | %s |\n' "$1" "$2" \
		"$(($(stat -c %s "$tmp/image") / 100000))e-1" "$3" "$4"
}

while getopts f:h opt; do
	case $opt in
	f) fix=$OPTARG ;;
	h) usage && exit 0 ;;
	*) exit 2 ;;
	esac
done
shift $((OPTIND - 1))
[ $# -gt 0 ] || set -- 1 3
[ "$(id -u)" = 0 ] || die "must be root"
need time zstd
"$here/fixtures.sh" -o "$fix" ext4
tmp=$(mktemp -d "${SCRATCH:-/dev/shm}/chunksize.XXXXXX")
trap finish EXIT
mkdir "$tmp/mnt"
cp --sparse=always "$fix/ext4-lab.img" "$tmp/used"
use_it "$tmp/used"

echo "| chunk | zstd level | image, MB | CPU s | changed after use, MB |"
echo "|---|---|---|---|---|"
for level; do
	for chunk in 64k 256k 1M 4M; do
		timed "$SLATE" save "$fix/ext4-lab.img" "$tmp/image" -b -o -j1 \
			-z "zstd:$level" --chunk-size=$chunk
		row $chunk "$level" "$cpu" "$(changed "$tmp/image")"
	done
	zstd -q -dcf "$tmp/image" >"$tmp/raw"
	timed zstd -q -f "-$level" -T1 "$tmp/raw" -o "$tmp/image"
	row 'one stream' "$level" "$cpu" '–'
	rm "$tmp/raw"
done
