#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Every way for cards to come up, with the kernel's names and with names by place, before
# udevd runs and while it does: each card has the name of the printed rules, or of those
# that a policy gives on the guest itself.
# limit 3600
set -euo pipefail
# shellcheck source=tests/cli/nc-lib.sh
. "$(dirname "$0")/../../cli/nc-lib.sh"
# shellcheck source=tests/vm/lib.sh
. "$root/tests/vm/lib.sh"
# shellcheck source=tests/vm/udev-lib.sh
. "$root/tests/vm/udev-lib.sh"
# shellcheck source=tests/vm/names-lib.sh
. "$root/tests/vm/names-lib.sh"

printed() { # printed cold|hot
	local how=$1 passes

	scene "$how-swap" "$how" 'e1000 e1000e' 'eth0=0b eth1=0a'
	scene "$how-circle3" "$how" 'e1000 e1000e virtio_net' 'eth0=0b eth1=0c eth2=0a'
	scene "$how-circle4" "$how" "${wired[*]}" 'eth0=0b eth1=0c eth2=0d eth3=0a'
	scene "$how-stranger" "$how" "${wired[*]}" 'eth0=0d eth1=0c absent0=0f'
	scene "$how-wlan" "$how" 'mac80211_hwsim e1000e' \
		'wlan0=02:00:00:00:01:00 wlan1=02:00:00:00:00:00 eth3=0b'
	passes='udevadm settle; return_helper; stop_udevd'
	[[ $how = hot ]] || passes="start_udevd; coldplug; $passes"
	[[ $how = cold ]] || passes+='; start_udevd; coldplug'
	scene "$how-no-helper" "$how" 'e1000 e1000e virtio_net' 'eth0=0b eth1=0c eth2=0a' \
		take_helper "$passes"
	scene "$how-in-use" "$how" e1000 'eth0=0a eth1=0c eth2=0b' '' \
		'in_use eth0; load e1000e virtio_net'
	scene "$how-intel-added" "$how" 'e1000e 8139cp virtio_net e1000' \
		'eth0=0a eth1=0d eth2=0c ?enp0s4=0b'
}

# A policy is resolved on the guest; its rules know cards by index, place and address.
by_policy() { # by_policy cold|hot
	scene "$1-policy" "$1" "8139cp ${wired[*]} mac80211_hwsim" '?eth0=0a ?eth1=0c ?eth2=0b
		?lan0=0d ?wlan0=02:00:00:00:01:00 ?wlan1=02:00:00:00:00:00' \
		"cp /policy /etc/slate/netconf.conf; load ${wired[*]} mac80211_hwsim
		slate-netconf generate; unload
		grep -h '==' /etc/udev/rules.d/* | sed 's/^/RULE $1-policy /'
		cat /etc/systemd/network/*.link"
}

policy() {
	cat << 'END'
[*]
style = none
[eth0]
match = onboard
pin = onboard
[eth1]
match = driver:virtio_net
pin = path
[eth2]
match = driver:e1000e
pin = path
[lan0]
match = mac:52:54:00:00:00:0d
pin = mac
[wlan0]
match = mac:02:00:00:00:01:00
[wlan1]
match = mac:02:00:00:00:00:00
END
}

# Names that the kernel does not use, by .link files alone.
by_link() { # by_link cold|hot
	scene "$1-link" "$1" "${wired[*]}" '?lan0=0a ?wan=0b ?dmz=0d' \
		"cp /policy-links /etc/slate/netconf.conf; load ${wired[*]}
		slate-netconf generate; unload
		ls /etc/udev/rules.d; cat /etc/systemd/network/*"
}

links() {
	cat << 'END'
[*]
style = none
[lan0]
match = onboard
pin = onboard
[wan]
match = driver:e1000e
pin = path
[dmz]
match = mac:52:54:00:00:00:0d
pin = mac
END
}

for names in 0 1; do
	say "net.ifnames=$names"
	scenes=()
	names_begin
	put_program "$NETCONF" more bin/slate-netconf
	mkdir -p more/etc/slate more/var/lib
	policy > more/policy
	links > more/policy-links
	for how in cold hot; do
		printed $how
		by_policy $how
		by_link $how
	done
	names_play 1700 net.ifnames=$names
	[[ $(grep -c '^RULE .*ATTRS{index}=="1"' said) = 2 ]] || fail "no rule knows the index"
	grep -q '^RULE .*ENV{ID_PATH}=="pci-0000:00:04.0"' said || fail "no rule knows a place"
done
