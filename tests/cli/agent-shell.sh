#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# limit 600
#
# The job "shell": behind its password on a terminal, cancelled, and not given where there is
# no terminal.
set -euo pipefail
# shellcheck source=tests/cli/agent-lib.sh
. "$(dirname "$0")/agent-lib.sh"

make_lab_server 1
truncate -s 1M disk
make_pc 1 disk

# terminal LINE...: these lines of expect(1) sit before the console of PC 1
terminal() {
	rm -f terminal.log
	{
		cat << 'END'
log_user 0
log_file -a terminal.log
set timeout 90
proc see {what} {
	expect -re $what {} timeout { exit 3 }
}
spawn -noecho -pty
exec ln -sfn $spawn_out(slave,name) pc1/dev/ttyS0
exec touch ready
END
		printf '%s\n' "$@"
	} > terminal.exp
	rm -f ready
	expect terminal.exp 9>&- &
	terminal=$!
	for ((i = 0; i < 100; i++)); do
		[[ ! -e ready ]] || break
		sleep 0.1
	done
	# Until somebody has it open, the first to close it would hang up.
	exec 9<> "$(readlink pc1/dev/ttyS0)"
}

leave_terminal() {
	wait $terminal || {
		cat terminal.log >&2
		fail "the terminal waited for something else"
	}
	exec 9>&-
	ln -sfn "$dir/console" pc1/dev/ttyS0
}

say "a shell behind its password"
: > console
in_lab "$PXE" job add -c lab.conf pc1 shell --password > added
job=$(grep -oE '[0-9]+' added | head -n 1)
password=$(sed -n 's/.*, password //p' added)
# shellcheck disable=SC2016 # for the other shell
terminal 'see {Password for the shell}' 'send "wrong\r"' 'see {That is not it}' \
	'see {Password for the shell}' "send \"$password\\r\"" \
	'see {The job of this machine is a shell}' \
	'send "echo it-is-\$((6*7)) > seen; echo \"<\$SLATE_PASSWORD>\" >> seen; exit\r"' \
	'see {The job "shell" is done}'
agent 1
leave_terminal
equal "$(xargs < seen)" 'it-is-42 <>' "what was done in the shell"
! grep -q "$password" terminal.log || fail "the password is shown"
job_is 'done'
the_end '.status == 0 and (.steps | any(. == "a shell is given on 1 console"))'

say "cancelled while somebody works in it"
job pc1 shell
terminal 'see {The job of this machine is a shell}' 'send "touch begun; sleep 500\r"' \
	'see {The job "shell" did not succeed}'
agent 1 &
agent_pid=$!
for ((i = 0; i < 300; i++)); do
	[[ ! -e begun ]] || break
	sleep 0.1
done
[[ -e begun ]] || fail "no shell without a password"
in_lab "$PXE" job cancel -c lab.conf "$job"
wait $agent_pid || fail "the agent"
leave_terminal
grep -q 'the server has cancelled the job' terminal.log || fail "$(cat terminal.log)"
job_is cancelled

say "no terminal, no shell"
: > console
job --password pc1 shell
agent 1
job_is failed 'no shell can be given: none of the consoles is a terminal'
the_end '.status == 1'

say "what gives the shell is not there"
rm bin/slate-agent
job pc1 shell
agent 1
job_is failed 'no shell can be given: the program slate-agent is not in this rescue system'
