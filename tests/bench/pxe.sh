# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
# pxe.sh - the group http of bench.sh, for slate-pxe.  Sourced by it.
#
# Servers and clients are in network namespaces of their own and talk over their
# loopback: each server has 10.77.0.1, and shows the same files from $SCRATCH.  They are
# there from the begin to the end of a group.
# shellcheck disable=SC2154 # tmp, runs, names and others are bench.sh's

PXE=${PXE:-$here/../../build/slate-pxe}
# The namespace that is built just now; all of them; what runs there.
lab='' labs=() lab_servers=()

lab_finish() {
	local pid name
	for pid in "${lab_servers[@]}"; do
		kill "$pid" || continue
		wait "$pid" || :
	done
	for name in "${labs[@]}"; do
		ip netns del "$name" || :
	done
	labs=() lab_servers=()
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
