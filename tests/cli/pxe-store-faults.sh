#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# limit 300
#
# What was told to a machine stays true: the server is killed, its disk is full, its database
# is locked by another program, or damaged.
# shellcheck disable=SC2119 # functions with options of their own
set -euo pipefail
# shellcheck source=tests/cli/pxe-load-lib.sh
. "$(dirname "$0")/pxe-load-lib.sh"

# begin_room OPTION...: as room, in the background
begin_room() {
	client 1 "$NETLOAD" "$@" > load.json 2> load.err &
	room_pid=$!
}

end_room() { # and nobody was told anything wrong
	wait "$room_pid" || fail "machines failed: $(head -n 5 load.err) $(cat load.json)"
	cat load.json
	equal "$(figure duplicates) $(figure moved) $(figure failures)" "0 0 0" "addresses"
}

serve() { # as start_server, whose end does not come by itself
	ASAN_OPTIONS=${ASAN_OPTIONS-}:detect_leaks=0 timeout 20 ip netns exec "$ns" \
		"$PXE" serve -c lab.conf
}

random_sleep() { # random_sleep MOST: milliseconds
	sleep "$(printf '0.%03d' $((RANDOM % $1)))"
}

RANDOM=${PXE_SEED:-1}
make_room

say "killed at random points: 200 machines, 20 times the same question"
start_server
begin_room -n 200 -c 4 -i eth0 -x -r 20
for ((kills = 0; kills < 6; kills++)); do
	random_sleep 700
	stop_server KILL
	start_server
done
kill -0 "$room_pid" || fail "the machines were ready before the last kill"
end_room
equal "$(figure exchanges)" 4000 "exchanges"
[[ $(figure again) -gt 3 ]] || fail "no machine noticed"
stop_server

say "the disk is full"
rm -rf state
mkdir state
mount -t tmpfs -o size=4m,mode=700 none state
chown nobody state
start_server
begin_room -n 200 -c 2 -i eth0 -x -r 5
sleep 0.2
dd if=/dev/zero of=state/filler bs=4k status=none 2> /dev/null || true
sleep 3
kill -0 "$room_pid" || fail "the machines have ended"
kill -0 "$server_pid" || fail "the server has ended"
logged 'no DHCP client is answered: .*lab.db: the disk is full'
[[ $(grep -c 'disk is full' server.log) -lt 10 ]] || fail "it says so too often"
client 2 busybox tftp -g -b 1400 -r loader -l got 10.77.0.1
same got boot/loader "a file from a server whose disk is full"
# What it has told must be there for the next one, too.
stop_server KILL
rm state/filler
start_server
end_room
stop_server
umount state
rmdir state

say "another program holds the database for 3 seconds"
start_server
room -n 10 -i eth0 -x
(
	echo 'BEGIN IMMEDIATE;'
	sleep 3
	echo 'COMMIT;'
) | sqlite3 state/lab.db &
locker=$!
sleep 0.3
begin_room -n 100 -i eth0 -x
begun=$EPOCHREALTIME
client 2 "$NETLOAD" -s 10.77.0.1 -n 5 -f loader > transfers.json ||
	fail "transfers failed: $(cat transfers.json)"
ended=$EPOCHREALTIME
kill -0 $locker || fail "transfers had to wait for the database"
echo "5 transfers took $(((${ended/./} - ${begun/./}) / 1000)) ms"
kill -0 "$room_pid" || fail "the database was not locked"
wait $locker
end_room
logged 'no DHCP client is answered: .*lab.db: another program holds it locked'
stop_server

say "the database is damaged"
sqlite3 state/lab.db 'PRAGMA wal_checkpoint(TRUNCATE)' > /dev/null
sqlite3 state/lab.db 'SELECT addr, mac FROM leases ORDER BY addr' > leases
[[ $(wc -l < leases) -ge 100 ]] || fail "there are no leases"
cp state/lab.db whole.db
dd if=/dev/urandom of=state/lab.db bs=4096 seek=1 count=2 conv=notrunc status=none
expect_status 1 serve
said 'lab.db: it is damaged; "slate-pxe check --rebuild" saves what can be read'
head -c 100000 /dev/urandom > state/lab.db
expect_status 1 serve
said 'lab.db: it is damaged; "slate-pxe check --rebuild" begins a new one'

"$PXE" --help | grep -q 'slate-pxe check' || exit 0
say "and built again"
cp whole.db state/lab.db
page=$(sqlite3 whole.db "SELECT rootpage FROM sqlite_schema WHERE name = 'leases_until'")
dd if=/dev/urandom of=state/lab.db bs=4096 seek=$((page - 1)) count=1 conv=notrunc status=none
expect_status 1 serve
mkdir full
mount -t tmpfs -o size=1m,mode=700 none full
chown nobody full
cp state/lab.db full
dd if=/dev/zero of=full/filler bs=4k status=none 2> /dev/null || true
truncate -s -160k full/filler
sed "s,^state = .*,state = $dir/full," lab.conf > full.conf
expect_status 1 "$PXE" check --rebuild -c full.conf
said 'lab.db: the disk is full'
same full/lab.db state/lab.db "a database for which there was no room to be built again"
equal "$(echo full/*)" 'full/filler full/lab.db' "what is left"
umount full
in_lab "$PXE" check --rebuild -c lab.conf > check.out 2>&1 || true
[[ $(echo state/lab.db.damaged-*) != *'*' ]] || fail "nothing was moved aside: $(cat check.out)"
start_server
sqlite3 state/lab.db 'SELECT addr, mac FROM leases ORDER BY addr' > saved
same saved leases "leases before and after"
expect_status 3 "$PXE" check --rebuild -c lab.conf
said 'lab.db is in use: stop the server first'
stop_server
