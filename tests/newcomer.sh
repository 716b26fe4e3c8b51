#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# newcomer.sh [COMMAND...] - what somebody meets who has just cloned this: runs
# the README's commands (default: make demo, make check) on HEAD in a fresh
# minimal Debian 12.  Root; needs mmdebstrap and some GiB in $TMPDIR (default
# /var/tmp).  What command N printed stays in build/newcomer-N.log.
set -euo pipefail
top=$(cd "$(dirname "$0")/.." && pwd)

die() {
	echo "newcomer: $*" >&2
	exit 1
}

# enter COMMAND: in the new system.  Its mounts live in a namespace that ends with it.
enter() {
	# shellcheck disable=SC2016 # for the inner shell
	unshare --mount --propagation private bash -euc '
		for m in proc sys dev; do mount --rbind "/$m" "$0/$m"; done
		exec chroot "$0" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root \
			LANG=C.UTF-8 sh -c "cd /root/slate && $1"' "$root" "$1" < /dev/null
}

[[ $(id -u) = 0 ]] || die "must be root"
command -v mmdebstrap > /dev/null || die "needs mmdebstrap: apt-get install mmdebstrap"
[[ $# -gt 0 ]] || set -- 'make demo' 'make check'
git -C "$top" diff --quiet HEAD -- ||
	echo "newcomer: changes that are not committed are not tried" >&2

root=$(mktemp -d "${TMPDIR:-/var/tmp}/newcomer.XXXXXX")
trap 'rm -rf --one-file-system "$root"' EXIT
mmdebstrap --quiet --variant=minbase --include=git,make,ca-certificates bookworm "$root"
# The way to the network may be special: proxies of apt, name servers.
cp -r /etc/apt/apt.conf.d "$root/etc/apt/"
cp -L /etc/resolv.conf "$root/etc/"
git clone -q "$top" "$root/root/slate"

mkdir -p "$top/build"
n=0
for command; do
	n=$((n + 1))
	log=$top/build/newcomer-$n.log
	echo "== $command"
	if ! enter "$command" > "$log" 2>&1; then
		tail -n 25 "$log"
		die "'$command' failed; all of it is in build/newcomer-$n.log"
	fi
	tail -n 3 "$log"
done
