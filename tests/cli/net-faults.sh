#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# What can go wrong between a server and a restore: afterwards the target is as
# it was, or has no superblock, or is complete, and nothing was written that is
# not in the image.  Most of this is waiting, so it is done side by side.
set -euo pipefail
# shellcheck source=tests/cli/lib.sh
. "${0%/*}/lib.sh"
# shellcheck source=tests/cli/net-lib.sh
. "$root/tests/cli/net-lib.sh"
# shellcheck source=tests/fault/lib.sh
. "$root/tests/fault/lib.sh"
unset http_proxy https_proxy all_proxy SLATE_TOKEN

top=$dir
size=48M

# fixtures: source (ext4 with 24 MB that do not shrink), its image good, another
# one, victim: what is in the target before, whole: after a restore
fixtures() {
	local name

	for name in source other; do
		mkdir stage
		seq 1 50000 > stage/text
		head -c 24M /dev/urandom > stage/random
		truncate -s $size $name
		mkfs.ext4 -q -F -b 1024 -J size=1 -d stage $name
		"$SLATE" -b --chunk-size=64k save $name $name.image 2> err
		rm -r stage
	done
	mv source.image good
	make_victim victim $size
	cp victim whole
	"$SLATE" -b restore whole good 2> err
	same_ext source whole
	bytes=$(size_of good)
}

# ---- one restore -----------------------------------------------------------

# served [FAULT...]: a server of this job's own with the image, and a target
served() {
	mkdir -p own.www
	cp --reflink=auto "$top/good" own.www/image
	printf '%s\n' "$@" > own.ctl
	httpd own
	cp "$top/victim" target
}

restored() { # restored STATUS: the target, from the server
	expect_status "$1" "$SLATE" -b restore target "$url/image"
}

is_whole() {
	same "$top/whole" target "target and source"
}

is_untouched() {
	same "$top/victim" target "target of a restore that should not have begun"
}

# is_wiped: begun, and left without a filesystem; every block is that of the source,
# or as before, or zeros
is_wiped() {
	! cmp -s "$top/victim" target || fail "the target was not even begun"
	has_no_filesystem target
	perl -Mstrict -e 'my ($target, @known) = map {
			open(my $f, "<:raw", $_) or die "$_: $!\n";
			$f
		} @ARGV;
		for (my $at = 0; read($target, my $is, 1024); $at += 1024) {
			my $ok = $is eq "\0" x 1024;
			for my $f (@known) {
				read($f, my $may, 1024);
				$ok ||= $may eq $is;
			}
			$ok or die "byte $at was never in the image\n";
		}' target "$top/whole" "$top/victim" || fail "not all is from the image"
}

begun() { # the restore that runs has written something
	! cmp -s -n 1M "$top/victim" target
}

# in_background: restores the target until it has begun to write; $pid
in_background() {
	"${in_client[@]}" "$SLATE" -b restore target "$url/image" \
		> out 2> err < /dev/null &
	pid=$!
	wait_for 30 begun || fail "the restore does not begin"
	sleep 0.5
	kill -0 "$pid" || fail "the restore is over already"
}
in_client=()

ends_with() { # ends_with STATUS: that restore
	status=0
	wait "$pid" || status=$?
	[[ $status = "$1" ]] || {
		cat err >&2
		fail "exit status $status, not $1"
	}
}

bytes_out() { # of bodies, by this job's server
	awk '{ sum += $5 } END { print sum + 0 }' own.ctl.log
}

at_most() { # at_most PERCENT: of the image's bytes went over the network
	[[ $(bytes_out) -le $((bytes * $1 / 100)) ]] ||
		fail "$(bytes_out) bytes were sent for an image of $bytes"
}

# ---- the faults --------------------------------------------------------------

nothing_wrong() {
	served
	restored 0
	is_whole
	at_most 101
}

server_restarts() {
	served 'rate 1500000'
	in_background
	end_server "$server"
	sleep 4
	httpd own "$port"
	ends_with 0
	is_whole
	said 'does not answer.*trying again'
	said 'answers again'
	at_most 140
}

server_never_comes_back() { # at the begin; in the middle it is waited for longer
	served
	end_server "$server"
	restored 1
	said "$port"
	is_untouched
}

resets() {
	served 'reset 3000000'
	restored 0
	is_whole
	at_most 140
	[[ $(awk '$5 > 0' own.ctl.log | wc -l) -gt 8 ]] || fail "there were no resets"
}

stalls() {
	local begin

	served 'stall 30 4 3'
	begin=$SECONDS
	restored 0
	is_whole
	at_most 140
	# A connection that is silent is given up before the 30 seconds are over.
	[[ $((SECONDS - begin)) -ge 15 && $((SECONDS - begin)) -lt 75 ]] ||
		fail "took $((SECONDS - begin)) seconds"
}

wrong_once() {
	local at

	for at in 100 $((bytes / 2)) $((bytes - 20)); do
		served "wrong $at 1"
		restored 0
		is_whole
		[[ $(cat own.ctl.count.wrong) -gt 1 ]] || fail "byte $at was not fetched again"
		at_most 120
		end_server "$server"
		rm own.ctl*
	done
}

wrong_always() {
	served "wrong $((bytes / 2))"
	restored 4
	said 'left without a valid filesystem'
	is_wiped
	expect_status 4 "$SLATE" -b verify "$url/image"
	told own 'wrong 100'
	cp "$top/victim" target
	restored 4
	is_untouched
}

truncated() {
	served 'truncate 5000 6 2'
	restored 0
	is_whole
	at_most 140
	told own
	truncate -s $((bytes / 2)) own.www/image
	cp "$top/victim" target
	restored 4
	is_untouched
	: > own.www/image
	restored 4
	said 'is empty'
	is_untouched
}

# refused STATUS_OF_HTTP EXIT_STATUS REGEX REGEX: at the begin, then in the middle
refused() {
	served "status $1"
	restored "$2"
	said "$3"
	is_untouched
	told own "status $1 always 6" 'rate 4000000'
	restored 1
	said "$4"
	said 'left without a valid filesystem'
	is_wiped
}

busy() {
	served 'status 503 2'
	restored 0
	is_whole
	told own 'status 503 5 6'
	cp "$top/victim" target
	restored 0
	is_whole
	told own 'status 503'
	cp "$top/victim" target
	restored 1
	said '503'
	is_untouched
}

redirected() {
	local there

	mkdir own.www
	cp "$top/good" own.www/image
	cp "$top/victim" target
	httpd own
	there=$url
	httpd first
	told first "redirect $there"
	restored 0
	is_whole
	told own 'token abc'
	cp "$top/victim" target
	SLATE_TOKEN=abc expect_status 3 "$SLATE" -b restore target "$url/image"
	said '401' # another server does not get to see it
	is_untouched
	told first "redirect $url"
	restored 3
	said 'on and on'
	told first 'redirect ftp://127.0.0.1'
	restored 3
	is_untouched
}

replaced() {
	served 'replace 8 another' 'rate 4000000'
	cp "$top/other.image" another
	restored 1
	said 'replaced on the server while it was read'
	said 'left without a valid filesystem'
	is_wiped
	told own
	restored 0
	same_ext "$top/other" target
}

no_ranges() {
	served norange
	restored 0
	said 'cannot send parts of a file'
	is_whole
	# The answer to the first request is broken off; what lies in buffers then was sent.
	at_most 140
	told own norange 'reset 9000000 2'
	cp "$top/victim" target
	restored 0
	is_whole
	told own norange "wrong $((bytes / 2))"
	cp "$top/victim" target
	restored 4
	is_wiped
}

killed() {
	local wait

	for wait in 0 0.7 1.5; do
		rm -f own.ctl*
		served 'rate 1500000'
		in_background
		sleep $wait
		kill -KILL "$pid"
		ends_with 137
		is_wiped
		told own
		restored 0
		is_whole
		end_server "$server"
	done
}

signalled() {
	local begin

	served 'stall 60 always 3'
	in_background
	begin=$SECONDS
	kill -TERM "$pid"
	ends_with 143
	[[ $((SECONDS - begin)) -le $patience ]] ||
		fail "the signal took $((SECONDS - begin)) seconds"
	said 'stopped by a signal'
	is_wiped
}

# Most of the disk is not there any more.  A loop device that is only detached
# stays until nobody has it open.
target_vanishes() {
	local keep

	for keep in 8M 0; do
		rm -f own.ctl*
		served 'rate 1500000'
		mv target disk
		attach disk
		ln -s "$loop" target
		in_background
		truncate -s $keep disk
		losetup -c "$loop"
		losetup -d "$loop"
		ends_with 1
		said "${loop#/dev/}|target"
		[[ $keep = 0 ]] || has_no_filesystem disk
		rm target
		end_server "$server"
	done
}

# cable: two networks with a cable between them, for server and client; false:
# not to be had here
cable() {
	local here there

	if ! unshare -n true 2> /dev/null || ! command -v ip > /dev/null; then
		echo "no network namespaces to be had"
		return 1
	fi
	unshare -n sleep 300 &
	here=$!
	unshare -n sleep 300 &
	there=$!
	servers+=("$here" "$there")
	wait_for 10 is_apart "$here" "$there" || fail "no networks"
	in_front=(nsenter -t "$there" -n)
	in_client=(nsenter -t "$here" -n)
	if ! "${in_front[@]}" ip link add cable type veth peer name socket netns "$here"; then
		echo "no cables between network namespaces to be had"
		return 1
	fi
	"${in_front[@]}" ip address add 10.0.0.1/24 dev cable
	"${in_front[@]}" ip link set cable up
	"${in_client[@]}" ip address add 10.0.0.2/24 dev socket
	"${in_client[@]}" ip link set socket up
}

pulled() { # pulled SECONDS: the cable
	"${in_front[@]}" ip link set cable down
	sleep "$1"
	"${in_front[@]}" ip link set cable up
}

network_gone() {
	cable || return 0
	mkdir own.www
	cp "$top/good" own.www/image
	echo 'rate 1500000' > own.ctl
	cp "$top/victim" target
	httpd own 0 10.0.0.1
	in_background
	pulled 60
	ends_with 0
	is_whole
	said 'does not answer.*trying again'
	said 'answers again'
	at_most 140
}

# An upload has one connection, which TCP must bring over the gap.
network_gone_while_saving() {
	cable || return 0
	echo 'rate 2000000' > own.ctl
	httpd own 0 10.0.0.1
	SOURCE_DATE_EPOCH=1 "${in_client[@]}" "$SLATE" -b save "$top/source" "$url/image" \
		> out 2> err < /dev/null &
	pid=$!
	sleep 2
	pulled 40
	kill -0 "$pid" || fail "the save is over already"
	ends_with 0
	expect_status 0 "$SLATE" -b verify own.www/image "$top/source"
}
is_apart() { # is_apart PID...: each has a network of its own
	local pid

	for pid; do
		[[ $(readlink "/proc/$pid/ns/net") != "$(readlink /proc/self/ns/net)" ]] ||
			return 1
	done
}

# ---- side by side --------------------------------------------------------------

declare -A jobs=() # process: name

begin() { # begin NAME COMMAND...: in a folder of its own
	(
		trap end_servers EXIT
		servers=()
		mkdir "$top/$1"
		cd "$top/$1"
		dir=$PWD
		SECONDS=0
		"${@:2}"
		rm -f target disk
		echo "$SECONDS s"
	) > "$1.log" 2>&1 &
	jobs[$!]=$1
}

# end_all N: waits until at most N jobs run, shows what they said
end_all() {
	local pid status

	while [[ ${#jobs[@]} -gt $1 ]]; do
		status=0
		wait -n -p pid "${!jobs[@]}" || status=$?
		say "${jobs[$pid]}: $(tail -n 1 "${jobs[$pid]}.log")"
		[[ $status = 0 ]] || {
			cat "${jobs[$pid]}.log" >&2
			fail "${jobs[$pid]}"
		}
		unset "jobs[$pid]"
	done
}

fixtures
begin gone network_gone
begin saving network_gone_while_saving
begin stalls stalls
begin never server_never_comes_back
begin busy busy
for job in nothing_wrong server_restarts resets wrong_once wrong_always truncated \
	redirected replaced no_ranges killed signalled; do
	end_all 8
	begin $job $job
done
begin 404 refused 404 3 'no such' 'no such file \(404'
end_all 8
begin 403 refused 403 3 'does not allow it' 'does not allow it \(403'
end_all 8
begin 416 refused 416 4 'empty' 'not as long as it was \(416'
if [[ $(id -u) = 0 ]] && losetup -f > /dev/null 2>&1; then
	end_all 8
	begin vanishes target_vanishes
else
	echo "no loop devices to be had"
fi
end_all 0
