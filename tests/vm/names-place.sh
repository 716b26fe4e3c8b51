#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# As names.sh, but with names by place for others (net.ifnames=1): wireless cards that change
# their names, and an Intel card that is put in and comes up first.
# limit 900
set -euo pipefail
# shellcheck source=tests/cli/nc-lib.sh
. "$(dirname "$0")/../cli/nc-lib.sh"
# shellcheck source=tests/vm/lib.sh
. "$root/tests/vm/lib.sh"
# shellcheck source=tests/vm/udev-lib.sh
. "$root/tests/vm/udev-lib.sh"
# shellcheck source=tests/vm/names-lib.sh
. "$root/tests/vm/names-lib.sh"

names_begin
scene hot-wlan hot 'mac80211_hwsim e1000e e1000' \
	'wlan0=02:00:00:00:01:00 wlan1=02:00:00:00:00:00 eth0=0a eth1=0b'
scene cold-intel-added cold 'e1000e 8139cp virtio_net e1000' 'eth0=0a eth1=0d eth2=0c'
scene hot-in-use hot 'e1000' 'eth0=0a eth1=0c eth2=0b' '' 'in_use eth0; load e1000e virtio_net'
names_play 600 net.ifnames=1
grep -q '^HAS cold-intel-added enp0s4 ' said || fail "the added card has no name by its place"
