#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# limit 3600
#
# What goes wrong in a classroom: server, image, disk, network.  What can be refused is
# refused before the disk is touched; the server and the screen say what it was; and what
# can go on by itself does.
set -euo pipefail
# shellcheck source=tests/vm/room-lib.sh
. "$(dirname "$0")/../room-lib.sh"

make_room 1 'dhcp.mode = server' 'dhcp.ipxe = loader' 'dhcp.probe = no'
make_system golden dos
slate -b save golden images/room1.slate 2> err
chmod 644 images/room1.slate
stale disk 220M

# refused STATUS REGEX [QEMU-ARGUMENT...]: the job fails so, and the disk is what it was
refused() {
	local before

	before=$(sum disk)
	power_on 1 bios virtio disk "${@:3}"
	until_off 1 180
	job_is failed "$2"
	result ".status == $1"
	shows 'did not succeed'
	equal "$(sum disk)" "$before" "the disk"
	in_lab "$PXE" status -c lab.conf > status.txt
	grep -E 'pc1.*failed' status.txt || fail "status: $(cat status.txt)"
}

say "the image is damaged"
cp images/room1.slate whole
size=$(size_of whole)
printf 'damaged' | dd of=images/room1.slate bs=1 seek=$((size - 100)) conv=notrunc status=none
job pc1 restore room1.slate
refused 4 .
cp whole images/room1.slate

say "two disks, and no word which"
truncate -s 300M second
job pc1 restore room1.slate
refused 3 'more than one disk.*DISK-1.*SECOND' \
	-drive if=none,id=second,format=raw,file=second \
	-device virtio-blk-pci,drive=second,serial=SECOND

say "the disk is too small"
mv disk large
stale disk 50M
job pc1 restore room1.slate
refused 3 .
mv large disk

say "no disk"
job pc1 restore room1.slate
power_on_diskless 1
until_off 1 180
job_is failed 'no disk'

say "the job is cancelled in the middle"
slow=,throttling.bps-write=2000000
job pc1 restore room1.slate
power_on 1 bios virtio disk
until_shows 1 'restore +[1-9][0-9]? %' 180
in_lab "$PXE" job cancel -c lab.conf "$job"
until_off 1 60
job_is cancelled
shows 'the server has cancelled the job'

say "the server is killed in the middle, and comes back"
job pc1 --no-personalise restore room1.slate
power_on 1 bios virtio disk
until_shows 1 'restore +[1-9][0-9]? %' 180
stop_server KILL
sleep 15
# shellcheck disable=SC2119
start_server
until_off 1 180
job_is 'done'
expect_status 0 slate -b verify images/room1.slate disk

say "the image is deleted in the middle"
stale disk 220M
job pc1 --no-personalise restore room1.slate
power_on 1 bios virtio disk
until_shows 1 'restore +[1-9][0-9]? %' 180
mv images/room1.slate away
until_off 1 400
job_is failed .
shows 'only partly written|did not succeed'
slow=''
mv away images/room1.slate
job pc1 --no-personalise restore room1.slate
does_job 1 bios virtio disk 180
expect_status 0 slate -b verify images/room1.slate disk

say "addresses come 60 seconds late, as with spanning tree"
# Without "quiet", one can see when the kernel begins.
sed -i 's/quiet //' lab.conf
kill -HUP "$server_pid"
sleep 1
job pc1 --no-personalise restore room1.slate
power_on 1 bios virtio disk
until_shows 1 'Linux version' 180
ip -n "$ns" link set tap1 nomaster
until_shows 1 'no answer from a DHCP server yet; a switch port' 120
sleep 60
ip -n "$ns" link set tap1 master br0
until_off 1 180
job_is 'done'

say "the server's disk is full during a save"
stop_server
mv images whole-images
mkdir images
mount -t tmpfs -o size=8M,mode=777 small images
# shellcheck disable=SC2119
start_server
before=$(sum disk)
job pc1 save new.slate
power_on 1 bios virtio disk
until_off 1 180
job_is failed '[Ss]pace|full|room'
equal "$(sum disk)" "$before" "the disk that was to be saved"
absent images/new.slate
[[ $(du -s images | cut -f 1) -lt 100 ]] || fail "what was sent is still there"
