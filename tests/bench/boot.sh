# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
# boot.sh - the group of bench.sh for the rescue system.  Sourced by it.
# shellcheck disable=SC2154 # tmp, runs, here, result are bench.sh's

# Wall times only; the guest's is adjusted by how fast limit is there.
group_boot() {
	"$here/boot-lab.sh" "$runs" >"$tmp/boot"
	LIMIT=$LIMIT "$here/guest-lab.sh" "$runs" >>"$tmp/boot"
	awk -F'\t' -v OFS='\t' -v group="$group" '
		{ print group, $1, $2, 0, 0, 0, 0, "-", "-", "-" }' "$tmp/boot" |
		tee -a "$result" >&2
	goal wall '<=' 1.3 "slate, first byte written" "dnsmasq and lpxelinux, marker"
	goal wall '<=' 1.2 "slate restore, in the guest" "slate restore, outside"
}
