#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# limit 1200
#
# personalise on a real Debian 12: two machines cloned from one system differ in all that must
# not be the same and in nothing else, make their keys and ids at the first boot, and keep them
# by a vault.  The system is fetched once, into build/.
set -euo pipefail
# shellcheck source=tests/cli/nc-lib.sh
. "$(dirname "$0")/nc-lib.sh"
need_root

debian=$root/build/personalise-root.tar.zst
if [[ ! -s $debian ]]; then
	say "fetching Debian"
	mkdir -p "$root/build"
	mmdebstrap -q --variant=minbase bookworm debian.tar.zst \
		--include=openssh-server,isc-dhcp-client,systemd-sysv,dbus > fetch.log 2>&1 || {
		tail -n 3 fetch.log
		skip "needs Debian's archive: mmdebstrap could not fetch a system"
	}
	mv debian.tar.zst "$debian"
fi

unpack() { # unpack DIR: the system that was booted, used and then cloned
	mkdir "$1"
	tar -x -p --xattrs-include='*' --zstd -C "$1" -f "$debian"
	echo golden > "$1/etc/hostname"
	printf '127.0.0.1\tlocalhost\n127.0.1.1\tgolden.lab.lan\tgolden\n\n::1\tlocalhost ip6' \
		> "$1/etc/hosts"
	rm -f "$1"/etc/machine-id "$1"/var/lib/dbus/machine-id
	echo 0123456789abcdef0123456789abcdef > "$1/etc/machine-id"
	cp "$1/etc/machine-id" "$1/var/lib/dbus/machine-id"
	printf 'default-duid "\\000\\001";\nlease {\n  interface "eth0";\n}\n' \
		> "$1/var/lib/dhcp/dhclient.eth0.leases"
	head -c 512 /dev/urandom > "$1/var/lib/systemd/random-seed"
	mkdir -p "$1/etc/udev/rules.d"
	echo 'SUBSYSTEM=="net", ATTR{address}=="00:11:22:33:44:55", NAME="eth0"' \
		> "$1/etc/udev/rules.d/70-persistent-net.rules"
}

changes() { # changes DIR: what is another file than in the system that was cloned
	diff -rq --no-dereference -x dev golden "$1" | sed -E "
		s|^Files golden(/.*) and .* differ|changed \1|
		s|^Only in golden([^:]*): |gone \1/|
		s|^Only in $1([^:]*): |new \1/|" || true
}

owners() { # owners DIR: kind, mode and owner of all files
	(cd "$1" && find . -printf '%p %y %m %U:%G %l\n' | sort)
}

first_boot() { # first_boot DIR: what its units and systemd itself do there
	local unit=$1/etc/systemd/system/slate-ssh-keys.service line

	while read -r line; do
		# shellcheck disable=SC2086 # words of a command
		chroot "$1" $line > boot.log 2>&1 || fail "$1: $line: $(tail -n 1 boot.log)"
	done < <(sed -n 's/^ExecStart=//p' "$unit")
	chroot "$1" systemd-machine-id-setup > boot.log 2>&1 || fail "$(tail -n 1 boot.log)"
}

say "two machines from one system"
unpack golden
ls golden/etc/ssh/ssh_host_*_key > /dev/null || fail "the system has no keys to begin with"
"$root/tests/fixtures/nics.sh" school-before sys1
"$root/tests/fixtures/nics.sh" virtio sys2
cards=(sys2/class/net/*/address)
echo "$(< "${cards[0]}") server" > table
for n in 1 2; do
	cp -a golden "m$n"
	expect_status 0 netconf personalise --sys "sys$n" --root "m$n" --table table \
		--hostname pc-%mac6
done
changes m1 > changes1
changes m2 > changes2
same changes1 changes2 "what was changed on both"
cat > want << 'END'
changed /etc/hostname
changed /etc/hosts
changed /etc/machine-id
gone /etc/ssh/ssh_host_ecdsa_key
gone /etc/ssh/ssh_host_ecdsa_key.pub
gone /etc/ssh/ssh_host_ed25519_key
gone /etc/ssh/ssh_host_ed25519_key.pub
gone /etc/ssh/ssh_host_rsa_key
gone /etc/ssh/ssh_host_rsa_key.pub
new /etc/systemd/system/multi-user.target.wants/slate-ssh-keys.service
new /etc/systemd/system/slate-ssh-keys.service
gone /etc/udev/rules.d/70-persistent-net.rules
gone /var/lib/dbus/machine-id
gone /var/lib/dhcp/dhclient.eth0.leases
new /var/lib/slate
gone /var/lib/systemd/random-seed
END
diff -u want changes1 >&2 || fail "other files than these"
comm -13 <(owners golden) <(owners m1) > moved
grep -vE '^\./(var/lib/slate|etc/systemd/system/(multi-user.target.wants/)?slate-)' moved >&2 &&
	fail "other modes or owners"

say "they differ in their names, and the rest of /etc/hosts is as it was"
equal "$(cat m1/etc/hostname m2/etc/hostname | tr '\n' ' ')" 'pc-aa0001 server ' names
printf '127.0.0.1\tlocalhost\n127.0.1.1\tserver.lab.lan\tserver\n\n::1\tlocalhost ip6' |
	same - m2/etc/hosts
diff -rq --no-dereference -x dev m1 m2 > differences || true
equal "$(cut -d' ' -f2 differences | tr '\n' ' ')" 'm1/etc/hostname m1/etc/hosts ' differences

say "systemd takes the unit, without a circle"
chroot m1 systemd-analyze verify --man=no slate-ssh-keys.service ssh.service ssh.socket \
	multi-user.target > verify.log 2>&1 || fail "$(< verify.log)"
! grep -iE 'slate-ssh-keys|cycle' verify.log >&2 || fail "systemd has something against it"

say "the first boot makes keys and ids, each machine its own"
for n in 1 2; do
	first_boot "m$n"
	grep -qxE '[0-9a-f]{32}' "m$n/etc/machine-id" || fail "machine $n has no id"
	chroot "m$n" sh -c 'mkdir -p /run/sshd && exec /usr/sbin/sshd -t' >&2 ||
		fail "sshd does not take its keys"
	absent "m$n/etc/systemd/system/multi-user.target.wants/slate-ssh-keys.service"
done
differ m1/etc/machine-id m2/etc/machine-id
for type in ecdsa ed25519 rsa; do
	key=etc/ssh/ssh_host_${type}_key
	differ m1/$key m2/$key
	differ m1/$key golden/$key
	equal "$(stat -c %a:%u m1/$key)" 600:0 "mode of a key"
done

say "saved, the disk restored, and the same machine again"
mkdir -m 700 vault
for n in 1 2; do
	expect_status 0 netconf personalise --sys "sys$n" --root "m$n" --vault vault --save
done
[[ $(find vault -mindepth 1 -maxdepth 1 | wc -l) = 2 ]] || fail "not two machines in the vault"
cp -a golden night
expect_status 0 netconf personalise --sys sys2 --root night --vault vault --restore
for f in etc/{hostname,hosts,machine-id} etc/ssh/ssh_host_{ecdsa,ed25519,rsa}_key{,.pub}; do
	same "m2/$f" "night/$f"
	equal "$(stat -c %a:%u:%g "night/$f")" "$(stat -c %a:%u:%g "m2/$f")" "mode of $f"
done
chroot night sh -c 'mkdir -p /run/sshd && exec /usr/sbin/sshd -t' >&2 ||
	fail "sshd does not take the keys of the vault"
owners night > before
expect_status 0 netconf personalise --sys sys2 --root night --vault vault --restore
[[ $(grep -c 'nothing to do$' out) = 8 ]] || fail "something was done for the second time"
owners night | same before -
