#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# limit 300
#
# Jobs that are taken up again, their options, the vault, what was counted, the last words of
# those that failed: the real server, and what a rescue client sends.
set -euo pipefail
# shellcheck source=tests/cli/pxe-lib.sh
. "$(dirname "$0")/pxe-lib.sh"
unset http_proxy https_proxy all_proxy
url=http://10.77.0.1
api=$url/api/v1

pxe() {
	"$PXE" -c lab.conf "$@"
}

expect() { # expect STATUS OPTION...: of curl on client $n
	local want=$1 status

	status=$(client "${n:-1}" curl -sS -m 60 -o body -D head -w '%{http_code}' \
		"${@:2}")
	[[ $status = "$want" ]] ||
		fail "status $status, not $want: ${*:2} ($(head -c 300 body))"
}

ask() { # ask STATUS: for client $n's job; its token in $token
	expect "$1" -d "{\"mac\": \"52:54:00:77:00:0${n:-1}\"}" "$api/job"
	[[ $1 != 200 ]] || token=$(json body .token)
}

tell() { # tell STATUS CALL OPTION...: with the job's token
	expect "$1" -H "Authorization: Bearer $token" "${@:3}" "$api/$2"
}

field() { # field HOST FILTER: of its newest job
	pxe job list --all --json |
		jq -rs "map(select(.host == \"$1\")) | last | $2"
}

menu() { # what client 1 boots: rescue or local
	expect 200 "$url/boot/pxelinux.cfg/01-52-54-00-77-00-01"
	if grep -q slate.server body; then echo rescue; else echo local; fi
}

make_lab 2
client 1 ip addr add 10.77.0.11/24 dev eth0
client 2 ip addr add 10.77.0.12/24 dev eth0
make_folders 'dhcp.mode = off' 'lab.interface = br0' 'jobs.lost-after = 4s'
head -c 3000000 /dev/urandom > images/lynx.slate
chmod 644 images/lynx.slate
# shellcheck disable=SC2119 # no options
start_server
pxe host add pc01 52:54:00:77:00:01 -g room1
pxe host add pc02 52:54:00:77:00:02 -g room1

say "options of jobs: given, kept, and in the job"
expect_status 0 pxe job add pc01 restore lynx.slate
ask 200
equal "$(json body '"\(.verify) \(.personalise) \(.attempts) \(.password) \(.confirm)"')" \
	'sample true 1 null null' 'a restore'
tell 200 end -d '{"status": 0}'
expect_status 0 pxe job add pc01 restore lynx.slate --verify=full --no-personalise
equal "$(field pc01 '"\(.verify) \(.personalise)"')" 'full false' 'in the list'
ask 200
equal "$(json body '"\(.verify) \(.personalise)"')" 'full false' 'with options'
tell 200 end -d '{"status": 0}'
for wrong in 'restore lynx.slate --verify=some' 'save x --verify=full' \
	'save x --no-personalise' 'restore lynx.slate --password' 'shell --confirm=pc01'; do
	# shellcheck disable=SC2086
	expect_status 2 pxe job add pc01 $wrong
done

say "wipe: whoever is meant is named twice"
expect_status 2 pxe job add room1 wipe
said 'say who is meant a second time, with --confirm=room1'
expect_status 2 pxe job add room1 wipe --confirm=pc01
said '"room1" is to be wiped, but "pc01" was confirmed: nothing is done'
equal "$(pxe job list | wc -l)" 1 'jobs after what was refused'
expect_status 0 pxe job add room1 wipe --confirm=room1
ask 200
equal "$(json body '"\(.verb) \(.host) \(.confirm)"')" 'wipe pc01 pc01' 'pc01'
tell 200 end -d '{"status": 0}'
n=2 ask 200
equal "$(json body '"\(.verb) \(.host) \(.confirm)"')" 'wipe pc02 pc02' 'pc02'
tell 200 end -d '{"status": 0}'
admin="Authorization: Bearer $(cat state/admin-token)"
expect 400 -H "$admin" -d '{"who": "pc01", "verb": "wipe"}' "$api/admin/job"
expect 400 -H "$admin" -d '{"who": "pc01", "verb": "wipe", "confirm": "pc02"}' "$api/admin/job"

say "a password for one shell, seen where it must be and nowhere else"
expect_status 0 pxe job add pc01 shell --password
password=$(sed -nE 's/^job [0-9]+: pc01 shell, password ([a-z2-9]{8})$/\1/p' out)
[[ $password ]] || fail "no password: $(cat out)"
equal "$(field pc01 .password)" "$password" 'in the list'
for list in 'job list' status 'status --json' 'results --json' 'job list --all'; do
	# shellcheck disable=SC2086
	pxe $list > out
	! grep -q "$password" out || fail "$list tells the password"
done
expect 200 -H "$admin" "$api/admin/status"
! grep -q "$password" body || fail "the status tells the password"
ask 200
equal "$(json body .password)" "$password" 'in the job'
ask 204 # never again
equal "$(field pc01 '"\(.state) \(.resumes) \(.password)"')" 'lost false null' 'afterwards'
expect 201 -H "$admin" -d '{"who": "room1", "verb": "shell", "password": true}' "$api/admin/job"
equal "$(json body '[.ids, .passwords | length] | join(" ")')" '2 2' 'two of them'
pxe job cancel all > out
! grep -q "$password" server.log || fail "the log has the password"

say "the machine asks again: another token, and the old one is void"
pxe job add pc01 restore lynx.slate > out
pxe job add pc01 verify lynx.slate > out
ask 200
old=$token
equal "$(menu)" rescue 'what it boots while its job runs'
ask 200
equal "$(json body '"\(.verb) \(.attempts)"')" 'restore 2' 'the second time'
token=$old tell 410 progress -d '{}'
token=$old tell 410 vault
tell 204 progress -d '{}'
logged 'pc01 \(52:54:00:77:00:01\) begins once more job [0-9]+: restore lynx.slate'
expect_status 0 pxe status
grep -qE '^pc01 +running .*begun 2 times$' out || fail "status: $(cat out)"

wait_lost() { # of pc01
	local i

	for ((i = 0; i < 300; i++)); do
		! pxe status --json | grep -q '"name":"pc01".*"state":"lost"' || return 0
		sleep 0.1
	done
	fail "not lost: $(pxe status)"
}

say "the power is cut, and the machine comes back"
wait_lost
expect_status 0 pxe status
grep -qE '^pc01 +lost +restore .*any more; goes on when the machine .*; begun 2 times$' out ||
	fail "status: $(cat out)"
expect_status 0 pxe job list
grep -qE ' lost .*goes on when the machine comes back' out || fail "list: $(cat out)"
expect_status 0 pxe results
grep -qE ' lost .*goes on when the machine comes back' out || fail "results: $(cat out)"
expect 200 -H "$admin" "$api/admin/status"
equal "$(json body '[.jobs[] | select(.resumes)] | map("\(.verb) \(.state) \(.attempts)") |
	join(",")')" 'restore lost 2' 'once in the status'
equal "$(menu)" rescue 'what it boots when it comes back'
ask 200
equal "$(json body '"\(.verb) \(.attempts)"')" 'restore 3' 'the third time'
equal "$(field pc01 .verb)" verify 'what waits'
ask 200
ask 200
ask 200 # the sixth: it has failed, and the next one has its turn
equal "$(json body '"\(.verb) \(.attempts)"')" 'verify 1' 'after five times'
expect_status 0 pxe results pc01
grep -qE 'restore lynx.slate +failed .*begun 5 times and never ended' out ||
	fail "results: $(cat out)"

say "cut off for longer than lost-after, and at work all the time"
wait_lost
tell 410 vault
tell 204 progress -d '{"done": 1}'
logged '10.77.0.11 is heard of again: job [0-9]+ still runs'
equal "$(field pc01 '"\(.state) \(.ended) \(.error)"')" 'running 0 ' 'heard of again'

say "cancelled, or a newer job in its place"
wait_lost
expect_status 0 pxe job cancel pc01
grep -q 'is cancelled: pc01 verify' out || fail "cancel: $(cat out)"
ask 204
equal "$(menu)" local 'what it boots then'
pxe job add pc01 restore lynx.slate > out
ask 200
wait_lost
expect_status 0 pxe job add pc01 save new.slate
grep -q 'its lost job is cancelled' out || fail "add: $(cat out)"
ask 200
equal "$(json body .verb)" save 'the newer one'
tell 200 end -d '{"status": 0}'
equal "$(menu)" local 'at the end'

say "the server is away for longer than lost-after: no job is lost by that"
pxe job add pc01 restore lynx.slate > out
ask 200
tell 204 progress -d '{}'
stop_server KILL
sleep 6
# shellcheck disable=SC2119
start_server
sleep 1
tell 204 progress -d '{}'
tell 200 end -d '{"status": 0}'

say "the vault: for the job that personalises, and for nobody else"
head -c 1048576 /dev/urandom > identity
pxe job add pc01 restore lynx.slate > out
ask 200
tell 204 vault
tell 400 vault -X PUT -d ''
tell 204 vault -T identity
tell 200 vault
same body identity
grep -qi '^Content-Type: application/octet-stream' head || fail "the type: $(cat head)"
vault=state/vault/52-54-00-77-00-01.tar
equal "$(stat -c '%a %U %s' $vault) $(stat -c '%a' state/vault)" \
	'600 nobody 1048576 700' 'the file and its folder'
{ cat identity && echo more; } > large
tell 413 vault -T large
echo small > identity
tell 204 vault -H 'Expect:' -T identity
tell 200 vault
same body identity
equal "$(find state/vault -type f)" $vault 'nothing besides'
expect 401 "$api/vault"
expect 401 -T identity "$api/vault"
expect 410 -H 'Authorization: Bearer wrong' "$api/vault"
expect 410 -H 'Authorization: Bearer wrong' -T large "$api/vault"
expect 410 -H "$admin" "$api/vault"
logged 'has put the identity of 52:54:00:77:00:01 into its vault'
logged 'is given the vault of 52:54:00:77:00:01, for job'
tell 200 end -d '{"status": 0}'
tell 410 vault
tell 410 vault -T large
for other in 'restore lynx.slate --no-personalise' 'save x.slate'; do
	# shellcheck disable=SC2086
	pxe job add pc01 $other > out
	ask 200
	tell 403 vault
	tell 403 vault -T large
	tell 200 end -d '{"status": 0}'
done
same identity $vault
pxe job add pc02 restore lynx.slate > out
n=2 ask 200
n=2 tell 204 vault # another machine's is not its own
n=2 tell 200 end -d '{"status": 0}'
equal "$(pxe host list --json | jq -r '"\(.name) \(.vault)"' | xargs)" \
	'pc01 true pc02 false' 'who has one'
expect_status 0 pxe host forget pc01 pc02
absent $vault
grep -q '^pc02: there was no identity$' out || fail "forget: $(cat out)"
mv state/vault state/vault.away
touch state/vault
expect_status 1 pxe host forget pc01 # what cannot be looked at is not called forgotten
said 'state/vault: Not a directory'
rm state/vault
expect_status 0 pxe host forget pc01 # a state folder from before there were vaults
mv state/vault.away state/vault
touch $vault
expect_status 0 pxe host remove pc01
absent $vault
pxe host add pc01 52:54:00:77:00:01 -g room1

say "what was sent, also over a restart and a second time"
pxe job add pc01 restore lynx.slate > out
ask 200
with=(-H "Authorization: Bearer $token")
expect 206 "${with[@]}" -r 0-99999 "$url/images/lynx.slate"
expect 206 "${with[@]}" -r 5-14 "$url/images/lynx.slate"
expect 200 "${with[@]}" -I "$url/images/lynx.slate"
expect 416 "${with[@]}" -r 9999999- "$url/images/lynx.slate"
expect 404 "${with[@]}" "$url/images/none"
expect 200 "$url/images/lynx.slate" # nobody's
equal "$(field pc01 .sent)" 0 'before it reports'
tell 204 progress -d '{}'
equal "$(field pc01 .sent)" 100010 'after it reported'
expect 206 "${with[@]}" -r 0-9 "$url/images/lynx.slate"
stop_server
equal "$(field pc01 .sent)" 100020 'kept at the end of the server'
# shellcheck disable=SC2119
start_server
expect 206 "${with[@]}" -r 0-99 "$url/images/lynx.slate"
ask 200 # another token; what came by the old one is not lost
expect 206 "${with[@]}" -r 0-99 "$url/images/lynx.slate" # void: not counted
with=(-H "Authorization: Bearer $token")
expect 200 "${with[@]}" "$url/images/lynx.slate"
tell 200 end -d '{"status": 0}'
equal "$(pxe results --json -n 1 pc01 | jq .sent)" $((100020 + 100 + 3000000)) 'in the result'
expect 200 -H "$admin" "$api/admin/status"
equal "$(json body '[.jobs[] | .sent] | max')" 3100120 'in the status'

say "the last words of what failed"
pxe job add pc01 restore lynx.slate > out
ask 200
tell 200 end -d '{"status": 4, "error": "chunk 7 is damaged", "steps": ["disk /dev/sda", 5],
	"log": ["reading\u001b[2J", "gave up"], "log2": []}'
expect_status 0 pxe results --log pc01
grep -qE '^job [0-9]+, .*, pc01: restore lynx.slate, failed, status 4: chunk 7 is .*$' out ||
	fail "log: $(cat out)"
equal "$(grep '^    ' out)" '    disk /dev/sda
    reading?[2J
    gave up' 'the lines'
grep -q 'status 0' out && fail "what went well is listed"
expect_status 0 pxe status
grep -qE '^pc01 +failed .*chunk 7 is damaged$' out || fail "status: $(cat out)"
for odd in '[]' '"text"' '{"a": 1}' "[\"$(printf %0200000d 0)\"]"; do
	pxe job add pc01 shell > out
	ask 200
	echo "{\"status\": 1, \"log\": $odd, \"steps\": $odd}" > receipt
	case $odd in
	'["0'*) tell 413 end -d @receipt ;;
	*) tell 200 end -d @receipt ;;
	esac
done
echo "{\"status\": 1, \"log\": [\"$(printf %0200000d 0)\"]}" > receipt
tell 200 end -d @receipt
expect_status 0 pxe results --log
[[ $(wc -L < out) -le 300 ]] || fail "a line of $(wc -L < out) characters"
# shellcheck disable=SC2119
stop_server
equal "$server_status" 0 'status of the server'
