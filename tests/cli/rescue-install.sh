#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# slate-rescue install: the files on the right partition and the entries in GRUB's menu,
# the same after a second time, gone by --remove; all that does not fit is refused before
# anything is written.
set -euo pipefail
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/cli/local-lib.sh
. "$root/tests/cli/local-lib.sh"
need_loop

make_pc() { # make_pc: a system, images, NTFS, something small, nothing; ./at is the system
	rm -f pc
	truncate -s 200M pc
	printf '%s\n' 'label: gpt' 'size=60M' 'size=40M' 'size=20M' 'size=4M' 'size=2M' |
		sfdisk -q pc
	attach_parts pc
	mkfs.ext4 -q "${disk}p1"
	mkfs.ext4 -q "${disk}p2"
	mkntfs -q -Q -F "${disk}p3" > mkfs.log 2>&1
	mkfs.ext4 -q "${disk}p4"
	mkdir -p at images
	mount "${disk}p1" at
	mkdir -p at/boot at/etc/grub.d
	mount "${disk}p2" images
	slate -b -d -m save "${disk}p1" images/pc.slate 2> err
	slate -b -d -m save "${disk}p4" images/small.slate 2> err
}

uuid() { # uuid N: of partition N's filesystem
	blkid -p -o value -s UUID "${disk}p$1"
}

install_rescue() { # install_rescue [OPTION]...: into the system on ./at
	expect_status 0 rescue install --root at --from boot "$@"
}

# menu: what GRUB gets to see, checked by its own parser
menu() {
	at/etc/grub.d/42_slate > menu.cfg
	grub-script-check menu.cfg || fail "GRUB cannot read the entries"
}

shows() { # shows TEXT: a line of the menu, from its beginning
	grep -qE -- "^[[:space:]]*$1" menu.cfg || {
		cat menu.cfg >&2
		fail "the menu has no $1"
	}
}

# own_menu FILE: that of a GRUB beside the kernel: it begins with the system's
own_menu() {
	grub-script-check "$1" || fail "GRUB cannot read $1"
	grep -q "set=pc $(uuid 1)\$" "$1" || fail "$1 does not find the system"
	# shellcheck disable=SC2016 # GRUB's variable
	grep -qF 'configfile ($pc)/boot/grub/grub.cfg' "$1" || fail "$1 has no system"
	grep -v '^\(insmod\|#\)' menu.cfg | while read -r line; do
		grep -qF -- "$line" "$1" || fail "$1 does not have: $line"
	done
}

files_in() { # files_in FOLDER: kernel and initramfs are there, perhaps a menu, no more
	same boot/slate/vmlinuz "$1/vmlinuz"
	same boot/slate/initrd.img "$1/initrd.img"
	equal "$(find "$1" -type f ! -path '*/grub/grub.cfg' | wc -l)" 2 "files in $1"
}

all() { # everything that might have changed
	find at images -type f -print0 | sort -z | xargs -0 sha256sum
}

refused() { # refused REGEX OPTION...: with this message, and nothing is touched
	local want=$1

	shift
	all > before
	expect_status 3 rescue install --root at --from boot "$@"
	said "$want"
	all | cmp - before >&2 || fail "something was written: $*"
}

make_pc
fake_boot boot 3000

say 'into /boot, which is a folder of the system'
install_rescue
menu
files_in at/boot/slate
shows "menuentry 'Slate rescue system' .*--id slate-rescue"
shows "search .*--fs-uuid --set=root $(uuid 1)\$"
shows 'linux /boot/slate/vmlinuz$'
shows 'initrd /boot/slate/initrd.img$'
equal "$(grep -c menuentry menu.cfg)" 1 "entries without an image"
said 'now run, in the system in .*update-grub'

say 'once more: the same'
all > before
touch -d 2001-01-01 at/etc/grub.d/42_slate
install_rescue
all | same - before "a second run"
equal "$(stat -c %Y at/etc/grub.d/42_slate)" "$(date -d 2001-01-01 +%s)" "the entry's time"

say 'onto another partition, with an image'
umount images
install_rescue --device "${disk}p2"
mount "${disk}p2" images
files_in images/slate
absent at/boot/slate
install_rescue --device "${disk}p2" --image images/pc.slate --options 'nomodeset a=b,c'
menu
files_in images/slate
shows "menuentry 'Restore this PC from pc.slate' .*--id slate-restore"
words="slate.local=restore slate.image=UUID=$(uuid 2):/pc.slate"
words+=" slate.target=PARTUUID=$(blkid -p -o value -s PART_ENTRY_UUID "${disk}p1")"
shows "linux /slate/vmlinuz $words nomodeset a=b,c\$"
shows 'linux /slate/vmlinuz nomodeset a=b,c$'
equal "$(grep -c "fs-uuid --set=root $(uuid 2)\$" menu.cfg)" 2 "entries that find p2"
said "GRUB's own files are on ${disk}p1"
own_menu images/slate/grub/grub.cfg

say 'an image that will be made, and another target'
install_rescue --image images/later.slate --target "${disk}p4"
said 'not there yet'
menu
shows "linux .*:/later.slate slate.target=PARTUUID=$(blkid -p -o value \
	-s PART_ENTRY_UUID "${disk}p4")\$"
files_in at/boot/slate
absent images/slate
install_rescue --image images/pc.slate
said 'the PC starts again only by'
absent images/slate at/boot/slate/grub

say 'by another name of the partition, and where mount points have strange names'
umount images
ln -s "${disk}p2" link
install_rescue --device link
menu
shows "search .*--set=root $(uuid 2)\$"
mkdir "Schüler's data"
mount "${disk}p2" "Schüler's data"
files_in "Schüler's data/slate"
rm -r "Schüler's data/slate"
install_rescue --device "${disk}p2" --image "Schüler's data/pc.slate"
menu
files_in "Schüler's data/slate"
shows "linux .*:/pc.slate slate.target="
umount "Schüler's data"

say 'interrupted'
mkdir bin
cat > bin/cp << END
#!/bin/bash
exec > "\${@: -1}"
touch "$dir/copying"
sleep 1
END
chmod 755 bin/cp
PATH=$dir/bin:$PATH TMPDIR=$dir "$RESCUE" install --root at --from boot \
	--device "${disk}p2" 2> err &
pid=$!
for _ in {1..100}; do
	[[ ! -e copying ]] || break
	sleep 0.1
done
kill -TERM $pid
wait $pid && fail "it did not mind SIGTERM"
not_said .
equal "$(find . -name 'slate-rescue.*')" '' "what is left of it"
mount "${disk}p2" images

say 'a system that a GRUB elsewhere does not see: no menu that would take it for lost'
umount at
mount -t tmpfs none at
mkdir -p at/boot at/etc/grub.d
install_rescue --device "${disk}p2" --image images/pc.slate --target "${disk}p1"
said 'at/boot is on none, which is no plain partition: leave'
absent images/slate/grub/grub.cfg
umount at
mount "${disk}p1" at

say 'onto NTFS'
install_rescue --device "${disk}p3"
menu
shows 'insmod ntfs$'
shows "search .*--set=root $(uuid 3)\$"
mkdir ntfs
mount "${disk}p3" ntfs
files_in ntfs/slate
umount ntfs

say 'what is refused'
cp images/pc.slate at/pc.slate
refused 'lies on .*p1, which it would be restored to' --image at/pc.slate
refused "lies on the disk $disk" --image images/pc.slate --target "$disk"
rm at/pc.slate
refused 'p4 is too small' --image images/pc.slate --target "${disk}p4"
refused 'there is no folder nowhere' --image nowhere/pc.slate
refused 'cannot be given to the kernel' --image 'images/p c.slate'
refused "cannot be given to the kernel" --image "images/p'c.slate"
refused 'is a folder' --image images/lost+found
echo nonsense > images/bad.slate
refused 'bad.slate: ' --image images/bad.slate
truncate -s 8M whole
printf '%s\n' 'label: gpt' 'size=4M' | sfdisk -q whole
slate -b -d save whole images/whole.slate 2> err
refused 'is the image of a whole disk' --image images/whole.slate
refused 'p5, which holds no filesystem' --device "${disk}p5"
old=$(uuid 4)
tune2fs -f -U "$(uuid 2)" "${disk}p4" > tune.log 2>&1
refused "is on ${disk}p2, and ${disk}p4 has the same UUID" --image images/pc.slate
refused "is on ${disk}p4, and ${disk}p2 has the same UUID" --device "${disk}p4"
tune2fs -f -U "$old" "${disk}p4" > tune.log 2>&1
refused 'no partition of a disk' --device /dev/null
refused 'has room for . MiB only' --device "${disk}p4"
refused 'can be given to the kernel' --options "a; reboot"
refused '--target: .* is no partition' --image images/pc.slate --target images
expect_status 3 rescue install --root at --from nowhere
said 'there is no nowhere/slate/vmlinuz'
expect_status 3 rescue install --root nowhere
expect_status 2 rescue install --root at --target "${disk}p1"
expect_status 2 rescue install --root at --remove --image images/pc.slate
expect_status 2 rescue install --root at operand
mv at/etc/grub.d away
refused 'needs GRUB'
mv away at/etc/grub.d

say 'taken away'
install_rescue --device "${disk}p2"
mkdir images/slate/grub/i386-pc
expect_status 3 rescue install --root at --remove
said 'PC would not start without them'
files_in images/slate
rmdir images/slate/grub/i386-pc
echo mine > images/slate/mine
expect_status 0 rescue install --root at --remove
absent at/etc/grub.d/42_slate images/slate/{vmlinuz,initrd.img,grub}
equal "$(cat images/slate/mine)" mine "a file that is not ours"
expect_status 0 rescue install --root at --remove
grep -q 'no rescue system' out || fail "there is nothing to remove: not told"
for line in "$(uuid 2) /../etc/slate" "$(uuid 2) /etc" "\$(reboot) /slate"; do
	echo "# files: $line" > at/etc/grub.d/42_slate
	expect_status 3 rescue install --root at --remove
	[[ -e at/etc/grub.d/42_slate ]] || fail "a foreign entry is gone"
done
umount at images
detach_parts
