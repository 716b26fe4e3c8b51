#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Files of older tools, as schools have them: import makes a policy of them, and plan with
# that policy gives each card the name that it had there.
set -euo pipefail
# shellcheck source=tests/cli/nc-lib.sh
. "$(dirname "$0")/nc-lib.sh"

"$root/tests/fixtures/nics.sh" school-after after
"$root/tests/fixtures/nics.sh" school-before before
"$root/tests/fixtures/nics.sh" usb-nic usb
"$root/tests/fixtures/nics.sh" two-equal equal

# imported TREE FILE...: the policy is in ./policy, and the names that plan then gives in
# ./names, "NAME MAC" each
imported() {
	rm -rf system
	mkdir -p system/etc/slate
	expect_status 0 netconf --sys "$1" import "${@:2}"
	cp out system/etc/slate/netconf.conf
	cp err messages
	netconf --sys "$1" --root system plan --json > plan.json || fail "no plan of: ${*:2}"
	jq -r '.names[] | select(.card) | .name + " " + .card.mac' plan.json | sort > names
	cp messages err
}

names_are() { # names_are NAME MAC...
	printf '%s %s\n' "$@" | sort | diff - names >&2 || fail "other names"
}

say "udev's generator, after the card was put in and the names were edited by hand"
mkdir -p old/etc/udev/rules.d
rules=old/etc/udev/rules.d/70-persistent-net.rules
rule() { # rule MAC KERNEL NAME: as the generator wrote it, a line
	printf 'SUBSYSTEM=="net", ACTION=="add", DRIVERS=="?*", ATTR{address}=="%s", ' "$1"
	printf 'ATTR{dev_id}=="0x0", ATTR{type}=="1", KERNEL=="%s", NAME="%s"\n' "$2" "$3"
}
{
	printf '# This file was written by the generator for persistent names.\n#\n'
	printf '# You may edit it.\n\n# PCI device 0x8086:0x15bb (e1000e)\n'
	rule 00:1e:67:aa:00:01 'eth*' eth0
	printf '\n# PCI device 0x8086:0x10d3 (e1000e)\n'
	rule 00:1b:21:bb:00:01 'eth*' eth1
	printf '\n# PCI device 0x8086:/sys/devices/pci0000:00/0000:00:14.3 (iwlwifi)\n'
	rule 00:1e:67:aa:00:09 'wlan*' wlan0
} > $rules
imported after $rules
names_are eth0 00:1e:67:aa:00:01 eth1 00:1b:21:bb:00:01 wlan0 00:1e:67:aa:00:09
[[ ! -s err ]] || fail "messages: $(cat err)"
grep -qF "# eth1: $rules:9: PCI device 0x8086:0x10d3 (e1000e)" out || fail "no origin of eth1"

say "the same from within a mounted system, in DOS lines, and as JSON"
cp out there
expect_status 0 netconf --sys after --root old import /etc/udev/rules.d/70-persistent-net.rules
diff <(grep -v '^#' there) <(grep -v '^#' out) >&2 || fail "other policy with --root"
sed 's/$/\r/' $rules > dos.rules
imported after dos.rules
names_are eth0 00:1e:67:aa:00:01 eth1 00:1b:21:bb:00:01 wlan0 00:1e:67:aa:00:09
expect_status 0 netconf --sys after import --json $rules
jq -r '.cards[] | [.name, .match, .line] | join(" ")' out > cards
printf '%s\n' 'eth0 mac:00:1e:67:aa:00:01 6' 'eth1 mac:00:1b:21:bb:00:01 9' \
	'wlan0 mac:00:1e:67:aa:00:09 12' | diff - cards >&2 || fail "other cards in JSON"
equal "$(json out .policy)" "$(grep -v '^#' there | sed 1d)" "the policy in JSON"
equal "$(json out '[.cards[].here] | all')" true "all cards are here"

say "cards that are not in this machine are told"
imported before $rules
names_are eth0 00:1e:67:aa:00:01 wlan0 00:1e:67:aa:00:09
said 'eth1: this machine has no card with MAC 00:1b:21:bb:00:01'
not_said 'cards of another machine'
imported usb $rules
[[ ! -s names ]] || fail "names on a foreign machine: $(cat names)"
said 'cards of another machine'
expect_status 0 netconf --sys before import --json $rules
equal "$(jq -c '[.cards[].here]' out)" '[true,false,true]' "who is here"

say "rules by place and driver, as for PCs that shall all be alike"
cat > by-place.rules << 'END'
# ours; by slot
ACTION=="add", SUBSYSTEM=="net", KERNELS=="0000:02:00.0", NAME="eth1"
ACTION=="add", SUBSYSTEM=="net", SUBSYSTEMS=="pci", \
	KERNELS=="0000:03:00.0", NAME:="eth0"
SUBSYSTEM=="net", DRIVERS=="e100|e1000", NAME="eth7"
LABEL="done"
END
imported equal by-place.rules
names_are eth1 00:e0:4c:68:00:01 eth0 00:e0:4c:68:00:02
said 'by-place.rules:5: eth7 is left out, because of DRIVERS "e100\|e1000"'
said 'by-place.rules:6: 1 rule without a name'

say "iftab"
printf '%s\n' '# wired' $'eth0\tmac 00:1E:67:AA:00:01 arp 1' \
	$'lan1\tdriver e1000e businfo 0000:01:00.0' $'air*\tmac 00:07:0E:*' > iftab
imported after iftab
names_are eth0 00:1e:67:aa:00:01 lan1 00:1b:21:bb:00:01
said 'iftab:3: lan1: only path:pci-0000:01:00.0 is taken over'
said 'iftab:4: name "air\*": a pattern'

say "mactab, also busybox's"
printf 'eth0 38:63:BB:00:00:01\nusb0 driver=ax88179_178a\n' > mactab
imported usb mactab
names_are eth0 38:63:bb:00:00:01 usb0 00:24:9b:00:00:01
[[ ! -s err ]] || fail "messages: $(cat err)"

say ".link files, several at once"
mkdir network
printf '%s\n' '[Match]' Property=ID_NET_NAME_ONBOARD=eno1 '' '[Link]' Name=class0 \
	> network/10-class.link
printf '%s\n' '[Match]' PermanentMACAddress=00:1b:21:bb:00:01 Type=ether \
	'[Link]' Name=net0 MTUBytes=9000 > network/11-net.link
imported after network/*.link
names_are class0 00:1e:67:aa:00:01 net0 00:1b:21:bb:00:01
said '11-net.link:6: MTUBytes= is no matter of names'

say "several files that do not agree: the first one counts, and it is told"
imported after network/11-net.link $rules
names_are net0 00:1b:21:bb:00:01 eth0 00:1e:67:aa:00:01 wlan0 00:1e:67:aa:00:09
said "$rules:9: eth1 for mac:00:1b:21:bb:00:01: left out, as network/11-net.link:5 says net0"

say "one file for all PCs of a room: the card that is there gets the name"
printf 'eth0 00:1e:67:aa:00:01\neth0 38:63:bb:00:00:01\n' > mactab
imported after mactab
names_are eth0 00:1e:67:aa:00:01
said 'mactab:2: eth0 stands for several cards'
imported usb mactab
names_are eth0 38:63:bb:00:00:01

say "what cannot be imported: clear words, no output"
refused() { # refused REGEX OPERAND...
	expect_status 1 netconf --sys after import "${@:2}"
	said "$1"
	[[ ! -s out ]] || fail "something on standard output by: ${*:2}"
}
refused 'nowhere: No such file' nowhere
refused 'nowhere: No such file' $rules nowhere
head -c 3000 /dev/urandom > binary
printf '\0' >> binary
refused 'binary: a NUL byte' binary
printf 'just words\n' > words
refused 'words: neither udev rules' words
printf 'eth0 001e67aa0001\n' > mactab
refused 'mactab:1: eth0 is left out, because of 001e67aa0001: a MAC has colons: 00:1e:67' mactab
refused 'no name that could be imported' mactab
printf '%0300d 00:1e:67:aa:00:01\n' 0 > mactab
refused 'mactab:1: name .*the kernel takes at most 15' mactab
head -c 2M /dev/zero | tr '\0' x > mactab
refused 'mactab' mactab
mkfifo fifo
refused 'fifo' fifo
refused . network
expect_status 2 netconf import
said 'import takes FILE'
expect_status 2 netconf import --dry-run $rules
ln -s "$dir/$rules" old/outside
expect_status 1 netconf --sys after --root old import /outside
