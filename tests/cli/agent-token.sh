#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# limit 600
#
# A wrong job token: the server refuses all that comes with it, and job, images and vault stay
# as they are; an agent that was given one touches nothing, and says so.
set -euo pipefail
# shellcheck source=tests/cli/agent-lib.sh
. "$(dirname "$0")/agent-lib.sh"
# shellcheck source=tests/cli/front-lib.sh
. "$root/tests/cli/front-lib.sh"
api=http://10.77.0.1/api/v1

call() { # call STATUS OPTION...: of curl
	local want=$1 status

	status=$(in_lab curl -sS -m 60 -o body -w '%{http_code}' "${@:2}")
	[[ $status = "$want" ]] ||
		fail "status $status, not $want: ${*:2} ($(head -c 300 body))"
}

ask() { # ask N: for PC N's job; its token in $token
	call 200 -d "{\"mac\": \"52:54:00:77:00:0$1\"}" "$api/job"
	token=$(json body .token)
}

state() { # what the server has of all this
	in_lab "$PXE" job list --all --json -c lab.conf
	in_lab "$PXE" results --json -c lab.conf
	in_lab "$PXE" host list --json -c lab.conf | jq -c '{name, vault}'
	find images state/vault -type f ! -name '.*' -exec sha256sum {} + | sort
	find images -name '.*'
}

# refused [TOKEN]: with it nothing can be done
refused() {
	local with=()

	[[ $# = 0 ]] || with=(-H "Authorization: Bearer $1")
	state > before
	call "$void" "${with[@]}" -d '{"done": 5, "total": 9}' "$api/progress"
	call "$void" "${with[@]}" -d '{"status": 0, "verb": "save"}' "$api/end"
	call "$void" "${with[@]}" "$api/vault"
	call "$void" "${with[@]}" -T good "$api/vault"
	call 401 "${with[@]}" -T images/good.slate http://10.77.0.1/images/new.slate
	call 401 "${with[@]}" -T images/good.slate http://10.77.0.1/images/good.slate
	state > after
	diff before after >&2 ||
		fail "something has changed with the token ${1-that is not there}"
}

make_lab_server 2
truncate -s 16M good
mkfs.ext4 -q -F -L good good
slate -b save good images/good.slate 2> err
chmod 644 images/good.slate
stale disk 20M
make_pc 1 disk

say "tokens that are none, or not of this job"
job pc1 restore good.slate
ask 1
over=$token
call 200 -H "Authorization: Bearer $over" -d '{"status": 0}' "$api/end"
job pc2 restore good.slate
ask 2
others=$token
call 204 -H "Authorization: Bearer $others" -d '{}' "$api/progress"
job pc1 save new.slate
ask 1
void=410
refused wrong
refused "$over"
refused "$(tr 0-9a-f 1-9a-f0 <<< "$token")"
refused "${token%?}"
refused "${token}0"
refused "$(cat state/admin-token)0"
refused ''
refused "' OR 1=1 --"
void=401
refused

say "another PC's token is good for that one's job only"
in_lab "$PXE" job list --json -c lab.conf | jq -c "select(.host == \"pc1\")" > before
call 403 -H "Authorization: Bearer $others" -T images/good.slate \
	http://10.77.0.1/images/new.slate
echo own > identity
call 204 -H "Authorization: Bearer $others" -T identity "$api/vault"
in_lab "$PXE" job list --json -c lab.conf | jq -c "select(.host == \"pc1\")" > after
diff before after >&2 || fail "the job of pc1 has changed"
absent images/new.slate state/vault/52-54-00-77-00-01.tar

say "the right one still is"
call 204 -H "Authorization: Bearer $token" -d '{"done": 5, "total": 9}' "$api/progress"
call 201 -H "Authorization: Bearer $token" -T images/good.slate \
	http://10.77.0.1/images/new.slate
call 200 -H "Authorization: Bearer $token" -d '{"status": 0}' "$api/end"
call 200 -H "Authorization: Bearer $others" -d '{"status": 0}' "$api/end"
job_is 'done'

# given VERB IMAGE [MEMBER]: the agent gets such a job, with a token of nobody; all else is the
# server's
given() {
	front 8080 "location = /api/v1/job { default_type application/json; return 200 '$(
		printf '{"id":7,"verb":"%s","image":"%s","disk":"","then":"","host":"pc1",' \
			"$1" "$2"
		printf '"token":"%064d","attempts":1%s}' 7 "${3-}"
	)'; }" "$behind"
}

say "an agent that was given a wrong one touches nothing, and says why"
pc_line 1 slate.server=http://10.77.0.1:8080 BOOTIF=01-52-54-00-77-00-01 slate.onerror=reboot:1
before=$(sum disk)
state > before
for words in 'restore good.slate ,"personalise":true' \
	'restore good.slate ,"personalise":false' \
	'save new2.slate' 'save good.slate' 'verify good.slate' 'wipe  ,"confirm":"pc1"' \
	'shell  ' 'poweroff  '; do
	IFS=' ' read -r verb image more <<< "$words"
	[[ $image != ,* ]] || more=$image image=''
	given "$verb" "$image" "$more"
	agent 1
	shown 1 "The job \"$verb\" did not succeed"
	shown 1 "does not accept the job's token.*Nothing was touched"
	not_shown 1 'The disk was written|is done'
	equal "$(sum disk)" "$before" "the disk after $verb"
done
state > after
diff before after >&2 || fail "something has changed at the server"
! grep -E '"(GET|PUT|POST) /(images|api/v1/(vault|end))' front/access.log ||
	fail "it goes on after it was refused"
grep -q '"POST /api/v1/progress HTTP/1.1" 410' front/access.log || fail "it was not refused"
end_front

# held: slate has begun, and waits
say "given out anew in the middle: the old one stops, and ends nothing of the new one's"
rm bin/slate
printf '%s\n' '#!/bin/sh' ": > '$dir/held'" 'while :; do sleep 0.1; done' > bin/slate
chmod 755 bin/slate
pc_line 1 slate.server=http://10.77.0.1 BOOTIF=01-52-54-00-77-00-01 slate.onerror=reboot:1
job --no-personalise pc1 restore good.slate
agent 1 &
agent_pid=$!
for ((i = 0; i < 300; i++)); do
	[[ ! -e held ]] || break
	sleep 0.1
done
[[ -e held ]] || fail "the job does not begin"
ask 1
wait $agent_pid || fail "the agent"
shown 1 'CANCELLED|the server has cancelled the job'
equal "$(sum disk)" "$before" "the disk"
job_is running
call 200 -H "Authorization: Bearer $token" -d '{"status": 0}' "$api/end"
job_is 'done'
