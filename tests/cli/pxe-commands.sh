#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The administrator's commands: machines, lists of them, jobs, what goes on, what was done,
# and waking; with a client that takes its job and reports.
set -euo pipefail
# shellcheck source=tests/cli/pxe-lib.sh
. "$(dirname "$0")/pxe-lib.sh"

pxe() {
	"$PXE" -c lab.conf "$@"
}

ok() { # ok COMMAND...: without a word on standard error
	expect_status 0 pxe "$@"
	[[ ! -s err ]] || fail "a message by: $*: $(cat err)"
}

no() { # no STATUS REGEX COMMAND...
	expect_status "$1" pxe "${@:3}"
	said "slate-pxe: .*$2"
	[[ ! -s out ]] || fail "something on standard output by: ${*:3}"
}

hosts() { # "NAME MAC GROUP ADDRESS" of each, one a line; - for what is not there
	pxe host list --json "$@" | jq -r '[.name, .mac, .group, .address] |
		map(if . == "" then "-" else . end) | join(" ")'
}

jobs() { # "HOST VERB IMAGE STATE" of each
	pxe job list --json "$@" | jq -r '"\(.host) \(.verb) \(.image) \(.state)"'
}

make_folders 'dhcp.mode = off'

say "no database yet"
no 3 'state, is not there: start the server once' host list
mkdir state
chown nobody state

say "hosts: add, list, set, remove"
ok host list
ok host add pc01 52:54:00:77:00:01 --group room1 --address 10.77.0.11
ok host add 52-54-00-77-00-0A --name=pc10 -g room1
ok host add 52:54:00:77:00:02 pc02
equal "$(hosts)" 'pc01 52:54:00:77:00:01 room1 10.77.0.11
pc02 52:54:00:77:00:02 - -
pc10 52:54:00:77:00:0a room1 -' "the hosts"
equal "$(for who in room1 pc02 52-54-00-77-00-01; do hosts $who | wc -l; done | xargs)" \
	'2 1 1' "hosts of a group, a name, a MAC"
ok host list
grep -qE '^NAME +MAC +GROUP +FIXED ADDRESS' out || fail "no head"
grep -qE '^pc01 +52:54:00:77:00:01 +room1 +10\.77\.0\.11 +- +never +- +-$' out || fail "no line"
equal "$(awk '{ print index($0, "52:54") }' out | sed 1d | sort -u | wc -l)" 1 "columns"
[[ $(stat -c %U state/lab.db) = nobody ]] || fail "the server cannot write its database"
no 2 'a machine needs a name' host add 52:54:00:77:00:03
no 2 'given twice' host add pc03 52:54:00:77:00:03 --name pc03
no 2 'is no MAC' host add pc03 pc04
no 2 'a MAC has colons: 52:54:00:77:00:03' host add pc03 525400770003
no 2 'no machine can have that MAC' host add pc03 ff:ff:ff:ff:ff:ff
no 2 'is no name of a host' host add pc_3 52:54:00:77:00:03
no 2 'not digits alone' host add 103 52:54:00:77:00:03
no 2 '"all" means all' host add all 52:54:00:77:00:03
no 2 '"all" means all' host add pc03 52:54:00:77:00:03 -g all
no 2 'name: at most 63' host add "$(printf %064d 0)" 52:54:00:77:00:03
no 2 '--address: "10.77.0" is no address' host add pc03 52:54:00:77:00:03 --address 10.77.0
no 2 '--address: no machine can have' host add pc03 52:54:00:77:00:03 --address 239.1.1.1
no 3 'pc01 is the name of 52:54:00:77:00:01 already' host add pc01 52:54:00:77:00:03
no 3 'pc01 .* has that address' host add pc03 52:54:00:77:00:03 --address 10.77.0.11
no 3 'is pc01 already; slate-pxe host set pc01' host add other 52:54:00:77:00:01
no 3 'no machine "pc03"; slate-pxe host list --all' host set pc03 --group x
no 2 'what shall be set' host set pc01
no 3 'no machine and no group "room9"' host list room9
mkdir state/vault
echo keys > state/vault/52-54-00-77-00-01.tar
no 3 'no machine "pc03"' host remove pc01 pc03
[[ -e state/vault/52-54-00-77-00-01.tar ]] || fail "a machine that stays has lost its identity"
rm -r state/vault
no 2 'host knows no "rename"; it has add, list, set, forget, remove, import' host rename pc01
no 2 'host set takes one HOST' host set pc01 pc02 --group x
no 2 '--disk has no meaning for host' host list --disk first
equal "$(hosts | wc -l)" 3 "hosts after what was refused"
ok host set pc02 --name pc03 --group room2 --address 10.77.0.13
ok host set 52:54:00:77:00:0a --group ''
ok host set pc01 --address ''
equal "$(hosts)" 'pc01 52:54:00:77:00:01 room1 -
pc03 52:54:00:77:00:02 room2 10.77.0.13
pc10 52:54:00:77:00:0a - -' "the hosts that were changed"

say "import: all or nothing"
cat > list.csv << 'END'
mac,name,group,address
52:54:00:77:00:01,pc01,room1,10.77.0.21
52:54:00:77:00:03,pc04,room1,
52:54:00:77:00:02,pc03,room2,10.77.0.13
END
ok host import list.csv
equal "$(cat out)" '3 machines: 1 new, 1 changed, 1 as before' "what was imported"
ok host import - < <(printf '52:54:0:77:0:4 pc05 # new\n52:54:00:77:00:01 pc01\n')
equal "$(cat out)" '2 machines: 1 new, 0 changed, 1 as before' "ethers"
equal "$(hosts pc01)" 'pc01 52:54:00:77:00:01 room1 10.77.0.21' "group and address stay"
hosts > before
places() { # places NAME ADDRESS NAME ADDRESS: of two machines
	printf 'mac,name,address\n52:54:00:77:00:01,%s,%s\n52:54:00:77:00:02,%s,%s\n' "$@" \
		> places.csv
}
places pc04 10.77.0.13 pc01 10.77.0.21
no 3 'nothing was imported: places.csv:2: pc04 is the name of' host import places.csv
hosts | same before - "the hosts after a list with the name of one that keeps it"
places pc03 10.77.0.13 pc01 10.77.0.21
ok host import places.csv
equal "$(cat out)" '2 machines: 0 new, 2 changed, 0 as before' "who changed places"
equal "$(hosts pc01), $(hosts pc03)" \
	'pc01 52:54:00:77:00:02 room2 10.77.0.21, pc03 52:54:00:77:00:01 room1 10.77.0.13' \
	"the hosts that changed places"
places pc01 10.77.0.21 pc03 10.77.0.13
ok host import places.csv
hosts | same before - "the hosts in their old places"
mkfifo list
pxe host import list > slow.out &
slow=$!
exec 9> list # it waits for what comes
sleep 0.3
expect_status 0 timeout 3 "$PXE" -c lab.conf host set pc04 --group room1
exec 9>&-
wait $slow || fail "an import of nothing"
refused_list() { # refused_list REGEX: the list on standard input
	cat > bad.csv
	no 3 "nothing was imported: $1" host import bad.csv
	hosts | same before - "the hosts after a list that was refused"
}
printf 'mac,name\n52:54:00:77:00:20,new\n52:54:00:77:00:21,pc01\n' |
	refused_list 'bad.csv:3: pc01 is the name of'
printf 'mac,name\n52:54:00:77:00:20,new\n52:54:00:77:00:21,a;b\n' | refused_list 'bad.csv:3: '
printf 'mac,name\n52:54:00:77:00:20,\x1b[2Jx\n' | refused_list 'bad.csv:2: .*no name'
grep -q $'\x1b' err && fail "a control character reached the terminal"
printf 'mac,name\n52:54:00:77:00:20,a\0b\n' | refused_list 'bad.csv:2: a NUL byte'
printf 'mac,name\n52:54:00:77:00:20,"a\n' | refused_list 'bad.csv:2: quotes'
{ printf 'mac,name\n52:54:00:77:00:20,' && head -c 100000 /dev/zero | tr '\0' a; } |
	refused_list 'bad.csv:2: a line of more than'
head -c 65536 /dev/urandom | refused_list 'bad.csv:'
head -c 5000000 /dev/zero > bad.csv
no 1 'bad.csv: File too large' host import bad.csv
no 1 'nowhere.csv: No such file' host import nowhere.csv
no 1 'images: Is a directory' host import images

say "jobs: add, list, cancel"
echo image > images/lynx.slate
ok job add room1 restore lynx.slate --disk largest --then reboot
equal "$(grep -cE '^job [0-9]+: pc0[14] restore lynx.slate$' out)" 2 "jobs for a group"
equal "$(jobs)" 'pc01 restore lynx.slate waiting
pc04 restore lynx.slate waiting' "the jobs"
expect_status 0 pxe job add pc03 restore missing.slate
said 'warning: .*/images/missing.slate: No such file'
no 2 '"\.\." is no name of an image' job add pc03 verify ..
no 2 'there is no job "format"' job add pc03 format lynx.slate
no 2 'restore needs the name' job add pc03 restore
no 2 'shell takes no image' job add pc03 shell lynx.slate
no 2 '"room1" are 2 machines, and each would replace the image' job add room1 save room1.slate
ok host set pc03 --name room1
no 2 '"room1" is a machine and a group .* by its MAC \(52:54:00:77:00:02\)' \
	job add room1 wipe --confirm room1
ok host set room1 --name pc03
no 2 'none of reboot, poweroff, local' job add pc03 shell --then sleep
no 2 'the image: ".*" is no plain text' job add pc03 save $'a\xffb'
no 2 '--disk: ".*" is no plain text' job add pc03 shell --disk $'a\nb'
no 2 'the image: at most 127' job add pc03 save "$(printf %0128d 0)"
no 2 '--at: "25:00" is no time' job add pc03 shell --at 25:00
no 2 '--at: 2020-01-01 00:00 is over' job add pc03 shell --at '2020-01-01 00:00'
no 3 'no machine and no group "pc99"' job add pc99 shell
no 2 'job add takes HOST\|GROUP\|all VERB' job add pc03
equal "$(jobs | wc -l)" 3 "jobs after what was refused"
TZ=UTC-3 pxe job add pc10 shell --at '2037-12-24 07:00' > out
grep -q 'not before 2037-12-24 07:00$' out || fail "the time: $(cat out)"
equal "$(pxe job list --json | jq -r 'select(.host == "pc10") | .at')" \
	"$(date -u -d '2037-12-24 04:00' +%s)" "local time"
ok job list
grep -qE '^[0-9]+ +pc01 +restore +lynx\.slate +largest +reboot +waiting' out || fail "no line"
id=$(pxe job list --json | jq -r 'select(.host == "pc03") | .id')
ok job cancel "$id"
equal "$(cat out)" "job $id is cancelled: pc03 restore missing.slate" "one job cancelled"
no 3 "job $id is not waiting" job cancel "$id"
no 3 'no machine and no group "pc99"' job cancel pc99
ok job cancel room1
equal "$(grep -c cancelled out)" 2 "a group's jobs cancelled"
ok job cancel all
equal "$(jobs)" '' "jobs that wait"
equal "$(jobs --all | awk '{ print $NF }' | sort | uniq)" cancelled "jobs with --all"
ok job cancel all
equal "$(cat out)" 'no job was waiting or running there' "nothing to cancel"
ok job add pc05 shell
ok host remove pc05
equal "$(cat out)" 'pc05: 1 waiting job cancelled' "the job of a host that is removed"
equal "$(jobs)" '' "its job"

say "status, while a machine works"
make_lab 3
# shellcheck disable=SC2119 # no options
start_server
in_lab ip link set lo up
api() { # api N PATH JSON [CURL_OPTION...]: what client N posts
	client "$1" curl -sS -f --data "$3" "${@:4}" "http://10.77.0.1/api/v1/$2"
}
client 1 ip addr add 10.77.0.21/24 dev eth0
client 3 ip addr add 10.77.0.33/24 dev eth0
api 3 job '{"mac": "52:54:00:77:00:99", "uuid": "x"}'
hosts --all | grep -q '^- 52:54:00:77:00:99 ' || fail "who asked is not listed as seen"
hosts | grep -q 77:00:99 && fail "who was only seen is listed without --all"
ok job add 52:54:00:77:00:99 poweroff
ok job cancel 52-54-00-77-00-99
ok host set 52:54:00:77:00:99 --name pc99
ok host remove pc99
api 3 job '{"mac": "52:54:00:77:00:98", "uuid": "x"}'
ok host add pc98 52:54:00:77:00:98
ok job add pc01 restore lynx.slate
ok job add pc03 save new.slate --at '2037-12-24 07:00'
token=$(api 1 job '{"mac": "52:54:00:77:00:01"}' | jq -r .token)
bearer=(-H "Authorization: Bearer $token")
api 1 progress '{"phase": "restore", "done": 250000000, "total": 1000000000, "rate": 11500000,
	"eta": 65.2}' "${bearer[@]}"
ok status
grep -qE '^pc01 +running +restore lynx\.slate +25 % +11\.5 MB/s +1:05 +[0-9]+ s ago +-$' out ||
	fail "the line of pc01: $(cat out)"
grep -qE '^pc03 +waiting +save new\.slate +- +- +- +- +not before 2037-12-24 07:00$' out ||
	fail "the line of pc03: $(cat out)"
grep -qE '^pc10 +cancelled +shell ' out || fail "the line of pc10: $(cat out)"
grep -qE '^pc98 +idle +- +- +- +- +[0-9]+ s ago +-$' out || fail "the line of pc98: $(cat out)"
pxe status --json > status.json
equal "$(jq -r 'select(.name == "pc01") | [.state, .heard > 0, .job.verb, .job.percent,
	.job.rate, .job.eta] | map(tostring) | join(" ")' status.json)" \
	'running true restore 25 11500000 65.2' "pc01 as JSON"
equal "$(jq -r 'select(.name == "pc98") | "\(.state) \(.job)"' status.json)" 'idle null' \
	"pc98 as JSON"
equal "$(wc -l < status.json)" "$(hosts | wc -l)" "a line a machine"

# Odd numbers from a client are no numbers to us.
for odd in '{"done": 5, "total": 0, "rate": -1, "eta": 1e300}' '{"done": "x", "rate": null}' \
	'{"done": 7, "total": 3, "rate": "\u001b[2J"}'; do
	api 1 progress "$odd" "${bearer[@]}"
	ok status
	grep -qE '^pc01 +running +restore lynx\.slate +(-|100 %) +- +- +[0-9]+ s ago +-$' out ||
		fail "with $odd: $(cat out)"
	pxe status --json | jq -e . > /dev/null
done

say "and live"
"$PXE" -c lab.conf status -w --json > live &
watcher=$!
for ((i = 0; i < 100; i++)); do
	[[ $(grep -c pc01 live) -lt 2 ]] || break
	sleep 0.1
done
api 1 end '{"status": 1, "error": "the disk\u001b[2J is too small",
	"bytes": {"fetched": 3000000, "written": 0}}' "${bearer[@]}" > /dev/null
for ((i = 0; i < 100; i++)); do
	! grep -q '"name":"pc01".*"state":"failed"' live || break
	sleep 0.1
done
grep -q '"name":"pc01".*"state":"failed"' live || fail "not live: $(cat live)"
kill -INT "$watcher"
wait "$watcher" || fail "status -w ended with $?"
jq -e . live > /dev/null || fail "no JSON: $(cat live)"
ok status
grep -qE '^pc01 +failed +restore .*the disk\?\[2J is too small$' out || fail "pc01: $(cat out)"
grep -q $'\x1b' out && fail "a control character reached the terminal"

say "results"
ok results pc01
line='^[0-9]+ +[0-9:]+ +pc01 +restore lynx\.slate +failed +0:[0-9]+ +3\.0 MB +0\.0 MB +the'
grep -qE "$line" out || fail "the result: $(cat out)"
pxe results --json -n 1 pc01 > result.json
equal "$(jq -r '"\(.state) \(.status) \(.receipt.bytes.fetched)"' result.json)" \
	'failed 1 3000000' "the result as JSON"
equal "$(pxe results --json -n 2 | wc -l)" 2 "at most two"
equal "$(pxe results --json | jq -s 'map(.ended) | . == (sort | reverse)')" true "newest first"
no 3 'no machine "pc97"' results pc97
ok results 52:54:00:77:00:04
grep -q 'shell' out || fail "the results of a machine that was removed"
# shellcheck disable=SC2119
stop_server

say "wake: three packets a machine, on the lab's network only"
in_lab "$PXE" -c lab.conf wake nobody 2> err && fail "nobody was called"
said 'no machine and no group "nobody"'
client 2 ip addr add 10.77.0.22/24 dev eth0
# shellcheck disable=SC2016 # variables of Perl's
client 2 perl -MSocket -e 'socket(S, PF_INET, SOCK_DGRAM, 0) && bind(S, sockaddr_in(9,
	INADDR_ANY)) or die; print "ready\n"; $| = 1; $SIG{ALRM} = sub { exit 1 }; alarm 20;
	for (1 .. 6) { recv(S, $b, 2000, 0); print unpack("H*", $b), "\n" }' > woken &
listener=$!
for ((i = 0; i < 100; i++)); do
	! client 2 grep -q '^ *[0-9]*: 00000000:0009' /proc/net/udp || break
	sleep 0.1
done
in_lab "$PXE" -c lab.conf wake room1 > out
grep -q '^2 machines were called to wake up, by br0$' out || fail "what was said: $(cat out)"
wait "$listener" || fail "six packets did not come: $(cat woken)"
for mac in 525400770001 525400770003; do
	packet=ffffffffffff$(for ((i = 0; i < 16; i++)); do printf %s $mac; done)
	equal "$(grep -c "^\(ready\)*$packet$" woken)" 3 "packets for $mac"
done

say "a database that is locked, damaged, not writable"
head -c 100000 /dev/urandom > state/lab.db
rm -f state/lab.db-*
no 1 'lab.db: it is damaged; "slate-pxe check --rebuild"' host list
no 1 'nowhere.conf: No such file' -c nowhere.conf host list
