# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
#
# nc-root-lib.sh - a school server's root to work on: ./r, and its cards in ./sys.
# shellcheck source=tests/cli/nc-lib.sh
. "${BASH_SOURCE[0]%/*}/nc-lib.sh"

# shellcheck disable=SC2034 # the tests read them
{
	rules=etc/udev/rules.d/70-slate-netconf.rules
	addresses=etc/network/interfaces.d/slate
	previous=var/lib/slate/netconf/previous
}

machine() { # machine TREE: its cards are in ./sys from now on
	rm -rf sys
	"$root/tests/fixtures/nics.sh" "$1" sys
}

# school_root DIR: a Debian with ifupdown and the policy of a school server
school_root() {
	mkdir -p "$1"/etc/slate "$1"/etc/network/interfaces.d "$1"/etc/udev/rules.d \
		"$1"/usr/sbin "$1"/usr/local/sbin "$1"/boot
	touch "$1/usr/sbin/ifup" "$1/usr/local/sbin/slate-netconf"
	printf '%s\n' 'source /etc/network/interfaces.d/*' 'auto lo' 'iface lo inet loopback' \
		> "$1/etc/network/interfaces"
	echo 'class room 7' > "$1/etc/slate/wlan.psk"
	chmod 600 "$1/etc/slate/wlan.psk"
	cat > "$1/etc/slate/netconf.conf" <<- 'END'
		[eth0]
		match = onboard
		role = static 192.168.67.1/24 dhcp-server
		[eth1]
		match = wired:next
		role = static 192.0.2.10/24 gw 192.0.2.1
		[wlan0]
		match = wlan:1
		role = static 203.0.113.10/24 ssid Lab psk-file /etc/slate/wlan.psk
	END
}

on_root() { # on_root STATUS VERB OPTION...: on ./r and ./sys
	local status=$1 verb=$2

	shift 2
	expect_status "$status" netconf "$verb" --root r --sys sys "$@"
}

told() { # told REGEX: in the output of the last run
	grep -qE -- "$1" out || {
		cat out err >&2
		fail "no line like '$1'"
	}
}

not_told() {
	! grep -E -- "$1" out >&2 || fail "a line like '$1'"
}

picture() { # picture DIR: all of its files, to see that they stay
	(cd "$1" && find . -printf '%p %y %m %s %T@ %l\n' | sort &&
		find . -type f -print0 | sort -z | xargs -0 -r sha256sum)
}

no_leftovers() { # no_leftovers DIR: of a write that was not finished
	[[ -z $(find "$1" -name '.slate-*') ]] || fail "temporary files are left"
}
