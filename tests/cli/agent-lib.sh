# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
#
# agent-lib.sh - PCs of a lab that run the rescue system's agent: the namespaces of
# pxe-lib.sh, and for each a folder that stands before /proc, /sys, /dev, /run and /etc.
#
#	make_pc 1 disk...	client 1 has these files as disks sda, sdb...; its console is
#				pc1/dev/ttyS0
#	pc_line 1 WORD...	the command line of its kernel
#	agent 1 [STATUS]	runs it, and expects that exit status (default 0)
#	shown 1 REGEX		is on its console;  job_is STATE: the last job, at the server
#
# A disk is a loop device, and the kernel here may read no tables: so it holds one filesystem,
# without a table.
# shellcheck source=tests/cli/pxe-lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/pxe-lib.sh"
need_loop
unset http_proxy https_proxy all_proxy SLATE_TOKEN

AGENT=$(realpath "${AGENT:-$root/build/slate-agent}")
NETCONF=$(realpath "${NETCONF:-$root/build/slate-netconf}")
mkdir bin
ln -s "$SLATE" bin/slate
ln -s "$NETCONF" bin/slate-netconf
ln -s "$AGENT" bin/slate-agent
ln -s "$(type -P busybox)" bin/udhcpc

make_pc() { # make_pc N FILE...
	local n=$1 letter=a file pc=pc$1

	mkdir -p "$pc"/{proc,dev,run,tmp,etc/slate/rescue} "$pc"/sys/{block,class/tty/console}
	ln -s "$root/rescue/init/lease" "$pc/etc/slate/rescue/lease"
	# A card of hardware, with the link that it has in its namespace
	mkdir -p "$pc/sys/class/net/eth0/device"
	ln -s /sys/class/net/eth0/carrier "$pc/sys/class/net/eth0/carrier"
	echo "52:54:00:77:00:0$n" > "$pc/sys/class/net/eth0/address"
	echo 1 > "$pc/sys/class/net/eth0/type"
	mkdir -p "$pc/sys/class/dmi/id"
	echo "PC-$n" > "$pc/sys/class/dmi/id/product_serial"
	echo ttyS0 > "$pc/sys/class/tty/console/active"
	: > "$pc/dev/ttyS0"
	for file in "${@:2}"; do
		attach "$file"
		ln -s "$loop" "$pc/dev/sd$letter"
		add_disk "$pc" "sd$letter" "$(($(size_of "$file") / 512))" "DISK-$n-$letter"
		letter=$(tr a-y b-z <<< "$letter")
	done
	pc_line "$n" slate.server=http://10.77.0.1 "BOOTIF=01-52-54-00-77-00-0$n" \
		slate.onerror=reboot:1
}

add_disk() { # add_disk PC NAME SECTORS SERIAL
	local disk=$1/sys/block/$2

	mkdir -p "$disk/device"
	echo "$3" > "$disk/size"
	echo 0 > "$disk/ro"
	echo 0 > "$disk/removable"
	echo "$4" > "$disk/device/serial"
	echo 'A made-up disk' > "$disk/device/model"
}

# late_disk NAME SECONDS [drivers]: pc1 has that disk only then, and is busy with drivers until
# then, if that is said; $late is to be waited for
late_disk() {
	mv "pc1/sys/block/$1" "$1"
	mkdir -p pc1/run/slate
	[[ ! ${3-} ]] || : > pc1/run/slate/drivers
	{
		sleep "$2"
		mv "$1" "pc1/sys/block/$1"
		rm -f pc1/run/slate/drivers
	} &
	# shellcheck disable=SC2034 # the caller reads it
	late=$!
}

pc_line() { # pc_line N WORD...
	echo "BOOT_IMAGE=slate/vmlinuz ${*:2}" > "pc$1/proc/cmdline"
}

# run_agent N: for & too; its status is its own
run_agent() {
	: > "pc$1/dev/ttyS0"
	client "$1" env PATH="$dir/bin:$PATH" timeout -k 5 300 "$AGENT" run \
		"--root=$dir/pc$1" > "agent.$1.log" 2>&1
}

agent() { # agent N [STATUS]
	local status=0

	run_agent "$1" || status=$?
	[[ $status = "${2:-0}" ]] || {
		cat "agent.$1.log" "pc$1/dev/ttyS0" >&2
		fail "the agent of PC $1 ended with $status, not ${2:-0}"
	}
}

shown() { # shown N REGEX: on its console, as it was wrapped or not
	tr -s ' \n' ' ' < "pc$1/dev/ttyS0" | grep -qE -- "$2" || {
		cat "pc$1/dev/ttyS0" >&2
		fail "PC $1 does not show \"$2\""
	}
}

not_shown() {
	! grep -qE -- "$2" "pc$1/dev/ttyS0" || fail "PC $1 shows \"$2\""
}

job() { # job ARGUMENT...: a new one for the server; its number is in $job
	job=$(in_lab "$PXE" job add -c lab.conf "$@" | grep -oE '[0-9]+' | head -n 1)
}

# the_end EXPRESSION: of the receipt that the server has of the last job
the_end() {
	in_lab "$PXE" results --json -c lab.conf > results.json
	jq -es "map(select(.id == $job))[0].receipt" results.json > receipt.json || {
		cat results.json >&2
		fail "no receipt of job $job"
	}
	jq -e "$1" receipt.json > /dev/null || {
		cat receipt.json >&2
		fail "the receipt is not so: $1"
	}
}

# job_is STATE [ERROR-REGEX]: of the last job
job_is() {
	in_lab "$PXE" job list --all --json -c lab.conf > job.list
	jq -es --arg state "$1" --arg error "${2-}" "map(select(.id == $job))[0] |
		.state == \$state and (.error | test(\$error))" job.list > /dev/null || {
		cat job.list pc?/dev/ttyS0 >&2
		fail "job $job is not $1${2:+, with $2}"
	}
}

# make_good NAME KIB [COMMAND]: files, of which COMMAND makes a system (else they are none), in
# the file "good" and as an image
make_good() {
	truncate -s 64M good
	mkfs.ext4 -q -F -L good good
	mount_image good at rw
	copy_files at "$2"
	"${3:-be_none}"
	umount at
	slate -b save good "images/$1" 2> err
	chmod 644 "images/$1"
}

be_none() {
	rm -rf at/etc
}

# be_linux: at ./at, with an identity
be_linux() {
	mkdir -p at/etc/ssh
	ssh-keygen -q -t ed25519 -N '' -C image -f at/etc/ssh/ssh_host_ed25519_key
	echo 11111111111111111111111111111111 > at/etc/machine-id
	echo image > at/etc/hostname
}

# make_lab_server N: the lab with clients 1 to N, pc1... known by name, and the server
make_lab_server() {
	local i

	make_lab "$1"
	make_folders 'lab.interface = br0' 'dhcp.range = 10.77.0.100-10.77.0.120' \
		'dhcp.mode = server' 'dhcp.probe = no' "${@:2}"
	# shellcheck disable=SC2119 # it needs nothing more
	start_server
	for ((i = 1; i <= $1; i++)); do
		in_lab "$PXE" host add -c lab.conf "pc$i" "52:54:00:77:00:0$i"
	done
}
