#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# personalise on small roots: what is asked for is done, told and not done twice; the
# vault; what is refused leaves everything as it was.
set -euo pipefail
# shellcheck source=tests/cli/nc-lib.sh
. "$(dirname "$0")/nc-lib.sh"
need_root

first=00:1e:67:aa:00:01 # of the tree school-before
"$root/tests/fixtures/nics.sh" school-before sys
"$root/tests/fixtures/nics.sh" virtio sys2

plant() { # plant DIR: the system that all machines get
	rm -rf "$1"
	mkdir -p "$1"/etc/{ssh,udev/rules.d,systemd/system} "$1"/usr/{bin,lib/systemd} \
		"$1"/var/lib/{dbus,dhcp,systemd}
	ln -s usr/lib "$1/lib"
	touch "$1/usr/bin/ssh-keygen" "$1/usr/lib/systemd/systemd"
	echo golden > "$1/etc/hostname"
	printf '127.0.0.1\tlocalhost\n127.0.1.1\tgolden.lab golden\n192.168.67.1 server\n' \
		> "$1/etc/hosts"
	echo 00000000000000000000000000000001 > "$1/etc/machine-id"
	chmod 444 "$1/etc/machine-id"
	ln -s /etc/machine-id "$1/var/lib/dbus/machine-id"
	(umask 077 && echo '-----BEGIN golden' > "$1/etc/ssh/ssh_host_rsa_key")
	echo golden > "$1/etc/ssh/ssh_host_rsa_key.pub"
	echo 'Port 22' > "$1/etc/ssh/sshd_config"
	echo lease > "$1/var/lib/dhcp/dhclient.leases"
	echo seed > "$1/var/lib/systemd/random-seed"
	echo 'ATTR{address}=="00:11:22:33:44:55", NAME="eth0"' \
		> "$1/etc/udev/rules.d/70-persistent-net.rules"
}

state() { # state DIR: everything in it
	manifest "$1" | sed 's/ inode [0-9]*//'
}

personalise() { # personalise DIR [OPTION...]
	netconf personalise --sys sys --root "$@"
}

unchanged() { # unchanged DIR: as it was planted
	diff -r --no-dereference planted "$1" >&2 || fail "$1 was changed"
}

plant planted

say "what there is to do, and what would be done"
expect_status 0 netconf personalise --list
equal "$(cut -d' ' -f1 out | tr '\n' ' ')" \
	"hostname machine-id ssh-keys dhcp-leases random-seed stale-rules nm-macs swap " steps
plant r
expect_status 3 personalise r --hostname pc-%mac6 --dry-run
unchanged r
grep -q '^ssh-keys  *pending' out || fail "no pending keys"
expect_status 3 personalise r --hostname pc-%mac6 --dry-run --json
equal "$(json out '.hostname + " " + (.steps | map(select(.state == "pending")) | length
	| tostring) + " " + (.status | tostring)')" "pc-aa0001 6 3" "as JSON"
unchanged r

say "done, told, and not done twice"
expect_status 0 personalise r --hostname pc-%mac6 --json
json out '.steps[0].changes | map(.path) == ["/etc/hosts", "/etc/hostname"]' > /dev/null
equal "$(< r/etc/hostname)" pc-aa0001 "the name"
printf '127.0.0.1\tlocalhost\n127.0.1.1\tpc-aa0001.lab pc-aa0001\n192.168.67.1 server\n' > want
same want r/etc/hosts
[[ ! -s r/etc/machine-id ]] || fail "the machine id is the same"
absent r/etc/ssh/ssh_host_rsa_key{,.pub} r/var/lib/dhcp/dhclient.leases \
	r/var/lib/systemd/random-seed r/etc/udev/rules.d/70-persistent-net.rules
same planted/etc/udev/rules.d/70-persistent-net.rules \
	r/var/lib/slate/netconf/previous/etc/udev/rules.d/70-persistent-net.rules
state r > before
expect_status 0 personalise r --hostname pc-%mac6
[[ $(grep -c 'nothing to do$' out) = 8 ]] || fail "something was done for the second time"
expect_status 0 personalise r --hostname pc-%mac6 --dry-run
state r > after
same before after "the root, after another run,"

say "some steps only"
plant r
expect_status 0 personalise r --only machine-id,dhcp-leases
diff -rq --no-dereference planted r > differences || true
[[ $(wc -l < differences) = 2 ]] || fail "more than two differences: $(< differences)"
expect_status 0 personalise r --skip ssh-keys
same planted/etc/ssh/ssh_host_rsa_key r/etc/ssh/ssh_host_rsa_key
expect_status 2 personalise r --only machine_id
said 'there is no step "machine_id"; --list'

say "a table of names"
plant r
printf '# the room\n%s server7 # front\n00:00:00:00:00:99 pc8\n' "$first" > table
expect_status 0 personalise r --table table --hostname pc-%mac6
equal "$(< r/etc/hostname)" server7 "the name of the table"
plant r
expect_status 0 netconf personalise --sys sys2 --root r --table table
said 'host name stays as it is: the table has no line for this machine \(52:54'
equal "$(< r/etc/hostname)" golden "the name that stays"
[[ ! -s r/etc/machine-id ]] || fail "the other steps were not done"
plant r
printf '\n%s pc_8\n' "$first" > bad
expect_status 1 personalise r --table bad
said 'bad:2:19: a host name has letters'
unchanged r
expect_status 2 personalise r --hostname pc_%mac6
expect_status 2 personalise r --hostname %nope
said 'is no placeholder'
unchanged r

say "keys from a folder"
mkdir -p keys/pc-aa0001
echo '-----BEGIN mine' > keys/pc-aa0001/ssh_host_ed25519_key
expect_status 0 personalise r --hostname pc-%mac6 --ssh-keys keys
same keys/pc-aa0001/ssh_host_ed25519_key r/etc/ssh/ssh_host_ed25519_key
equal "$(stat -c %a r/etc/ssh/ssh_host_ed25519_key)" 600 "mode of the key"
absent r/etc/ssh/ssh_host_rsa_key r/etc/systemd/system/slate-ssh-keys.service

say "a vault: a machine that is not in it becomes a new one"
mkdir -m 700 vault
plant r
expect_status 0 personalise r --vault vault --restore --hostname pc-%mac6
said 'vault has nothing of this machine \(00:1e:67:aa:00:01'
equal "$(< r/etc/hostname)" pc-aa0001 "the new machine's name"

say "it is not saved before it was booted"
expect_status 3 personalise r --vault vault --save
said 'r has no identity of its own yet'
equal "$(ls -A vault)" '' "the vault"

say "nor for a machine that would never find it again"
mkdir -p bare/class/net bare/bus/pci/devices
echo abcdefabcdefabcdefabcdefabcdefab > r/etc/machine-id
expect_status 3 netconf --sys bare --root r --vault vault --save personalise
said 'neither a network card nor a serial number'
equal "$(ls -A vault)" '' "the vault"

say "saved, the disk restored, its identity put back exactly"
echo abcdefabcdefabcdefabcdefabcdefab > r/etc/machine-id
(umask 077 && echo '-----BEGIN new' > r/etc/ssh/ssh_host_rsa_key)
echo new > r/etc/ssh/ssh_host_rsa_key.pub
expect_status 3 personalise r --vault vault --save --dry-run
equal "$(ls -A vault)" '' "the vault after a dry run"
expect_status 0 personalise r --vault vault --save --json
equal "$(json out .entry)" mac-001e67aa0001 "the entry"
equal "$(ls -A vault)" mac-001e67aa0001 "the vault"
equal "$(find vault -printf '%m\n' | sort -u | tr '\n' ' ')" '600 700 ' "modes in the vault"
stat -c %i vault/mac-001e67aa0001 > inode
expect_status 0 personalise r --vault vault --save
stat -c %i vault/mac-001e67aa0001 | same inode - "the entry, saved again,"
plant night
expect_status 0 personalise night --vault vault --restore --hostname other
for f in etc/hostname etc/hosts etc/machine-id etc/ssh/ssh_host_rsa_key{,.pub}; do
	same "r/$f" "night/$f"
	equal "$(stat -c %a "night/$f")" "$(stat -c %a "r/$f")" "mode of $f"
done
absent night/etc/systemd/system/slate-ssh-keys.service night/var/lib/dhcp/dhclient.leases
state night > before
expect_status 0 personalise night --vault vault --restore --hostname other
state night > after
same before after "the root, restored twice,"

say "a damaged vault is refused as a whole"
cp -a vault vault.good
for harm in 'echo x >> machine-id' 'rm ssh_host_rsa_key' 'sed -i s/0444/0644/ manifest' \
	'rm hostname; mkfifo hostname' ': > manifest' 'truncate -s 10M machine-id'; do
	rm -rf vault
	cp -a vault.good vault
	(cd vault/mac-001e67aa0001 && eval "$harm")
	plant r
	expect_status 3 personalise r --vault vault --restore
	said 'vault/mac-001e67aa0001, what the vault has of this machine: '
	unchanged r
done
rm -rf vault
expect_status 3 personalise r --vault vault --restore
said 'vault, the vault: No such'
expect_status 2 personalise r --vault vault
expect_status 2 personalise r --save
expect_status 2 personalise r --vault vault --save --restore
unchanged r

say "never the running system"
expect_status 3 netconf personalise
said 'running system.*--root DIR'
expect_status 3 netconf personalise --root /../. --hostname x

say "hostile roots: refused in clear words, nothing half-written"
hostile() { # hostile SCRIPT REGEX
	plant r
	(cd r && eval "$1")
	state r > before
	expect_status 3 personalise r --hostname pc-%mac6
	said "$2"
	said 'nothing was changed'
	state r > after
	same before after "the root"
}
hostile 'mv etc x; ln -s /etc etc' 'symbolic links that lead in a circle'
hostile 'rm etc/hostname; mkfifo etc/hostname' 'etc/hostname is a FIFO'
hostile 'rm etc/hostname; mkdir dev; mknod dev/null c 1 3; ln -s /dev/null etc/hostname' \
	'etc/hostname is a device node'
hostile 'truncate -s 10M etc/hosts' 'etc/hosts: too large'
hostile 'rm var/lib/dhcp/*; mkdir var/lib/dhcp/dhclient.leases' 'dhclient.leases is no file'
hostile 'rm usr/lib/systemd/systemd' 'has no systemd'
mkdir outside
cp r/etc/hostname outside/hostname
hostile "mv etc x; ln -s ../outside etc; mkdir outside; touch outside/hosts;
	mkfifo outside/machine-id" 'machine-id is a FIFO'
equal "$(< outside/hostname)" golden "a file outside of the root"

say "read-only, and full"
mkdir m
mount -t tmpfs -o size=1M none m
plant m/r
mount -o remount,ro m
expect_status 3 personalise m/r --hostname pc-%mac6
said 'mounted read-only'
unchanged m/r
mount -o remount,rw m
cat /dev/zero > m/fill 2> /dev/null || true
expect_status 3 personalise m/r --hostname pc-%mac6
said 'the disk is full'
unchanged m/r
rm m/fill
expect_status 0 personalise m/r --hostname pc-%mac6

say "swap that is gone, by a real disk"
stale swap 2M
mkswap -q -U 11111111-2222-3333-4444-555555555555 swap
make_ext4 disk 8M 100 -U 66666666-2222-3333-4444-555555555555
attach disk
fstab='UUID=66666666-2222-3333-4444-555555555555 / ext4 defaults 0 1'
gone='UUID=11111111-2222-3333-4444-555555555555 none swap sw 0 0'
plant r
printf '%s\n' "$fstab" "$gone" > r/etc/fstab
expect_status 0 personalise r --only swap
grep -q 'swap sw,nofail 0 0$' r/etc/fstab || fail "the boot waits for swap that is gone"
attach swap
printf '%s\n' "$fstab" "$gone" > r/etc/fstab
expect_status 0 personalise r --only swap
grep -q 'swap sw 0 0$' r/etc/fstab || fail "swap that is there was taken for gone"
