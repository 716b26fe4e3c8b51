# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
#
# net-lib.sh - web servers for the tests over the network.  Comes after
# tests/cli/lib.sh; its servers end with the test.
# shellcheck disable=SC2154,SC2034 # which sets $root and $dir; the tests use $url
servers=()

end_servers() {
	local pid

	for pid in "${servers[@]}"; do
		kill "$pid" 2> /dev/null || true
	done
	servers=()
}
trap 'end_servers; cleanup' EXIT

wait_for() { # wait_for SECONDS COMMAND...: until it succeeds
	local end=$((SECONDS + $1))

	until "${@:2}"; do
		[[ $SECONDS -lt $end ]] || return 1
		sleep 0.05
	done
}

# httpd NAME [PORT [ADDRESS]]: serves the folder NAME.www, misbehaves as NAME.ctl
# says (see tests/fault/httpd.pl); $url, $port, $server
httpd() {
	local name=$1

	mkdir -p "$name.www"
	touch "$name.ctl"
	rm -f "$name.ctl.port"
	"${in_front[@]}" "$root/tests/fault/httpd.pl" "$name.www" "$name.ctl" "${@:2}" \
		2>> "$name.httpd" &
	server=$!
	servers+=("$server")
	wait_for 20 test -e "$name.ctl.port" || fail "no server: $(cat "$name.httpd")"
	port=$(cat "$name.ctl.port")
	url=http://${3:-127.0.0.1}:$port
}
in_front=() # what httpd and nginx are started by

end_server() { # end_server PID: with all its connections
	kill "$1"
	wait "$1" || true
}

# told NAME [LINE...]: what is wrong with that server from now on
told() {
	printf '%s\n' "${@:2}" > "$1.ctl.new"
	rm -f "$1".ctl.count.*
	mv "$1.ctl.new" "$1.ctl"
}

free_port() {
	perl -MIO::Socket::IP -e \
		'print IO::Socket::IP->new(LocalHost => "127.0.0.1", Listen => 1)->sockport'
}

# nginx_with TEXT...: an nginx on 127.0.0.1 whose server block has TEXT, as the user
# who runs the test; $url, $port, $server.  Its files are in the folder nginx.
nginx_with() {
	local try

	command -v nginx > /dev/null || skip "needs nginx"
	mkdir -p nginx/www nginx/tmp
	for try in 1 2 3 4 5; do
		port=$(free_port)
		printf '%s\n' 'daemon off; master_process off; pid nginx.pid;' \
			'error_log error.log; events { }' 'http {' 'access_log access.log;' \
			"client_body_temp_path $dir/nginx/tmp;" 'proxy_temp_path tmp;' \
			'fastcgi_temp_path tmp; uwsgi_temp_path tmp; scgi_temp_path tmp;' \
			"server { root $dir/nginx/www; listen 127.0.0.1:$port" \
			> nginx/conf
		printf '%s\n' "$@" '} }' >> nginx/conf
		nginx -p "$dir/nginx" -c "$dir/nginx/conf" -e error.log 2> nginx/err &
		server=$!
		servers+=("$server")
		if wait_for 10 is_up "$server" "$port" && kill -0 "$server" 2> /dev/null; then
			url=http://127.0.0.1:$port
			return
		fi
		echo "nginx, try $try: $(tail -n 3 nginx/err nginx/error.log)" >&2
	done
	fail "nginx does not start"
}

is_up() { # is_up PID PORT: somebody listens, or has ended
	! kill -0 "$1" 2> /dev/null || (: < "/dev/tcp/127.0.0.1/$2") 2> /dev/null
}
