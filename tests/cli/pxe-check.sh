#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# slate-pxe check: what it finds good and bad; what the server does without a configuration.
set -euo pipefail
# shellcheck source=tests/cli/pxe-lib.sh
. "$(dirname "$0")/pxe-lib.sh"

make_lab 1
make_folders 'dhcp.mode = server' 'dhcp.probe = no'

check() { # check STATUS [OPTION...]: the answer is in check.out
	local status=0 want=$1

	shift
	in_lab "$PXE" check -c lab.conf "$@" > check.out 2> check.err || status=$?
	[[ $status = "$want" ]] || fail "status $status, not $want: $(cat check.out check.err)"
}

tells() { # tells REGEX: of the last check
	grep -qE -- "$1" check.out check.err ||
		fail "check does not say \"$1\": $(cat check.out check.err)"
}

# ---- what is missing, all at once
rm boot/lpxelinux.0
sed -i 's/^user = .*/user = nobody-at-all/' lab.conf
check 3
tells '^BAD  .*boot/lpxelinux.0 is missing: PCs with BIOS do not boot'
tells '^BAD  .*boot/grubx64.efi is missing'
tells '^BAD  there is no user nobody-at-all: "adduser'
tells '^ok   br0 is up, 10.77.0.1/24'
tells '^ok   no other DHCP server answers on br0'
tells '^ok   the server does not run now'
in_lab "$PXE" serve -c lab.conf 2> serve.err && fail "served without a user"
grep -q 'there is no user nobody-at-all' serve.err || fail "serve said: $(cat serve.err)"

# ---- all there; then with the server, as a client sees it
sed -i 's/^user = .*/user = nobody/' lab.conf
mkdir -p boot/http
for file in lpxelinux.0 ldlinux.c32 grubx64.efi http/bootx64.efi; do
	head -c 100000 /dev/urandom > boot/$file
done
check 0
! grep -q BAD check.out || fail "$(cat check.out)"
start_server
check 0 --json
jq -se 'all(.good) and any(.what | test("lpxelinux.0 can be fetched, by TFTP and HTTP"))' \
	check.out > /dev/null || fail "$(cat check.out)"
# A file that its owner alone may read: the server is somebody else.
chmod 600 boot/grubx64.efi
check 3
tells '^BAD  grubx64.efi cannot be fetched: tftp://10.77.0.1/grubx64.efi'
chmod 644 boot/grubx64.efi
chmod 755 images
check 3
tells '^BAD  .*/images .images. cannot be written by nobody: no PC can be saved ."chown nobody '
chmod 777 images
stop_server

# ---- two DHCP servers
ip -n "$ns-1" addr add 10.77.0.2/24 dev eth0
cat > other.conf << END
[lab]
interface = eth0
images = $dir/images
boot = $dir/boot
state = $dir/other
user = nobody
[dhcp]
mode = server
probe = no
END
ip netns exec "$ns-1" "$PXE" serve -c other.conf 2> other.log &
other=$!
trap 'kill $other 2> /dev/null || true; stop_server KILL; cleanup' EXIT
for ((i = 0; i < 100; i++)); do ! grep -q '^ready' other.log || break; sleep 0.1; done
# Beside dhclient, which this machine may have for the rest of the world.
# shellcheck disable=SC2016 # it is perl
in_lab perl -MIO::Socket::INET -e '$s = IO::Socket::INET->new(Proto => "udp", LocalPort => 68,
	ReuseAddr => 1) or die; open F, ">bound"; sleep 60' &
client=$!
trap 'kill $other $client 2> /dev/null || true; stop_server KILL; cleanup' EXIT
for ((i = 0; i < 100; i++)); do [[ ! -e bound ]] || break; sleep 0.1; done
check 3
tells '^BAD  10.77.0.2 gives addresses on br0, too: two DHCP servers fight'
kill $client
sed -i 's/^mode = .*/mode = proxy/' lab.conf
check 0
tells '^ok   10.77.0.2 gives addresses on br0'

# ---- auto: a proxy beside another server, a clear question without one
sed -i 's/^mode = .*/mode = auto/' lab.conf
start_server
logged '10.77.0.2 gives addresses on br0: this server only says what to boot'
logged '^ready on br0, 10.77.0.1/24: DHCP proxy'
stop_server
kill $other || fail "the other server has ended: $(cat other.log)"
wait $other || true
status=0
in_lab "$PXE" serve -c lab.conf 2> serve.err || status=$?
[[ $status = 3 ]] || fail "status $status"
grep -q 'nobody gives addresses on br0.  If this machine shall: write "mode = server"' \
	serve.err || fail "serve said: $(cat serve.err)"
check 3
tells '^BAD  nobody gives addresses on br0'

# ---- no link, a database that is none, a mistake in the file
sed -i 's/^mode = .*/mode = off/' lab.conf
head -c 8192 /dev/urandom > state/lab.db
rm -f state/lab.db-*
check 3
tells '^BAD  .*lab.db: it is damaged; "slate-pxe check --rebuild"'
status=0
in_lab "$PXE" serve -c lab.conf 2> serve.err || status=$?
[[ $status != 0 ]] || fail "served with a damaged database"
grep -q 'check --rebuild' serve.err || fail "serve said: $(cat serve.err)"
check 0 --rebuild
check 0
compgen -G 'state/lab.db.damaged-*' > /dev/null || fail "the damaged one is gone"
ip -n "$ns" link set br0 down
check 3
tells '^BAD  br0 has no link'
echo 'mode = both' >> lab.conf
check 3
tells 'lab.conf:[0-9]+:8: '
