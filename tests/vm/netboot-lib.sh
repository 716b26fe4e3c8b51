# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
#
# netboot-lib.sh - virtual machines that boot from the network, with real firmware and
# real loaders, in a lab of its own; the server is slate-pxe.
#
#	make_netboot [LINE...]	the lab, the boot tree, lab.conf with the LINEs, the server
#				("dhcp.mode = proxy": with another one that gives addresses)
#	runs_job KIND SECONDS	the machine has a job: it boots the rescue system and does it
#	boots_disk KIND SECONDS	it has none: it goes on to its disk
#
# KIND is bios (SeaBIOS with an iPXE ROM), uefi (its own PXE), http (its HTTP boot) or secure
# (PXE with Secure Boot).  The network is first in the machine's boot order, then the
# disk.  Of a test that fails the serial consoles and all packets stay in
# build/netboot-failed.
# shellcheck source=tests/cli/pxe-lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/../cli/pxe-lib.sh"
# shellcheck source=tests/vm/lib.sh
. "$root/tests/vm/lib.sh"

other_pid='' capture_pid='' boots=0 other_options=() more_words='' machines=()
trap 'keep_logs $?; stop_all; cleanup' EXIT

keep_logs() { # keep_logs STATUS
	local to

	[[ $1 != 0 && $1 != 77 ]] || return 0
	to=$top/build/netboot-failed/$(basename "$0" .sh)
	rm -rf "$to"
	mkdir -p "$to"
	cp ./*.log lab.conf capture "$to" 2> /dev/null || true
	tail -n 30 server.log >&2 || true
	echo "what was seen is in $to" >&2
}

stop_all() {
	local pid

	stop_server KILL
	for pid in $guest_pid "${machines[@]}" $other_pid $capture_pid; do
		kill "$pid" 2> /dev/null || true
		wait "$pid" 2> /dev/null || true
	done
	ip netns del "$ns" 2> /dev/null || true
	ip netns del "$ns-1" 2> /dev/null || true
}

# get_loaders: the loaders as Debian ships (and signs) them, unpacked once in
# build/loaders, which becomes $loaders.
get_loaders() {
	loaders=$top/build/loaders
	mkdir -p "$loaders"
	(
		flock 9 # two tests may want it at once
		cd "$loaders" || exit
		[[ -e ready ]] || unpack_loaders > log 2>&1 || {
			cat log >&2
			fail "Debian's boot loaders cannot be had"
		}
	) 9> "$loaders/lock"
}

unpack_loaders() { # here
	local names=(pxelinux syslinux-common ipxe shim-signed grub-efi-amd64-signed) file

	rm -rf usr ./*.deb
	apt-get -o Acquire::Retries=3 download "${names[@]}" || {
		apt-get update && apt-get -o Acquire::Retries=3 download "${names[@]}"
	} || return
	for file in ./*.deb; do
		dpkg -x "$file" . || return
	done
	rm ./*.deb && : > ready
}

make_netboot() { # make_netboot [LINE...]
	get_loaders
	get_kernel cloud-amd64
	netboot_lab 1 "$@"
	fill_boot
	make_disks
	head -c 1000000 /dev/urandom > images/sample
	netboot_serve
	in_lab "$PXE" host add -c lab.conf pc1 52:54:00:77:01:01
}

# netboot_lab MACHINES [LINE...]: the lab with tap1, tap2...; folders and lab.conf
netboot_lab() {
	local i

	[[ -c /dev/net/tun ]] || skip "needs /dev/net/tun, for a virtual machine's network"
	make_lab 1
	for ((i = 1; i <= $1; i++)); do
		ip -n "$ns" tuntap add dev "tap$i" mode tap
		ip -n "$ns" link set "tap$i" master br0 up
	done
	# A loaded machine emulates no steady clock: the kernel would take it for broken.
	make_folders 'dhcp.range = 10.77.0.100-10.77.0.120' \
		"jobs.kernel-options = console=ttyS0 no_timer_check panic=-1 $more_words" \
		"${@:2}"
}

# netboot_serve: what goes over the wire is captured; the other server, if lab.conf wants one
# beside it; the server
netboot_serve() {
	if command -v tcpdump > /dev/null; then
		# No function: its number shall be the program's own.
		ip netns exec "$ns" tcpdump -q -n -U -s 400 -i br0 -w capture 2> tcpdump.log &
		capture_pid=$!
	fi
	! grep -q '^mode = proxy' lab.conf || other_server
	# shellcheck disable=SC2119 # it needs nothing more
	start_server
}

# fill_boot: a boot tree, with the names that slate-pxe expects
fill_boot() {
	local from=$loaders/usr/lib

	cp "$from/PXELINUX/lpxelinux.0" "$from/syslinux/modules/bios/ldlinux.c32" boot
	cp "$from/shim/shimx64.efi.signed" boot/bootx64.efi
	cp "$from/grub/x86_64-efi-signed/grubnetx64.efi.signed" boot/grubx64.efi
	mkdir boot/http
	cp "$from/ipxe/snponly.efi" boot/http/bootx64.efi
	cp "$kernel" boot/slate/vmlinuz
	rescue_init > init
	mkdir -p more/bin
	rescue_lease > more/bin/lease
	chmod 755 more/bin/lease
	make_initrd boot/slate/initrd.img init virtio_pci virtio_net
}

# rescue_lease: what udhcpc calls
rescue_lease() {
	cat << 'END'
#!/bin/sh
[ "$1" = bound ] || exit 0
ip addr add "$ip/$mask" dev "$interface"
END
}

# rescue_init: as a rescue system would: an address, an image, the job, its end
rescue_init() {
	cat << 'END'
echo "LINE $(cat /proc/cmdline)"
for word in $(cat /proc/cmdline); do
	case $word in
	slate.server=*) server=${word#*=} ;;
	BOOTIF=01-*) mac=$(echo "${word#BOOTIF=01-}" | tr - :) ;;
	esac
done
ip link set eth0 up
udhcpc -f -q -n -t 20 -T 1 -i eth0 -s /bin/lease
echo "IMAGE $(wget -q -O - "$server/images/sample" | sha256sum)"
wget -q -O job --post-data "{\"mac\":\"$mac\"}" "$server/api/v1/job"
echo "JOB $(cat job)"
token=$(sed -n 's/.*"token":"\([0-9a-f]*\)".*/\1/p' job)
[ -z "$token" ] || echo "THEN $(wget -q -O - --header "Authorization: Bearer $token" \
	--post-data '{"status":0}' "$server/api/v1/end")"
echo MARKER-END
END
}

# make_disks: bios.disk, uefi.disk: each says on the serial console that it was booted
make_disks() {
	local signed=$loaders/usr/lib

	# Writes each byte of the text to the port when it has room.
	{
		printf '\x31\xc0\x8e\xd8\xfc\xbe\x1d\x7c'         # ds = 0, si = the text
		printf '\xba\xfd\x03\xec\xa8\x20\x74\xfb'         # wait for bit 5 of 0x3fd
		printf '\xac\x84\xc0\x74\x05\xb2\xf8\xee\xeb\xee' # next byte to 0x3f8
		printf '\xf4\xeb\xfd'                             # at its end halt
		printf 'the disk MARKER-END\n'
	} > bios.disk
	truncate -s 510 bios.disk
	printf '\x55\xaa' >> bios.disk
	truncate -s 1M bios.disk
	truncate -s 16M uefi.disk
	mformat -i uefi.disk ::
	mmd -i uefi.disk ::/EFI ::/EFI/BOOT ::/EFI/debian
	mcopy -i uefi.disk "$signed/shim/shimx64.efi.signed" ::/EFI/BOOT/BOOTX64.EFI
	mcopy -i uefi.disk "$signed/grub/x86_64-efi-signed/grubx64.efi.signed" \
		::/EFI/BOOT/grubx64.efi
	echo 'echo "the disk MARKER-END"' > grub.cfg
	mcopy -i uefi.disk grub.cfg ::/EFI/debian/grub.cfg
}

# other_server: gives addresses, and knows nothing of booting but what the caller puts into
# $other_options
other_server() {
	client 1 ip addr add 10.77.0.2/24 dev eth0
	ip netns exec "$ns-1" dnsmasq -k -C /dev/null --port=0 --user=root --no-ping \
		--interface=eth0 --dhcp-range=10.77.0.50,10.77.0.90,1h \
		--dhcp-leasefile="$dir/other.leases" --log-facility=- "${other_options[@]}" \
		2> other.log &
	other_pid=$!
}

# firmware KIND: puts QEMU's arguments for it into $with
firmware() {
	local flash="if=pflash,format=raw" code=/usr/share/OVMF/OVMF_CODE_4M vars=OVMF_VARS_4M
	local support=name=opt/org.tianocore pxe=y

	with=(-machine "pc,graphics=off")
	[[ $1 != bios ]] || return 0
	with=(-machine q35 -vga none)
	[[ $1 != secure ]] || {
		with=(-machine "q35,smm=on" -vga none -m 512
			-global "driver=cfi.pflash01,property=secure,value=on")
		code+=.ms vars+=.ms
	}
	[[ $1 != http ]] || pxe=n
	with+=(-drive "$flash,unit=0,readonly=on,file=$code.fd"
		-drive "$flash,unit=1,snapshot=on,file=/usr/share/OVMF/$vars.fd"
		-fw_cfg "$support/IPv6PXESupport,string=n"
		-fw_cfg "$support/IPv4PXESupport,string=$pxe")
}

# netboot KIND SECONDS: its serial console is $log
netboot() {
	local card="virtio-net-pci,netdev=net,mac=52:54:00:77:01:01,bootindex=1" disk=uefi.disk
	local with within=(ip netns exec "$ns") began=$SECONDS

	firmware "$1"
	# Without the ROM, UEFI uses its own PXE.
	[[ $1 = bios ]] && disk=bios.disk || card+=,romfile=
	boots=$((boots + 1))
	log=$boots-$1.log
	guest "$log" "$2" "${with[@]}" -device virtio-rng-pci \
		-netdev tap,id=net,ifname=tap1,script=no,downscript=no -device "$card" \
		-drive "if=none,id=disk,format=raw,snapshot=on,file=$disk" \
		-device virtio-blk-pci,drive=disk,bootindex=2
	echo "$1: $((SECONDS - began)) s"
}

shows() { # shows REGEX: on the serial console
	grep -aqE -- "$1" "$log" || {
		tail -c 3000 "$log" >&2
		fail "the console does not show \"$1\""
	}
}

runs_job() { # runs_job KIND SECONDS
	local said='slate\.server=http://10\.77\.0\.1 slate\.host=pc1 .*'

	in_lab "$PXE" job add -c lab.conf pc1 shell
	netboot "$1" "$2"
	shows "^LINE .*${said}BOOTIF=01-52-54-00-77-01-01"
	shows "^IMAGE $(sum images/sample)"
	shows '^JOB .*"verb":"shell"'
	shows '^MARKER-END'
	in_lab "$PXE" job list --all -c lab.conf > job.list
	grep -q ' done ' job.list || fail "no job was done"
	! grep -E ' (waiting|running|failed|lost) ' job.list || fail "the job was not done"
	[[ $1 != secure ]] || shows 'secureboot: Secure boot enabled'
}

# cannot_load KIND SECONDS: the loader says so, and starts the PC anew after half a minute:
# by GRUB's clock, which goes five times slower in an emulated PC with UEFI
cannot_load() {
	local job silent began=$SECONDS

	job=$(in_lab "$PXE" job add -c lab.conf pc1 shell | grep -oE '[0-9]+' | head -n 1)
	mv boot/slate/initrd.img .
	netboot "$1" "$2"
	silent=$(($(date +%s) - $(stat -c %Y "$log")))
	mv initrd.img boot/slate/
	in_lab "$PXE" job cancel -c lab.conf "$job"
	shows 'Trying again in 30 seconds'
	[[ $silent -ge 25 && $((SECONDS - began)) -lt $2 ]] ||
		fail "it was silent for $silent s, and did not start anew"
}

boots_disk() { # boots_disk KIND SECONDS
	netboot "$1" "$2"
	shows 'the disk MARKER-END'
}

# every_kind: each with a job, and then without one.  UEFI may go through all of its other
# ways to boot from a network before it comes to the disk.
every_kind() {
	local kind

	for kind in bios uefi secure http; do
		say "$kind"
		[[ $kind = bios ]] || cannot_load $kind 300
		runs_job $kind 300
		boots_disk $kind 400
	done
	say "bios, by the ROM's own script"
	sed -i 's/^ipxe = loader/ipxe = script/' lab.conf
	kill -HUP "$server_pid"
	sleep 1
	cannot_load bios 300
	runs_job bios 300
	boots_disk bios 300
	logged 'pc1 .*(iPXE on BIOS).*boot(s)? http://10\.77\.0\.1:80/boot/slate\.ipxe-01-'
}
