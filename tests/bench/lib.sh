# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
# lib.sh - what fixtures.sh and bench.sh share.  Sourced, never run.

export LC_ALL=C PATH=$PATH:/usr/sbin:/sbin

die() {
	echo "${0##*/}: $*" >&2
	exit 1
}

misuse() {
	echo "${0##*/}: $* (-h for help)" >&2
	exit 2
}

say() {
	echo "== $*" >&2
}

# usage: prints the script's header comment, without the SPDX line
usage() {
	awk 'NR > 2 { if (!/^#/) exit; sub(/^# ?/, ""); print }' "$0"
}

# need COMMAND[:PACKAGE]...: installs the packages of the commands that are missing
need() {
	local pair missing=()
	for pair; do
		type -P "${pair%:*}" >/dev/null || missing+=("${pair#*:}")
	done
	[ ${#missing[@]} -gt 0 ] || return 0
	say "installing ${missing[*]}"
	{
		apt-get update -q &&
			DEBIAN_FRONTEND=noninteractive apt-get install -q -y \
				--no-install-recommends "${missing[@]}"
	} >&2 </dev/null || die "cannot install ${missing[*]}"
}
