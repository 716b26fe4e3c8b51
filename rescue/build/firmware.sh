# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash disable=SC2154,SC2034 # files share variables
#
# firmware.sh - --firmware: files that cards want to be given before they work

# firmware_add WORK TREE: those of /lib/firmware that the chosen modules name
firmware_add() {
	local file found=0 missing=()

	[[ ${option[firmware]-} ]] || return 0
	while read -r file; do
		if [[ $file != *..* && -f /lib/firmware/$file ]]; then
			install -D -m 644 "/lib/firmware/$file" "$2/lib/firmware/$file"
			found=$((found + 1))
		else
			missing+=("$file")
		fi
	done < <(firmware_names "$1")
	say "firmware: $found files; $((${#missing[@]})) more are not in /lib/firmware"
	[[ ${#missing[@]} = 0 ]] || say "they are in Debian's section non-free-firmware:" \
		"apt-get install $(firmware_packages "${missing[@]}")"
}

firmware_names() { # firmware_names WORK
	(cd "$kernel_modules" && xargs modinfo -F firmware) < "$1/modules" | sort -u
}

# firmware_packages FILE...: Debian's packages that have most of them
firmware_packages() {
	local file

	for file; do
		case $file in
		rtl_nic/*) echo firmware-realtek ;;
		bnx2/*) echo firmware-bnx2 ;;
		bnx2x/*) echo firmware-bnx2x ;;
		*) echo firmware-misc-nonfree ;;
		esac
	done | sort -u | xargs
}
