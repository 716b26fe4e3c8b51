# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
#
# wpa-lib.sh - what wpa_supplicant makes of a configuration.  Comes after
# foreign-lib.sh; the test has called get_tools.
# shellcheck disable=SC2154 # lib.sh sets $dir

hex() { # its bytes, as the log has them
	od -An -v -tx1 | tr -d ' \n'
}

# wpa_parse FILE: it reads the file, finds no such interface and ends; the log is wpa.log
wpa_parse() {
	with_libraries in_network timeout 20 wpa_supplicant -dd -K -D wired -i nc-none \
		-c "$1" > "$dir/wpa.log" 2>&1 || true
	! grep -E '^Line [0-9]+: |Failed to read or parse' "$dir/wpa.log" || return 1
	grep -q 'start of a new network block' "$dir/wpa.log"
}

# dumped WHAT: the bytes that the log shows for it, in hexadecimal digits
dumped() {
	awk -v what="$1 - hexdump" '
		index($0, what) == 1 { on = 1; next }
		/^     [0-9a-f][0-9a-f] / && on { print substr($0, 6, 48); next }
		{ on = 0 }' "$dir/wpa.log" | tr -d ' \n'
}

# key_of SSID PASSPHRASE: what a file has for it: itself, or, with both a quote and a '#'
# in it, the key that wpa_passphrase makes of it
key_of() {
	if [[ $2 = *\"*#* || $2 = *#*\"* ]]; then
		with_libraries wpa_passphrase "$1" "$2" | sed -n 's/^\tpsk=//p'
	else
		printf '%s\n' "$2"
	fi
}

# wpa_reads FILE SSID PASSPHRASE: that is what it takes from the file
wpa_reads() {
	local key

	wpa_parse "$1" || {
		cat "$1" "$dir/wpa.log" >&2
		fail "wpa_supplicant does not take $1"
	}
	equal "$(dumped ssid)" "$(printf %s "$2" | hex)" "SSID"
	key=$(key_of "$2" "$3")
	if [[ $key =~ ^[0-9a-fA-F]{64}$ ]]; then
		grep -qi "^PSK - hexdump(len=32): $(sed 's/../& /g; s/ $//' <<< "$key")\$" \
			"$dir/wpa.log" || fail "not the key $key"
	else
		equal "$(dumped 'PSK (ASCII passphrase)')" "$(printf %s "$key" | hex)" \
			"passphrase"
	fi
}
