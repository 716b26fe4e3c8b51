#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# slate-netconf plan: on every tree of tests/fixtures/nics.sh the shipped policy gives what is
# in tests/golden/netconf/TREE.plan; other policies, and policies that are none.
#
# After a wanted change, UPDATE=1 tests/cli/nc-plan.sh writes the golden files anew:
# read their difference before it is committed.
# shellcheck source=tests/cli/nc-lib.sh
. "$(dirname "$0")/nc-lib.sh"

golden=$root/tests/golden/netconf
school=$root/netconf/netconf.conf
: > names

# planned NAME TREE ARGUMENT...: output, messages and status are those of NAME.plan
planned() {
	local name=$1 tree=$2

	[[ -d $tree ]] || "$root/tests/fixtures/nics.sh" "$tree" "$tree"
	run netconf plan -v --sys "$tree" "${@:3}"
	{
		cat out err
		echo "exit status $status"
	} > all
	echo "$name" >> names
	! LC_ALL=C.UTF-8 grep -nP '[^\x20-\x7e\n\x{2190}]' all >&2 || fail "control characters"
	[[ ! ${UPDATE-} ]] || cp all "$golden/$name.plan"
	diff -u "$golden/$name.plan" all >&2 || fail "the plan is not that of $name.plan"
	run netconf plan -v --sys "$tree" "${@:3}"
	cat out err | diff - <(head -n -1 all) >&2 || fail "$name: another time, another plan"
}

# bad LINE:COLUMN REGEX: the policy on standard input is refused there
bad() {
	cat > bad.conf
	expect_status 1 netconf plan --sys school-after --policy bad.conf < /dev/null
	said "^slate-netconf: bad\.conf:$1: $2"
	[[ ! -s out ]] || fail "a plan from a bad policy"
}

say "the shipped policy on every tree"
"$root/tests/fixtures/nics.sh" -l > trees
while read -r tree; do
	planned "$tree" "$tree" --policy "$school" --root /
done < trees

say "special policies"
cat > dock.conf << 'END'
[eth0]
match = onboard
pin = path
[dock0]
match = usb
pin = path
[*]
strangers = keep
END
planned dock-path dock --policy dock.conf
cat > twins.conf << 'END'
[lan0]
match = driver:r8169
[lan1]
match = mac:00:e0:4c:68:00:03, wlan:1
required = yes
END
planned two-equal-driver two-equal --policy twins.conf
cat > boot.conf << 'END'
[eth0]
match = boot-nic
required = yes
[usb0]
match = usb:2
pin = mac
[usb1]
match = usb
END
planned usb-nic-boot usb-nic --policy boot.conf --boot-nic 38:63:bb:00:00:01
planned usb-nic-other-boot usb-nic --policy boot.conf --boot-nic 02-00-00-00-00-01
cat > ports.conf << 'END'
[p3]
match = pci-order:4
[p0]
match = path:01:00.0
[eth1]
match = mac:e4:1d:2d:00:00:01
pin = onboard
END
planned four-ports-one-function-pins four-ports-one-function --policy ports.conf
cat > wlan.conf << 'END'
[wlan0]
match = usb
role = dhcp ssid "Our School" psk-file /etc/slate/wlan.psk
[wlan1]
match = path:1c.1, path:02:00.0
role = dhcp ssid Other
END
planned wlan-pair-usb wlan-pair --policy wlan.conf
for file in "$golden"/*.plan; do
	grep -qxF "$(basename "$file" .plan)" names || fail "$file: nothing makes it"
done

say "JSON"
expect_status 0 netconf plan --json --sys school-after --policy "$school" --root /
equal "$(json out '.names[0] | "\(.name) \(.card.address) \(.card.name) \(.pin) \(.reason)"')" \
	"eth0 0000:00:1f.6 eth1 onboard SMBIOS onboard index 1" "eth0 in JSON"
equal "$(jq -r '.names[2].card, (.problems | length), .boot_nic' out | xargs)" \
	"null 0 null" "what there is none of"
expect_status 3 netconf plan --json --sys dup-onboard --policy "$school"
equal "$(json out '.problems[0]' | cut -c1-36)" "the firmware says of two cards that " "problem"
expect_status 0 netconf plan --json --sys four-ports --policy "$school" --boot-nic \
	a0:36:9f:00:00:03
equal "$(json out '"\(.names[0].card.name) \(.boot_nic) \(.strangers[0].name)"')" \
	"eth3 a0:36:9f:00:00:03 eth2" "the card that it booted from"

say "policies in a root"
mkdir -p mnt/etc/slate
expect_status 1 netconf plan --sys school-after --root mnt
said '^slate-netconf: mnt/etc/slate/netconf.conf: there is no policy yet: begin with the'
cp "$school" mnt/etc/slate/
expect_status 0 netconf plan --sys school-after --root mnt
cp out in-root
expect_status 0 netconf plan --sys school-after --policy "$school"
same in-root out "the plan of the policy in a root"
echo '[lo]' > mnt/etc/other.conf
expect_status 1 netconf plan --sys school-after --root mnt --policy /etc/other.conf
said '^slate-netconf: mnt/etc/other.conf:1:2: "lo" is reserved'
ln -sf "$dir/dock.conf" mnt/etc/out.conf # leads out: to be looked for within
expect_status 1 netconf plan --sys school-after --root mnt --policy /etc/out.conf
said 'out\.conf.*No such file'
expect_status 1 netconf plan --sys school-after --root missing
said 'missing.*No such file'

say "policies that are none"
printf '[eth0]\nmatch = onboard\nrole = static 192.168.67.1/33\n' | bad 3:28 'the length of the'
printf '[eth0]\n match = onboard,\n\tbord ; bord\n' | bad 3:2 'there is no selector "bord"'
printf '[eth0]\nmatch = mac:001e67aa0001\n' | bad 2:13 '001e67aa0001: a MAC has colons: 00:1e'
printf '[%0300d]\n' 0 | bad 1:197 'a line of more than 196 characters'
printf '[e%040d]\n' 0 | bad 1:2 'the name has 41 characters; the kernel takes at most 15'
printf '[eth0]\nmatch = %0300d\n' 0 | bad 2:197 'a line of more than'
printf '[eth0]\nma\0tch = onboard\n' | bad 2:3 'a NUL byte: this is not a text file'
printf '[eth0]\nma\033[2Jtch = onboard\n' | bad 2:1 '\[eth0\] has no "ma\?\[2Jtch"'
printf '' | bad 1:1 'no name is wanted'
head -c 100000 /dev/urandom | bad '[0-9]+:[0-9]+' ''

say "files that cannot be read"
expect_status 1 netconf plan --sys school-after --policy missing.conf
said '^slate-netconf: missing\.conf: No such file'
expect_status 1 netconf plan --sys school-after --policy "$dir/missing.conf"
said "$dir/missing\.conf.*No such file"
for folder in mnt "$dir/mnt"; do
	expect_status 1 netconf plan --sys school-after --policy "$folder"
	said "${folder##*/}.* not a file"
done
mkfifo fifo
for fifo in fifo "$dir/fifo"; do
	expect_status 1 timeout 10 "$NETCONF" plan --sys school-after --policy "$fifo"
	said "fifo.* not a "
done
truncate -s 2M large.conf
expect_status 1 netconf plan --sys school-after --policy large.conf
said 'large\.conf: File too large'
expect_status 1 netconf plan --sys missing --policy "$school"
said 'missing'
expect_status 2 netconf plan eth0
expect_status 2 netconf plan --boot-nic 001e67aa0001
said 'a MAC has colons'
full() {
	netconf plan --sys school-after --policy "$school" > /dev/full
}
expect_status 1 full
said 'standard output'
[[ $(id -u) = 0 ]] || skip "needs root: a file that even root may not read"
cp dock.conf secret.conf
chmod 0 secret.conf
expect_status 1 setpriv --bounding-set=-dac_override,-dac_read_search \
	"$NETCONF" plan --sys school-after --policy secret.conf
said '^slate-netconf: secret\.conf: Permission denied'
