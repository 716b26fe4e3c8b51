#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# limit 600
#
# slate-rescue build --key: with a certificate in the rescue system, agent and slate talk by
# https only, and to nobody but the server that this certificate vouches for.  The server is
# slate-pxe behind a real TLS proxy.
set -euo pipefail
# shellcheck source=tests/cli/agent-lib.sh
. "$(dirname "$0")/agent-lib.sh"
# shellcheck source=tests/cli/front-lib.sh
. "$root/tests/cli/front-lib.sh"

# certificate NAME OPTION...: NAME.pem and NAME.key
certificate() {
	openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj "/CN=$1" -keyout "$1.key" \
		-out "$1.pem" "${@:2}" 2> openssl.log || fail "$(cat openssl.log)"
}

# signed NAME ADDRESS: the same, by the authority
signed() {
	openssl req -newkey rsa:2048 -nodes -subj "/CN=$1" -keyout "$1.key" -out "$1.csr" \
		2> openssl.log
	openssl x509 -req -in "$1.csr" -CA authority.pem -CAkey authority.key -CAcreateserial \
		-days 2 -out "$1.pem" -extfile <(echo "subjectAltName=IP:$2") 2> openssl.log ||
		fail "$(cat openssl.log)"
}

proxy() { # proxy NAME: shows that certificate
	front '8443 ssl' "ssl_certificate $dir/$1.pem; ssl_certificate_key $dir/$1.key;" \
		"$behind"
	: > front/access.log
}

trusts() { # trusts FILE: so "slate-rescue build --key FILE" puts it there
	cp "$1" pc1/etc/slate/rescue/server.pem
}

# refused REGEX: no word is said to the server, the job waits on, the disk is not touched
refused() {
	run_agent 1 || fail "the agent ended with $?"
	shown 1 "$1"
	[[ ! -s front/access.log ]] || fail "it talks to $(cat front/access.log)"
	job_is waiting
	equal "$(sum disk)" "$before" "the disk"
}

make_lab_server 1
make_good good.slate 8000 be_linux
cp good disk
make_pc 1 disk
words=(BOOTIF=01-52-54-00-77-00-01 slate.onerror=reboot:1)
pc_line 1 slate.server=https://10.77.0.1:8443 "${words[@]}"
certificate lab -addext subjectAltName=IP:10.77.0.1
certificate other -addext subjectAltName=IP:10.77.0.1
certificate authority
signed room 10.77.0.1
signed elsewhere 10.77.0.99

say "job, vault, image, progress and end go through TLS"
trusts lab.pem
proxy lab
job pc1 restore good.slate
agent 1
shown 1 'the server is https://10\.77\.0\.1:8443'
job_is 'done'
the_end '.status == 0 and .complete and (.image | startswith("https://10.77.0.1:8443/"))'
the_end '.steps | any(test("machine.s own, with the name pc1"))'
for call in 'POST /api/v1/job' 'PUT /api/v1/vault' 'GET /images/good.slate' \
	'POST /api/v1/progress' 'POST /api/v1/end'; do
	grep -q "\"$call HTTP/1.1\" 20" front/access.log ||
		fail "no $call: $(cat front/access.log)"
done
job pc1 save new.slate
agent 1
job_is 'done'
grep -q '"PUT /images/new.slate HTTP/1.1" 201' front/access.log || fail "it saves elsewhere"
slate -b verify images/new.slate disk 2> err

say "a certificate of the server's authority"
trusts authority.pem
proxy room
job pc1 verify new.slate
agent 1
job_is 'done'

say "another server's certificate, or one for another address"
job pc1 restore good.slate
before=$(sum disk)
proxy other
refused 'certificate is not trusted here'
proxy elsewhere
refused 'certificate is not trusted here'
trusts lab.pem
proxy room
refused 'certificate is not trusted here'

say "a certificate that is none"
echo text > pc1/etc/slate/rescue/server.pem
refused 'certificate is not trusted here'

say "none at all: what is not signed by an authority of the system is refused"
rm pc1/etc/slate/rescue/server.pem
refused 'certificate is not trusted here'

say "plain http"
trusts lab.pem
pc_line 1 slate.server=http://10.77.0.1 "${words[@]}"
refused 'talks by https only, but its server is http://10\.77\.0\.1:'
pc_line 1 "${words[@]}" # that of DHCP
agent 1 11
shown 1 'talks by https only'
job_is waiting

say "images from another place by plain http: slate does not follow"
pc_line 1 slate.server=https://10.77.0.1:8443 "${words[@]}"
front '8443 ssl' "ssl_certificate $dir/lab.pem; ssl_certificate_key $dir/lab.key;" "$behind" \
	"location /images/ { return 302 http://10.77.0.1\$request_uri; }"
agent 1
job_is failed 'from https to http'
equal "$(sum disk)" "$before" "the disk"
