#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# limit 240
#
# More real clients: dhclient with all that it can say, the TFTP clients of tftp-hpa and
# atftp.  They are unpacked in build/clients, not installed.
set -euo pipefail
# shellcheck source=tests/cli/pxe-lib.sh
. "$(dirname "$0")/pxe-lib.sh"

clients=$root/build/clients
get_clients() {
	local deb

	mkdir -p "$clients/deb" && cd "$clients/deb" || return
	apt-get -q -o APT::Sandbox::User=root download isc-dhcp-client tftp-hpa atftp || return
	for deb in *.deb; do
		dpkg -x "$deb" ..
	done
	: > "$clients/ready"
}
[[ -e $clients/ready ]] || (get_clients) > get.log 2>&1 ||
	(apt-get -q update && get_clients) > get.log 2>&1 ||
	fail "Debian's packages cannot be had: $(tail -n 3 get.log)"

# dhclient_says OPTION...: on client 1; the script's exit status for a new lease is in ./answer
dhclient_says() {
	client 1 timeout 60 "$clients/sbin/dhclient" -4 -v -cf /dev/null -sf "$dir/script" \
		-lf "$dir/leases" -pf "$dir/pid" "$@" eth0 > dhclient.log 2>&1
}

make_lab 1
make_folders 'dhcp.mode = server' 'dhcp.range = 10.77.0.100-10.77.0.120' 'dhcp.probe = no' \
	'dhcp.router = 10.77.0.1' 'dhcp.lease = 60'
head -c 3000001 /dev/urandom > boot/big
cat > script << END
#!/bin/sh
case \$reason in
BOUND | RENEW | REBIND | REBOOT)
	echo "\$reason \$new_ip_address \$new_routers" >> $dir/reasons
	read -r status < $dir/answer
	[ "\$status" = 0 ] || { echo 0 > $dir/answer; exit 1; }
	ip addr flush dev eth0
	ip addr add "\$new_ip_address/24" dev eth0
	;;
esac
END
chmod 755 script
: > leases
start_server

say "dhclient: a lease, and the same again"
echo 0 > answer
dhclient_says -1
address=$(awk '$1 == "BOUND" { print $2 }' reasons)
[[ $address = 10.77.0.1[012]? ]] || fail "address: $(cat reasons dhclient.log)"
equal "$(cat reasons)" "BOUND $address 10.77.0.1" "what dhclient got"
logged "has $address .operating system"

say "it renews by itself, from half the time on"
for ((i = 0; i < 500; i++)); do
	! grep -q RENEW reasons || break
	sleep 0.1
done
equal "$(sed -n 2p reasons)" "RENEW $address 10.77.0.1" "the renewed lease"

say "release"
dhclient_says -r
logged "gives $address back"

say "decline"
: > reasons
echo 1 > answer
dhclient_says -1 || true
logged "$address is used by a machine that did not get it from here"
grep -q DHCPDECLINE dhclient.log || fail "dhclient did not decline"
dhclient_says -1
other=$(awk 'END { print $2 }' reasons)
[[ $other = 10.77.0.1* && $other != "$address" ]] || fail "the declined address was given again"
dhclient_says -x || true

say "tftp-hpa and atftp"
ip -n "$ns-1" addr add 10.77.0.2/24 dev eth0
client 1 "$clients/usr/bin/tftp" -m binary 10.77.0.1 -c get big got1
same got1 boot/big "by tftp-hpa"
for option in '' 'blksize 1428' 'windowsize 16'; do
	rm -f got2
	client 1 "$clients/usr/bin/atftp" ${option:+--option "$option"} -g -r big -l got2 \
		10.77.0.1
	same got2 boot/big "by atftp $option"
done
# Blocks that do not fit into a frame are cut by the kernel, also those of a window.
ip -n "$ns" link set br0 mtu 1400
client 1 "$clients/usr/bin/atftp" --option 'blksize 1428' --option 'windowsize 16' -g -r big \
	-l got3 10.77.0.1
same got3 boot/big "by atftp through a tunnel"
ip -n "$ns" link set br0 mtu 1500
! client 1 "$clients/usr/bin/atftp" -g -r nothing -l got4 10.77.0.1 2> err ||
	fail "nothing was got"
grep -qi 'no such file' err || fail "why not: $(cat err)"
stop_server
