#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# limit 900
#
# The agent when something is wrong: with the disks, the image, the server, the network.  What
# is refused has touched nothing; each failure is told to the server and in large letters.
set -euo pipefail
# shellcheck source=tests/cli/agent-lib.sh
. "$(dirname "$0")/agent-lib.sh"

make_lab_server 1
make_good good.slate 20000
stale disk 80M
make_pc 1 disk

fails() { # fails STATUS ERROR-REGEX: the last job; nothing was written
	local before

	before=$(sum disk)
	agent 1
	job_is failed "$2"
	the_end ".status == $1"
	shown 1 'did not succeed'
	equal "$(sum disk)" "$before" "the disk"
}

say "two disks"
add_disk pc1 sdb 999 OTHER-DISK
job pc1 restore good.slate
fails 3 'more than one disk.*sda.*DISK-1-a.*sdb.*OTHER-DISK.*first, largest'
job --disk NONE pc1 restore good.slate
fails 3 'no disk with that serial number.*DISK-1-a.*OTHER-DISK'
job --disk DISK-1-a pc1 verify good.slate
agent 1
job_is failed
the_end '.status == 5'

say "no disk"
rm -r pc1/sys/block/sdb
mv pc1/sys/block/sda sda
job pc1 restore good.slate
fails 3 'no disk.*none at all'
mv sda pc1/sys/block/sda

say "a disk whose driver takes its time"
late_disk sda 20 drivers
job pc1 verify good.slate
agent 1
wait "$late"
job_is failed
the_end '.status == 5'

say "one that is named appears when others are there for long"
add_disk pc1 sdb 999 OTHER-DISK
add_disk pc1 sdc 999 THIRD-DISK
late_disk sda 5
job --disk DISK-1-a pc1 verify good.slate
agent 1
wait "$late"
job_is failed
the_end '.status == 5'
rm -r pc1/sys/block/sd[bc]

say "an image that is damaged, or gone; a disk that is too small"
cp images/good.slate whole
printf 'xxxx' | dd of=images/good.slate bs=1 seek=100 conv=notrunc status=none
job pc1 restore good.slate
fails 4 .
shown 1 'Look at the image on the server'
cp whole images/good.slate
job pc1 restore good.slate
mv images/good.slate images/away
fails 3 'no such file'
mv images/away images/good.slate
truncate -s 16M small
attach small
rm pc1/dev/sda
ln -s "$loop" pc1/dev/sda
job pc1 restore good.slate
fails 3 .
rm pc1/dev/sda
ln -s "$(losetup -n -O NAME -j disk)" pc1/dev/sda

say "a save that is too large for the server: the disk was only read"
printf '[http]\nquota = 10k\n' >> lab.conf
kill -HUP "$server_pid"
sleep 1
: > pc1/dev/ttyS0
job pc1 save new.slate
fails 1 'nothing that large'
! grep -E 'partly written|will not start' pc1/dev/ttyS0 || fail "it speaks of a disk written"
sed -i '/^\[http\]/,$d' lab.conf
kill -HUP "$server_pid"

say "words that the agent does not know"
pc_line 1 slate.server=http://10.77.0.1/x slate.onerror=reboot:0
agent 1
shown 1 'is no address of a server'

say "no server is told: the one that DHCP names"
job pc1 restore good.slate
pc_line 1 slate.onerror=reboot:1 BOOTIF=01-52-54-00-77-00-01
agent 1
job_is 'done'
shown 1 'The job "restore" is done'
agent 1
shown 1 'starts from its disk'
pc_line 1 slate.onerror=reboot:1
agent 1 11
shown 1 'the server has no job for this PC'

# hold before|after: what holds up slate until ./go is there, and can be stopped
hold() {
	rm -f bin/slate go held
	cat > bin/slate << END
#!/bin/sh
[ $1 = before ] || "$SLATE" "\$@"
: > "$dir/held"
while [ ! -e "$dir/go" ]; do sleep 0.1; done
[ $1 = after ] || exec "$SLATE" "\$@"
END
	chmod 755 bin/slate
}

wait_for() { # wait_for FILE
	local i

	for ((i = 0; i < 300; i++)); do
		[[ ! -e $1 ]] || return 0
		sleep 0.1
	done
	fail "no $1"
}

say "the server is killed in the middle, and comes back"
pc_line 1 slate.server=http://10.77.0.1 BOOTIF=01-52-54-00-77-00-01 slate.onerror=reboot:1
hold before
job pc1 restore good.slate
agent 1 &
agent_pid=$!
wait_for held
stop_server KILL
: > go
sleep 3
kill -0 $agent_pid 2> /dev/null || fail "the agent did not wait for the server"
# shellcheck disable=SC2119
start_server
wait $agent_pid || fail "the agent"
job_is 'done'
the_end '.status == 0 and .complete'
expect_status 0 slate -b verify images/good.slate disk

say "the server is away when the job ends"
hold after
job pc1 verify good.slate
agent 1 &
agent_pid=$!
wait_for held
stop_server KILL
: > go
sleep 7
# shellcheck disable=SC2119
start_server
wait $agent_pid || fail "the agent"
job_is 'done'
shown 1 'the server cannot answer'

cancel_held() { # a restore by the bin/slate that hold() made, before it writes
	local before

	before=$(sum disk)
	job pc1 restore good.slate
	agent 1 &
	agent_pid=$!
	wait_for held
	in_lab "$PXE" job cancel -c lab.conf "$job"
	wait $agent_pid || fail "the agent"
	absent go
	shown 1 'the server has cancelled the job'
	equal "$(sum disk)" "$before" "the disk"
	job_is cancelled
}

say "the job is cancelled"
hold before
cancel_held

say "the job is cancelled, and slate does not end"
hold before
sed -i '1atrap "" TERM' bin/slate
cancel_held

say "slate is killed"
rm bin/slate
# shellcheck disable=SC2016 # the script's own number
printf '#!/bin/sh\nkill -KILL $$\n' > bin/slate
chmod 755 bin/slate
job pc1 restore good.slate
agent 1
job_is failed 'ended by signal 9'
shown 1 'The disk may be only partly written'
rm bin/slate
ln -s "$SLATE" bin/slate

say "a server whose answer drips; it is asked again"
# shellcheck disable=SC2016 # variables of Perl's
in_lab perl -MIO::Socket::INET -e '
	my $s = IO::Socket::INET->new(LocalPort => 8099, Listen => 1) or die;
	my $c = $s->accept;
	$SIG{PIPE} = "IGNORE";
	$c->autoflush(1);
	print $c "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n{";
	select(undef, undef, undef, 0.2) while print $c " ";
	print { $s->accept } "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n"' &
drips=$!
sed -i 's|http://10.77.0.1|&:8099|' pc1/proc/cmdline
agent 1
shown 1 'too slow'
shown 1 'starts from its disk'
wait $drips || fail "it was not asked again"

say "what answers is no server of this kind"
# shellcheck disable=SC2016 # variables of Perl's
in_lab perl -MIO::Socket::INET -e '
	my $s = IO::Socket::INET->new(LocalPort => 8099, Listen => 1, ReuseAddr => 1) or die;
	my $c = $s->accept;
	sysread $c, my $asked, 4096;
	syswrite $c, "HTTP/1.1 404 Not Found\r\nConnection: close\r\n\r\n";
	shutdown $c, 1;
	1 while sysread $c, $asked, 4096' &
other=$!
agent 1
wait $other || fail "it was not asked"
shown 1 'do not get on.*the server says 404'
not_shown 1 'does not answer'
sed -i 's|:8099||' pc1/proc/cmdline

say "a job of a newer server"
job pc1 verify good.slate
sqlite3 state/lab.db "PRAGMA busy_timeout = 10000;
	UPDATE jobs SET verify = 'magic' WHERE id = $job" > /dev/null
agent 1
job_is failed '"verify" is "magic", which this rescue system does not know'
the_end '.status == 3'
shown 1 'do not get on.*older than the server'

say "an address comes late"
stop_server
: > "$dir/pc1/dev/ttyS0"
agent 1 &
agent_pid=$!
sleep 7
# shellcheck disable=SC2119
start_server
wait $agent_pid || fail "the agent"
shown 1 'eth0: no answer from a DHCP server yet; a switch port with spanning tree'
shown 1 'starts from its disk'

say "no link"
ip -n "$ns" link set v1 down
run_agent 1 &
agent_pid=$!
sleep 7
shown 1 'eth0: no link'
ip -n "$ns" link set v1 up
wait $agent_pid || fail "the agent"
shown 1 'starts from its disk'

say "a shell that cannot be given"
rm bin/slate-agent
job pc1 shell
agent 1
job_is failed 'no shell can be given: the program slate-agent is not in this rescue system'
the_end '.status == 1'
