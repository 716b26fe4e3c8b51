#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# limit 300
#
# The agent without any network: a PC is restored from an image on another of its
# partitions, whatever filesystem that has.
set -euo pipefail
# shellcheck source=tests/cli/agent-lib.sh
. "$(dirname "$0")/agent-lib.sh"
ns=slate$$
mkdir -p /run/netns
mount -t tmpfs none /run/netns
ip netns add "$ns-1"
trap 'ip netns del "$ns-1" || true; cleanup' EXIT

truncate -s 64M good
mkfs.ext4 -q -F -L root good
mount_image good at rw
copy_files at 8000
echo 11111111111111111111111111111111 > at/etc/machine-id
umount at
slate -b save good image.slate 2> err

identity() { # identity FILE: its machine-id
	mount_image "$1" at
	cat at/etc/machine-id
	umount at
}

line() { # line WORD...
	pc_line 1 slate.local=restore slate.onerror=reboot:0 "$@"
}

# medium TYPE: the file medium, with the image on that filesystem as /images/pc 1.slate
medium() {
	local make=(mkfs.ext4 -q -F -L MEDIUM)

	[[ $1 != ntfs ]] || make=(mkntfs -q -F -f -L MEDIUM)
	rm -f medium
	truncate -s 48M medium
	"${make[@]}" medium > /dev/null 2>&1
	mkdir -p at
	if [[ $1 = ntfs ]]; then
		attach medium
		ntfs-3g "$loop" at
	else
		mount -o loop medium at
	fi
	mkdir at/images
	cp image.slate 'at/images/pc 1.slate'
	umount at
	[[ $1 != ntfs ]] || losetup -d "$loop"
}

# This machine's kernel has neither FAT nor exFAT.
for type in ext4 ntfs; do
	say "from $type"
	medium $type
	stale target 80M
	rm -rf pc1
	make_pc 1 medium target
	before=$(sum medium)
	line '"slate.image=LABEL=MEDIUM:/images/pc 1.slate"' slate.target= slate.then=poweroff
	agent 1 10
	shown 1 'the disk: sdb'
	shown 1 'The job "restore" is done'
	equal "$(sum medium)" "$before" "the partition with the image"
	expect_status 0 slate -b verify image.slate target
done

say "the PC keeps its identity, or takes the image's"
equal "$(identity target)" 11111111111111111111111111111111 "of an empty disk"
mount_image target at rw
echo 22222222222222222222222222222222 > at/etc/machine-id
: > at/lost
umount at
uuid=$(blkid -o value -s UUID -p target)
line '"slate.image=LABEL=MEDIUM:/images/pc 1.slate"' "slate.target=UUID=$uuid" slate.verify=full
agent 1
equal "$(identity target)" 22222222222222222222222222222222 "of the PC"
mount_image target at
absent at/lost
umount at

say "a PC that no vault could know again: it is told that the identity goes"
mount_image target at rw
echo 22222222222222222222222222222222 > at/etc/machine-id
umount at
mv pc1/sys/class/{net/eth0,dmi} .
mkdir pc1/sys/class/net/lo
echo 772 > pc1/sys/class/net/lo/type
agent 1
shown 1 'no identity is kept of the system on sdb: .*neither a network card nor a serial'
equal "$(identity target)" 11111111111111111111111111111111 "of the image"
mv eth0 pc1/sys/class/net
mv dmi pc1/sys/class

say "an image in volumes, of the name that the boot entry has for it"
mount -o loop medium at
split -b 100k -d -a 3 image.slate at/images/pc.slate.
umount at
line slate.image=LABEL=MEDIUM:/images/pc.slate "slate.target=UUID=$uuid" slate.verify=full
agent 1
shown 1 'The job "restore" is done'

say "what cannot be: nothing is touched"
refused() { # refused REGEX WORD...
	local before

	before=$(sum target)
	line "${@:2}"
	agent 1
	shown 1 "$1"
	shown 1 'did not succeed'
	equal "$(sum target)" "$before" "the target"
}
refused 'no image /none' slate.image=LABEL=MEDIUM:/none slate.target=
refused 'no image /\.\./x' slate.image=LABEL=MEDIUM:/../x slate.target=
refused 'should be like UUID' slate.image=/image slate.target=
refused 'no disk with that serial' slate.image=LABEL=MEDIUM:/images slate.target=NONE
refused 'is the partition that the image lies on' \
	slate.image=LABEL=MEDIUM:/images/x slate.target=LABEL=MEDIUM
cp target twin
attach twin
ln -s "$loop" pc1/dev/sdc
add_disk pc1 sdc 1 TWIN
refused 'fits 2 partitions' slate.image=LABEL=MEDIUM:/images/x "slate.target=UUID=$uuid"
late_disk sdc 2 drivers
refused 'fits 2 partitions' slate.image=LABEL=MEDIUM:/images/x "slate.target=UUID=$uuid"
wait "$late"
rm -r pc1/sys/block/sdc
line slate.local=wipe
agent 1
shown 1 'This boot entry is not in order.*slate.local is "wipe"'
