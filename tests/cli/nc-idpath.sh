#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The path that slate-netconf gives a card is udev's ID_PATH, to the letter: rules and
# policies compare it.  Debian's udevadm looks at each tree of tests/fixtures/nics.sh.
# shellcheck source=tests/cli/nc-lib.sh
. "$(dirname "$0")/nc-lib.sh"
# shellcheck source=tests/vm/udev-lib.sh
. "$root/tests/vm/udev-lib.sh"
need_root
unshare -m true 2> /dev/null || skip "needs mount namespaces"
get_udev
libs=$udev/usr/lib/x86_64-linux-gnu/systemd:$udev/lib/x86_64-linux-gnu

# paths_of TREE: "NAME ID_PATH" by udev, of the names on standard input
paths_of() {
	# shellcheck disable=SC2016 # for the shell within
	unshare -m --propagation private bash -ec '
		mount --bind "$1" /sys
		while read -r name; do
			"$2" test-builtin path_id "/sys/class/net/$name" 2> path_id.err |
				sed -n "s/^ID_PATH=/$name /p"
		done' bash "$1" "$udev/bin/udevadm"
}
export LD_LIBRARY_PATH=$libs SYSTEMD_DEVICE_VERIFY_SYSFS=0

cards=0
"$root/tests/fixtures/nics.sh" -l > trees
while read -r tree; do
	say "$tree"
	"$root/tests/fixtures/nics.sh" "$tree" "$tree"
	expect_status 0 netconf scan --json --sys "$tree"
	# Names that a scan shows in other words are nothing to ask udev for.
	jq -r '.nics[] | select(.path) | "\(.name) \(.path)"' out | grep '^[a-z0-9]* ' |
		sort > ours
	jq -r '.nics[].name' out | grep '^[a-z0-9]*$' | paths_of "$tree" | sort > theirs
	diff -u theirs ours >&2 || fail "$tree: other paths than udev's: $(cat path_id.err)"
	cards=$((cards + $(wc -l < ours)))
done < trees
[[ $cards -ge 30 ]] || fail "only $cards cards were compared"
