#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# own-root.sh COMMAND... - runs it where / is a mount point.  It need not be one in a chroot;
# then "ip netns exec" fails, and so does unshare(1), which both begin with a change of its
# propagation.  COMMAND has mounts of its own then; nothing is seen of them outside.
set -euo pipefail

# In a namespace whose / is still a part of somebody's mount, and may be shared with
# others.  /proc can be made private, and what is mounted there does not get out.
make_root() {
	mount --make-rprivate /proc
	mount -t tmpfs slate-root /proc
	mkdir /proc/root
	mount --rbind / /proc/root
	mount --make-rprivate /proc/root
	umount /proc/root/proc # this tmpfs, once more
	# shellcheck disable=SC2016 # the inner shell's
	exec chroot /proc/root bash -c 'cd "$0" && exec "$@"' "$PWD" "$@"
}

case ${1-} in
'') echo "usage: tests/own-root.sh COMMAND..." >&2; exit 2 ;;
--make) make_root "${@:2}" ;;
esac
[[ $(id -u) = 0 && -e /proc/self/mountinfo ]] || exec "$@"
! awk '$5 == "/" { found = 1 } END { exit !found }' /proc/self/mountinfo || exec "$@"
exec unshare -m --propagation unchanged "$0" --make "$@"
