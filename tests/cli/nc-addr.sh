#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# slate-netconf generate writes addresses in the form that the root has, with its mark in
# each file: the program of each form takes them, passphrases are nobody else's to
# read, and another run changes nothing.
set -euo pipefail
# shellcheck source=tests/cli/nc-lib.sh
. "$(dirname "$0")/nc-lib.sh"
# shellcheck source=tests/cli/foreign-lib.sh
. "$root/tests/cli/foreign-lib.sh"
# shellcheck source=tests/cli/wpa-lib.sh
. "$root/tests/cli/wpa-lib.sh"

passphrase='back\slash "quoted" ; '

# generated STYLE: in the folder STYLE, a root with the school server's policy
generated() {
	local conf=$1/etc/slate/netconf.conf

	mkdir -p "$1/etc/slate"
	sed "s/^style = .*/style = $1/" "$root/netconf/netconf.conf" > "$conf"
	grep -qx "style = $1" "$conf" || fail "the example has no style"
	(umask 077 && printf '%s\n' "$passphrase" > "$1/etc/slate/wlan0.psk")
	expect_status 0 netconf generate --root "$1" --sys sys
	find "$1" -type f -exec sha256sum {} + | sort > before
	expect_status 0 netconf generate --root "$1" --sys sys
	find "$1" -type f -exec sha256sum {} + | sort > after
	same before after "a second run changes files"
	! grep -rlF "${passphrase#* }" "$1" --exclude wlan0.psk |
		xargs -r stat -c '%a %n' | grep -v '^600 ' ||
		fail "others can read the passphrase"
}

marked() { # marked FILE...: each is there, as one of ours
	local file

	for file; do
		head -n 1 "$file" | grep -q "^# Made by slate-netconf;" || fail "$file: no mark"
	done
}

need_root
get_tools
bash "$root/tests/fixtures/nics.sh" school-after sys

say "ifupdown"
generated ifupdown
file=ifupdown/etc/network/interfaces.d/slate
marked $file
expect_status 0 ifquery -i $file --list --all
equal "$(grep -vx lo out | xargs)" "eth0 eth1 wlan0" "interfaces at boot"
wpa_reads ifupdown/etc/wpa_supplicant/wpa_supplicant-wlan0.conf "Example School" "$passphrase"

say "systemd-networkd"
generated networkd
marked networkd/etc/systemd/network/10-slate-{eth0,eth1,wlan0}.network
absent networkd/etc/systemd/network/10-slate-eth2.network
wpa_reads networkd/etc/wpa_supplicant/wpa_supplicant-wlan0.conf "Example School" "$passphrase"
[[ -L networkd/etc/systemd/system/multi-user.target.wants/wpa_supplicant@wlan0.service ]] ||
	fail "nothing starts wpa_supplicant"

say "netplan"
generated netplan
marked netplan/etc/netplan/90-slate.yaml
equal "$(stat -c %a netplan/etc/netplan/90-slate.yaml)" 600 "mode"
expect_status 0 with_libraries generate --root-dir netplan
grep -qx Address=192.0.2.10/24 netplan/run/systemd/network/10-netplan-eth1.network ||
	fail "eth1 has no address"
wpa_reads netplan/run/netplan/wpa-wlan0.conf "Example School" "$passphrase"

say "NetworkManager"
generated nm
for name in eth0 eth1 wlan0; do
	file=nm/etc/NetworkManager/system-connections/slate-$name.nmconnection
	marked "$file"
	equal "$(stat -c %a "$file")" 600 "mode of $file"
	expect_status 0 with_libraries nmcli --offline connection modify \
		connection.autoconnect yes < "$file"
	grep -qx "interface-name=$name" out || fail "$file is not for $name"
done
grep -qxF 'psk=back\\slash "quoted" ; ' out || fail "not the passphrase"

say "what cannot be written is refused, and nothing is written"
printf 'short\n' > nm/etc/slate/wlan0.psk
find nm -type f -exec sha256sum {} + | sort > before
run netconf generate --root nm --sys sys
[[ $status != 0 ]] || fail "a passphrase of five characters was taken"
said "passphrase"
find nm -type f -exec sha256sum {} + | sort > after
same before after
