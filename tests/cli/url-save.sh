#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Images that are saved to a server: by PUT to nginx and to a server of our own
# that refuses and breaks off.  What is there is complete, or nothing is there.
set -euo pipefail
# shellcheck source=tests/cli/lib.sh
. "${0%/*}/lib.sh"
# shellcheck source=tests/cli/net-lib.sh
. "$root/tests/cli/net-lib.sh"
# shellcheck source=tests/fault/lib.sh
. "$root/tests/fault/lib.sh"
unset http_proxy https_proxy all_proxy SLATE_TOKEN
export SOURCE_DATE_EPOCH=1700000000

make_source disk
slate -b save disk local 2> err
httpd own

nothing_there() { # nothing_there NAME: nor the begin of it
	[[ -z $(find own.www -name "$1*") ]]
}

refused() { # refused STATUS REGEX OPTION...: a save to $url/new; nothing is left
	expect_status "$1" "$SLATE" -b "${@:3}" save disk "$url/new"
	said "$2"
	wait_for 10 nothing_there new || fail "something is left"
}

to_our_own() {
	say "an image on the server is the same as in a file"
	expect_status 0 slate -b save disk "$url/image"
	same local own.www/image
	expect_status 0 slate -b -j0 save disk "$url/serial"
	same local own.www/serial

	say "one that exists is replaced with -o only"
	echo old > own.www/image
	expect_status 3 slate -b save disk "$url/image"
	said "/image: exists already; -o \(--overwrite\) replaces it"
	equal "$(cat own.www/image)" old 'what was on the server'
	expect_status 0 slate -b -o save disk "$url/image"
	same local own.www/image

	say "nobody finds out in time that it exists: the server does"
	told own 'status 405 1' # to HEAD
	expect_status 3 slate -b save disk "$url/image"
	said 'exists already; .* \(412 there is one of that name\)'
	told own

	say "nothing is sent for a simulation, nor when the source is refused"
	: > own.ctl.log
	expect_status 0 slate -b -S save disk "$url/new"
	expect_status 3 slate -b save missing "$url/new"
	equal "$(cat own.ctl.log)" '' 'requests'

	expect_status 2 slate -b -V1 save disk "$url/new"
	said 'volume is for files'
	expect_status 3 slate -b save disk 'http://us er:secret@/new'
	not_said secret
	expect_status 1 slate -b save disk "http://127.0.0.1:$(free_port)/new"
	said 'connect'
	expect_status 3 slate -b save disk "$url/none/new"
	said 'has no such folder \(404 there is no such folder\)'
}

passwords_are_not_shown() {
	say "neither messages nor reports have what is in front of the server's name"
	expect_status 0 slate -b -o --report=report save disk \
		"http://user:secret@127.0.0.1:$port/image"
	said "saved as .* in $url/image"
	not_said secret
	equal "$(json report .image)" "$url/image" 'image in the report'
	expect_status 3 slate -b --json --report=report save disk \
		"http://user:secret@127.0.0.1:$port/image"
	! grep secret out err report || fail "the password is shown"
}

tokens() {
	say "tokens"
	told own 'token abc.DEF-123'
	refused 3 'wants a token: see --token-file \(401 a token is needed\)'
	echo wrong > wrong
	refused 3 'wants a token' --token-file=wrong
	printf 'abc.DEF-123\r\nsecond line\n' > token
	expect_status 0 slate -b save disk "$url/a" --token-file=token
	expect_status 0 env SLATE_TOKEN=abc.DEF-123 "$SLATE" -b save disk "$url/b" -g2
	! grep abc.DEF out err || fail "the token is shown"
	SLATE_TOKEN=wrong expect_status 0 slate -b save disk "$url/c" --token-file token
	same local own.www/a
	same local own.www/b
	same local own.www/c
	refused 3 'missing: cannot read the token: No such file' --token-file=missing
	: > empty
	refused 3 'empty: the first line is empty' --token-file=empty
	echo 'two words' > empty
	refused 3 'empty: a token has no blanks' --token-file=empty
	head -c 1024 /dev/zero | tr '\0' a > empty
	refused 3 'empty: a token has at most 1023' --token-file=empty
	SLATE_TOKEN=$'a\nX-Evil: 1' refused 3 'wants a token'
	told own
}

refusals() {
	say "the server's words"
	told own 'refuse 403 the classroom is closed'
	refused 3 'does not allow it \(403 the classroom is closed\)'
	told own $'refuse 403 a \x1b[31mred\x1b[0m word'
	refused 3 '403 a .\[31mred.\[0m word'
	! grep -q $'\x1b' err || fail "an escape sequence comes through"
	told own "refuse 507 $(printf '%0900d' 0)"
	refused 1 '507 0{512}\)'
	told own 'refuse 413 at most 1 GB'
	refused 1 'nothing that large \(413 at most 1 GB\)'
	told own 'redirect http://127.0.0.1:1'
	refused 3 'not the one to send it to \(302' -o
	told own 'quota 1000000'
	refused 1 'no room for it \(507 the quota is 1000000 bytes, ask the office\)'
	told own 'status 503'
	refused 1 'has a problem \(503' -o
	told own
}

# A save that is ended or loses its server in the middle of the upload.
broken_off() { # broken_off STATUS HOW...: $pid is slate
	local pid

	told own 'rate 4000000'
	"$SLATE" -b -z0 save disk "$url/new" > out 2> err < /dev/null &
	pid=$!
	wait_for 20 upload_began || fail "no upload"
	"${@:2}"
	status=0
	wait "$pid" || status=$?
	equal "$status" "$1" "exit status after $2"
	wait_for 10 nothing_there new || fail "something is left"
	told own
}
upload_began() { [[ -s $(echo own.www/new.upload.*) ]]; }
signalled() { kill -s "$1" "$pid"; }
server_ends() {
	end_server "$server"
	rm own.www/new.upload.* # as a server does when it starts again
	httpd own "$port"
}

breaks() {
	say "kills and connections that break"
	broken_off 137 signalled KILL
	broken_off 143 signalled TERM
	said 'stopped by a signal'
	broken_off 1 server_ends
	said 'connection is lost, and nothing was left'
	told own 'drop 1000000'
	refused 1 'connection is lost.* save again'

	say "a server that is slow to take it and to answer"
	told own 'rate 8000000' 'silent 3'
	expect_status 0 slate -b save disk "$url/new"
	same local own.www/new
	told own
	rm own.www/new
}

by_name() { # -s and -p
	local bad

	say "-s and -p"
	mkdir -p own.www/images/sub
	expect_status 0 slate -b -s 127.0.0.1 -p "$port" save disk winxp_lynx
	same local own.www/images/winxp_lynx
	expect_status 0 slate -b --server=127.0.0.1 --port="$port" save disk '/sub/a b%41#?ü'
	same local 'own.www/images/sub/a b%41#?ü'
	told own "redirect $url"
	expect_status 2 slate -b -p 80 save disk image
	said 'port is of no use without --server'
	for bad in - .. sub/../../x ./x / '' http://a/b; do
		expect_status 2 slate -b -s 127.0.0.1 save disk "$bad"
		said 'no name of an image on the server'
	done
	for bad in 'a b' a/b user@a '' 'a?' '[]' $'a\nb'; do
		expect_status 2 slate -b -s "$bad" save disk x
		said 'is no name or address'
	done
	for bad in 0 65536 x; do
		expect_status 2 slate -b -s a -p $bad save disk x
	done
	told own
	if [[ -e /proc/net/if_inet6 ]] && grep -q ' lo$' /proc/net/if_inet6; then
		httpd six 0 ::1
		mkdir six.www/images
		expect_status 0 slate -b -s ::1 -p "$port" save disk image
		same local six.www/images/image
		expect_status 0 slate -b -o -s '[::1]' -p "$port" save disk image
	else
		echo "no IPv6 here"
	fi
}

to_nginx() {
	say "nginx"
	nginx_with '; dav_methods PUT; create_full_put_path on; client_max_body_size 0;'
	expect_status 0 slate -b save disk "$url/new/folder/image"
	same local nginx/www/new/folder/image
	expect_status 3 slate -b save disk "$url/new/folder/image"
	said 'exists already'
	echo old > nginx/www/new/folder/image
	expect_status 0 slate -b -o --verify save disk "$url/new/folder/image"
	same local nginx/www/new/folder/image
	end_server "$server"
	nginx_with '; dav_methods PUT; client_max_body_size 1m;'
	expect_status 1 slate -b save disk "$url/large"
	said 'nothing that large \(413'
	absent nginx/www/large
	end_server "$server"
	nginx_with ';'
	expect_status 3 slate -b save disk "$url/large"
	said 'takes no images there \(405'
	end_server "$server"
}

by_https() {
	say "https"
	openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=127.0.0.1 \
		-addext subjectAltName=IP:127.0.0.1 -keyout key -out cert 2> err
	nginx_with ' ssl; dav_methods PUT; client_max_body_size 0;' \
		"ssl_certificate $dir/cert; ssl_certificate_key $dir/key;"
	url=https://127.0.0.1:$port
	expect_status 3 slate -b save disk "$url/secret"
	said 'certificate is not trusted.*--cacert'
	expect_status 3 slate -b --cacert missing save disk "$url/secret"
	said 'missing'
	expect_status 0 slate -b --cacert cert --verify save disk "$url/secret"
	same local nginx/www/secret
	end_server "$server"
}

read_again() {
	say "verified and restored from where it was saved"
	expect_status 0 slate -b --verify save disk "$url/verified"
	same local own.www/verified
	told own "wrong 500000"
	expect_status 4 slate -b -o --verify save disk "$url/verified"
	told own
	stale copy 24M
	expect_status 0 slate -b restore copy "$url/verified"
	same_ext disk copy
}

memory() {
	local kib limit=$((65536 + 8192 * 2))

	[[ ! ${SANITIZER-} ]] || return 0
	say "memory does not grow with the image, also when the server is slow"
	mkdir big.d
	head -c 160M /dev/urandom > big.d/random
	truncate -s 200M big
	mkfs.ext4 -q -F -d big.d big
	rm -r big.d
	told own 'rate 100000000'
	expect_status 0 /usr/bin/time -q -o peak -f %M "$SLATE" -b -j2 save big "$url/big"
	kib=$(cat peak)
	[[ $kib -gt 1000 && $kib -le $limit ]] || fail "$kib KiB, more than $limit"
	[[ $(size_of own.www/big) -gt $((limit * 1024)) ]] || fail "too small an image to tell"
	echo "$((kib / 1024)) MiB"
	rm big own.www/big
	told own
}

to_our_own
passwords_are_not_shown
tokens
refusals
breaks
memory
read_again
by_name
to_nginx
by_https
