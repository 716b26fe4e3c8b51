#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The systemd unit, by systemd's own judgement.
set -euo pipefail
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/cli/foreign-lib.sh
. "$root/tests/cli/foreign-lib.sh"

PXE=$(realpath "${PXE:-$root/build/slate-pxe}")
if ! command -v systemd-analyze > /dev/null; then
	# shellcheck disable=SC2034 # get_tools reads it
	foreign_packages=(systemd)
	root=$root/build/pxe-systemd get_tools
	systemd-analyze() { with_libraries "$(type -P systemd-analyze)" "$@"; }
fi

verify() { # verify FILE: what systemd has to say is in ./err
	run systemd-analyze verify --man=no "$dir/$1"
}

sed "s|^ExecStart=/usr/local/sbin/slate-pxe|ExecStart=$PXE|" "$root/pxe/slate-pxe.service" \
	> slate-pxe.service
verify slate-pxe.service
[[ $status = 0 ]] || fail "systemd does not take it: $(cat err)"
not_said slate-pxe
sed 's/^RestrictRealtime=/Restrict=/' slate-pxe.service > wrong.service
verify wrong.service
said "Unknown key.*'Restrict'"
sed 's/^ExecStart=.*/ExecStart=nothing here/' slate-pxe.service > nothing.service
verify nothing.service
[[ $status != 0 ]] || fail "systemd takes everything"

say "what it may do is little, and what it needs is there"
expect_status 0 systemd-analyze security --offline=true --no-pager --threshold=45 \
	"$dir/slate-pxe.service"
sed -E '/^(Protect|Restrict|Private|NoNew|Capability|Memory|System)/d' slate-pxe.service \
	> open.service
expect_status 1 systemd-analyze security --offline=true --no-pager --threshold=45 \
	"$dir/open.service"
for capability in CAP_NET_BIND_SERVICE CAP_NET_RAW CAP_SETUID CAP_SETGID CAP_CHOWN; do
	grep -q "^CapabilityBoundingSet=.*$capability" slate-pxe.service ||
		fail "it could not begin without $capability"
done

say "the server begins with these capabilities alone"
[[ $(id -u) = 0 ]] || skip "needs root for its last part"
mapfile -t keep < <(sed -n 's/^CapabilityBoundingSet=//p' slate-pxe.service |
	tr 'A-Z ' 'a-z\n' | sed 's/^cap_/+/')
cat > begin.sh << 'END'
ip link set lo up
ip link add br0 type bridge
ip addr add 10.77.0.1/24 dev br0
ip link set br0 up
: > log
# As in start_server of pxe-lib.sh.
ASAN_OPTIONS=${ASAN_OPTIONS-}:detect_leaks=0 setpriv --no-new-privs --inh-caps=-all \
	--bounding-set="-all,$KEEP" "$PXE" serve -c lab.conf 2> log &
for ((i = 0; i < 100; i++)); do
	grep -q '^ready on' log && break
	sleep 0.1
done
kill $!
wait $!
END
mkdir images boot
chmod 755 .
cat > lab.conf << END
[lab]
images = $dir/images
boot = $dir/boot
state = $dir/deep/state
user = nobody
[dhcp]
mode = server
END
run env PXE="$PXE" KEEP="$(IFS=,; echo "${keep[*]}")" unshare -n bash begin.sh
grep -q '^ready on br0' log || fail "the server did not start: $(cat log err)"
[[ $status = 0 ]] || fail "it ended with $status: $(cat log)"
run env PXE="$PXE" KEEP=+net_raw unshare -n bash begin.sh
! grep -q '^ready on br0' log || fail "it needs none of them"
