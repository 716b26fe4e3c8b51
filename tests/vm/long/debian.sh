#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# A whole Debian, systemd and initramfs-tools included, gets a policy for another machine
# while it is mounted elsewhere, and then starts on cards that nobody has seen before.
# That boot and two more, by ifupdown, and three by networkd with a new initramfs: all
# have the right names and addresses.
# limit 3600
set -euo pipefail
# shellcheck source=tests/cli/nc-lib.sh
. "$(dirname "$0")/../../cli/nc-lib.sh"
# shellcheck source=tests/vm/lib.sh
. "$root/tests/vm/lib.sh"
need_loop
NET_RENAME=$(realpath "${NET_RENAME:-$root/build/net-rename}")
debian=$top/build/debian

# The system is made once: a minimal one with a kernel and what the program links with.
get_debian() {
	local packages=systemd,systemd-sysv,udev,ifupdown,isc-dhcp-client,iproute2,kmod

	packages+=,initramfs-tools,linux-image-amd64,libinih1,libjansson4,libssl3
	mkdir -p "$debian"
	(
		flock 9
		[[ -e $debian/ready ]] || {
			mmdebstrap --variant=minbase --include=$packages bookworm \
				"$debian/root.tar" > "$debian/log" 2>&1 ||
				{ tail "$debian/log" >&2; fail "there is no Debian"; }
			: > "$debian/ready"
		}
	) 9> "$debian/lock"
}

policy() {
	cat << 'END'
[*]
style = ifupdown
[eth0]
match = onboard
role = static 192.168.67.1/24 dhcp-server
[eth1]
match = driver:e1000e
role = static 192.0.2.10/24 gw 192.0.2.1 metric 100
[eth2]
match = wired:next
role = dhcp metric 200
END
}

# The drivers are there before udevd is, as if they were built in, and in an order that
# gives each of the three names to another card.  Tried by hand, without our rules, hook and
# unit and with net.ifnames=0: all three have the wrong name, and eth2 no address.
drivers() {
	cat << 'END'
#!/bin/sh
for i in 8139cp e1000 e1000e; do /sbin/modprobe $i; done
exec /init
END
}

drivers_hook() {
	cat << 'END'
#!/bin/sh
[ "$1" != prereqs ] || exit 0
. /usr/share/initramfs-tools/hook-functions
manual_add_modules 8139cp e1000 e1000e
cp -p /drivers "$DESTDIR/drivers"
END
}

# What the guest does in each boot.  In the third the policy gets another style: from then
# on networkd, which is enabled while the guest is off, has the addresses.
report() {
	cat << 'END'
#!/bin/sh
n=$(($(cat /boots) + 1))
echo $n > /boots
tell() {
	echo "ID $(cat /proc/sys/kernel/random/boot_id)"
	for i in /sys/class/net/*; do
		[ ! -e $i/device ] || echo "HAS ${i##*/} $(cat $i/address)"
	done
	ip -o -4 addr show | while read -r x name family address rest; do
		echo "ADDRESS $name $address"
	done
	ip route show default | sed 's/^/ROUTE /'
	dmesg | sed -n 's/.* \([0-9a-f:.]*\) [^ ]*: renamed from \(.*\)/WAS \1 \2/p'
	slate-netconf plan | sed 's/^/PLAN /'
	slate-netconf check | sed 's/^/CHECK /'
	systemctl --no-legend --failed | sed 's/^/FAILED /'
	journalctl -b --no-pager -u slate-netconf.service | sed 's/^/UNIT /'
	[ $n != 3 ] || {
		sed -i 's/^style = .*/style = networkd/' /etc/slate/netconf.conf
		slate-netconf generate | sed 's/^/CHANGED /'
	}
	echo END
}
tell 2>&1 | sed "s/^/$n /" > /dev/ttyS0
systemctl --no-block reboot
END
}

report_unit() {
	cat << 'END'
[Unit]
Wants=network-online.target
After=network-online.target multi-user.target
[Service]
Type=oneshot
TimeoutStartSec=300
ExecStart=/report
END
}

# What takes time and has nothing to do with cards.
mask() { # mask UNIT...
	local unit

	for unit; do ln -sf /dev/null "tree/etc/systemd/system/$unit"; done
}

renew_initramfs() { # renew_initramfs FOLDER: ./initrd, too
	chroot "$1" update-initramfs -u > update.log 2>&1 ||
		{ cat update.log >&2; fail "no initramfs"; }
	chroot "$1" sh -c 'lsinitramfs /boot/initrd.img-*' > listing
	grep -q 'slate/net-rename$' listing || fail "the program is not in the initramfs"
	cp "$1"/boot/initrd.img-* initrd
}

make_debian() { # ./disk, ./initrd, ./vmlinuz
	local at=tree/etc/systemd/system

	mkdir tree
	tar -C tree -xf "$debian/root.tar"
	install -D "$NETCONF" tree/usr/local/sbin/slate-netconf
	install -D "$NET_RENAME" tree/usr/local/lib/slate/net-rename
	mkdir -p tree/etc/slate $at/multi-user.target.wants
	policy > tree/etc/slate/netconf.conf
	drivers > tree/drivers
	drivers_hook > tree/etc/initramfs-tools/hooks/drivers
	report > tree/report
	chmod 755 tree/{drivers,report,etc/initramfs-tools/hooks/drivers}
	report_unit > $at/report.service
	ln -s ../report.service $at/multi-user.target.wants/
	mask {apt-daily,apt-daily-upgrade,dpkg-db-backup,e2scrub_all,fstrim}.timer \
		e2scrub_reap.service getty.target
	echo 0 > tree/boots
	echo '/dev/vda / ext4 defaults 0 0' > tree/etc/fstab
	"$root/tests/fixtures/nics.sh" school-after sys
	expect_status 0 netconf --root tree --sys sys generate
	renew_initramfs tree
	cp tree/boot/vmlinuz-* vmlinuz
	truncate -s 2G disk
	mke2fs -q -t ext4 -d tree disk
	rm -rf tree
}

# The report is alone on the first serial port; kernel and systemd have the second.  The
# guest reboots at the end, and there is a new QEMU for the next boot: after a reset in
# the same one, its second processor once hung.
start() { # one boot
	guest report 600 -m 768 -smp 2 -serial file:console \
		-kernel vmlinuz -initrd initrd \
		-smbios "type=41,designation=LAN,instance=1,kind=ethernet,pcidev=n0" \
		-drive file=disk,format=raw,if=virtio,cache=unsafe \
		-netdev hubport,hubid=0,id=h0 -netdev hubport,hubid=1,id=h1 \
		-netdev user,id=dhcp \
		-device e1000,netdev=h0,mac=52:54:00:00:00:0a,addr=8,id=n0,romfile= \
		-device e1000e,netdev=h1,mac=52:54:00:00:00:0b,addr=5,romfile= \
		-device rtl8139,netdev=dhcp,mac=52:54:00:00:00:0d,addr=6,romfile= \
		-append "root=/dev/vda rw console=ttyS1 rdinit=/drivers quiet panic=-1
			no_timer_check mitigations=off"
	tr -d '\r' < report >> reports
}

wants() { # lines of a boot's report, as regular expressions
	cat << 'END'
HAS eth0 52:54:00:00:00:0a
HAS eth1 52:54:00:00:00:0b
HAS eth2 52:54:00:00:00:0d
ADDRESS eth0 192.168.67.1/24
ADDRESS eth1 192.0.2.10/24
ADDRESS eth2 10.0.2.15/24
ROUTE default via 192.0.2.1 dev eth1 .*metric 100.*
ROUTE default via 10.0.2.2 dev eth2 .*metric 200.*
WAS 0000:00:06.0 eth0
WAS 0000:00:08.0 eth1
WAS 0000:00:05.0 eth2
END
}

boots() { # boots NUMBER STYLE
	local want

	start
	sed -n "s/^$1 //p" reports > said
	grep -qx END said || {
		cat said console report.err >&2
		fail "boot $1, $2: no whole report"
	}
	while read -r want; do
		grep -qx "$want" said || {
			cat said >&2
			fail "boot $1, $2: no $want"
		}
	done < <(wants)
	! grep '^FAILED' said >&2 || fail "boot $1, $2: a unit failed"
	say "boot $1, $2: all names and addresses are right"
}

get_debian
make_debian
for i in 1 2 3; do boots $i ifupdown; done
mount_image disk tree rw
chroot tree systemctl -q enable systemd-networkd
absent tree/etc/network/interfaces.d/slate
renew_initramfs tree
umount tree
for i in 4 5 6; do boots $i networkd; done
equal "$(awk '$2 == "ID" { print $3 }' reports | sort -u | wc -l)" 6 "boots that were seen"
