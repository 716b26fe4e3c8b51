# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
# free.sh - which blocks of a filesystem are free, for limit.  Sourced, never run.

# free_ranges FILE: what ext2/3/4 say is free, as limit wants it
free_ranges() {
	dumpe2fs "$1" 2>/dev/null | awk '
		/^Block size:/ { size = $3 }
		sub(/^  Free blocks: /, "") {
			n = split($0, range, ", *")
			for (i = 1; i <= n; i++) {
				if (split(range[i], b, "-") < 2)
					b[2] = b[1]
				printf "%.0f %.0f\n", b[1] * size, (b[2] - b[1] + 1) * size
			}
		}'
}
