#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# slate-netconf scan: on every tree of tests/fixtures/nics.sh it says what is in
# tests/golden/netconf/TREE.scan, and on the running kernel what is not a card.
#
# After a wanted change, UPDATE=1 tests/cli/nc-scan.sh writes the golden files anew:
# read their difference before it is committed.
# shellcheck source=tests/cli/nc-lib.sh
. "$(dirname "$0")/nc-lib.sh"

golden=$root/tests/golden/netconf

like_golden() { # like_golden NAME: the last run's output
	[[ ! ${UPDATE-} ]] || cp out "$golden/$1"
	diff -u "$golden/$1" out >&2 || fail "the output is not that of $golden/$1"
}

printable() { # no byte of the last run's that a terminal would act on
	! LC_ALL=C grep -nP '[^\x20-\x7e\n]' out err >&2 || fail "control characters"
}

say "every tree"
"$root/tests/fixtures/nics.sh" -l > trees
[[ $(wc -l < trees) -ge 12 ]] || fail "only $(wc -l < trees) trees"
while read -r tree; do
	"$root/tests/fixtures/nics.sh" "$tree" "$tree"
	expect_status 0 netconf scan -v --sys "$tree"
	[[ ! -s err ]] || fail "$tree: $(cat err)"
	printable
	like_golden "$tree.scan"
	expect_status 0 netconf scan --json --sys "$tree"
	printable
	equal "$(json out '.nics | length')" "$(grep -cE '(:..){5}  ' "$golden/$tree.scan")" \
		"$tree: cards in JSON"
done < trees
for file in "$golden"/*.scan; do
	grep -qxF "$(basename "$file" .scan)" trees || fail "$file: there is no such tree"
done

say "JSON, whole"
expect_status 0 netconf scan --json --sys school-after
like_golden school-after.json
expect_status 0 netconf scan --json --sys usb-nic
equal "$(json out '.nics[2] | "\(.random_mac) \(.onboard) \(.path)"')" \
	"true null pci-0000:00:12.2-usb-0:3:1.0" "the card with a made-up address"
equal "$(json out '.nics[0].onboard | "\(.by) \(.index)"')" "smbios 1" "its onboard card"
expect_status 0 netconf scan --json --sys hostile
equal "$(json out '.left_out[] | select(.name == "loop").reason')" \
	"its device cannot be found" "a link to itself"

say "without -v only cards"
expect_status 0 netconf scan --sys bridge-server
! grep -E '^(lo|br0|mon0|Left out)' out || fail "what is no card is listed"
mkdir -p none/class/net/empty
expect_status 0 netconf scan --sys none
equal "$(cat out)" "no network card was found; -v tells what was left out" "no card"

say "what cannot be read"
expect_status 1 netconf scan --sys /nonexistent
said '/nonexistent: cannot be read as a sysfs tree: No such file'
mkdir bare
expect_status 1 netconf scan --sys bare
said 'bare/class/net: there are no network interfaces to be read'
expect_status 2 netconf scan eth0
full() {
	netconf scan -v --sys school-after > /dev/full
}
expect_status 1 full
said 'standard output: cannot be written'

say "the running kernel: virtual interfaces are left out"
unshare -n true 2> /dev/null || skip "needs root: network namespaces"

# kind NAME REASON OPTION...: makes it; kinds that this kernel does not have are passed over
kind() {
	if ip link add "${@:3}"; then
		echo "$1 $2" >> kinds
	fi
}

virtual() { # in a namespace of its own
	mount -t sysfs sysfs /sys
	ip link add v0 type veth peer name v1 || exit 77
	echo 'v0 virtual: no hardware' > kinds
	kind d0 'virtual: no hardware' d0 type dummy
	kind b0 'a bridge' b0 type bridge
	kind v0.5 'a VLAN' link v0 name v0.5 type vlan id 5
	kind o0 'a bond' o0 type bond
	kind m0 'virtual: on top of v0' link v0 name m0 type macvlan
	if ip tuntap add t0 mode tap; then
		echo 't0 a tun or tap device' >> kinds
	fi
	"$NETCONF" scan -v > scan.out
	# Interfaces that come and go while it looks must not disturb it.
	while :; do
		ip link add x0 type veth peer name x1
		ip link set x0 name x2
		ip link del x2
	done 2> churn.log &
	churn=$!
	for _ in {1..40}; do
		"$NETCONF" scan -v > again.out 2>> again.err || echo failed >> again.err
		grep -E '^lo +the loopback' again.out > lo.out || echo no lo >> again.err
		grep -vE '^x. +virtual: no hardware' again.out | grep '^x' >> again.err || true
	done
	kill "$churn"
	wait "$churn" || true
}
export NETCONF
status=0
unshare -n -m --propagation private \
	bash -ec "$(declare -f kind virtual); virtual" 2> kinds.log || status=$?
[[ $status != 77 ]] || skip "this kernel has no veth"
[[ $status = 0 ]] || fail "status $status: $(cat kinds.log)"
head -n 1 scan.out | grep -qx 'no network card was found' || fail "a card: $(cat scan.out)"
grep -qE '^lo +the loopback$' scan.out || fail "lo is not left out"
while read -r name kind; do
	grep -qE "^$name +$kind" scan.out || fail "$name is not left out as $kind"
done < kinds
[[ ! -s again.err ]] || fail "interfaces that come and go: $(head -n 3 again.err)"
