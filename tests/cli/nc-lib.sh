# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
#
# nc-lib.sh - tests/cli/lib.sh for the tests of slate-netconf: $NETCONF is the program.
# shellcheck source=tests/cli/lib.sh
. "${BASH_SOURCE[0]%/*}/lib.sh"
NETCONF=$(realpath "${NETCONF:-$root/build/slate-netconf}")

netconf() {
	"$NETCONF" "$@"
}
