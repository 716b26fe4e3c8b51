#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# What is written for NetworkManager, read by nmcli (which asks no daemon with
# --offline): it takes each file and writes the same again.
set -euo pipefail
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/cli/foreign-lib.sh
. "$root/tests/cli/foreign-lib.sh"
# shellcheck source=tests/cli/wpa-lib.sh
. "$root/tests/cli/wpa-lib.sh"

place=etc/NetworkManager/system-connections

again() { # again FILE: as nmcli writes it, in ./out
	expect_status 0 with_libraries nmcli --offline connection modify \
		connection.autoconnect yes < "$1"
}

# value SECTION KEY < FILE
value() {
	awk -F= -v section="[$1]" -v key="$2" '
		/^\[/ { here = $0 == section }
		here && $1 == key { sub(/^[^=]*=/, ""); print }'
}

# keeps FILE: all that stands in our file is in what nmcli makes of it
keeps() {
	local section key

	again "$1"
	while IFS='=' read -r key _; do
		if [[ $key = \[* ]]; then
			section=${key//[\[\]]/}
		elif [[ $key && $key != ssid && $section/$key != wifi/mode ]]; then
			equal "$(value "$section" "$key" < out)" \
				"$(value "$section" "$key" < "$1")" "$1: [$section] $key"
		fi
	done < "$1"
}

get_tools

say "what is written is what is read"
for which in school rest; do
	write_addresses "$dir/$which" $which nm
	for file in "$which/$place"/*; do
		equal "$(stat -c %a "$file")" 600 "mode of $file"
		keeps "$file"
	done
done
for name in eth0 eth1 eth2 wlan0; do
	[[ -e school/$place/slate-$name.nmconnection ]] || fail "no file for $name"
done
absent rest/$place/slate-absent.nmconnection rest/$place/slate-wlan1.nmconnection
again school/$place/slate-eth1.nmconnection
equal "$(value ipv4 address1 < out)" 192.0.2.10/24,192.0.2.1 address
equal "$(value ipv4 route-metric < out)" 100 metric

say "NetworkManager itself takes its configuration"
expect_status 0 with_libraries NetworkManager --print-config \
	--config school/etc/NetworkManager/conf.d/90-slate.conf --config-dir "$dir/none" \
	--system-config-dir "$dir/none"
grep -qx 'match-device=interface-name:=eth0' out || fail "no section for eth0"
grep -qx 'ignore-carrier=yes' out || fail "eth0 would wait for a carrier"

say "nmcli sees mistakes"
sed 's/method=manual/method=manuel/' school/$place/slate-eth1.nmconnection > broken
expect_status 1 with_libraries nmcli --offline connection modify \
	connection.autoconnect yes < broken
said "ipv4.method: property is invalid"

say "SSIDs and passphrases come back as they were"
for ((i = 0; i < ${#hostile[@]}; i += 2)); do
	ssid=${hostile[i]}
	psk=$(key_of "$ssid" "${hostile[i + 1]}")
	write_addresses "$dir/h" school nm "${hostile[@]:i:2}"
	again h/$place/slate-wlan0.nmconnection
	cp out ours
	expect_status 0 with_libraries nmcli --offline connection add type wifi ifname wlan0 \
		ssid "$ssid" wifi-sec.key-mgmt wpa-psk wifi-sec.psk "$psk"
	equal "$(value wifi ssid < ours)" "$(value wifi ssid < out)" "SSID $ssid"
	equal "$(value wifi-security psk < ours)" "$(value wifi-security psk < out)" \
		"passphrase $psk"
done
