#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Real drivers, Debian's kernel and udevd; names like the kernel's own (net.ifnames=0): the
# hardest ways for cards to come up, and each has the name of the printed rules.
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
scene cold-circle4 cold 'e1000 e1000e virtio_net 8139cp' 'eth0=0b eth1=0c eth2=0d eth3=0a'
scene hot-circle3-stranger hot '8139cp e1000 e1000e virtio_net' 'eth0=0b eth1=0c eth2=0a'
scene cold-no-helper cold 'e1000 e1000e' 'eth0=0b eth1=0a' take_helper \
	'start_udevd; coldplug; return_helper; stop_udevd'
names_play 600 net.ifnames=0
grep -q '^FIRST nc-eth0 ' said || fail "the program was there in the first pass"
