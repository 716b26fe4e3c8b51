#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# NILFS2 in the hands of Debian's kernel, as the one that runs the tests may not
# know it: filled, saved, and restored over a disk on which the same filesystem has
# been used on since.  Then that copy is used in its turn, and the power fails: what
# comes back must be its own, and not what the other life has left in free space.
# limit 1200
set -euo pipefail
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/../cli/lib.sh"
# shellcheck source=tests/cli/fs-lib.sh
. "$root/tests/cli/fs-lib.sh"
# shellcheck source=tests/vm/lib.sh
. "$root/tests/vm/lib.sh"
[[ $(type -t mkfs.nilfs2) ]] || skip "needs nilfs-tools: there is no mkfs.nilfs2"
get_kernel amd64

# What all guests know: in /dev/vda they leave a text.
cat > functions << 'END'
list() { # list FOLDER: its files, all that can be seen of them
	cd "$1"
	find . | sort | xargs stat -c '%N %f %h %s %Y'
	find . -type f | sort | xargs sha256sum
	cd /
}
leave() { # leave FILE: for the host
	dd if="$1" of=/dev/vda bs=64k conv=fsync 2> /dev/null
}
live() { # live NAME: some more logs, the same of whoever lives
	mkdir /mnt/$1
	for i in 0 1 2 3 4 5 6 7 8 9; do
		{ echo $1; seq 1000$i 80000; } > /mnt/$1/$i
		sync
	done
	dd if=/mnt/$1/1 of=/mnt/over bs=4k count=60 conv=notrunc,fsync 2> /dev/null
	sync
}
END

# run_guest SCRIPT DISK...: its text comes to SCRIPT.left
run_guest() {
	local file args=()

	{ cat functions "$1"; echo 'echo MARKER-END'; echo 'sleep 10000'; } > init
	make_initrd initrd init virtio_pci virtio_blk crc32_generic nilfs2
	rm -f left
	truncate -s 1M left
	for file in left "${@:2}"; do
		args+=(-drive "file=$file,format=raw,if=virtio,cache=writeback")
	done
	args+=(-append "console=ttyS0 quiet panic=-1 no_timer_check mitigations=off")
	guest console 300 -kernel "$kernel" -initrd initrd "${args[@]}"
	grep -aq MARKER-END console || {
		tail -c 3000 console >&2
		fail "the guest did not come to its end"
	}
	grep -aE 'Oops|BUG:|WARNING:|NO-MOUNT|rror' console >&2 && fail "the guest complains"
	tr -d '\0' < left > "$1.left"
	[[ $(grep -c / "$1.left") -gt 20 ]] || fail "$1: too few files"
}

same_files() { # same_files LIST LIST
	diff "$1" "$2" >&2 || fail "$1 and $2: the files differ"
}

truncate -s 64M disk other
mkfs.nilfs2 -q -B 256 disk # segments of 1 MiB, so that there are some

cat > fill << 'END'
mount -t nilfs2 /dev/vdb /mnt || echo NO-MOUNT
seq 200000 > /mnt/over
sync
live first
live second
rm -r /mnt/first
umount /mnt
mount -t nilfs2 -o ro,norecovery /dev/vdb /mnt || echo NO-MOUNT
list /mnt > /tmp/list
umount /mnt
leave /tmp/list
dd if=/dev/vdb of=/dev/vdc bs=1M 2> /dev/null
mount -t nilfs2 /dev/vdc /mnt || echo NO-MOUNT
live stale
live staler
umount /mnt
sync
END
say 'a guest fills it, and uses a copy on'
run_guest fill disk other
differ disk other

expect_status 0 slate save -b disk disk.slate
expect_status 0 slate --yes restore other disk.slate

cat > crash << 'END'
mount -t nilfs2 /dev/vdb /mnt || echo NO-MOUNT
list /mnt > /tmp/list
echo == >> /tmp/list
live third
list /mnt >> /tmp/list
leave /tmp/list
END
say 'a guest uses what was restored over that, until the power fails'
run_guest crash other
sed -n '/^==/q;p' crash.left > crash.before
sed '1,/^==/d' crash.left > crash.after
same_files fill.left crash.before
differ crash.before crash.after
refused 'not cleanly unmounted' other

cat > look << 'END'
mount -t nilfs2 /dev/vdb /mnt || echo NO-MOUNT
list /mnt > /tmp/list
umount /mnt
leave /tmp/list
END
say 'a guest looks at what is left'
run_guest look other
same_files crash.after look.left
