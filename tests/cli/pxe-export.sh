#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Configurations for other servers, by these servers themselves: they take them, give
# machines what slate-pxe would give, and pass on what is slate-pxe's.
set -euo pipefail
# shellcheck source=tests/cli/pxe-lib.sh
. "$(dirname "$0")/pxe-lib.sh"
# shellcheck source=tests/cli/foreign-lib.sh
. "$root/tests/cli/foreign-lib.sh"
# shellcheck disable=SC2034 # get_tools reads it
foreign_packages=(dnsmasq-base isc-dhcp-server kea-dhcp4-server)
# They stand beside those of slate-netconf's tests, which unpack others.
root=$root/build/pxe get_tools

other_pid=
end_other() {
	[[ ! $other_pid ]] || kill "$other_pid" 2> /dev/null || true
	[[ ! $other_pid ]] || wait "$other_pid" 2> /dev/null || true
	other_pid=
}
trap 'end_other; stop_server KILL; cleanup' EXIT

pxe() { # in the lab, as an address is needed
	in_lab "$PXE" -c "${conf:-lab.conf}" "$@"
}

make_lab 3
make_folders 'dhcp.mode = off' 'dhcp.range = 10.77.0.200-10.77.0.220' \
	'dhcp.router = 10.77.0.210' 'dhcp.dns = 10.77.0.1, 10.77.0.2' \
	'dhcp.domain = lab.example' 'dhcp.lease = 20m' 'dhcp.probe = no' \
	'dhcp.known-hosts = only'
mkdir state && chown nobody state
pxe host add pc01 52:54:00:77:00:01 --address 10.77.0.205
pxe host add pc02 52:54:00:77:00:02
# Names that are words of some configuration, or look like numbers.
i=16
for name in host option range if 0x1 12ab default subnet true; do
	pxe host add "$name" "52:54:00:77:00:$(printf %x $i)"
	i=$((i + 1))
done
pxe host add guest 52:54:00:77:01:01 --address 10.99.0.1

# ---- they take it, and take no other ------------------------------------------

in_tools() { # with their libraries, in the lab
	in_lab env LD_LIBRARY_PATH="$foreign/usr/lib/$(gcc -print-multiarch)" "$@"
}
takes_dnsmasq() { in_tools dnsmasq --test -C "$1"; }
takes_isc-dhcp() { in_tools dhcpd -t -cf "$1" -lf /dev/null; }
takes_kea() { in_tools env KEA_LOCKFILE_DIR=none kea-dhcp4 -t "$1"; }
takes_nginx() {
	mkdir -p nginx.d
	cat > nginx.main << END
pid $dir/nginx.pid;
error_log stderr;
user nobody nogroup;
events { }
http {
	access_log off;
	client_body_temp_path $dir/nginx.d/body;
	proxy_temp_path $dir/nginx.d/proxy;
	fastcgi_temp_path $dir/nginx.d/fastcgi;
	uwsgi_temp_path $dir/nginx.d/uwsgi;
	scgi_temp_path $dir/nginx.d/scgi;
	include $dir/$1;
}
END
	in_lab nginx -t -c "$dir/nginx.main" -e stderr
}

takes() { # takes NAME: what is exported; and nothing with one word wrong
	say "$1"
	expect_status 0 pxe export "$1"
	mv out "$1.conf"
	run "takes_$1" "$1.conf"
	[[ $status = 0 ]] || fail "$1 does not take it: $(cat out err)"
	sed -E '0,/(range|pool|sendfile)/s//slates/' "$1.conf" > "$1.wrong"
	run "takes_$1" "$1.wrong"
	[[ $status != 0 ]] || fail "$1 takes anything"
}

expect_status 3 pxe export nginx
said 'port 80, so this one has to leave it: write "listen-port = 8080"'
expect_status 2 pxe export apache
said '"apache" cannot be written; there are dnsmasq, isc-dhcp, kea, nginx'
sed 's/^\[dhcp\]/[http]\nlisten-port = 8080\n&/' lab.conf > front.conf
takes dnsmasq
takes isc-dhcp
takes kea
conf=front.conf takes nginx
for name in dnsmasq isc-dhcp kea; do
	grep -q 'guest: its address 10.99.0.1 is left out' "$name.conf" || fail "$name: guest"
	expect_status 0 pxe export "$name"
	[[ ! -s err ]] || fail "a message: $(cat err)"
done
# The router's address is in the range, and given to nobody.
equal "$(grep -o 'dhcp-range=[0-9.,]*,255' dnsmasq.conf | xargs)" \
	'dhcp-range=10.77.0.200,10.77.0.209,255 dhcp-range=10.77.0.211,10.77.0.220,255' \
	"ranges of dnsmasq"
equal "$(grep -o 'range 10.*' isc-dhcp.conf | xargs)" "range 10.77.0.200 10.77.0.204; range \
10.77.0.206 10.77.0.209; range 10.77.0.211 10.77.0.220;" "ranges of dhcpd, without pc01's"
equal "$(grep -o '"pool": "[^"]*"' kea.conf | cut -d '"' -f 4 | xargs)" \
	'10.77.0.200 - 10.77.0.209 10.77.0.211 - 10.77.0.220' "pools of kea"
sed 's/^mode = off/mode = server/; s/^probe/ipxe = loader\n&/' lab.conf > server.conf
conf=server.conf expect_status 0 pxe export kea
said 'write "mode = off"'
grep -qF 'boot/slate.ipxe' out && fail "ipxe = loader: the script is named"
sed 's/^probe/ipxe = loader\n&/' lab.conf > loader.conf
for name in dnsmasq isc-dhcp kea; do
	conf=loader.conf expect_status 0 pxe export $name
	[[ ! -s err ]] || fail "a message: $(cat err)"
	cp out $name.loader
done
for bad in 'domain = lab"; }' 'domain = lab example'; do
	sed "s/^domain = .*/$bad/" lab.conf > bad.conf
	conf=bad.conf expect_status 3 pxe export isc-dhcp
	said 'which cannot be written there'
	[[ ! -s out ]] || fail "half a configuration"
done
# shellcheck disable=SC2016 # a variable of nginx's
sed 's|^images = .*|images = /srv/$uri|' front.conf > bad.conf
conf=bad.conf expect_status 3 pxe export nginx
said 'the folder of images'

# ---- addresses and first files, by the real servers ------------------------------

# begin COMMAND...: in the lab, in place of this shell, so that $! is its own number
begin() {
	exec ip netns exec "$ns" env \
		LD_LIBRARY_PATH="$foreign/usr/lib/$(gcc -print-multiarch)" "$@"
}
begin_dnsmasq() {
	begin dnsmasq -k -C dnsmasq.conf -p 0 -l dnsmasq.leases --pid-file= -u root \
		--log-facility=-
}
begin_isc-dhcp() {
	: > dhcpd.leases
	begin dhcpd -4 -f -q -cf isc-dhcp.conf -lf dhcpd.leases --no-pid br0
}
begin_kea() {
	# Leases in memory: else it starts another program, where that is installed.
	sed 's|"type": "memfile"|&, "persist": false|' kea.conf > kea.run
	begin env KEA_LOCKFILE_DIR=none KEA_PIDFILE_DIR="$dir" kea-dhcp4 -c kea.run
}

# What firmware says of itself, for udhcpc.
declare -A says=(
	[bios]='-V PXEClient:Arch:00000:UNDI:002001 -x 0x5d:0000'
	[old_bios]='-V PXEClient'
	[uefi]='-V PXEClient:Arch:00007:UNDI:003000 -x 0x5d:0007'
	[uefi9]='-V PXEClient:Arch:00009:UNDI:003000 -x 0x5d:0009'
	[http]='-V HTTPClient:Arch:00016:UNDI:003000 -x 0x5d:0010 -O 60'
	[ipxe]='-V PXEClient:Arch:00000:UNDI:002001 -x 0x5d:0000 -x 0x4d:69505845 -O 175'
	[ipxe_uefi]='-V PXEClient:Arch:00007:UNDI:003000 -x 0x5d:0007 -x 0x4d:69505845 -O 175'
	[system]='-V udhcp'
	[arm]='-V PXEClient:Arch:00011:UNDI:003000 -x 0x5d:000b'
)

read -ra bios <<< "${says[bios]}"

boots() { # boots KIND FILE: client 2 of that kind is told to fetch it, from us
	local how

	read -ra how <<< "${says[$1]}"
	lease 2 "${how[@]}" || fail "$name gives a $1 nothing: $(cat other.log)"
	equal "$(got 2 boot_file)" "$2" "$name: what a $1 boots"
	[[ ! $2 ]] || equal "$(got 2 siaddr)" 10.77.0.1 "$name: where a $1 boots from"
}

for name in dnsmasq isc-dhcp kea; do
	say "$name gives addresses"
	"begin_$name" > other.log 2>&1 &
	other_pid=$!
	rm -f lease.*
	for ((i = 0; i < 50; i++)); do
		kill -0 "$other_pid" 2> /dev/null || break
		! lease 1 "${bios[@]}" -t 1 -T 1 || break
	done
	kill -0 "$other_pid" || fail "$name does not run: $(cat other.log)"
	equal "$(got 1 ip)" 10.77.0.205 "$name: the address of pc01"
	equal "$(got 1 router) $(got 1 dns) $(got 1 domain) $(got 1 lease) $(got 1 mask)" \
		'10.77.0.210 10.77.0.1 10.77.0.2 lab.example 1200 24' \
		"$name: the rest"
	boots bios lpxelinux.0
	[[ $(got 2 ip) =~ ^10\.77\.0\.2[012].$ && $(got 2 ip) != 10.77.0.205 ]] ||
		fail "$name: the address of pc02: $(got 2 ip)"
	boots old_bios lpxelinux.0
	boots uefi bootx64.efi
	boots uefi9 bootx64.efi
	boots http http://10.77.0.1:80/boot/http/bootx64.efi
	boots ipxe http://10.77.0.1:80/boot/slate.ipxe
	boots ipxe_uefi http://10.77.0.1:80/boot/slate.ipxe
	boots system ''
	boots arm ''
	! lease 3 "${bios[@]}" -t 2 -T 1 || fail "$name: a stranger was given $(got 3 ip)"
	[[ $name != isc-dhcp ]] || ! grep -q 'same address\|Dynamic and static' other.log ||
		fail "dhcpd warns: $(cat other.log)"
	end_other
	! lease 2 "${bios[@]}" -t 2 -T 1 || fail "somebody else gives addresses"
done

say "iPXE gets loaders that it can start, when lab.conf says so"
for name in dnsmasq isc-dhcp kea; do
	mv $name.loader $name.conf
	"begin_$name" > other.log 2>&1 &
	other_pid=$!
	for ((i = 0; i < 50; i++)); do
		kill -0 "$other_pid" 2> /dev/null || break
		! lease 1 "${bios[@]}" -t 1 -T 1 || break
	done
	boots ipxe lpxelinux.0
	boots ipxe_uefi grubx64.efi
	boots bios lpxelinux.0
	boots uefi bootx64.efi
	boots http http://10.77.0.1:80/boot/http/bootx64.efi
	end_other
done

# ---- nginx in front ---------------------------------------------------------------

say "nginx in front"
sed 's/^\[dhcp\]/[http]\nlisten-port = 8080\n&/' lab.conf > behind.conf
cp behind.conf lab.conf
# shellcheck disable=SC2119 # no options
start_server
expect_status 0 takes_nginx nginx.conf
begin nginx -g 'daemon off;' -c "$dir/nginx.main" -e stderr > other.log 2>&1 &
other_pid=$!
client 1 ip addr replace 10.77.0.205/24 dev eth0
web() { # web PATH [CURL_OPTION...]: from client 1
	client 1 curl -sS --path-as-is "${@:2}" "http://10.77.0.1$1"
}
chmod 755 images boot boot/slate && chmod 777 images
head -c 3000000 /dev/urandom > images/lynx.slate
for ((i = 0; i < 100; i++)); do
	! web /images/lynx.slate -f -o got 2> /dev/null || break
	sleep 0.1
done
same got images/lynx.slate
web /images/lynx.slate -r 1000-1999 -D head -o got
same got <(tail -c +1001 images/lynx.slate | head -c 1000) "a range"
grep -qi '^server: nginx' head || fail "images are not nginx's: $(cat head)"
grep -q ' 206 ' head || fail "no 206: $(cat head)"
web /boot/bootx64.efi -f -D head -o got
same got boot/bootx64.efi
grep -qi '^content-type: application/efi' head || fail "the type: $(cat head)"
web /boot/slate/vmlinuz -f -o got
same got boot/slate/vmlinuz
web /boot/slate.ipxe-01-52-54-00-77-00-01 -f > got
grep -q '^exit' got || fail "the script of pc01: $(cat got)"
web /boot/pxelinux.cfg/01-52-54-00-77-00-01 -f > got
grep -q '^LOCALBOOT' got || fail "the menu of pc01: $(cat got)"
code() { web "$@" -o got -w '%{http_code}'; }
echo secret > images/.upload-x
equal "$(code /images/.upload-x)" 404 "an upload that is not whole"
equal "$(code /boot/../lab.conf)$(code /images../lab.conf)" 404404 "out of the folders"
equal "$(code /images/)" 403 "a list of the folder"

say "jobs and uploads through it"
truncate -s 1M disk
expect_status 0 slate -b --raw save disk whole.slate
pxe job add pc01 save new.slate
equal "$(code /api/v1/job --data '{"mac": "52:54:00:77:00:01"}')" 200 "the job"
token=$(jq -r .token got)
equal "$(pxe host list pc01 --json | jq -r .last_address)" '' "what nginx alone knows"
equal "$(code /images/new.slate -T whole.slate)" 401 "an upload without the token"
equal "$(code /images/other.slate -T whole.slate -H "Authorization: Bearer $token")" 403 \
	"an upload under another name"
absent images/new.slate images/other.slate
equal "$(code /images/new.slate -T - -H "Authorization: Bearer $token" < whole.slate)" 201 \
	"the upload"
same images/new.slate whole.slate
equal "$(code /api/v1/end --data '{"status": 0}' -H "Authorization: Bearer $token")" 200 \
	"its end"

say "the administrator's calls"
admin=$(cat state/admin-token)
equal "$(code /api/v1/admin/status)" 401 "without the token"
equal "$(code /api/v1/admin/status -H "Authorization: Bearer $admin")" 200 "with it"
sed 's/^listen-port.*/&\nadmin = 10.77.0.99/' front.conf > far.conf
conf=far.conf pxe export nginx > nginx.conf
in_lab nginx -s reload -c "$dir/nginx.main" -e stderr
# Its old workers take a connection or two in between.
for ((i = n = 0; i < 100 && n < 5; i++)); do
	n=$((n + 1))
	[[ $(code /api/v1/admin/status -H "Authorization: Bearer $admin") = 403 ]] || n=0
	sleep 0.1
done
equal "$(code /api/v1/admin/status -H "Authorization: Bearer $admin")" 403 "from elsewhere"
equal "$(code /api/v1/images)" 200 "what is for all"
