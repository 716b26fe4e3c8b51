#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# What is written for ifupdown, by ifupdown: ifquery takes it, ifup shows what it would
# do, and in a network namespace does it.  wpa_supplicant reads its file.
set -euo pipefail
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/cli/foreign-lib.sh
. "$root/tests/cli/foreign-lib.sh"
# shellcheck source=tests/cli/wpa-lib.sh
. "$root/tests/cli/wpa-lib.sh"

place=etc/network/interfaces.d/slate

up() { # up FILE NAME [OPTION...]: without the machine's hooks, and what it knows to be up
	ifup --no-scripts --force --state-dir "$dir/state" "${@:3}" -i "$1" "$2"
}

# shows FOLDER NAME LINE...: lines of what ifup would do
shows() {
	local file=$1/$place name=$2 line

	shift 2
	expect_status 0 up "$file" "$name" --no-act -v
	for line; do
		cat out err | tr -s ' \t' ' ' | grep -qF -- "$line" || {
			cat out err >&2
			fail "ifup $name has no '$line'"
		}
	done
}

# The part inside: $interfaces is the file
if [[ ${1-} = inside ]]; then
	trap - EXIT
	cd "$2"
	rmdir "$dir"
	dir=$2 interfaces=$3
	cards eth0 eth1 wlan0 lab uplink bridge-port
	for name in "${@:4}"; do
		up "$interfaces" "$name"
	done
	for name in "${@:4}"; do
		card_state "$name"
	done
	default_routes
	default_routes -6
	exit
fi

need_networks
get_tools
mkdir state

say "the school server"
write_addresses "$dir/school" school ifupdown
expect_status 0 ifquery -i school/$place --list --all
equal "$(grep -vx lo out | xargs)" "eth0 eth1 eth2 wlan0" "interfaces at boot"
shows school eth0 "ip addr add 192.168.67.1/255.255.255.0" "link set dev eth0 up" \
	"echo 0 > /proc/sys/net/ipv6/conf/eth0/accept_ra"
shows school eth1 "ip route add default via 192.0.2.1 metric 100"
shows school wlan0 "ip route add default via 198.51.100.1 metric 300"
expect_status 0 ifquery -i school/$place eth1
grep -qx 'dns-nameservers: 192.0.2.53 2001:db8::53' out || fail "no DNS servers"
expect_status 0 ifquery -i school/$place eth2
grep -qx 'metric: 200' out || fail "no metric"
expect_status 0 ifquery -i school/$place wlan0
conf=$(sed -n 's/^wpa-conf: //p' out)
wpa_reads "school$conf" "Lab 1" "correct horse"
equal "$(stat -c %a "school$conf")" 600 "mode of the file with the passphrase"

say "it does it"
expect_status 0 in_network bash "$root/tests/cli/nc-addr-ifupdown.sh" inside "$dir" \
	"$dir/school/$place" eth0 eth1 wlan0
cat > want << 'END'
eth0 192.168.67.1/24 true
eth1 192.0.2.10/24 true
wlan0 198.51.100.7/24 true
eth1 192.0.2.1 100
wlan0 198.51.100.1 300
END
same out want "what ifup made"

say "all other roles"
write_addresses "$dir/rest" rest ifupdown
expect_status 0 ifquery -i rest/$place --list --all
equal "$(grep -vx lo out | xargs)" "lab uplink bridge-port wlan0 wlan1" "interfaces at boot"
wpa_parse rest/etc/wpa_supplicant/wpa_supplicant-wlan0.conf || fail "open network"
expect_status 0 in_network bash "$root/tests/cli/nc-addr-ifupdown.sh" inside "$dir" \
	"$dir/rest/$place" lab bridge-port
cat > want << 'END'
lab fd00:67::1/64 true
bridge-port  true
END
same out want "what ifup made"
shows rest uplink "ip -6 addr add 2001:db8::10/64" \
	"ip -6 route replace default via 2001:db8::1 metric 100"

say "ifupdown sees mistakes"
sed 's/inet static/inet statik/' school/$place > broken
expect_status 1 ifquery -i broken --list --all
said "unknown or no method"
sed '/192.0.2.10/d' school/$place > broken
expect_status 1 up broken eth1 --no-act
said "missing required variable: address"
printf 'network={\n\tssid="a"\n\tpsk="short"\n}\n' > broken
! wpa_parse broken || fail "wpa_supplicant takes a short passphrase"

say "SSIDs and passphrases come back as they were"
for ((i = 0; i < ${#hostile[@]}; i += 2)); do
	write_addresses "$dir/h" school ifupdown "${hostile[@]:i:2}"
	expect_status 0 ifquery -i h/$place wlan0
	wpa_reads "h$(sed -n 's/^wpa-conf: //p' out)" "${hostile[@]:i:2}"
done
