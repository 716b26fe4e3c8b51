# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # variables are shared with the tests and other libraries
#
# room-lib.sh - a room of virtual PCs whose disks slate-pxe and the rescue system save and
# restore; and systems for these disks, which start and say who they are.
#
#	make_room 2 [LINE...]	the lab, the boot tree, lab.conf with the LINEs, the server;
#				pc1 and pc2 are known
#	make_system FILE gpt|dos	a disk with ESP, ext4, NTFS and swap; it boots
#				by BIOS and, when it is GPT, by UEFI and Secure Boot
#	job pc1 restore x.slate	for the server; its number is in $job
#	power_on 1 FIRMWARE HARDWARE FILE	pc1, from the network; its console is $log
#	until_off 1 SECONDS	it restarts or switches itself off
#	starts FIRMWARE HARDWARE FILE	from this disk alone: it says all that "says" looks for
#
# FIRMWARE is that of netboot-lib.sh; HARDWARE virtio, old (e1000, AHCI) or new (e1000e,
# NVMe), or nvme (virtio, NVMe): OVMF has no driver for e1000e, and what comes with the
# card is not signed; none is virtio without a disk.  Times are
# those of a machine that does nothing else; VM_SLOW=3 takes them for three times as long.
# shellcheck source=tests/vm/netboot-lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/netboot-lib.sh"
# shellcheck source=tests/vm/grub-lib.sh
. "$top/tests/vm/grub-lib.sh"
# shellcheck source=tests/cli/disk-lib.sh
. "$top/tests/cli/disk-lib.sh"
need_loop

more_words='quiet slate.onerror=reboot:1'

make_room() { # make_room MACHINES [LINE...]
	local i

	get_loaders
	get_boot_tree
	netboot_lab "$@"
	rm -rf boot
	cp -r "$tree" boot
	netboot_serve
	for ((i = 1; i <= $1; i++)); do
		in_lab "$PXE" host add -c lab.conf "pc$i" "52:54:00:77:01:0$i"
	done
}

# ---- a system ------------------------------------------------------------

# system_init: its first program, which tells what personalising may have changed
system_init() {
	cat << 'END'
#!/bin/busybox sh
/bin/busybox --install -s /bin
mount -t proc proc /proc
mount -t sysfs sysfs /sys
echo "SYSTEM-$(cat /marker)"
echo "HOST $(cat /etc/hostname) $(grep '^127\.0\.1\.1' /etc/hosts)"
echo "ID $(cat /etc/machine-id)."
echo "KEY $(cat /etc/ssh/ssh_host_ed25519_key.pub)"
[ ! -e /etc/systemd/system/multi-user.target.wants/slate-ssh-keys.service ] || echo NEW-KEYS
grep -H . /etc/systemd/network/*slate*
for card in /sys/bus/pci/devices/*; do
	read -r class < $card/class
	[ "$class" != 0x020000 ] || echo "CARD pci-${card##*/}"
done
[ ! -e /virus ] || echo SYSTEM-WRECKED
mount -o remount,ro /
echo MARKER-END
while :; do sleep 60; done
END
}

# initrd_init: finds the root, and goes there
initrd_init() {
	cat << 'END'
i=0
until findfs LABEL=root || [ $i = 300 ]; do usleep 100000; i=$((i + 1)); done
mount -t ext4 "$(findfs LABEL=root)" /mnt
exec switch_root /mnt /sbin/init
END
}

# grow_esp DEVICE: the loaders that Debian signs, and where they find the rest
grow_esp() {
	local from=$loaders/usr/lib

	mmd -i "$1" ::/EFI ::/EFI/BOOT ::/EFI/debian
	mcopy -i "$1" "$from/shim/shimx64.efi.signed" ::/EFI/BOOT/BOOTX64.EFI
	mcopy -i "$1" "$from/grub/x86_64-efi-signed/grubx64.efi.signed" ::/EFI/BOOT/grubx64.efi
	# shellcheck disable=SC2016 # GRUB's own
	printf '%s\n' 'search --no-floppy --label --set=root root' \
		'configfile ($root)/boot/grub/grub.cfg' > esp.cfg
	mcopy -i "$1" esp.cfg ::/EFI/debian/grub.cfg
}

# at_root FILE COMMAND...: with the root of the disk FILE mounted at ./at
at_root() {
	local status=0

	loop=$(losetup -f --show -o "$(part_begin "$1" "$root")" \
		--sizelimit "$(part_size "$1" "$root")" "$1")
	mkdir -p at
	mount "$loop" at
	"${@:2}" || status=$?
	umount at
	losetup -d "$loop"
	return $status
}

plant_root() {
	mkdir -p at/{bin,sbin,dev,proc,sys,tmp,boot/grub,usr/lib/systemd}
	cp "$kernel" at/boot/vmlinuz
	cp initrd at/boot/initrd
	printf '%s\n' 'linux /boot/vmlinuz console=ttyS0 quiet panic=-1 no_timer_check' \
		'initrd /boot/initrd' boot > at/boot/grub/grub.cfg
	add_program "$(type -P busybox)" at bin/busybox
	system_init > at/sbin/init
	chmod 755 at/sbin/init
	secret=$RANDOM$RANDOM$RANDOM
	echo "$secret" > at/marker
	rm -rf at/etc
	mkdir -p at/etc/{ssh,slate,udev/rules.d,systemd/system}
	touch at/usr/lib/systemd/systemd at/usr/bin/ssh-keygen
	echo 'ID=debian' > at/etc/os-release
	printf '127.0.0.1\tlocalhost\n127.0.1.1\tgolden.lab golden\n' > at/etc/hosts
	printf '[lan0]\nmatch = boot-nic\nrole = dhcp\n' > at/etc/slate/netconf.conf
	identity golden
}

# identity WORD: the names and keys of the system at ./at; WORD is in all of them
identity() {
	echo "$1" > at/etc/hostname
	id=$(printf %s "$1" | md5sum | cut -c 1-32)
	rm -f at/etc/machine-id
	echo "$id" > at/etc/machine-id
	(umask 077 && echo "-----BEGIN $1" > at/etc/ssh/ssh_host_ed25519_key)
	echo "ssh-ed25519 key-of-$1" > at/etc/ssh/ssh_host_ed25519_key.pub
}

make_system() { # make_system FILE gpt|dos: $secret is in it
	local drivers=(ext4 crc32c_generic virtio_pci virtio_blk ahci ata_piix sd_mod nvme)

	initrd_init > init
	[[ -e initrd ]] || make_initrd initrd init "${drivers[@]}"
	make_disk "$1" 220M "$2"
	grub_images root /boot/grub/grub.cfg
	if [[ $2 = gpt ]]; then
		install_bios "$1" $(($(part_begin "$1" 1) / 512))
		in_part "$1" $esp grow_esp
	else
		install_bios "$1" 64
	fi
	head -c 2000000 /dev/urandom > lesson
	in_part "$1" $win put_lesson
	at_root "$1" plant_root
}

put_lesson() {
	ntfscp -q "$1" lesson lesson 2> ntfs.log || { cat ntfs.log >&2; return 1; }
}

lesson_is_there() {
	ntfscat -q "$1" lesson | cmp - lesson || fail "NTFS has not the file that was saved"
}

# mischief: at ./at, as in a lesson
mischief() {
	head -c 3000000 /dev/urandom > at/virus
	echo 'not the marker' > at/marker
	rm -rf at/usr/share
}

# ---- the PCs -------------------------------------------------------------

hardware() { # hardware HARDWARE FILE N: QEMU's arguments for it, into $parts,
# and what Linux calls its card's driver, into $driver
	local net=virtio-net-pci drive=virtio-blk-pci

	parts=() driver=virtio_net
	case $1 in
	old) net=e1000 drive=ide-hd parts=(-device 'ahci,id=ahci') ;;
	new) net=e1000e drive=nvme ;;
	nvme) drive=nvme ;;
	esac
	[[ $net = virtio* ]] || driver=$net
	[[ $drive != ide-hd ]] || drive+=,bus=ahci.0
	net+=,netdev=net,mac=52:54:00:77:01:0$3$card
	[[ $1 = none ]] || parts+=(-device "$drive,drive=disk,serial=DISK-$3,bootindex=2"
		-drive "if=none,id=disk,format=raw,file=$2$slow")
	parts+=(-netdev "tap,id=net,ifname=tap$3,script=no,downscript=no"
		-device "$net" -device virtio-rng-pci)
}

slow='' # more words for -drive

# power_on N FIRMWARE HARDWARE FILE [ARGUMENT...]: from the network
power_on() {
	local with card=,bootindex=1

	firmware "$2"
	# Without the ROM, UEFI uses its own PXE, but has a driver for virtio only.
	[[ $2 = bios || $3 = new || $3 = old ]] || card+=,romfile=
	run_machine "$@"
}

# power_on_diskless N
power_on_diskless() {
	local with card=,bootindex=1

	firmware bios
	run_machine "$1" bios none ''
}

run_machine() {
	local n=$1

	hardware "$3" "$4" "$n"
	boots=$((boots + 1))
	log=$boots-pc$n.log
	logs[n]=$log
	printf '%q ' exec ip netns exec "$ns" qemu-system-x86_64 -accel tcg -cpu max \
		-m "${memory:-384}" -display none -monitor none -nic none -no-reboot \
		-serial "file:$log" -smbios "type=1,serial=PC-$n" "${with[@]}" "${parts[@]}" \
		"${@:5}" > "pc$n.run"
	start_machine "$n"
}

start_machine() { # start_machine N: as it is put together; its number is QEMU's own
	: > "${logs[$1]}"
	bash "pc$1.run" > "${logs[$1]}.err" 2>&1 &
	machines[$1]=$!
}

# boots_again N: an emulated card that loses an interrupt stops hearing the server in the
# middle of a file.  PXELINUX gives up then and resets the PC, which ends this QEMU.
boots_again() {
	tail -c 400 "${logs[$1]}" | sed 's/\x1b\[[0-9;]*H//g' | grep -aq 'wait for reset' ||
		return 1
	echo "pc$1: PXELINUX gave up; the PC starts again"
	start_machine "$1"
}

cut_power() { # cut_power N
	kill -KILL "${machines[$1]}" 2> /dev/null || true
	wait "${machines[$1]}" 2> /dev/null || true
	unset "machines[$1]"
}

until_off() { # until_off N SECONDS
	local n=$1 end=$((SECONDS + $2 * ${VM_SLOW:-1})) began=$SECONDS

	log=${logs[n]}
	while kill -0 "${machines[n]}" 2> /dev/null || boots_again "$n"; do
		[[ $SECONDS -lt $end ]] || {
			tail -c 3000 "$log" "$log.err" >&2
			fail "pc$n is not at its end after $((SECONDS - began)) s"
		}
		sleep 0.2
	done
	cut_power "$n"
	echo "pc$n: $((SECONDS - began)) s"
}

# until_shows N REGEX SECONDS: on its console, from now on or already
until_shows() {
	local n=$1 end=$((SECONDS + $3 * ${VM_SLOW:-1}))

	log=${logs[n]}
	until tr '\r' '\n' < "$log" | grep -aqE -- "$2"; do
		if [[ $SECONDS -ge $end ]] ||
			{ ! kill -0 "${machines[n]}" 2> /dev/null && ! boots_again "$n"; }; then
			shows "$2" # or fails
			break
		fi
		sleep 0.1
	done
}

# starts FIRMWARE HARDWARE FILE: from its disk, without asking the network
starts() {
	local with card=

	firmware "$1"
	card=,romfile=
	run_machine 1 "$@"
	until_shows 1 MARKER-END 120
	cut_power 1
	shows "^SYSTEM-$secret"
	! grep -a SYSTEM-WRECKED "$log" || fail "the system is not as it was"
}

# names_card N NAME: in the system that starts, NAME's .link file fits pc N's card, by its
# address or the place that this system sees it at, and nothing in it speaks against that
names_card() {
	tr -d '\r' < "$log" | awk -v mac="52:54:00:77:01:0$1" -v name="$2" -v driver="$driver" '
		$1 == "CARD" { card = $2; cards++ }
		sub(".*/10-slate-" name "[.]link:", "") { line[++n] = $0 }
		function fits(key, value) {
			return key ~ /^(Permanent)?MACAddress$/ && value == mac ||
				key == "Path" && value == card && cards == 1
		}
		END {
			for (i = 1; i <= n; i++) {
				value = key = line[i]
				sub(/=.*/, "", key)
				sub(/^[^=]*=/, "", value)
				if (key ~ /^\[/) part = key
				else if (part == "[Link]") named += line[i] == "Name=" name
				else if (fits(key, value)) good++
				else if (key == "Driver" && value == driver) continue
				else if (key !~ /^#/) exit 1
			}
			exit !(good && named == 1)
		}' || {
		grep -aE '^CARD|/10-slate-' "$log" >&2 || true
		fail "the card of pc$1 is not given the name $2"
	}
}

# ---- jobs ----------------------------------------------------------------

job() { # job ARGUMENT...: a new one; its number is in $job
	job=$(in_lab "$PXE" job add -c lab.conf "$@" | grep -oE '[0-9]+' | head -n 1)
}

# job_is STATE [ERROR-REGEX [NUMBER]]: of the last job
job_is() {
	in_lab "$PXE" job list --all --json -c lab.conf > job.list
	jq -es --arg state "$1" --arg error "${2-}" "map(select(.id == ${3:-$job}))[0] |
		.state == \$state and (.error | test(\$error))" job.list > /dev/null || {
		cat job.list >&2
		[[ ! -e ${log-} ]] || tail -c 3000 "$log" >&2
		fail "job ${3:-$job} is not $1${2:+, with $2}"
	}
}

# result EXPRESSION: what the server knows of the last job's end
result() {
	in_lab "$PXE" results --json -c lab.conf > results.list
	jq -es "map(select(.id == $job))[0] | $1" results.list > /dev/null || {
		cat results.list >&2
		fail "the result of job $job is not so: $1"
	}
}

# round FIRMWARE HARDWARE gpt|dos: pc1's disk is saved and lost, restored, and starts
round() {
	say "$*"
	make_system disk "$3"
	rm -f "images/$1-$2-$3.slate"
	job pc1 save "$1-$2-$3.slate"
	does_job 1 "$1" "$2" disk 180
	mv disk saved
	stale disk 220M
	job pc1 restore "$1-$2-$3.slate"
	does_job 1 "$1" "$2" disk 180
	[[ $3 = dos ]] || sound_table disk
	in_part disk $win lesson_is_there
	starts "$1" "$2" disk
	shows '^HOST pc1 127\.0\.1\.1.pc1'
	names_card 1 lan0
}

# does_job N FIRMWARE HARDWARE FILE SECONDS: it boots, does its job, and is off
does_job() {
	power_on "${@:1:4}"
	until_off "$1" "$5"
	job_is 'done'
}
