# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
#
# names-lib.sh - guests in which Debian's udevd names emulated cards.  Comes after
# tests/vm/lib.sh and tests/vm/udev-lib.sh.
#
# One guest plays many scenes: the drivers are unloaded between them and udevd begins
# anew.  The cards, by the last byte of their address:
#
#	0a  e1000, on the board by SMBIOS    0b  e1000e
#	0c  virtio                           0d  8139cp
#	wlan0 and wlan1 of mac80211_hwsim: 02:00:00:00:00:00, 02:00:00:00:01:00
# shellcheck disable=SC2154 # the other libraries set $dir, $modules, $version, $kernel
wired=(e1000 e1000e virtio_net 8139cp)
scenes=()

address_of() { # address_of LAST-BYTE, or a whole address
	[[ $1 = *:* ]] && echo "$1" || echo "52:54:00:00:00:$1"
}

names_begin() { # an empty ./more and ./init
	get_kernel amd64
	get_udev
	rm -rf more
	udev_tree more
	mkdir more/rules
	guest_modules
	{ udev_functions; guest_functions; } > init
}

# guest_modules: those of the cards and what they need, for the guest's own modprobe
guest_modules() {
	local file

	needs "${wired[@]}" virtio_pci mac80211_hwsim > files
	while read -r file; do
		install -D -m 644 "$file" "more/lib/modules/$version/${file#*"$version"/}"
	done < files
	cp "$modules/lib/modules/$version"/modules.{builtin,builtin.modinfo,order} \
		"more/lib/modules/$version/"
	depmod -b more "$version"
}

guest_functions() {
	cat << 'END'
mount -t tmpfs run /run
mkdir -p /run/udev
for m in virtio_pci cfg80211 mac80211; do modprobe $m; done
cards='e1000 e1000e virtio_net 8139cp mac80211_hwsim'
load() {
	for m; do
		case $m in
		mac80211_hwsim) modprobe $m radios=2 ;;
		*) modprobe $m ;;
		esac
	done
}
coldplug() {
	udevadm trigger --action=add --subsystem-match=pci --subsystem-match=virtio \
		--subsystem-match=net --subsystem-match=mac80211_hwsim
	udevadm settle --timeout=60
}
begin() { # begin SCENE
	rm -rf /etc/udev/rules.d/* /etc/systemd/network/* /run/udevd.log
	cp -r /rules/$1/. /
	echo "SCENE $1 after $(cut -d ' ' -f 1 /proc/uptime) s"
}
ended() { # ended SCENE
	names "HAS $1"
	for i in /sys/class/net/*; do
		[ ! -e $i/device ] || udevadm info -q property -p $i |
			sed -n "s/^ID_PATH=/KNOWN $1 ${i##*/} /p"
	done
	stop_udevd
	sed "s/^/LOG $1 /" /run/udevd.log
	unload
	rm -rf /run/udev
}
helper=$(sed -n 's/.*RUN+="\([^ ]*\) .*/\1/p' /rules/*/etc/udev/rules.d/* | head -n 1)
take_helper() { mv $helper $helper.away; }
return_helper() { # for the second of two passes
	udevadm settle --timeout=60
	names FIRST
	stop_udevd
	mv $helper.away $helper
	start_udevd
	coldplug
}
in_use() { # in_use NAME: as soon as it has its name
	[ ! -S /run/udev/control ] || udevadm settle
	ip link set $1 up
}
unload() { for m in $cards; do rmmod $m; done 2> /dev/null; }
END
}

# scene NAME cold|hot 'DRIVER...' 'NAME=LAST-BYTE...' [BEFORE [AFTER]]: rules for these names,
# then the drivers come up in this order, so the kernel's names follow it; cold: before
# udevd runs.  BEFORE and AFTER are what the guest does before and behind the drivers.  NAME
# absent... is given to a card that is not there; "?NAME" is expected, but the rules do not
# give it.
scene() {
	local pair pairs=() given=()

	for pair in $4; do pairs+=("${pair%%=*}=$(address_of "${pair#*=}")"); done
	for pair in "${pairs[@]}"; do [[ $pair = '?'* ]] || given+=("$pair"); done
	mkdir -p "more/rules/$1/etc/udev/rules.d"
	[[ ${#given[@]} = 0 ]] || netconf rules "${given[@]}" \
		> "more/rules/$1/etc/udev/rules.d/70-slate-netconf.rules"
	{
		echo "begin '$1'"
		echo "${5-}"
		[[ $2 = cold ]] || echo 'start_udevd; coldplug'
		echo "load $3"
		echo "${6-}"
		[[ $2 != cold ]] || echo 'start_udevd; coldplug'
		echo 'udevadm settle --timeout=60'
		echo "ended '$1'"
	} >> init
	scenes+=("$1|${pairs[*]#\?}")
}

# names_play SECONDS [KERNEL-ARGUMENT...]: boots the guest, checks all scenes
names_play() {
	local scene

	echo 'echo MARKER-END' >> init
	make_initrd initrd init
	guest console "$1" -smp 2 \
		-smbios "type=41,designation=LAN,instance=1,kind=ethernet,pcidev=n0" \
		-device e1000,mac=52:54:00:00:00:0a,addr=3,id=n0,romfile= \
		-device e1000e,mac=52:54:00:00:00:0b,addr=4,romfile= \
		-device virtio-net-pci,mac=52:54:00:00:00:0c,addr=5,romfile= \
		-device rtl8139,mac=52:54:00:00:00:0d,addr=6,romfile= \
		-kernel "$kernel" -initrd initrd \
		-append "console=ttyS0 quiet panic=-1 no_timer_check mitigations=off ${*:2}"
	tr -d '\r' < console > said
	grep -q MARKER-END said || {
		tail -n 40 said console.err >&2
		fail "the guest did not come to its end"
	}
	grep '^SCENE ' said
	for scene in "${scenes[@]}"; do names_check "${scene%%|*}" "${scene#*|}"; done
}

names_check() { # names_check SCENE 'NAME=ADDRESS...'
	local pair

	say "$1"
	for pair in $2; do
		[[ $pair = absent* ]] || grep -qx "HAS $1 ${pair%%=*} ${pair#*=}" said ||
			names_fail "$1" "${pair%%=*} is not ${pair#*=}"
		# An event that udevd gave up leaves nothing in its database.
		[[ $pair != eth* ]] || grep -q "^KNOWN $1 ${pair%%=*} " said ||
			names_fail "$1" "udevd knows nothing of ${pair%%=*}"
	done
	! grep -q "^HAS $1 nc-" said || names_fail "$1" "left under a name between"
	! grep -qE "^LOG $1 .*(Failed to rename|Failed to process|70-slate)" said ||
		names_fail "$1" "udevd complains"
}

names_fail() { # names_fail SCENE TEXT
	grep -E "^[A-Z]+ $1( |\$)" said >&2 || true
	fail "$1: $2"
}
