#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Images read from a web server: from nginx, whose log shows what was asked for,
# and from one that knows nothing of parts of files.
set -euo pipefail
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
need_loop
command -v nginx > /dev/null || skip "needs nginx"
export SOURCE_DATE_EPOCH=1700000000
unset http_proxy https_proxy all_proxy HTTPS_PROXY ALL_PROXY

servers=()
end_servers() {
	[[ ${#servers[@]} = 0 ]] || kill "${servers[@]}" 2> /dev/null || true
}
trap 'end_servers; cleanup' EXIT

ports() { # ports N: so many that nobody listens at
	perl -MIO::Socket::INET -e '@s = map { IO::Socket::INET->new(Listen => 1,
		LocalAddr => "127.0.0.1") } 1 .. shift; print $_->sockport, "\n" for @s' "$1"
}

await() { # await PORT: somebody listens there now
	local i

	for ((i = 0; i < 200; i++)); do
		! (: < "/dev/tcp/127.0.0.1/$1") 2> /dev/null || return 0
		sleep 0.05
	done
	fail "no server at port $1"
}

six=
[[ ! -e /proc/net/if_inet6 ]] || ! grep -q '^0*1 ' /proc/net/if_inet6 || six=1

web() { # web: nginx serves the folder www at $port; each line of its log is one request
	local listen="listen 127.0.0.1:$port;"

	[[ ! $six ]] || listen+=" listen [::1]:$port;"
	mkdir -p www nginx
	cat > nginx/conf <<- END
		daemon off; master_process off; pid $dir/nginx/pid; error_log $dir/nginx/errors;
		events { worker_connections 1000; }
		http {
			log_format short '\$status \$body_bytes_sent \$connection '
				'\$uri \$http_range';
			access_log $dir/nginx/log short;
			client_body_temp_path $dir/nginx/a; proxy_temp_path $dir/nginx/b;
			fastcgi_temp_path $dir/nginx/c; uwsgi_temp_path $dir/nginx/d;
			scgi_temp_path $dir/nginx/e;
			server { $listen root $dir/www; }
		}
	END
	nginx -p "$dir/nginx" -c "$dir/nginx/conf" -e "$dir/nginx/errors" &
	servers+=($!)
	await "$port"
}

# whole [CUT]: a server of the folder www at $whole_port that ignores Range, as
# HTTP/1.0; its first answer of more than CUT bytes breaks off there.
whole() {
	perl -MIO::Socket::INET -e '
		my ($port, $cut) = @ARGV;
		my $s = IO::Socket::INET->new(LocalAddr => "127.0.0.1", LocalPort => $port,
			Listen => 20, ReuseAddr => 1) or die "$port: $!";
		$SIG{PIPE} = "IGNORE";
		while (my $c = $s->accept) {
			my $line = <$c> // next;
			my ($name) = $line =~ m{^GET /(\S+)};
			while (defined(my $more = <$c>)) { last if $more eq "\r\n" }
			my $body;
			if (!open(my $f, "<:raw", "www/$name")) {
				print $c "HTTP/1.0 404 Not Found\r\n\r\n";
			} else {
				local $/;
				$body = <$f>;
				printf $c "HTTP/1.0 200 OK\r\nContent-Length: %d\r\n" .
					"Last-Modified: %s\r\n\r\n", length $body,
					(stat $f)[9];
				if ($cut && length $body > $cut) {
					# The first one only asks for a part, and goes.
					$body = substr $body, 0, $cut if $name && $asked++ == 1;
				}
				print $c $body;
			}
			close $c;
		}' "$whole_port" "${1:-0}" &
	servers+=($!)
	await "$whole_port"
}

log() { # log AWK_EXPRESSION: of all requests since forget; $1 status, $2 bytes, $3 connection
	sleep 0.2 # nginx writes a line when the request is over for itself
	awk "{ n++; bytes += \$2; seen[\$3]++ } END { for (i in seen) c++; print $1 }" nginx/log
}

forget() {
	: > nginx/log
}

is_good() { # is_good URL: can be restored
	stale copy 48M
	expect_status 0 slate -b restore copy "$1"
	same_ext disk copy
}

mapfile -t free < <(ports 3)
port=${free[0]} whole_port=${free[1]} nobody=${free[2]}
url=http://127.0.0.1:$port
web
make_ext4 disk 48M 24000
expect_status 0 slate -b -z1 save disk www/image
size=$(size_of www/image)
[[ $size -gt 4000000 ]] || fail "too small an image for this test: $size"

say "info: little is asked for"
forget
expect_status 0 slate -b info "$url/image"
grep -q '^Filesystem: *ext4' out || fail "info says nothing"
[[ $(log n) -le 3 ]] || fail "$(log n) requests for info"
[[ $(log bytes) -le 200000 ]] || fail "$(log bytes) bytes for info"

say "verify: every byte comes once, in few requests, by few connections"
forget
expect_status 0 slate -b verify "$url/image"
equal "$(log bytes)" "$size" "bytes that the server has sent"
[[ $(log n) -le $((size / 1048576 + 5)) ]] || fail "$(log n) requests"
[[ $(log c) -le 5 ]] || fail "$(log c) connections"

say "restore: the same"
forget
is_good "$url/image"
# Equal chunks are the only ones whose bytes are wanted again.
[[ $(log bytes) -le $((size + size / 50)) ]] || fail "$(log bytes) bytes of $size"
[[ $(log c) -le 5 ]] || fail "$(log c) connections"

say "the target is compared without the image's chunks"
forget
expect_status 0 slate -b verify "$url/image" copy
[[ $(log bytes) -le 200000 ]] || fail "$(log bytes) bytes to compare a target"
printf x | dd of=copy bs=1 seek=1080 conv=notrunc status=none
expect_status 5 slate -b verify "$url/image" copy

say "IPv6"
if [[ $six ]]; then
	expect_status 0 slate -b verify "http://[::1]:$port/image"
else
	echo "not tested: this machine has no IPv6"
fi

say "user and password are not shown"
expect_status 0 slate -b info "http://me:secret@127.0.0.1:$port/image"
expect_status 3 slate -b verify "http://me:secret@127.0.0.1:$port/none"
not_said secret

say "volumes, by either name"
expect_status 0 slate -b -z1 -V1 save disk www/volumes
[[ -e www/volumes.003 ]] || fail "too few volumes for this test"
is_good "$url/volumes.000"
not_said 'reading'
is_good "$url/volumes"
said "reading $url/volumes.000: the name given is not there"
mv www/image www/one
is_good "$url/one.000"
said "reading $url/one: the name given is not there"
mv www/one www/image
forget
expect_status 0 slate -b verify "$url/volumes.000"
refusals=$(awk '/^404/ { n += $2 } END { print n }' nginx/log)
probes=$(grep -c '^206 1 .* bytes=0-0$' nginx/log) # is there one more?
equal "$(log bytes)" "$(($(cat www/volumes.* | wc -c) + refusals + probes))" \
	"bytes of all volumes, with the looks at their begins"
mv www/volumes.001 hidden
expect_status 4 slate -b verify "$url/volumes"
said "volume $url/volumes.001 is missing \($url/volumes.002 is there\)"
mv hidden www/volumes.001

say "what is not there, is no image, is damaged"
expect_status 3 slate -b restore copy "$url/none"
said "$url/none: the server has no such file \(404 Not Found\)"
: > www/empty
expect_status 4 slate -b verify "$url/empty"
said 'is empty'
cp disk www/raw
expect_status 4 slate -b verify "$url/raw"
said 'is not a slate image'
cp www/image www/damaged
printf 'damage' | dd of=www/damaged bs=1 seek=$((size / 2)) conv=notrunc status=none
forget
expect_status 4 slate -b verify "$url/damaged"
said '1 of [0-9]+ chunks'
[[ $(log bytes) -gt $size ]] || fail "a damaged chunk was not fetched again"
head -c $((size - 1000)) www/image > www/short
expect_status 4 slate -b verify "$url/short"
SECONDS=0
expect_status 1 slate -b verify "http://127.0.0.1:$nobody/image"
said 'Connection refused|connect'
[[ $SECONDS -le 60 ]] || fail "$SECONDS seconds for a server that is not there"

say "busybox httpd"
busybox httpd -f -p "127.0.0.1:$nobody" -h www &
servers+=($!)
await "$nobody"
is_good "http://127.0.0.1:$nobody/image"
not_said 'cannot send parts'

say "a server that knows no parts of files"
whole
w=http://127.0.0.1:$whole_port
is_good "$w/image"
said "the server cannot send parts of a file"
is_good "$w/volumes"
expect_status 0 slate -b verify "$w/image"
expect_status 4 slate -b verify "$w/short"
expect_status 3 slate -b verify "$w/none"
end_servers
servers=()
whole 3000000
is_good "$w/image"

say "thirty at once: the server sends what they need and nothing twice"
web
forget
clients=()
for ((i = 0; i < 30; i++)); do
	truncate -s 48M "copy$i"
	slate -b -j1 restore "copy$i" "$url/image" > "out$i" 2>&1 < /dev/null &
	clients+=($!)
done
for ((i = 0; i < 30; i++)); do
	wait "${clients[i]}" || {
		cat "out$i" >&2
		fail "client $i"
	}
	cmp "copy$i" copy0
done
same_ext disk copy0
# The records of repeated chunks need not be fetched.
[[ $(log bytes) -ge $((30 * (size - size / 50))) ]] || fail "only $(log bytes) bytes were sent"
[[ $(log bytes) -le $((30 * size)) ]] || fail "$(log bytes) bytes for 30 times $size"
