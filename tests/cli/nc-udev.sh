#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Debian's real systemd-udevd in a network namespace gives virtual cards their names,
# by rules that the program prints: swaps, cycles, strangers, cards that come later.
# limit 300
set -euo pipefail
# shellcheck source=tests/cli/nc-lib.sh
. "$(dirname "$0")/nc-lib.sh"
# shellcheck source=tests/vm/udev-lib.sh
. "$root/tests/vm/udev-lib.sh"
need_root
unshare -n true 2> /dev/null || skip "needs network namespaces"
get_udev
udev_tree tree

# Pairs of virtual Ethernet cards stand in for real ones.  Those that somebody names when
# they are made are left alone, so they are renamed afterwards.
functions() {
	udev_functions
	cat << 'END'
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t tmpfs run /run
mount -t tmpfs dev /dev
mknod -m 666 /dev/null c 1 3
: > /dev/kmsg # the program's last words
cards=0
card() { # card LAST-BYTE [NAME]: without a name as the kernel calls it
	cards=$((cards + 1))
	ip link add name tmp$cards address 52:54:00:00:00:$1 type veth peer name peer$cards
	ip link set tmp$cards name ${2:-veth$cards}
}
cold() { # all that was made so far
	start_udevd
	again
}
again() {
	udevadm trigger --action=add --subsystem-match=net
	udevadm settle --timeout=20
}
END
}

# play NAME 'NAME=LAST-BYTE...': what comes on standard input runs in the small system with
# the rules for these names; ./out is what it says, and the names afterwards
play() {
	local pair pairs=()

	say "$1"
	for pair in $2; do pairs+=("${pair%=*}=52:54:00:00:00:${pair#*=}"); done
	netconf rules "${pairs[@]}" > 70.rules
	# The cards here have no driver; real ones do, and in guests the rules stay whole.
	[[ ${whole-} ]] || sed -i 's/^DRIVERS=="?\*", //' 70.rules
	cp 70.rules tree/etc/udev/rules.d/70-slate-netconf.rules
	{ functions; cat; echo 'names HAS; cat /run/udevd.log /dev/kmsg'; } > tree/scene
	timeout 60 unshare -m -n -p -f --kill-child chroot tree /bin/sh /scene > out 2>&1 || {
		cat out >&2
		fail "$1"
	}
	! grep -E 'Failed to process|70-slate.*(gnor|nvalid)' out || fail "$1: see above"
}

# scene NAME 'NAME=LAST-BYTE...': the same; these names are all there afterwards, and none
# is left under a name between
scene() {
	local pair

	play "$@"
	for pair in $2; do has "${pair%=*}" "${pair#*=}"; done
	! grep -E '^HAS nc-|Failed to rename|File exists' out || fail "$1: see above"
}

has() { # has NAME LAST-BYTE; NAME is a regular expression
	grep -Eqx "HAS $1 52:54:00:00:00:$2" out || {
		cat out >&2
		fail "$1 is not $2"
	}
}

has_not() { # has_not NAME
	! grep -E "^HAS $1 " out || fail "$1 is there"
}

scene swap 'eth0=0b eth1=0a' << 'END'
card 0a eth0
card 0b eth1
cold
END

scene 'nothing to do' 'eth0=0a eth1=0b' << 'END'
card 0a eth0
card 0b eth1
cold
again
END

scene 'three in a circle' 'eth0=0b eth1=0c eth2=0a' << 'END'
card 0a eth0
card 0b eth1
card 0c eth2
cold
END

scene 'four in a circle, and once more' 'eth0=0b eth1=0c eth2=0d eth3=0a' << 'END'
card 0a eth0
card 0b eth1
card 0c eth2
card 0d eth3
cold
again
END

scene 'four at once, later' 'eth0=0b eth1=0c eth2=0d eth3=0a' << 'END'
start_udevd
making=
for i in 0a:eth0 0b:eth1 0c:eth2 0d:eth3; do
	ip link add name t${i#*:} address 52:54:00:00:00:${i%:*} type veth peer name p${i#*:}
done
for i in 0 1 2 3; do
	ip link set teth$i name eth$i &
	making="$making $!"
done
wait $making
again
END

scene 'a stranger in the way' 'eth0=0b' << 'END'
card 0a eth0
card 0b eth1
cold
END
has 'other[0-9]+' 0a

play 'strangers everywhere, and a card that is not there' 'eth0=0e eth1=77 wlan0=0f' << 'END'
card 0a eth0
card 0b eth1
card 0c wlan0
card 0d eth7
card 0e
card 0f
cold
END
has eth0 0e
has wlan0 0f
has eth7 0d # nobody wants it, and this card has no other name
has_not eth1
has_not 'nc-.*'

scene 'other names take one step' 'lan0=0a wan=0b eth0=0c' << 'END'
card 0c eth1
card 0a eth0
card 0b
cold
again
END

scene 'the program is missing in the initramfs' 'eth0=0b eth1=0c eth2=0a' << 'END'
card 0a eth0
card 0b eth1
card 0c eth2
helper=$(sed -n 's/.*RUN+="\([^ ]*\) .*/\1/p' /etc/udev/rules.d/* | head -n 1)
mv $helper $helper.away
cold
names EARLY
stop_udevd
mv $helper.away $helper
cold
END
[[ $(grep -c '^EARLY nc-eth' out) = 3 ]] || fail "the program was not missing"

scene 'the initramfs had rules of another day' 'eth0=0b eth1=0a' << 'END'
card 0a nc-eth0
card 0b nc-eth1
cold
END

scene 'in use, with the right name' 'eth0=0a eth1=0c eth2=0b' << 'END'
card 0a eth0
ip link set eth0 up
card 0b eth1
card 0c eth2
cold
END

play 'in use, with another name' 'eth0=0a' << 'END'
card 0a eth5
ip link set eth5 up
cold
END
has eth5 0a

play 'a name that is not given up' 'eth0=0a' << 'END'
ip link add name eth0 address 52:54:00:00:00:0b type veth peer name peer
card 0a
cold
ip link set nc-eth0 up && echo USABLE
END
has nc-eth0 0a
has eth0 0b
grep -q USABLE out || fail "the card cannot be used"
grep -q 'net-rename: eth0 stays nc-eth0: interface [0-9]* .* did not give the name up' out ||
	fail "nobody says why"

whole=1 play 'virtual ones with the address of a card' 'eth0=0a' << 'END'
card 0a bridge7
cold
END
has bridge7 0a
