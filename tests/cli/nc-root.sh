#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# slate-netconf on roots that are hostile, read-only or full: nothing outside is touched,
# nothing is half written, and it never waits.
# shellcheck source=tests/cli/nc-root-lib.sh
. "$(dirname "$0")/nc-root-lib.sh"
need_root

machine school-after
mkdir outside
echo precious > outside/file

fresh() { # a new ./r
	rm -rf r
	school_root r
}

untouched() { # the folder outside is as it was
	equal "$(cd outside && find . | sort | tr '\n' ' ')" '. ./file ' "files outside"
	equal "$(cat outside/file)" precious "the file outside"
}

quick() { # quick STATUS VERB...: within ten seconds
	local want=$1

	shift
	expect_status "$want" timeout 10 "$NETCONF" "$@" --root r --sys sys
	no_leftovers r
	untouched
}

say "folders that are links to the outside"
for folder in etc/udev etc/udev/rules.d etc/network/interfaces.d etc/systemd var usr/local; do
	fresh
	rm -rf "r/$folder"
	ln -s "$dir/outside" "r/$folder"
	quick 1 generate
	said 'leads nowhere|No such file|in a circle'
	fresh
	rm -rf "r/$folder"
	ln -s ../../../../../../../../../../../../outside "r/$folder"
	mkdir r/outside
	quick 0 generate
done

say "files that are links to the outside"
for file in "$rules" "$addresses" usr/local/lib/slate/net-rename; do
	fresh
	mkdir -p "r/${file%/*}"
	ln -s "$dir/outside/file" "r/$file"
	quick 3 generate
	told "^r/$file: kept, a symbolic link"
	quick 0 generate --force
	[[ -f r/$file && ! -L r/$file ]] || fail "$file is no file"
done

say "loops, FIFOs, devices and folders"
fresh
rm -r r/etc/udev/rules.d
ln -s rules.d r/etc/udev/rules.d
quick 1 generate
said 'r/etc/udev/rules.d.*in a circle'
for what in "mkfifo" "mkdir" "mknod -m 600 /dev/null c 1 3"; do
	for file in "$rules" "$addresses" etc/systemd/system/slate-netconf.service; do
		fresh
		mkdir -p "r/${file%/*}"
		case $what in
		mknod*) mknod "r/$file" c 1 5 ;;
		*) $what "r/$file" ;;
		esac
		quick 1 generate --force
		said "r/$file is no file"
		quick 1 check
	done
done
for file in etc/slate/netconf.conf etc/slate/wlan.psk; do
	fresh
	rm "r/$file"
	mkfifo "r/$file"
	quick 1 generate
	said "r/$file is a FIFO, not a file"
done
fresh
mkfifo r/etc/network/interfaces.d/pipe
ln -s /dev/zero r/etc/network/interfaces.d/zero
mkfifo r/etc/netplan r/boot/initrd.img-1
touch r/usr/sbin/netplan
quick 1 generate
said 'r/etc/netplan: a file stands where a folder should be'
rm r/etc/netplan
quick 0 apply
quick 3 check
told 'interfaces.d/pipe: cannot be read: .*is a FIFO'

say "a policy that is too large, and a policy out of the root"
fresh
head -c 3M /dev/zero > r/etc/slate/netconf.conf
quick 1 generate
said 'too large'
fresh
mv r/etc/slate/netconf.conf outside.conf
ln -s "$dir/outside.conf" r/etc/slate/netconf.conf
quick 1 generate
said 'there is no policy yet'

say "a root that is mounted read-only"
fresh
mkdir mnt
mount --bind r mnt
mount -o remount,bind,ro mnt
picture r > before
expect_status 1 netconf generate --root mnt --sys sys
said 'nothing was changed: mnt/.*: it is mounted read-only'
expect_status 3 netconf generate --dry-run --root mnt --sys sys
expect_status 0 netconf apply --boot --root mnt --sys sys
said 'mounted read-only'
umount mnt
picture r > after
same before after "the root"

say "a disk without room: for the helper, for some files, for the last"
for size in 100k 872k 880k 892k 900k; do
	mount -t tmpfs -o size=$size tmpfs mnt
	school_root mnt
	picture mnt > before
	run netconf generate --root mnt --sys sys
	if [[ $status = 0 ]]; then
		[[ $size != 100k ]] || fail "there was room"
	else
		equal "$status" 1 "status on $size"
		said 'nothing was changed: mnt/.*: the disk is full'
		(cd mnt && find . -type f | sort) > files
		(cd r && find . -type f | sort) > wanted
		same files wanted "files on a full disk of $size"
	fi
	no_leftovers mnt
	umount mnt
done
