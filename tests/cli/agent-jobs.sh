#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# limit 600
#
# The rescue system's agent and slate-pxe: every job from the address by DHCP to the end that
# the server is told, on PCs that are namespaces, with loop devices as disks.
set -euo pipefail
# shellcheck source=tests/cli/agent-lib.sh
. "$(dirname "$0")/agent-lib.sh"

make_lab_server 2
mkdir images/room1
chown nobody images/room1
make_good room1/lynx.slate 16000
cp good disk1
stale disk2 80M
make_pc 1 disk1
make_pc 2 disk2

say "no job: the disk is to be booted"
agent 1
shown 1 '^.*the server is http://10\.77\.0\.1'
shown 1 'starts from its disk'
[[ $(grep -c '[ #]#' pc1/dev/ttyS0) -ge 7 ]] || fail "no large letters"

say "save"
job pc1 save room1/new.slate
before=$(sum disk1)
agent 1
job_is 'done'
equal "$(sum disk1)" "$before" "the disk that was saved"
slate -b verify images/room1/new.slate 2> err
the_end '.status == 0 and .verb == "save" and .serial == null'
the_end '.steps | any(test("^the disk: sda, .*DISK-1-a"))'
shown 1 'The job "save" is done'

say "restore, without anything to make its own"
job pc2 restore room1/lynx.slate
agent 2
job_is 'done'
the_end '.status == 0 and .complete and .chunks > 0 and (.read_back != null)'
the_end '.steps | any(test("no Linux system"))'
expect_status 0 slate -b verify images/room1/lynx.slate disk2
shown 2 '[0-9]+ % .* MiB'

say "again: only what differs"
job pc2 restore room1/lynx.slate
agent 2
the_end '.delta and .chunks_wanted == 0'

say "verify: the disk is as the image, and then it is not"
job pc2 verify room1/lynx.slate
agent 2
job_is 'done'
mount_image disk2 at rw
head -c 300000 /dev/urandom > at/new
umount at
job pc2 verify room1/lynx.slate
agent 2
job_is failed
the_end '.status == 5'
shown 2 'The job "verify" did not succeed'

say "poweroff, local"
job pc1 poweroff
agent 1 10
job_is 'done'
job pc1 local
agent 1
job_is 'done'
shown 1 'starts from its disk'
job --then=poweroff pc1 restore room1/lynx.slate
agent 1 10
job_is 'done'
