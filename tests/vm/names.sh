#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Real drivers, Debian's kernel and udevd: the hardest ways to bring cards up, and each has
# the name that it was given by the printed rules.
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
all='e1000 e1000e virtio_net 8139cp'
for how in cold hot; do
	scene $how-swap $how 'e1000 e1000e' 'eth0=0b eth1=0a' < /dev/null
	scene $how-circle3 $how 'e1000 e1000e virtio_net' 'eth0=0b eth1=0c eth2=0a' < /dev/null
	scene $how-circle4 $how "$all" 'eth0=0b eth1=0c eth2=0d eth3=0a' < /dev/null
	scene $how-stranger $how "$all" 'eth0=0d eth1=0c' < /dev/null
	scene $how-wlan $how 'mac80211_hwsim e1000e' \
		'wlan0=02:00:00:00:01:00 wlan1=02:00:00:00:00:00 eth3=0b' < /dev/null
done
names_play 300 net.ifnames=${IFNAMES-0}
