#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# What is written for systemd-networkd: in a network namespace it reads the files without
# a complaint and gives the addresses and routes.  sysfs is read-only there, so that
# it does not wait for udev.
set -euo pipefail
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/cli/foreign-lib.sh
. "$root/tests/cli/foreign-lib.sh"
# shellcheck source=tests/cli/wpa-lib.sh
. "$root/tests/cli/wpa-lib.sh"

state_of_network() { # state_of_network NAME...
	for name; do
		card_state "$name"
	done
	default_routes
	default_routes -6
}

# networkd_runs FOLDER WANT NAME...: in the namespace; until all is as in the file WANT
networkd_runs() {
	local from=$1 want=$2 pid end

	shift 2
	mount -t sysfs -o ro sysfs /sys
	mount -t tmpfs run /run
	mkdir -p /run/systemd/netif /run/systemd/network
	[[ ! -d /etc/systemd/network ]] || mount -t tmpfs none /etc/systemd/network
	cp "$from"/etc/systemd/network/* /run/systemd/network/
	sed '/^systemd-network:/d' /etc/passwd > passwd
	echo 'systemd-network:x:998:998::/:/usr/sbin/nologin' >> passwd
	mount --bind passwd /etc/passwd
	chown -R 998:998 /run/systemd/netif
	cards "$@"
	# All but the lab's network has a carrier.
	for ((i = 1; i < $#; i++)); do
		ip link set "peer$i" up
	done
	SYSTEMD_LOG_TARGET=console systemd-networkd > networkd.log 2>&1 &
	pid=$!
	end=$((SECONDS + 20))
	until state_of_network "$@" > got && cmp -s got "$want"; do
		[[ $SECONDS -lt $end ]] || break
		sleep 0.1
	done
	kill $pid
	wait $pid || true
}

if [[ ${1-} = inside ]]; then
	trap - EXIT
	cd "$2"
	rmdir "$dir"
	networkd_runs "${@:3}"
	exit
fi

runs() { # runs FOLDER NAME...: ./want is what shall be there at last
	expect_status 0 with_libraries in_network bash "$root/tests/cli/nc-addr-networkd.sh" \
		inside "$dir" "$1" want "${@:2}"
	cat networkd.log
	grep -q 'Enumeration completed' networkd.log || fail "networkd did not run"
}

# quiet: it had nothing to say about our files
quiet() {
	! grep -E '\.network:|gnoring' networkd.log >&2 || fail "networkd complains"
}

need_networks
get_tools
link=etc/systemd/system/multi-user.target.wants/wpa_supplicant@wlan0.service

say "the school server"
write_addresses "$dir/school" school networkd
cat > want << 'END'
eth0 192.168.67.1/24 true
eth1 192.0.2.10/24 true
wlan0 198.51.100.7/24 true
eth1 192.0.2.1 100
wlan0 198.51.100.1 300
END
runs school eth0 eth1 wlan0
same got want "what networkd made"
quiet
wpa_reads school/etc/wpa_supplicant/wpa_supplicant-wlan0.conf "Lab 1" "correct horse"
unit=$(readlink school/$link)
[[ -e $foreign$unit || -e $unit ]] || fail "$unit is no unit of wpasupplicant"

say "all other roles"
write_addresses "$dir/rest" rest networkd
cat > want << 'END'
lab fd00:67::1/64 true
uplink 2001:db8::10/64 true
bridge-port  true
uplink 2001:db8::1 100
END
runs rest lab uplink bridge-port
same got want "what networkd made"
quiet
absent rest/etc/systemd/network/10-slate-absent.network

say "networkd sees mistakes"
sed -i 's/^Address=/Adress=/' school/etc/systemd/network/10-slate-eth1.network
printf '%s\n' 'eth0 192.168.67.1/24 true' 'eth1  true' 'eth1 192.0.2.1 100' > want
runs school eth0 eth1
same got want "what networkd made of the file with a mistake"
grep -q "10-slate-eth1.network:.*'Adress'" networkd.log || fail "no word of the mistake"
