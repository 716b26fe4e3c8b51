# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
#
# rescue-lib.sh - slate-rescue with a kernel of get_kernel, so that nothing is fetched twice.
# Comes after lib.sh.
# shellcheck disable=SC2154 # which sets $root
# shellcheck source=tests/vm/lib.sh
. "$root/tests/vm/lib.sh"

export SLATE_RESCUE_CACHE=$top/build/rescue
rescue() {
	"$top/rescue/slate-rescue" "$@"
}
