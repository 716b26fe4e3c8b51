# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
#
# main.sh - slate-rescue build

# shellcheck disable=SC2034 # the dispatcher reads them
build_summary='build [OPTION]...'
# shellcheck disable=SC2034
build_options='
o output DIR boot tree (default /srv/slate/boot)
- kernel DEB|PATH another kernel: a package, or vmlinuz or its folder
- modules LIST more kernel modules or folders of them, with commas
- key FILE certificate of the server or its authority (PEM)
- firmware - the firmware that the modules name, from /lib/firmware
'

build_main() {
	say "to do"
}
