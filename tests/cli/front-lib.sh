# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
#
# front-lib.sh - what stands between the PCs of a lab and its server.  Comes after agent-lib.sh.
#
#	front PORT TEXT...	an nginx at 10.77.0.1:PORT, whose server block has TEXT
#	$behind			goes into TEXT: all else is slate-pxe's
#	end_front		ends it
# shellcheck disable=SC2154,SC2034 # agent-lib.sh sets them; the tests use $behind
command -v nginx > /dev/null || skip "needs nginx"
front_pid=
trap 'end_front; stop_server KILL; cleanup' EXIT

behind='location / { proxy_pass http://10.77.0.1; proxy_http_version 1.1;
	proxy_request_buffering off; proxy_buffering off; client_max_body_size 0; }'

front() {
	local i

	end_front
	mkdir -p front
	printf '%s\n' 'daemon off; master_process off; pid nginx.pid; error_log error.log;' \
		'events { }' 'http {' 'access_log access.log;' "client_body_temp_path body;" \
		'proxy_temp_path proxy; fastcgi_temp_path x;' \
		'uwsgi_temp_path x; scgi_temp_path x;' \
		"server { listen 10.77.0.1:$1;" "${@:2}" '} }' > front/conf
	# No function: its number shall be nginx's own.
	ip netns exec "$ns" nginx -p "$dir/front" -c "$dir/front/conf" -e error.log \
		2> front/err &
	front_pid=$!
	for ((i = 0; i < 100; i++)); do
		! in_lab bash -c ": < /dev/tcp/10.77.0.1/$1" 2> /dev/null || return 0
		kill -0 "$front_pid" 2> /dev/null || break
		sleep 0.1
	done
	cat front/err front/error.log >&2
	fail "nginx does not start"
}

end_front() {
	[[ $front_pid ]] || return 0
	kill "$front_pid" 2> /dev/null || true
	wait "$front_pid" 2> /dev/null || true
	front_pid=
}
