#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# A whole Debian, systemd and initramfs-tools included, gets a policy while it is mounted
# elsewhere.  Its first boot is on hardware that nobody has seen before; that and two
# more boots end with the right names and addresses, by ifupdown and by networkd.
# limit 3600
set -euo pipefail
# shellcheck source=tests/cli/nc-lib.sh
. "$(dirname "$0")/../../cli/nc-lib.sh"
# shellcheck source=tests/vm/lib.sh
. "$root/tests/vm/lib.sh"
need_root
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

policy() { # policy STYLE
	cat << END
[*]
style = $1
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

# What the guest does at the end of each boot.
report() {
	cat << 'END'
#!/bin/sh
exec > /dev/ttyS0 2>&1
n=0
until ip -o -4 addr show dev eth2 | grep -q inet || [ $n = 60 ]; do sleep 1; n=$((n + 1)); done
for i in /sys/class/net/*; do
	[ ! -e $i/device ] || echo "HAS ${i##*/} $(cat $i/address)"
done
ip -o -4 addr show | while read -r x name family address rest; do
	echo "ADDRESS $name $address"
done
ip route show default | sed 's/^/ROUTE /'
slate-netconf plan | sed 's/^/PLAN /'
systemctl --no-legend --failed | sed 's/^/FAILED /'
journalctl -b --no-pager -u slate-netconf.service | sed 's/^/UNIT /'
sync
echo MARKER-END
END
}

report_unit() {
	cat << 'END'
[Unit]
After=network.target multi-user.target
[Service]
Type=oneshot
ExecStart=/report
END
}

make_debian() { # make_debian ifupdown|networkd: ./disk, ./initrd, ./vmlinuz
	local tree=$dir/tree at=etc/systemd/system

	rm -rf "$tree"
	mkdir "$tree"
	tar -C "$tree" -xf "$debian/root.tar"
	install -D "$NETCONF" "$tree/usr/local/sbin/slate-netconf"
	install -D "$NET_RENAME" "$tree/usr/local/lib/slate/net-rename"
	mkdir -p "$tree/etc/slate" sys/class/net
	policy "$1" > "$tree/etc/slate/netconf.conf"
	report > "$tree/report"
	chmod 755 "$tree/report"
	report_unit > "$tree/$at/report.service"
	mkdir -p "$tree/$at/multi-user.target.wants"
	ln -s ../report.service "$tree/$at/multi-user.target.wants/"
	[[ $1 != networkd ]] || ln -s /lib/systemd/system/systemd-networkd.service \
		"$tree/$at/multi-user.target.wants/"
	# Nobody logs in, which would hang up the console that the report goes to.
	ln -s /dev/null "$tree/$at/serial-getty@ttyS0.service"
	echo '/dev/vda / ext4 defaults 0 0' > "$tree/etc/fstab"
	expect_status 0 netconf --root "$tree" --sys sys generate
	chroot "$tree" update-initramfs -u > update.log 2>&1 ||
		{ cat update.log >&2; fail "no initramfs"; }
	chroot "$tree" sh -c 'lsinitramfs /boot/initrd.img-*' > listing
	grep -q 'slate/net-rename$' listing ||
		fail "the program is not in the initramfs"
	cp "$tree"/boot/initrd.img-* initrd
	cp "$tree"/boot/vmlinuz-* vmlinuz
	rm -rf "${tree:?}"/boot/*
	rm -f disk
	mke2fs -q -t ext4 -d "$tree" disk 2G
	rm -rf "$tree"
}

boots() { # boots STYLE WHICH
	local want

	guest console 900 -m 768 -smp 2 -kernel vmlinuz -initrd initrd \
		-smbios "type=41,designation=LAN,instance=1,kind=ethernet,pcidev=n0" \
		-drive file=disk,format=raw,if=virtio,cache=writeback \
		-device e1000e,mac=52:54:00:00:00:0b,addr=5,romfile= \
		-device e1000,mac=52:54:00:00:00:0a,addr=8,id=n0,romfile= \
		-netdev user,id=net \
		-device rtl8139,netdev=net,mac=52:54:00:00:00:0d,addr=6,romfile= \
		-append "root=/dev/vda rw console=ttyS0 quiet panic=-1 no_timer_check mitigations=off"
	tr -d '\r' < console > said
	for want in 'HAS eth0 52:54:00:00:00:0a' 'HAS eth1 52:54:00:00:00:0b' \
		'HAS eth2 52:54:00:00:00:0d' 'ADDRESS eth0 192.168.67.1/24' \
		'ADDRESS eth1 192.0.2.10/24' 'ADDRESS eth2 10.0.2.15/24' \
		'ROUTE default via 10.0.2.2 dev eth2 .*metric 200.*'; do
		grep -qx "$want" said || {
			grep -E '^[A-Z]+ ' said >&2 || tail -n 40 said >&2
			fail "$1, boot $2: no $want"
		}
	done
	! grep '^FAILED' said || fail "$1, boot $2: a unit failed"
	say "$1, boot $2"
}

get_debian
for style in ifupdown networkd; do
	make_debian $style
	for which in 1 2 3; do boots $style $which; done
done
