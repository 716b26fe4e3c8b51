#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# slate-netconf generate and apply on a mounted root: what is written, what stays, what is
# told; and apply --boot on the same and on another machine.
# shellcheck source=tests/cli/nc-root-lib.sh
. "$(dirname "$0")/nc-root-lib.sh"

machine school-after
school_root r

say "dry run and diff change nothing"
picture r > before
on_root 3 generate --dry-run
told "^r/$rules: would be written$"
on_root 3 apply --diff
told '^\+ENV\{ID_PATH\}=="pci-0000:01:00.0"'
told 'address 192.168.67.1/24'
not_told 'class room'
told '^\(has a secret, not shown\)$'
told '^\(a program, not shown\)$'
on_root 3 generate --dry-run --json
equal "$(json out '.changes | map(select(.change == "new")) | length')" \
	"$(json out '.pending')" "pending changes"
picture r > after
same before after "the root"

say "written, whole and with the right modes"
on_root 0 generate
told "^r/$rules: written$"
no_leftovers r
same "$(dirname "$NETCONF")/net-rename" r/usr/local/lib/slate/net-rename "the helper"
equal "$(stat -c %a r/usr/local/lib/slate/net-rename)" 755 "mode of the helper"
equal "$(stat -c %a r/etc/wpa_supplicant/wpa_supplicant-wlan0.conf)" 600 "mode of a secret"
grep -q '^# Made by slate-netconf; .* sha256:[0-9a-f]\{64\}$' "r/$rules" || fail "no mark"
equal "$(sed 1d "r/$rules" | sha256sum)" \
	"$(sed -n '1s/.*sha256:\(.*\)/\1  -/p' "r/$rules")" "the sum in the mark"
json r/var/lib/slate/netconf/state.json .fingerprint > /dev/null

say "again: nothing to do, and nothing is touched"
picture r > before
on_root 0 generate
told '^All files are as they should be.$'
on_root 0 apply --json
equal "$(json out '.changes | length')" 0 changes
picture r > after
same before after "the root"

say "what was edited by hand stays, with --force it goes and is kept"
echo '# mine' >> "r/$addresses"
on_root 3 generate
told "^r/$addresses: kept, edited by hand$"
said 'force replaces'
grep -q '^# mine$' "r/$addresses" || fail "the edit is gone"
on_root 3 generate --diff
told '^-# mine$'
on_root 0 generate --force
told "^r/$addresses: replaced, edited by hand$"
grep -q '^# mine$' "r/$previous/$addresses" || fail "the edit was not kept"
not_mine=$(ls -A r/etc/network/interfaces.d)
equal "$not_mine" slate "what ifupdown would read"

say "a foreign file at our place stays"
echo 'iface eth9 inet manual' > "r/$addresses"
on_root 3 generate
told "kept, not made by slate-netconf"
rm "r/$addresses"
on_root 0 generate

say "a name that is taken out of the policy takes its files along"
sed -i '/wlan0/,$d' r/etc/slate/netconf.conf
on_root 0 generate
told '^r/etc/wpa_supplicant/wpa_supplicant-wlan0.conf: removed$'
absent r/etc/wpa_supplicant/wpa_supplicant-wlan0.conf
[[ -e r/$previous/etc/wpa_supplicant/wpa_supplicant-wlan0.conf ]] || fail "no copy"
printf '[lan0]\nmatch = onboard\nrole = dhcp\n' > r/etc/slate/netconf.conf
on_root 0 generate
absent "r/$rules" r/etc/initramfs-tools/hooks/slate-netconf
[[ -e r/etc/systemd/network/10-slate-lan0.link ]] || fail "no .link file"

say "the style of the policy and the one that is found"
mkdir -p r/etc/systemd/system/multi-user.target.wants
ln -s /lib/systemd/system/systemd-networkd.service \
	r/etc/systemd/system/multi-user.target.wants/
on_root 0 generate -v
told '^Addresses: systemd-networkd: its service is enabled$'
[[ -e r/etc/systemd/network/10-slate-lan0.network ]] || fail "no .network file"
absent "r/$addresses"
printf '[*]\nstyle = none\n' >> r/etc/slate/netconf.conf
on_root 0 generate -v
absent r/etc/systemd/network/10-slate-lan0.network

say "a plan with problems is refused before anything is touched"
machine dup-onboard
picture r > before
on_root 3 generate
said 'onboard'
on_root 3 apply --force
picture r > after
same before after "the root"

say "passphrases: missing, too short, open to all"
rm -rf r
machine school-after
school_root r
echo short > r/etc/slate/wlan.psk
on_root 1 generate
said 'r/etc/slate/wlan.psk: a WPA passphrase has 8 to 63 characters, this one 5'
not_said short
rm r/etc/slate/wlan.psk
on_root 1 generate
said 'the passphrase of wlan0: r/etc/slate/wlan.psk: No such file'
absent "r/$rules"
echo 'class room 7' > r/etc/slate/wlan.psk
chmod 644 r/etc/slate/wlan.psk
on_root 0 generate
said 'chmod 600'

say "an initramfs that is older"
touch r/usr/sbin/update-initramfs
touch -d '2020-01-01' r/boot/initrd.img-6.1
on_root 0 apply
told 'chroot r update-initramfs -u -k all$'
on_root 0 apply --json
equal "$(json out .update_initramfs)" 'chroot r update-initramfs -u -k all' command
touch -d '+1 hour' r/boot/initrd.img-6.1
on_root 0 apply --update-initramfs
not_told initramfs

say "at boot: the same machine, another one, and one that cannot be written to"
picture r > before
on_root 0 apply --boot
told '^The same machine as before.$'
picture r > after
same before after "the root"
machine school-before
sed -i '/eth1/,/^role/d' r/etc/slate/netconf.conf
on_root 0 apply --boot
told '^Another machine than before: planned anew.$'
told "^r/$rules: replaced$"
on_root 0 apply --boot
told '^The same machine as before.$'

machine school-after
rm r/etc/slate/wlan.psk
picture r > before
on_root 0 apply --boot
said 'the passphrase of wlan0: r/etc/slate/wlan.psk: No such file'
picture r > after
same before after "the root"

say "no policy, no root"
rm r/etc/slate/netconf.conf
on_root 1 generate
said 'there is no policy yet'
expect_status 1 netconf generate --root nowhere
said 'nowhere, the root to work on: No such file or directory'
