#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# limit 300
#
# The job "shell" on a real terminal: behind its one-time password, which nobody sees; the
# first shell that is left ends the job.
set -euo pipefail
# shellcheck source=tests/cli/agent-lib.sh
. "$(dirname "$0")/agent-lib.sh"
# shellcheck source=tests/cli/terminal-lib.sh
. "$root/tests/cli/terminal-lib.sh"
trap 'end_terminals; stop_server KILL; cleanup' EXIT

# at_console: the agent, on the terminals that are there
at_console() {
	local status=0

	client 1 env PATH="$dir/bin:$PATH" timeout -k 5 120 "$AGENT" run --root="$dir/pc1" \
		> agent.log 2>&1 || status=$?
	[[ $status = 0 ]] || {
		cat agent.log pc1/dev/*.log >&2
		fail "the agent ended with $status"
	}
}

make_lab_server 1
truncate -s 8M disk
make_pc 1 disk

say "with a password"
in_lab "$PXE" job add -c lab.conf pc1 shell --password > out
job=$(grep -oE '^job [0-9]+' out | grep -oE '[0-9]+')
password=$(sed -nE 's/.*, password ([a-z2-9]{8})$/\1/p' out)
[[ $password ]] || fail "no password: $(cat out)"
terminal pc1/dev/ttyS0 'Password for the shell' 'wrong' \
	'That is not it.*Password for the shell' "${password}x" \
	'That is not it.*Password for the shell' "$password" \
	'The job of this machine is a shell' \
	"echo [\$((20 + 3))] \$(env | grep -c SLATE_PASSWORD) \$(tty) >&2" \
	'\[23\] 0 /dev/pts/' 'exit 5'
at_console
all_typed pc1/dev/ttyS0
job_is 'done'
the_end '.status == 0 and .verb == "shell"'
the_end '.steps | any(test("a shell is given on 1 console"))'
! grep -F "$password" pc1/dev/ttyS0.log server.log results.json ||
	fail "the password can be read"
! grep -F 'wrong' pc1/dev/ttyS0.log || fail "what is typed can be read"

say "the password was for once"
in_lab "$PXE" job add -c lab.conf pc1 shell --password > out
job=$(grep -oE '^job [0-9]+' out | grep -oE '[0-9]+')
again=$(sed -nE 's/.*, password ([a-z2-9]{8})$/\1/p' out)
[[ $again != "$password" ]] || fail "the same password again"
terminal pc1/dev/ttyS0 'Password for the shell' "$password" \
	'That is not it.*Password for the shell' "$again" 'is a shell' 'exit'
at_console
all_typed pc1/dev/ttyS0
job_is 'done'

say "keys that end programs do not end the job for who has no password"
job --password pc1 shell
password=$(in_lab "$PXE" job list --json -c lab.conf | jq -r .password)
terminal pc1/dev/ttyS0 'Password for the shell' $'\003wrong' \
	'That is not it.*Password for the shell' $'\004' \
	'That is not it.*Password for the shell' $'\034\032wrong' \
	'That is not it.*Password for the shell' "$password" 'is a shell' \
	"sh -c 'echo sleeps \$((1 + 1)); exec sleep 60'" 'sleeps 2' $'\003' '' \
	"echo [\$((6 * 7))]" '\[42\]' 'exit'
at_console
all_typed pc1/dev/ttyS0
job_is 'done'

say "two consoles: the first that is left ends the other one, where nobody was let in"
echo 'ttyS1 ttyS0' > pc1/sys/class/tty/console/active
job --password pc1 shell
password=$(in_lab "$PXE" job list --json -c lab.conf | jq -r .password)
terminal pc1/dev/ttyS0 'Password for the shell' "$password" 'is a shell' 'exit'
terminal pc1/dev/ttyS1 'Password for the shell' 'guessed' 'That is not it' ''
at_console
all_typed pc1/dev/ttyS0
job_is 'done'
the_end '.steps | any(test("a shell is given on 2 consoles"))'
! grep 'is a shell' pc1/dev/ttyS1.log || fail "a shell without a password"

say "without a password; cancelled while somebody is in it"
rm pc1/dev/ttyS1
echo ttyS0 > pc1/sys/class/tty/console/active
job pc1 shell
terminal pc1/dev/ttyS0 'The job of this machine is a shell' "echo [\$((6 * 7))]" '\[42\]' ''
at_console &
agent_pid=$!
all_typed pc1/dev/ttyS0
! grep Password pc1/dev/ttyS0.log || fail "a password is wanted"
in_lab "$PXE" job cancel -c lab.conf "$job" > out
wait $agent_pid || fail "the agent"
grep -q 'server has cancelled the job' pc1/dev/ttyS0.log || fail "it does not say so"
job_is cancelled

say "a console that is no terminal: no shell, and it is told"
rm pc1/dev/ttyS0
: > pc1/dev/ttyS0
job pc1 shell
at_console
job_is failed 'none of the consoles is a terminal'
