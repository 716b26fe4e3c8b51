# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
#
# foreign-lib.sh - programs that configure networks, to look at what slate-netconf
# writes for them.  Comes after tests/cli/lib.sh.  They are never installed:
# a NetworkManager that is would take the machine's network over.
# shellcheck disable=SC2154 # lib.sh sets $root, $dir and $SLATE

foreign_packages=(ifupdown systemd netplan.io network-manager wpasupplicant)

# get_tools: unpacks them in build/foreign, with what they depend on and this machine
# has not, and puts their programs before this machine's in PATH.  $foreign is the folder.
get_tools() {
	foreign=$root/build/foreign
	mkdir -p "$foreign"
	(
		flock 9 # two tests may want it at once
		cd "$foreign" || exit
		[[ $(cat ready 2> /dev/null) = "${foreign_packages[*]}" ]] ||
			unpack_tools > log 2>&1 || {
			cat log >&2
			fail "Debian's packages cannot be had: ${foreign_packages[*]}"
		}
	) 9> "$foreign/lock"
	PATH=$foreign/usr/sbin:$foreign/usr/bin:$foreign/sbin:$foreign/bin
	PATH+=:$foreign/usr/libexec/netplan:$foreign/lib/systemd
	PATH+=:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
	PATH+=:/usr/libexec/netplan:/lib/systemd
}

# with_libraries COMMAND...: one of theirs, with the libraries that came with it.  Not
# for all: this machine's programs keep to this machine's libraries.
with_libraries() {
	local arch

	arch=$(gcc -print-multiarch)
	LD_LIBRARY_PATH=$foreign/usr/lib/$arch:$foreign/lib/$arch:$foreign/lib/systemd "$@"
}

# unpack_tools: here.  Package lists that are absent or too old make the first attempt fail.
unpack_tools() {
	local deb

	rm -rf archives && mkdir -p archives/partial
	download_tools || { apt-get update && download_tools; } || return
	for deb in archives/*.deb; do
		[[ ! -e $deb ]] || dpkg -x "$deb" . || return
	done
	rm -r archives && echo "${foreign_packages[*]}" > ready
}

download_tools() { # none when all are installed
	DEBIAN_FRONTEND=noninteractive apt-get -y -o Acquire::Retries=3 \
		-o Dir::Cache::archives="$PWD/archives" -o APT::Sandbox::User=root \
		--no-install-recommends --download-only install "${foreign_packages[@]}"
}

# write_addresses FOLDER school|rest FORM [SSID PASSPHRASE]: what is rendered
write_addresses() {
	(cd "$root" && "$(dirname "$SLATE")/unit/address_test" write "$@") ||
		fail "cannot write: $*"
}

# in_network COMMAND...: in a network of its own, with nothing in it but lo
in_network() {
	unshare -n -m --propagation private "$@"
}

need_networks() {
	need_root
	[[ -d /proc/sys/net/ipv6 ]] || skip "needs IPv6"
	in_network true 2> /dev/null || skip "needs network namespaces"
	in_network ip link add nc-probe type veth 2> /dev/null ||
		skip "needs pairs of network interfaces (the kernel's module veth)"
}

# cards NAME...: pairs of interfaces; the other end of each, peer0 and so on, is down
cards() {
	local i=0

	for name; do
		ip link add "$name" type veth peer name "peer$i"
		i=$((i + 1))
	done
}

# default_routes [-6]: "DEVICE GATEWAY METRIC" of each, sorted
default_routes() {
	ip -j "$@" route show default |
		jq -r '.[] | "\(.dev) \(.gateway) \(.metric // 0)"' | sort
}

# card_state NAME: "NAME ADDRESS... true", or false when it is not up; without the
# addresses that IPv6 makes by itself
card_state() {
	ip -j addr show dev "$1" | jq -r --arg name "$1" '.[0] | "\($name) \(
		[.addr_info[] | select(.scope == "global") | "\(.local)/\(.prefixlen)"] |
		sort | join(" ")) \(.flags | index("UP") != null)"'
}

# SSIDs and passphrases that mean something to some form, in pairs.
# shellcheck disable=SC2034,SC1003 # the tests read it; no quote is escaped in it
hostile=(
	'plain' 'passphrase'
	'a' 'with "quote" and # twice "#"'
	'Lab 1 ' ' blanks  inside '
	'"quoted"' '"quoted"'
	'one"quote' 'one"quote'
	'back\slash\n\x41\' '\back\slash\n\s\'
	'# no comment' '# no comment #'
	'semi;colon;' 'semi;colon;1;2;'
	'123' '12345678'
	'1;2;3;' '1;2;3;4;5;'
	'[section]' '[wifi] = {}'
	"it's \$HOME \`id\` %s %n" "it's \$HOME \`id\` %s %n"
	'{a: b, c}' '}{: network={'
	'- *&!|>@`' 'psk="x" #"y"'
	$'Stra\xc3\x9fe \xe2\x82\xac \xf0\x9f\x98\x80' '~!@#$%^&*()_+|'
	$'next\xc2\x85line\xe2\x80\xa8\xef\xbb\xbf' '=equals=and,commas,'
	'yes' '0x1234567'
	'key' '0123456789abcdefABCDEF0123456789abcdefABCDEF0123456789abcdef0123'
	'12345678901234567890123456789012'
	'123456789012345678901234567890123456789012345678901234567890123'
)
