#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# limit 300
#
# The network goes wrong while the server runs: garbage, clients that vanish, an interface
# that goes down or away, a second server.
# shellcheck disable=SC2119 # functions with options of their own
set -euo pipefail
# shellcheck source=tests/cli/pxe-load-lib.sh
. "$(dirname "$0")/pxe-load-lib.sh"

make_room
start_server
idle=$(descriptors)

say "garbage at line rate beside machines that boot"
client 2 perl "$root/tests/fault/garbage.pl" 10.77.0.1 8 > garbage 2>&1 &
garbage=$!
sleep 0.5
room -n 30 -i eth0 -x -a -s 10.77.0.1 -f loader -f config -f tiny \
	-u /images/room.slate -l 3000000 -S $image
equal "$(figure exchanges) $(figure transfers) $(figure downloads)" "30 90 30" "what was done"
kill -0 $garbage || fail "the garbage ended before the machines had booted"
wait $garbage || fail "the garbage: $(cat garbage)"
cat garbage
[[ $(wc -l < server.log) -lt 1000 ]] || fail "$(wc -l < server.log) lines in the log"
! grep -P '[^\x20-\x7e\n]' server.log >&2 || fail "unprintable bytes in the log"
settled descriptors "$idle" 90 # a connection that says nothing more has 60 s

say "clients that vanish in the middle"
room -n 100 -s 10.77.0.1 -f loader -t 1 -v
equal "$(figure vanished)" 100 "clients that vanished"
[[ $(descriptors) -gt $((idle + 50)) ]] || fail "their transfers ended at once"
settled descriptors "$idle" 20
logged 'did not get all of loader: the client does not answer any more'

say "the interface goes down and comes up"
room -n 20 -s 10.77.0.1 -f config
client 1 "$NETLOAD" -n 10 -s 10.77.0.1 -f loader -f loader -f loader -f loader -f loader \
	-f loader -f loader -f loader > down.json 2> down.err &
transfers=$!
sleep 0.1
ip -n "$ns" link set br0 down
sleep 2
kill -0 $transfers || fail "the transfers ended before the interface was down"
ip -n "$ns" link set br0 up
wait $transfers || fail "transfers did not survive: $(head -n 3 down.err)"
equal "$(json down.json .transfers)" 80 "transfers"
[[ $(json down.json .again) -gt 0 ]] || fail "nothing was lost while the interface was down"
room -n 20 -i eth0 -s 10.77.0.1 -f config

say "a second server"
sed -e "s,^state = .*,state = $dir/second," -e "\$a[http]\nport = 8080" lab.conf > second.conf
expect_status 1 timeout 20 ip netns exec "$ns" "$PXE" serve -c second.conf
said 'port 67 is in use: another server runs here'

say "the interface is taken away"
ip -n "$ns" link del br0
status=0
wait "$server_pid" || status=$?
equal "$status" 1 "the server's end"
server_pid=
logged 'br0 was taken away'
