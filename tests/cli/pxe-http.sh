#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# limit 900
#
# The web server with real clients: images by curl, wget and slate; the life of jobs; uploads
# by slate, which appear whole or not at all.
set -euo pipefail
# shellcheck source=tests/cli/pxe-lib.sh
. "$(dirname "$0")/pxe-lib.sh"
# shellcheck source=tests/fault/lib.sh
. "$root/tests/fault/lib.sh"
unset http_proxy https_proxy all_proxy SLATE_TOKEN
url=http://10.77.0.1
api=$url/api/v1

# get OPTION...: curl on client 1; status in $status, body in ./body, header in ./head
get() {
	status=$(client 1 curl -sS -m 60 -o body -D head -w '%{http_code}' "$@")
}

expect() { # expect STATUS OPTION...: of get
	local want=$1

	shift
	get "$@"
	[[ $status = "$want" ]] || fail "status $status, not $want: $* ($(head -c 300 body))"
}

header() { # header REGEX: of the last answer, without case
	grep -qiE "^$1"$'\r$' head || fail "no header like $1: $(cat head)"
}

part() { # part FILE OFFSET LENGTH
	tail -c +$(($2 + 1)) "$1" | head -c "$3"
}

left_over() {
	find images -name '.upload*' | grep -q .
}

no_left_over() {
	local i

	for ((i = 0; i < 100; i++)); do
		left_over || return 0
		sleep 0.1
	done
	fail "something is left: $(find images -name '.upload*')"
}

is_uploading() {
	local i

	for ((i = 0; i < 100; i++)); do
		! left_over || return 0
		sleep 0.1
	done
	fail "no upload begins"
}

make_lab 2
client 1 ip addr add 10.77.0.11/24 dev eth0
client 2 ip addr add 10.77.0.12/24 dev eth0
client 2 ip addr add 10.99.0.12/24 dev eth0
ip -n "$ns" route add 10.99.0.0/24 dev br0
make_folders 'dhcp.mode = off' 'lab.interface = br0' 'http.quota = 30M'
mkdir -m 777 images/room images/small
mount -t tmpfs -o size=1M,mode=777 small images/small
make_source disk
slate -b save disk images/lynx.slate 2> err
chmod 644 images/lynx.slate
size=$(size_of images/lynx.slate)
echo lynx > images/tiny
: > images/empty
start_server
token=$(cat state/admin-token)
admin="Authorization: Bearer $token"

# ---- images
say "images, whole and in ranges"
expect 200 "$url/images/lynx.slate"
same body images/lynx.slate
header "Content-Length: $size"
header 'Accept-Ranges: bytes'
header 'Content-Type: application/octet-stream'
etag=$(sed -n 's/^ETag: \(.*\)\r$/\1/ip' head)
[[ $etag = \"*\" ]] || fail "ETag: $etag"
expect 200 -I "$url/images/lynx.slate"
header "Content-Length: $size"
expect 200 -I -r 0-9 "$url/images/lynx.slate"
expect 206 -r 1000-1999 "$url/images/lynx.slate"
header "Content-Range: bytes 1000-1999/$size"
cmp body <(part images/lynx.slate 1000 1000)
expect 206 -r "$((size - 5))-99999999999999999999" "$url/images/lynx.slate"
header "Content-Range: bytes $((size - 5))-$((size - 1))/$size"
cmp body <(tail -c 5 images/lynx.slate)
expect 206 -r -7 "$url/images/lynx.slate"
cmp body <(tail -c 7 images/lynx.slate)
expect 416 -r "$size-" "$url/images/lynx.slate"
header "Content-Range: bytes \*/$size"
expect 200 -r 0-1,4-5 "$url/images/lynx.slate"
same body images/lynx.slate
expect 416 -r 0-65535 "$url/images/empty"
expect 200 "$url/images/empty"
header 'Content-Length: 0'

say "only while it is the same"
expect 206 -r 0-9 -H "If-Range: $etag" "$url/images/lynx.slate"
expect 200 -r 0-9 -H 'If-Range: "other"' "$url/images/lynx.slate"
expect 304 -H "If-None-Match: \"x\", W/$etag" "$url/images/lynx.slate"
header "ETag: $etag"
expect 304 -H 'If-None-Match: *' -r 0-9 "$url/images/lynx.slate"
expect 200 -H 'If-None-Match: "x"' "$url/images/lynx.slate"
cp images/lynx.slate images/new && touch -r images/lynx.slate images/new
mv images/new images/lynx.slate
expect 200 -r 0-9 -H "If-Range: $etag" "$url/images/lynx.slate"
client 1 wget -q -O part.w "$url/images/lynx.slate"
same part.w images/lynx.slate
truncate -s 1000000 part.w
client 1 wget -q -c -O part.w "$url/images/lynx.slate"
same part.w images/lynx.slate

say "what may not be read is not there, or refused"
echo secret > images/secret && chmod 600 images/secret
expect 403 "$url/images/secret"
expect 404 --path-as-is "$url/images/../state/admin-token"
expect 404 "$url/images/%2e%2e/state/admin-token"
rm images/secret
expect 200 "$api/images"
equal "$(json body '[.images[].name] | sort | join(" ")')" 'empty lynx.slate tiny' images

say "thirty clients at once, each with ranges of its own"
reader() {
	local i off

	for ((i = 0; i < 12; i++)); do
		off=$(((($1 * 7919 + i * 104729) * 331) % (size - 70000)))
		client $(($1 % 2 + 1)) curl -sS -f -m 120 -r "$off-$((off + 65535))" \
			-o "r.$1" "$url/images/lynx.slate"
		cmp "r.$1" <(part images/lynx.slate $off 65536) || return 1
	done
}
readers=()
for ((n = 0; n < 30; n++)); do
	reader $n &
	readers+=($!)
done
for n in "${readers[@]}"; do
	wait "$n" || fail "a reader got something else"
done

say "restored by slate, whole, and only what differs"
truncate -s 24M target
expect_status 0 client 1 "$SLATE" -b --yes --report=report restore target \
	"$url/images/lynx.slate"
same_ext disk target
[[ $(json report .bytes.fetched) -gt $((size / 2)) ]] || fail "too little was fetched"
printf changed | dd of=target bs=1 seek=15000000 conv=notrunc status=none
expect_status 0 client 1 "$SLATE" -b --yes --report=report restore target \
	"$url/images/lynx.slate"
same_ext disk target
[[ $(json report .bytes.fetched) -lt $((size / 4)) ]] ||
	fail "$(json report .bytes.fetched) of $size bytes were fetched for one that differs"

# ---- jobs
mac=52:54:00:77:00:01
ask_job() { # ask_job STATUS: client 1's; its token in $job_token
	expect "$1" -d "{\"mac\": \"$mac\"}" "$api/job"
	[[ $1 != 200 ]] || job_token=$(json body .token)
}

add_job() { # add_job VERB IMAGE: for client 1, its number in $id
	expect 201 -H "$admin" -d "{\"who\": \"$mac\", \"verb\": \"$1\", \"image\": \"$2\"}" \
		"$api/admin/job"
	id=$(json body '.ids[0]')
}

tell() { # tell STATUS CALL BODY: with the job's token
	expect "$1" -H "Authorization: Bearer $job_token" -d "$3" "$api/$2"
}

say "a job: handed out, followed, ended with its receipt"
menu=$url/boot/pxelinux.cfg/01-${mac//:/-}
ask_job 204
expect 200 "$menu"
grep -q '^LOCALBOOT' body || fail "without a job: $(cat body)"
add_job restore lynx.slate
expect 200 "$menu"
grep -q "^LINUX $url/boot/slate/vmlinuz" body || fail "with a job: $(cat body)"
expect 200 "$url/boot/grub/grub.cfg-01-${mac//:/-}"
grep -q 'slate.server=http://10.77.0.1' body || fail "GRUB: $(cat body)"
expect 200 "$url/boot/slate/vmlinuz"
same body boot/slate/vmlinuz
expect 404 "$url/boot/pxelinux.cfg/0A4D0007"
ask_job 200
equal "$(json body '[.id, .verb, .image] | join(" ")')" "$id restore lynx.slate" 'the job'
tell 204 progress '{"done": 3, "of": 7}'
expect 401 -d '{"done": 3}' "$api/progress"
expect 410 -H "Authorization: Bearer ${token}" -d '{"done": 3}' "$api/progress"
tell 413 progress "{\"done\": \"$(printf '%0600d' 0)\"}"
expect 200 -H "$admin" "$api/admin/status"
equal "$(json body '.jobs[0] | [.state, .progress.done] | join(" ")')" 'running 3' state
tell 400 end '{"status": 256}'
tell 400 end 'status=0'
printf '{"status": 0, "more": "%0300000d"}' 0 > receipt
tell 413 end @receipt
tell 200 end '{"status": 0, "verb": "restore", "complete": true}'
tell 410 end '{"status": 0}'
tell 410 progress '{}'
expect 200 -H "$admin" "$api/admin/status"
equal "$(json body '.jobs[0] | [.state, .status] | join(" ")')" 'done 0' 'state at the end'
logged "$mac has done job $id: restore lynx.slate"

say "a job that is cancelled: its client hears of it"
add_job restore lynx.slate
ask_job 200
expect 204 -H "$admin" -d "{\"id\": $id}" "$api/admin/cancel"
tell 410 progress '{}'
expect 404 -H "$admin" -d "{\"id\": $id}" "$api/admin/cancel"
expect 400 -H "$admin" -d '[]' "$api/admin/cancel"
add_job restore lynx.slate
ask_job 200
tell 200 end '{"status": 4, "error": "the image\u001b[2J is damaged"}'
logged "status 4: the image\?\[2J is damaged"

say "who may make admin calls"
expect 401 "$api/admin/status"
expect 401 -H "Authorization: Bearer ${token%?}" "$api/admin/status"
expect 401 -H "Authorization: Bearer ${token}0" "$api/admin/status"
expect 405 -H "$admin" "$api/admin/job"
expect 404 -H "$admin" -d '{"who": "nobody", "verb": "shell"}' "$api/admin/job"
equal "$(client 2 curl -sS -o body -w '%{http_code}' -H "$admin" --interface 10.99.0.12 \
	"$api/admin/status")" 403 'from outside the lab'
equal "$(client 2 curl -sS -o body -w '%{http_code}' -H "$admin" "$api/admin/status")" 200 \
	'from the lab'

# ---- uploads
save() { # save STATUS IMAGE [OPTION...]: by slate on client 1, with the job's token
	SLATE_TOKEN=$job_token expect_status "$1" client 1 "$SLATE" -b "${@:3}" save disk \
		"$url/images/$2"
}

say "a save job uploads its image, once"
add_job save room/new.slate
ask_job 200
save 3 room/other.slate
said '403 that job does not save this image'
save 0 room/new.slate
slate -b verify images/room/new.slate 2> err
logged 'has uploaded room/new.slate, [0-9]+ bytes; it is whole'
rm images/room/new.slate
save 3 room/new.slate
said '403 this job has uploaded its image already'
tell 200 end '{"status": 0}'
save 3 room/new.slate
said '401 no running job has this token'
job_token=wrong
save 3 room/new.slate
said '401'
no_left_over

say "one that exists is replaced only when that is wanted, and the right is not used up"
add_job save tiny
ask_job 200
save 3 tiny
said 'exists already'
equal "$(cat images/tiny)" lynx 'what was there'
save 0 tiny -o
slate -b verify images/tiny 2> err
tell 200 end '{"status": 0}'

say "what is damaged, or no image, is thrown away"
cp images/lynx.slate bad
printf XXXX | dd of=bad bs=1 seek=$((size / 2)) conv=notrunc status=none
head -c $((size - 1000)) images/lynx.slate > short
for file in bad short "$root/README.md" /dev/null; do
	expect 422 -H "$admin" -T "$file" "$url/images/damaged"
	grep -q 'no whole image' body || fail "why: $(cat body)"
done
expect 404 "$url/images/damaged"
expect 201 -H "$admin" -T images/lynx.slate "$url/images/copy"
same images/copy images/lynx.slate
no_left_over

say "over the quota: refused before the first byte, or when it is too much"
truncate -s 31M large
expect 413 -H "$admin" -T large "$url/images/large"
# This body never ends: curl hears the answer while it sends, or not at all.
expect 413 -H "$admin" -T - "$url/images/large" < /dev/zero
grep -q 'larger than allowed' body || fail "why: $(cat body)"

say "a full disk"
add_job save small/new.slate
ask_job 200
save 1 small/new.slate
said "507 the server's disk is full"
equal "$(df --output=used images/small | tail -n 1 | xargs)" 0 'KiB on the disk'
no_left_over

say "a client that is killed leaves nothing"
# No function: its number shall be curl's own.
ip netns exec "$ns-1" curl -sS -H "$admin" -T - "$url/images/cut" > cut.out 2>&1 \
	< <(head -c 5M images/lynx.slate && exec sleep 60) &
pid=$!
is_uploading
kill -KILL $pid
wait $pid || true
no_left_over
absent images/cut

say "clients whose last bytes and end come together leave nothing"
# shellcheck disable=SC2016 # Perl's own
client 1 perl -MIO::Socket::INET -MSocket=IPPROTO_TCP,TCP_CORK -e '
	for my $i (1 .. 20) {
		my $s = IO::Socket::INET->new("10.77.0.1:80") or die $!;
		syswrite $s, "PUT /images/short$i HTTP/1.1\r\nHost: lab\r\n$ARGV[0]\r\n" .
			"Content-Length: 1000000\r\n\r\n" . "x" x 3000;
		push @clients, $s;
	}
	print <STDIN>;
	for my $s (@clients) {
		setsockopt $s, IPPROTO_TCP, TCP_CORK, 1;
		syswrite $s, "y" x 3000;
		close $s;
	}' "$admin" < <(for _ in {1..300}; do
	[[ $(find images -name '.upload*' | wc -l) -lt 20 ]] || { echo all; break; }
	sleep 0.1
done) > cut.out
equal "$(cat cut.out)" all "uploads that have begun"
no_left_over

say "a server that is killed: swept when it starts again; one that ends leaves nothing"
for signal in KILL TERM; do
	ip netns exec "$ns-1" curl -sS -H "$admin" -T - "$url/images/cut" > cut.out 2>&1 \
		< <(head -c 5M images/lynx.slate && exec sleep 60) &
	pid=$!
	is_uploading
	stop_server $signal
	[[ $signal != TERM ]] || ! left_over || fail "left: $(find images -name '.upload*')"
	start_server
	no_left_over
	kill $pid 2> /dev/null || true
	wait $pid || true
done
absent images/cut

say "two uploads of one name, of which only one can be new"
for n in 1 2; do
	client $n curl -sS -o "two.$n" -w '%{http_code}' -H "$admin" -H 'If-None-Match: *' \
		-T images/lynx.slate "$url/images/two" > "two.status.$n" &
	readers[n]=$!
done
wait "${readers[1]}"
wait "${readers[2]}"
equal "$(sort two.status.1 <(echo) two.status.2 | xargs)" '201 412' 'both'
same images/two images/lynx.slate

stop_server
equal "$server_status" 0 'status of the server'
