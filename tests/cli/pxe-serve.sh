#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The server with real clients: addresses, files by TFTP and HTTP, menus by job, its end and
# its beginning again.
set -euo pipefail
# shellcheck source=tests/cli/pxe-lib.sh
. "$(dirname "$0")/pxe-lib.sh"

make_lab 3
make_folders 'dhcp.mode = server' 'dhcp.range = 10.77.0.100-10.77.0.120' 'dhcp.probe = no' \
	'dhcp.router = 10.77.0.1' 'dhcp.dns = 10.77.0.1' 'dhcp.domain = lab' \
	'jobs.kernel-options = quiet'
head -c 3000000 /dev/urandom > boot/big
head -c 5000000 /dev/urandom > images/lynx.slate

# Folders that are not there are made.
sed "s,^images = .*,images = $dir/new/images,; s,^boot = .*,boot = $dir/new/boot," lab.conf \
	> first.conf
mv lab.conf second.conf
mv first.conf lab.conf
start_server
stop_server
mv second.conf lab.conf

# As after a power cut at the very first start.
mv state/admin-token state/admin-token.new
truncate -s 9 state/admin-token.new

start_server
[[ $(stat -c %U state) = nobody && $(stat -c %a state) = 700 ]] || fail "state: owner, mode"
[[ $(stat -c %a state/admin-token) = 600 ]] || fail "the admin token can be read"
grep -qxE '[0-9a-f]{64}' state/admin-token || fail "the admin token is cut off"
[[ ! -e state/admin-token.new ]] || fail "half an admin token is still there"
[[ $(awk '/^Uid:/ { print $2, $3, $4 }' "/proc/$server_pid/status") != *0* ]] ||
	fail "the server is still root"
grep -q '^CapEff:[[:space:]]*0*$' "/proc/$server_pid/status" || fail "it has capabilities"
grep -q '^NoNewPrivs:[[:space:]]*1' "/proc/$server_pid/status" || fail "no_new_privs"
grep -q '^Seccomp:[[:space:]]*2' "/proc/$server_pid/status" || fail "no seccomp filter"

[[ $(stat -c %U new/images) = nobody && $(stat -c %U new/boot) = root ]] || fail "new folders"

# ---- addresses
lease 1 && lease 2
[[ $(got 1 ip) = 10.77.0.1[01]? && $(got 2 ip) = 10.77.0.1[01]? ]] || fail "addresses"
[[ $(got 1 ip) != "$(got 2 ip)" ]] || fail "one address for two clients"
[[ $(got 1 router) = 10.77.0.1 && $(got 1 dns) = 10.77.0.1 && $(got 1 domain) = lab ]] ||
	fail "router, dns, domain: $(cat lease.1)"
[[ $(got 1 serverid) = 10.77.0.1 && $(got 1 lease) = 3600 ]] || fail "server, lease time"
[[ -z $(got 1 boot_file) ]] || fail "an operating system is told to boot something"
first=$(got 1 ip)
lease 1
[[ $(got 1 ip) = "$first" ]] || fail "another address the second time"

# ---- files, by clients of several kinds
client 1 busybox tftp -g -r slate/vmlinuz -l t1 10.77.0.1
cmp t1 boot/slate/vmlinuz
client 1 busybox tftp -g -b 1400 -r /big -l t2 10.77.0.1
cmp t2 boot/big
client 1 curl -sS -o t3 tftp://10.77.0.1/big
cmp t3 boot/big
client 1 curl -sS --tftp-blksize 1428 -o t4 tftp://10.77.0.1/big
cmp t4 boot/big
! client 1 busybox tftp -g -r nothing -l t5 10.77.0.1 2> t5.err || fail "nothing was got"
grep -q 'no such file' t5.err || fail "why not: $(cat t5.err)"
! client 1 busybox tftp -g -r ../lab.conf -l t5 10.77.0.1 2> t5.err || fail "out of the tree"
! client 1 busybox tftp -p -l t1 -r t1 10.77.0.1 2> t5.err || fail "a file was put"
logged 'asked for nothing: No such file'

client 1 curl -sS -f -o h1 http://10.77.0.1/images/lynx.slate
cmp h1 images/lynx.slate
client 1 curl -sS -f -r 4999990- -o h1 http://10.77.0.1/images/lynx.slate
cmp h1 <(tail -c 10 images/lynx.slate)
client 1 curl -sS -f -o h2 http://10.77.0.1/boot/slate/vmlinuz
cmp h2 boot/slate/vmlinuz
status=$(client 1 curl -sS --path-as-is -o h3 -w '%{http_code}' \
	http://10.77.0.1/images/../lab.conf)
[[ $status = 404 ]] || fail "status $status for a way out"

# ---- menus: no job, the disk; a job, the rescue system; its end
menu=pxelinux.cfg/01-52-54-00-77-00-01
client 1 busybox tftp -g -r $menu -l m1 10.77.0.1
grep -q 'LOCALBOOT' m1 || fail "without a job: $(cat m1)"

# ---- end and begin
stop_server
[[ $server_status = 0 ]] || fail "ended with $server_status"
logged 'ends, as asked'
start_server
lease 1
[[ $(got 1 ip) = "$first" ]] || fail "forgot its lease"
lease 3
[[ $(got 3 ip) != "$first" && $(got 3 ip) != "$(got 2 ip)" ]] || fail "an address twice"

# ---- another configuration, read again
sed -i 's/^domain = lab/domain = room/' lab.conf
kill -HUP "$server_pid"
sleep 1
logged 'was read again'
lease 1
[[ $(got 1 domain) = room ]] || fail "the domain after SIGHUP"
sed -i 's/^domain = .*/domaine = x/' lab.conf
kill -HUP "$server_pid"
sleep 1
logged 'stays as it was: lab.conf:[0-9]+:[0-9]+: \[dhcp\] has no "domaine"'
lease 1
stop_server
