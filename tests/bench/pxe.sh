# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
# pxe.sh - the groups of bench.sh for slate-pxe.  Sourced by it.
#
# Servers and clients are in a network namespace of their own and talk over its
# loopback.  All servers are there from the begin to the end of a group, and each
# serves the same file from $SCRATCH.
# shellcheck disable=SC2154 # tmp is bench.sh's

PXE=${PXE:-$here/../../build/slate-pxe}
lab='' lab_servers=()

lab_finish() {
	local pid
	for pid in "${lab_servers[@]}"; do
		kill "$pid" && wait "$pid" || :
	done
	[ -z "$lab" ] || ip netns del "$lab" || :
	lab='' lab_servers=()
}

in_lab() {
	ip netns exec "$lab" "$@"
}

# lab_answers PORT: on 10.77.0.1, by TCP
lab_answers() {
	in_lab bash -c ": </dev/tcp/10.77.0.1/$1" 2>/dev/null
}

# lab_start COMMAND...: a server; its messages are in $tmp/lab.log
lab_start() {
	ip netns exec "$lab" "$@" >>"$tmp/lab.log" 2>&1 &
	lab_servers+=($!)
}

# lab_wait PORT
lab_wait() {
	local try
	for ((try = 0; try < 100; try++)); do
		! lab_answers "$1" || return 0
		sleep 0.1
	done
	die "no server on port $1: $(cat "$tmp/lab.log")"
}

# lab_begin MIB: the namespace, and files in $tmp/www that slate-pxe shows on port 80
lab_begin() {
	lab=slatebench$$
	ip netns add "$lab"
	ip -n "$lab" link set lo up
	ip -n "$lab" link add br0 type veth peer name port0
	ip -n "$lab" addr add 10.77.0.1/24 dev br0
	ip -n "$lab" link set br0 up
	ip -n "$lab" link set port0 up
	chmod 755 "$tmp"
	mkdir -p "$tmp/www"
	head -c "$1M" /dev/urandom >"$tmp/www/file"
	cat >"$tmp/lab.conf" <<-END
		[lab]
		images = $tmp/www
		boot = $tmp/www
		state = $tmp/state
		user = nobody
		[dhcp]
		mode = off
	END
	lab_start "$PXE" serve -c "$tmp/lab.conf"
	lab_wait 80
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
	lab_wait "$1"
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
	lab_begin 512
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
