#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# make install puts everything where it belongs, make uninstall takes all of it away.
set -euo pipefail
# shellcheck source=tests/cli/nc-lib.sh
. "$(dirname "$0")/nc-lib.sh"

O=${NETCONF%/*}
# -o all: what is installed is what this test runs with, nothing is built.
install_to() { # install_to TARGET FOLDER [VARIABLE=VALUE...]
	env -u MAKEFLAGS make -s -C "$root" -o all O="$O" "$1" DESTDIR="$2" "${@:3}"
}
files() { # files FOLDER
	(cd "$1" && find . ! -type d -printf '%P %m\n' | sort)
}

say "every program, manual page, completion and example"
expect_status 0 install_to install "$dir/a"
files a > installed
for file in sbin/slate sbin/slate-netconf; do
	grep -qx "usr/local/$file 755" installed || fail "no $file"
	[[ -x a/usr/local/$file ]] || fail "$file cannot be run"
done
for file in share/man/man8/slate.8 share/man/man8/slate-netconf.8 \
	share/man/man5/slate-netconf.conf.5 share/bash-completion/completions/slate \
	share/bash-completion/completions/slate-netconf \
	share/doc/slate/examples/netconf.conf; do
	grep -qx "usr/local/$file 644" installed || fail "no $file"
done
expect_status 0 a/usr/local/sbin/slate-netconf --version
expect_status 0 bash -n a/usr/local/share/bash-completion/completions/slate-netconf

say "the same below another prefix"
expect_status 0 install_to install "$dir/b" PREFIX=/usr
sed 's|^usr/local/|usr/|' installed | diff - <(files b) >&2 || fail "other files with PREFIX"

say "and nothing of it stays; what others put there does"
touch a/usr/local/sbin/other
expect_status 0 install_to uninstall "$dir/a"
equal "$(files a)" "usr/local/sbin/other 644" "what is left"
expect_status 0 install_to uninstall "$dir/b" PREFIX=/usr
equal "$(files b)" "" "what is left with PREFIX"
