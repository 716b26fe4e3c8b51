#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Output that cannot be written: full filesystems, limits, closed and full
# streams.  Status 1 and why, nothing left under the image's name, and an image
# that was to be replaced is still there.
set -euo pipefail
# shellcheck source=tests/cli/lib.sh
. "${0%/*}/lib.sh"
# shellcheck source=tests/fault/lib.sh
. "$root/tests/fault/lib.sh"

fails() { # fails REGEX COMMAND...
	expect_status 1 "${@:2}"
	said "$1"
	not_said 'saved as|: restored'
}

is_empty() { # is_empty FOLDER
	equal "$(ls -A "$1")" "$2" "what is left in $1"
}

# full_disk FOLDER: in which 6 MB fit, but not the 9 MB of the source
full_disk() {
	local full=$1 here

	here=$(ls -A "$full")
	fails 'image: cannot write the image: No space left' \
		"$SLATE" -b -z0 save source "$full/image"
	is_empty "$full" "$here"
	fails 'No space left' "$SLATE" -b -z0 -V1 save source "$full/image"
	is_empty "$full" "$here"
	fails 'No space left' "$SLATE" -b -z0 --json --report=report save source "$full/image"
	equal "$(json report .status)" 1 'status in the report'
	equal "$(json out 'select(.event == "result") | .status')" 1 \
		'status in the last JSON line'
	is_empty "$full" "$here"

	# A smaller image that is there stays.
	"$SLATE" -b save small "$full/image" 2> err
	cp "$full/image" kept
	fails 'No space left' "$SLATE" -b -o -z0 save source "$full/image"
	same kept "$full/image" 'an image that could not be replaced'
	fails 'No space left' "$SLATE" -b -o -z0 -V1 save source "$full/image"
	same kept "$full/image" 'an image that could not be replaced by volumes'
	rm "$full/image"
	"$SLATE" -b -V1 save small "$full/image" 2> err
	cat "$full"/image.* > kept
	fails 'No space left' "$SLATE" -b -o -z0 -V1 save source "$full/image"
	same kept <(cat "$full"/image.*) 'volumes that could not be replaced'
	rm "$full"/image.*
	is_empty "$full" "$here"

	# A target file that has no room left is no target.
	fails 'No space left' "$SLATE" -b restore "$full/disk" good
	said 'without a valid filesystem'
	has_no_filesystem "$full/disk"
	rm "$full/disk"
}

no_room_for_a_report() { # no_room_for_a_report FOLDER
	local unit

	for unit in 64K 1K; do
		dd if=/dev/zero bs=$unit status=none >> "$1/fill" 2> /dev/null || true
		sync -f "$1"
	done
	fails_late 'report' "$SLATE" -b --report="$1/report" save small image
	rm -f "$1/fill" "$1/report"
}

# fails_late REGEX COMMAND...: the work itself was done
fails_late() {
	expect_status 1 "${@:2}"
	said "$1"
	expect_status 0 "$SLATE" verify image
	rm image
}

reports() {
	say "reports"
	fails_late 'missing/report: cannot write the report' \
		"$SLATE" -b --report=missing/report save small image
	fails_late 'cannot write the report' "$SLATE" -b --report=/dev/full save small image
	mkdir folder
	fails_late 'cannot write the report' "$SLATE" -b --report=folder save small image
}

streams() {
	local verb

	say "standard output"
	fails 'standard output.*No space left' into /dev/full "$SLATE" -b save small -
	for verb in 'info good' '--json info good' '--json verify good' \
		'--json -b restore new good'; do
		# shellcheck disable=SC2086 # words
		expect_status 1 into /dev/full "$SLATE" $verb
		said 'standard output'
	done
	fails_late 'standard output' into /dev/full "$SLATE" --json -b save small image

	# Nobody reads any more.
	fails 'standard output.*Broken pipe' into >(:) "$SLATE" -b -z0 save source -
	expect_status 0 bash -c 'exec "$@" 2> >(:)' - "$SLATE" -b save small image

	say "closed files"
	# None of what is opened then may be taken for standard error.
	rm -f new image
	bash -c 'exec "$@" <&- >&- 2>&-' - "$SLATE" -b restore new good
	same new whole 'what was restored without standard files'
	cp small untouched
	bash -c 'exec "$@" <&- >&- 2>&-' - "$SLATE" -b save small image
	same small untouched 'a source that was saved without standard files'
	expect_status 0 "$SLATE" verify image
	fails 'standard output' bash -c 'exec "$@" >&-' - "$SLATE" -b save small -
	rm image
}

into() { # into FILE COMMAND...
	"${@:2}" > "$1"
}

limited() { # limited KIB COMMAND...: no file may become larger
	(
		ulimit -f "$1"
		exec "${@:2}"
	)
}

make_source source
make_victim small 24M
"$SLATE" -b save source good 2> err
"$SLATE" -b restore whole good 2> err

reports
streams

say "a limit on file sizes"
fails 'File too large' limited 2000 "$SLATE" -b -z0 save source limited
absent limited limited.part
fails 'File too large' limited 2000 "$SLATE" -b restore limited good
absent limited

need_root
say "a full tmpfs"
mkdir full
if mount -t tmpfs -o size=6M none full 2> /dev/null; then
	full_disk full
	no_room_for_a_report full
	umount full
else
	echo "cannot mount a tmpfs"
fi
need_loop
say "a full ext4"
truncate -s 8M disk
mkfs.ext4 -q -F -O ^has_journal -m 0 disk
mount_image disk full rw
full_disk full
no_room_for_a_report full
