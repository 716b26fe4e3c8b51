#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# limit 600
#
# A PC stays itself over restores: its identity goes to the server's vault before the first,
# and comes from there at each other one; and a wipe, which needs to be confirmed.
set -euo pipefail
# shellcheck source=tests/cli/agent-lib.sh
. "$(dirname "$0")/agent-lib.sh"

make_lab_server 1
make_good good.slate 8000 be_linux

# The PC has the system of the image, but is itself.
cp good disk
mount_image disk at rw
echo 22222222222222222222222222222222 > at/etc/machine-id
rm at/etc/ssh/ssh_host_*
ssh-keygen -q -t ed25519 -N '' -C own -f at/etc/ssh/ssh_host_ed25519_key
cp at/etc/ssh/ssh_host_ed25519_key own
umount at
make_pc 1 disk

# is_itself NAME: the PC's disk
is_itself() {
	mount_image disk at
	equal "$(cat at/etc/machine-id)" 22222222222222222222222222222222 "the machine-id"
	same at/etc/ssh/ssh_host_ed25519_key own
	equal "$(cat at/etc/hostname)" "$1" "the host name"
	umount at
}

say "the first restore: from the disk to the vault, then to the disk"
job pc1 restore good.slate
agent 1
job_is 'done'
the_end '.steps | any(test("identity of the system on sda is kept"))'
the_end '.steps | any(test("machine.s own, with the name pc1"))'
is_itself pc1
ls -l state/vault > list
[[ $(find state/vault -name '*.tar' -perm 600 | wc -l) = 1 ]] || fail "vault: $(cat list)"

say "the second, of a disk that is a wreck: from the vault"
stale disk2 64M
dd if=disk2 of=disk bs=1M conv=notrunc status=none
job pc1 restore good.slate
agent 1
job_is 'done'
the_end '.steps | any(test("comes from the server.s vault"))'
is_itself pc1

say "the vault is damaged: nothing is touched"
vault=$(find state/vault -name '*.tar')
cp "$vault" vault.tar
printf 'x' | dd of="$vault" bs=1 seek=2 conv=notrunc status=none
before=$(sum disk)
job pc1 restore good.slate
agent 1
job_is failed 'vault.*damaged.*slate-pxe host forget'
the_end '.status == 3'
equal "$(sum disk)" "$before" "the disk"
rm "$vault"

say "the vault cannot be stored: nothing is touched"
mv state/vault state/vault.d
: > state/vault
job pc1 restore good.slate
agent 1
job_is failed 'identity'
equal "$(sum disk)" "$before" "the disk"
rm state/vault
mv state/vault.d state/vault

say "a system that is too broken to keep its identity: mended all the same"
in_lab "$PXE" host forget -c lab.conf pc1
mount_image disk at rw
printf '127.0.0.1\0localhost' > at/etc/hosts
umount at
job pc1 restore good.slate
agent 1
job_is 'done'
the_end '.steps | any(test("sda is too damaged to keep its identity"))'

say "not personalised: as the image is"
job --no-personalise pc1 restore good.slate
agent 1
job_is 'done'
expect_status 0 slate -b verify images/good.slate disk

say "a policy that cannot be: the job fails, the disk is whole"
mount_image good at rw
mkdir -p at/etc/slate
echo nonsense > at/etc/slate/netconf.conf
umount at
slate -b -o save good images/good.slate 2> err
chmod 644 images/good.slate
job pc1 restore good.slate
agent 1
job_is failed 'is whole, but.*network names'
the_end '.status == 1 and .complete'
shown 1 'the disk was restored and is whole'

say "wipe of a disk that somebody works with: refused"
mount -o ro pc1/dev/sda at
job --confirm pc1 pc1 wipe
agent 1
umount at
job_is failed 'busy'
the_end '.status == 3 and .touched == false'

say "wipe"
job --confirm pc1 pc1 wipe
agent 1
job_is 'done'
the_end '.status == 0 and .verb == "wipe" and .bytes.written == 67108864'
cmp -n 67108864 disk /dev/zero

say "wipe of a partition: its size is told"
mkdir pc1/sys/block/sda/sda1
echo 1 > pc1/sys/block/sda/sda1/partition
cp -P pc1/dev/sda pc1/dev/sda1
job --confirm pc1 --disk /dev/sda1 pc1 wipe
agent 1
job_is 'done'
the_end '.device_bytes == 67108864 and .steps[0] == "the disk: sda1"'
