# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
# pxe.sh - the groups of bench.sh for slate-pxe.  Sourced by it.
#
# Servers and clients are in network namespaces of their own and talk over their
# loopback: each server has 10.77.0.1, and shows the same files from $SCRATCH.  They are
# there from the begin to the end of a group.
# shellcheck disable=SC2154 # tmp, runs, names and others are bench.sh's

PXE=${PXE:-$here/../../build/slate-pxe}
TFTPGET=${TFTPGET:-$here/../../build/tftpget}
# The namespace that is built just now; all of them; what runs there; what counts its time.
lab='' labs=() lab_servers=() lab_groups=()

lab_finish() {
	local pid name
	for pid in "${lab_servers[@]}"; do
		kill "$pid" || continue
		wait "$pid" || :
	done
	for name in "${labs[@]}"; do
		ip netns del "$name" || :
	done
	for name in "${lab_groups[@]}"; do
		rmdir "$name" || :
	done
	labs=() lab_servers=() lab_groups=()
}

# lab_make NAME [MIB]: a namespace; and $tmp/www/file
lab_make() {
	lab=slatebench$$-$1
	ip netns add "$lab"
	labs+=("$lab")
	ip -n "$lab" link set lo up
	ip -n "$lab" link add br0 type veth peer name port0
	ip -n "$lab" addr add 10.77.0.1/24 dev br0
	ip -n "$lab" link set br0 up
	ip -n "$lab" link set port0 up
	chmod 755 "$tmp"
	mkdir -p "$tmp/www"
	[ ! "${2-}" ] || head -c "$2M" /dev/urandom >"$tmp/www/file"
}

# lab_start COMMAND...: a server; its messages are in $tmp/lab.log
lab_start() {
	ip netns exec "$lab" "$@" >>"$tmp/lab.log" 2>&1 &
	lab_servers+=($!)
}

# lab_wait tcp|udp PORT: until somebody listens
lab_wait() {
	local try
	for ((try = 0; try < 100; try++)); do
		! ip netns exec "$lab" ss -H -ln --"$1" sport = ":$2" | grep -q . || return 0
		sleep 0.1
	done
	die "no server on $1 port $2: $(cat "$tmp/lab.log")"
}

lab_slate_pxe() {
	cat >"$tmp/lab.conf" <<-END
		[lab]
		images = $tmp/www
		boot = $tmp/www
		state = $tmp/state
		user = nobody
		[dhcp]
		mode = off
		[tftp]
		per-client-max = 200
	END
	lab_start "$PXE" serve -c "$tmp/lab.conf"
	lab_wait tcp 80
}

# lab_nginx PORT: shows the same files below /images/, by as many workers as it likes
lab_nginx() {
	local own=$tmp/nginx-lab
	mkdir -p "$own"
	cat >"$own/conf" <<-END
		user nobody nogroup; daemon off; worker_processes auto; pid $own/pid;
		events { }
		http {
			access_log off; sendfile on; keepalive_requests 100000;
			client_body_temp_path $own/body; proxy_temp_path $own/proxy;
			fastcgi_temp_path $own/fastcgi; uwsgi_temp_path $own/uwsgi;
			scgi_temp_path $own/scgi;
			server { listen 10.77.0.1:$1; location /images/ { alias $tmp/www/; } }
		}
	END
	lab_start nginx -p "$own" -c "$own/conf" -e "$own/errors"
	lab_wait tcp "$1"
}

# ranges PORT BYTES N: for curl's -K, N ranges one after the other from all over the file
ranges() {
	awk -v port="$1" -v bytes="$2" -v n="$3" -v size="$(stat -c %s "$tmp/www/file")" '
		BEGIN {
			for (i = 0; i < n; i++) {
				at = (i * 7919 % n) * int((size - bytes) / n)
				if (i) print "next"
				printf "url = http://10.77.0.1:%d/images/file\n", port
				printf "range = %.0f-%.0f\n", at, at + bytes - 1
				print "silent\nfail\noutput = /dev/null"
			}
		}'
}

# What five connections of a restoring client do, eight clients at once.
group_http() {
	local server port
	lab_make http 512
	lab_slate_pxe
	lab_nginx 8080
	for server in slate-pxe:80 nginx:8080; do
		port=${server#*:}
		ranges "$port" 262144 500 >"$tmp/ranges.$port"
		ranges "$port" 8192 1000 >"$tmp/small.$port"
	done
	for server in slate-pxe:80 nginx:8080; do
		port=${server#*:}
		add "${server%:*}, ranges of 256 KiB" "seq 40 | ip netns exec $lab \
			xargs -P 40 -I{} curl -K $tmp/ranges.$port" "$tmp/www/file"
		add "${server%:*}, ranges of 8 KiB" "seq 8 | ip netns exec $lab \
			xargs -P 8 -I{} curl -K $tmp/small.$port" "$tmp/www/file"
	done
	turns : :
	lab_finish
	goal wall '<=' 1.2 "slate-pxe, ranges of 256 KiB" "nginx, ranges of 256 KiB"
	goal wall '<=' 1.2 "slate-pxe, ranges of 8 KiB" "nginx, ranges of 8 KiB"
}

# ---- TFTP ---------------------------------------------------------------------

# tftp_peers: two other servers, in $peers; unpacked and not installed, for each would start
# a server of its own, and they exclude each other
tftp_peers() {
	local deb packages=(tftpd-hpa atftpd libwrap0)
	peers=$here/../../build/peers
	[ ! -e "$peers/ready" ] || return 0
	mkdir -p "$peers"
	(
		cd "$peers"
		apt-get -q update
		apt-get -q -o APT::Sandbox::User=root download "${packages[@]}"
		for deb in *.deb; do
			dpkg -x "$deb" .
		done
		: >ready
	) >&2 </dev/null || die "Debian's packages cannot be had: ${packages[*]}"
}

# tftp_start PROGRAM OPTION...: one of them, in the namespace built just now
tftp_start() {
	local libraries
	libraries=$peers/usr/lib/$(gcc -print-multiarch)
	lab_start env LD_LIBRARY_PATH="$libraries" PATH="$peers/usr/sbin:$PATH" "$@"
	lab_count
	lab_wait udp 69
}

# lab_count: from now on the processor time of the server started last is counted, with
# that of all its children, who do not tell it when they end
lab_count() {
	local groups=/sys/fs/cgroup
	[ ! -d $groups/cpuacct ] || groups+=/cpuacct
	lab_groups+=("$groups/$lab")
	mkdir "$groups/$lab" || die "no control groups for processor time: $groups"
	echo "${lab_servers[-1]}" >"$groups/$lab/cgroup.procs"
}

# server_cpu LAB: seconds
server_cpu() {
	local group
	for group in "${lab_groups[@]}"; do
		[ "${group##*/}" = "slatebench$$-$1" ] || continue
		if [ -e "$group/cpuacct.usage" ]; then
			awk '{ print $1 / 1e9 }' "$group/cpuacct.usage"
		else
			awk '/^usage_usec/ { print $2 / 1e6 }' "$group/cpu.stat"
		fi
	done
}

# lab_measure CASE COMMAND LAB: as measure, but the processor time is the server's
lab_measure() {
	local before after wall rss
	before=$(server_cpu "$3")
	run "$1" "$2"
	sleep 0.5
	after=$(server_cpu "$3")
	IFS=$'\t' read -r wall _ _ rss <"$tmp/time"
	printf '%s\t%s\t%s\t%s\t0\t%s\t%s\t-\t-\t-\n' "$group" "$1" "$wall" \
		"$(awk -v a="$after" -v b="$before" 'BEGIN { printf "%.3f", a - b }')" \
		"$rss" "$(stat -c %s "$tmp/www/file")" | tee -a "$result" >&2
}

# tftp_case CASE LAB BLKSIZE WINDOWSIZE N
tftp_cases=()
tftp_case() {
	local get="ip netns exec slatebench$$-$2 $TFTPGET 10.77.0.1"
	tftp_cases+=("$1|$get file $bytes $3 $4 $5|$2")
}

tftp_turns() {
	local round one rest
	for ((round = 0; round < runs; round++)); do
		for one in "${tftp_cases[@]}"; do
			rest=${one#*|}
			lab_measure "${one%%|*}" "${rest%|*}" "${rest##*|}"
		done
	done
	tftp_cases=()
}

# A file of 64 MB to one client, 6.4 MB to 100 at once.  CPU is that of the server here.
group_tftp() {
	local peers bytes=64000000 name
	tftp_peers
	lab_make slate 1
	lab_slate_pxe
	lab_count
	lab_make hpa
	tftp_start in.tftpd -L -s -u nobody "$tmp/www"
	lab_make atftpd
	tftp_start atftpd --daemon --no-fork --user nobody.nogroup --maxthread 200 \
		--logfile - --verbose=0 "$tmp/www"
	lab_make dnsmasq
	tftp_start dnsmasq -k -C /dev/null --port=0 --enable-tftp --tftp-root="$tmp/www" \
		--user=nobody --group=nogroup --tftp-max=200 --pid-file=
	head -c $bytes /dev/urandom >"$tmp/www/file"
	for name in slate-pxe:slate tftpd-hpa:hpa atftpd:atftpd; do
		tftp_case "${name%:*}" "${name#*:}" 1428 1 1
	done
	tftp_case "slate-pxe, windowsize 16" slate 1428 16 1
	tftp_case "dnsmasq, windowsize 16" dnsmasq 1428 16 1
	tftp_turns
	bytes=6400000
	truncate -s $bytes "$tmp/www/file"
	tftp_case "slate-pxe, 100 at once" slate 1428 1 100
	tftp_case "tftpd-hpa, 100 at once" hpa 1428 1 100
	tftp_turns
	lab_finish
	goal wall '<=' 1 slate-pxe tftpd-hpa
	goal wall '<=' 1 slate-pxe atftpd
	goal wall '>=' 3 "dnsmasq, windowsize 16" "slate-pxe, windowsize 16"
	goal wall '>=' 1.5 "tftpd-hpa, 100 at once" "slate-pxe, 100 at once"
	goal cpu '<=' 1 "slate-pxe, 100 at once" "tftpd-hpa, 100 at once"
}
