#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# slate-netconf rules: what it prints, and what it refuses; and the program that the
# rules run, alone.
set -euo pipefail
# shellcheck source=tests/cli/nc-lib.sh
. "$(dirname "$0")/nc-lib.sh"
NET_RENAME=$(realpath "${NET_RENAME:-$root/build/net-rename}")

refused() { # refused REGEX OPERAND...: wrong usage, nothing printed
	expect_status 2 netconf rules "${@:2}"
	said "$1"
	[[ ! -s out ]] || fail "printed in spite of that: rules ${*:2}"
}

say printed
expect_status 0 netconf rules eth0=52:54:00:12:34:56 wlan0=02-00-00-00-0A-00 \
	lan0=52:54:00:12:34:57
sed -i "s,\"[^\" ]*/net-rename,\"/usr/local/lib/slate/net-rename," out # whatever PREFIX is
same out "$root/tests/golden/netconf/static.rules"
not_said .

say refused
refused '"eth0" is no NAME=MAC' eth0
refused 'a name is missing' =52:54:00:12:34:56
refused 'eth0 is given to two cards' eth0=52:54:00:12:34:56 eth0=52:54:00:12:34:57
refused '52:54:00:12:34:56 is given two names, eth0 and eth1' eth0=52:54:00:12:34:56 \
	eth1=52:54:00:12:34:56
refused 'a MAC has colons: 52:54:00:12:34:56' eth0=525400123456
refused 'is no MAC' eth0=52:54:00:12:34
refused 'no card has this address' eth0=01:00:5e:00:00:01
refused 'no card has this address' eth0=00:00:00:00:00:00
refused 'at most 15 characters' "$(head -c 300 /dev/zero | tr '\0' a)=52:54:00:12:34:56"
refused 'at most 12 characters' eth1234567890=52:54:00:12:34:56
refused 'nc-eth0|nc-' nc-eth0=52:54:00:12:34:56
# shellcheck disable=SC2016 # they are meant as they stand
for bad in lo all default 7 . .. 'a b' 'a"b' 'a$b' 'a%d' 'a*' 'a|b' 'a\b' $'a\nb' a/b; do
	refused . "$bad=52:54:00:12:34:56"
done
expect_status 2 netconf rules

say 'the program that renames'
for bad in '' 1 '0 eth0' 'x eth0' '1 a/b' '1 eth%d' '1 a-name-of-16-chr' '1 2 3'; do
	# shellcheck disable=SC2086 # words
	run "$NET_RENAME" $bad
	[[ $status != 0 ]] || fail "net-rename $bad"
	said .
done
expect_status 1 "$NET_RENAME" 2147483647 eth0
said 'no interface 2147483647 any more'
! readelf -l "$NET_RENAME" | grep INTERP || fail "net-rename needs libraries"
