#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# What is written for netplan, read by netplan: it takes the file, and makes of it what
# the policy says, for networkd and for wpa_supplicant.
set -euo pipefail
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/cli/foreign-lib.sh
. "$root/tests/cli/foreign-lib.sh"
# shellcheck source=tests/cli/wpa-lib.sh
. "$root/tests/cli/wpa-lib.sh"

generates() { # generates FOLDER: as "netplan generate" does
	with_libraries generate --root-dir "$1"
}

has_line() { # has_line FILE LINE...
	local file=$1 line

	shift
	for line; do
		grep -qxF -- "$line" "$file" || {
			cat "$file" >&2
			fail "no '$line' in $file"
		}
	done
}

need_root
get_tools

say "the school server"
write_addresses "$dir/school" school netplan
expect_status 0 generates school
equal "$(cat err)" "" "messages of netplan"
network=school/run/systemd/network
has_line $network/10-netplan-eth0.network Name=eth0 Address=192.168.67.1/24 \
	ConfigureWithoutCarrier=yes RequiredForOnline=no IPv6AcceptRA=no
! grep -q Gateway $network/10-netplan-eth0.network || fail "eth0 has a gateway"
has_line $network/10-netplan-eth1.network Address=192.0.2.10/24 DNS=192.0.2.53 \
	DNS=2001:db8::53 Destination=0.0.0.0/0 Gateway=192.0.2.1 Metric=100
has_line $network/10-netplan-eth2.network DHCP=ipv4 RouteMetric=200
has_line $network/10-netplan-wlan0.network Address=198.51.100.7/24 Metric=300

say "all other roles"
write_addresses "$dir/rest" rest netplan
expect_status 0 generates rest
equal "$(cat err)" "" "messages of netplan"
network=rest/run/systemd/network
has_line $network/10-netplan-uplink.network Address=2001:db8::10/64 Gateway=2001:db8::1
has_line $network/10-netplan-bridge-port.network LinkLocalAddressing=no
has_line rest/run/netplan/wpa-wlan0.conf '  ssid="guests"' '  key_mgmt=NONE'
absent $network/10-netplan-absent.network

say "netplan takes them for NetworkManager, too"
for which in school rest; do
	cp -r $which by-nm
	rm -r by-nm/run
	printf 'network:\n  version: 2\n  renderer: NetworkManager\n' > by-nm/etc/netplan/1.yaml
	chmod 600 by-nm/etc/netplan/1.yaml
	expect_status 0 generates by-nm
	equal "$(cat err)" "" "messages of netplan"
	[[ -e by-nm/run/NetworkManager/system-connections ]] || fail "no connections"
	rm -r by-nm
done

say "netplan sees a mistake"
cp -r rest broken
sed -i 's/dhcp4: true/dhcp4: perhaps/' broken/etc/netplan/90-slate.yaml
expect_status 1 generates broken
said "invalid boolean value 'perhaps'"

say "SSIDs and passphrases come back as they were"
for ((i = 0; i < ${#hostile[@]}; i += 2)); do
	rm -rf h
	write_addresses "$dir/h" school netplan "${hostile[@]:i:2}"
	expect_status 0 generates h
	wpa_reads h/run/netplan/wpa-wlan0.conf "${hostile[@]:i:2}"
done
