#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# slate-netconf check: one thing wrong at a time, each with its file and line.
# shellcheck source=tests/cli/nc-root-lib.sh
. "$(dirname "$0")/nc-root-lib.sh"

onboard=00:1e:67:aa:00:01 card=00:1b:21:bb:00:01 absent=00:22:15:db:8f:41

# In this tree the cards have the wanted names already.
machine school-after
mv sys/class/net/eth0 sys/class/net/x
mv sys/class/net/eth1 sys/class/net/eth0
mv sys/class/net/x sys/class/net/eth1

fresh() { # a new ./r, generated
	rm -rf r
	school_root r
	on_root 0 generate
}

finds() { # finds FILE:LINE REGEX: exactly one finding, there
	on_root 3 check
	told "^r/$1: .*$2"
	on_root 3 check --json
	equal "$(json out '.findings | length')" 1 "number of findings"
	equal "$(json out '.findings[0] | .file + ":" + (.line | tostring)' | sed 's/:0$//')" \
		"/$1" "place of the finding"
}

say "nothing is wrong"
fresh
picture r > before
on_root 0 check
told '^Nothing found.$'
picture r > after
same before after "the root"

say "rules of a card that is not here, and of one that has another name"
file=etc/udev/rules.d/70-persistent-net.rules
rule() { # rule MAC NAME
	printf 'SUBSYSTEM=="net", ACTION=="add", DRIVERS=="?*", ATTR{address}=="%s", %s\n' \
		"$1" "ATTR{type}==\"1\", KERNEL==\"eth*\", NAME=\"$2\""
}
{ echo '# PCI device'; rule $absent eth7; } > r/$file
finds $file:2 "is for the card $absent, which is not in this machine"
rule $onboard eth1 > r/$file
on_root 3 check
told "^r/$file:1: names the card $onboard eth1, but the policy says eth0$"
rule $onboard eth0 > r/$file
on_root 0 check

say ".link, netplan, NetworkManager, ifcfg and interfaces"
rm r/$file
mkdir -p r/etc/systemd/network
printf '[Match]\nMACAddress=%s\n[Link]\nName=net7\n' $card > r/etc/systemd/network/50-card.link
finds etc/systemd/network/50-card.link:2 "names the card $card net7"
fresh
mkdir -p r/etc/netplan
printf 'network:\n  ethernets:\n    lan:\n      match: {}\n      set-name: eth1\n' \
	> r/etc/netplan/01.yaml
on_root 3 check
told '^r/etc/netplan/01.yaml:5: gives a card the name eth1, which the policy gives another'
fresh
mkdir -p r/etc/NetworkManager/system-connections
printf '[connection]\nid=x\n[ethernet]\nmac-address=%s\n' $absent \
	> r/etc/NetworkManager/system-connections/x.nmconnection
finds etc/NetworkManager/system-connections/x.nmconnection:4 "is for the card $absent"
printf '[connection]\ninterface-name=eth1\n' \
	> r/etc/NetworkManager/system-connections/x.nmconnection
finds etc/NetworkManager/system-connections/x.nmconnection:2 'configures eth1'
fresh
mkdir -p r/etc/sysconfig/network-scripts
printf 'DEVICE=eth5\nHWADDR=%s\n' $absent > r/etc/sysconfig/network-scripts/ifcfg-eth5
finds etc/sysconfig/network-scripts/ifcfg-eth5:2 "is for the card $absent"
fresh
printf 'iface eth0 inet dhcp\n\thwaddress ether %s\n' $absent >> r/etc/network/interfaces
on_root 3 check
told '^r/etc/network/interfaces:4: configures eth0, which the policy does, too$'
told "^r/etc/network/interfaces:5: gives a card the address $absent, which none here has$"

say "interfaces that does not read interfaces.d"
fresh
sed -i /^source/d r/etc/network/interfaces
finds etc/network/interfaces 'does not read interfaces.d'

say "our own files: edited, missing, a helper that is gone or cannot be run, the program"
fresh
echo '# mine' >> "r/$rules"
finds "$rules" 'edited by hand'
fresh
rm "r/$addresses"
finds "$addresses" 'is missing'
fresh
rm r/usr/local/lib/slate/net-rename
finds usr/local/lib/slate/net-rename 'is missing, and the udev rules need it'
fresh
rm r/usr/local/sbin/slate-netconf
finds usr/local/sbin/slate-netconf 'is missing'

say "an initramfs that is older than the rules"
fresh
touch r/usr/sbin/update-initramfs
touch -d 2020-01-01 r/boot/initrd.img-6.1
finds boot/initrd.img-6.1 'is older than /etc/'
told 'findings'

say "a card whose name is not the planned one, and a plan with problems"
fresh
machine school-after
on_root 3 check
told '^eth1 should be eth0: SMBIOS onboard index 1$'
told '^eth0 should be eth1: '
machine dup-onboard
on_root 3 check
told onboard

say "hostile files"
machine school-after
fresh
printf 'iface \033[2Jx inet dhcp\n\thwaddress %05000d\n' 0 >> r/etc/network/interfaces
mkfifo r/etc/network/interfaces.d/$'\033[2J'
file=etc/udev/rules.d/70-persistent-net.rules
{ rule $onboard $'\033[2Jx'; head -c 100000 /dev/urandom; } > r/$file
on_root 3 check
told "^r/$file:1: names the card $onboard \?\[2Jx, but the policy says eth0$"
told '^r/etc/network/interfaces.d/\?\[2J: cannot be read'
! LC_ALL=C grep -nP '[^\x20-\x7e\n\t]' out err >&2 || fail "control characters"
on_root 3 check --json
rm r/etc/network/interfaces.d/*J
head -c 3M /dev/zero > r/etc/udev/rules.d/70-persistent-net.rules
on_root 3 check
told '^r/etc/udev/rules.d/70-persistent-net.rules: cannot be read: .*too large'
