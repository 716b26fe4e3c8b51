#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# limit 900
#
# slate-rescue build: what is in the boot tree is whole, small and the same bytes for the same
# input; what cannot be built is said, and a tree that is there stays.
set -euo pipefail
# shellcheck source=tests/cli/screen-lib.sh
. "$(dirname "$0")/screen-lib.sh"
# shellcheck source=tests/cli/rescue-lib.sh
. "$root/tests/cli/rescue-lib.sh"

# unpack FILE FOLDER: an initramfs as the kernel sees it: all its archives
unpack() {
	local at

	mkdir -p "$2"
	(cd "$2" && cpio -idm --quiet) < "$1" || fail "$1 does not begin with an archive"
	at=$(perl -0777 -ne 'print index($_, "\x28\xb5\x2f\xfd", index($_, "TRAILER!!!"))' "$1")
	tail -c +$((at + 1)) "$1" | zstd -dcq > user.cpio || fail "no zstd behind the modules"
	(cd "$2" && cpio -idm --quiet) < user.cpio
	[[ $((at % 4)) = 0 ]] || fail "the second archive begins at $at"
}

# mini_kernel FOLDER MODULE...: a kernel that has only these and what they need
mini_kernel() {
	local file

	mkdir -p "$1/boot" "$1/lib/modules/$version"
	cp "$kernel" "$1/boot"
	cp "$modules/lib/modules/$version"/modules.{order,builtin} "$1/lib/modules/$version"
	needs "${@:2}" > mini.list
	while read -r file; do
		install -D -m 644 "$file" "$1/${file#"$modules"/}"
	done < mini.list
}

has() { # has FOLDER NAME...: files
	local name

	for name in "${@:2}"; do
		[[ -e $1/$name || -L $1/$name ]] || fail "$1 has no $name"
	done
}

in_set() { # in_set MODULE...: are in the initramfs in ./tree
	sed 's,\.ko\.xz:.*,,; s,.*/,,' "tree/lib/modules/$version/modules.dep" | tr - _ > names
	printf '%s\n' "$@" | grep -vxF -f names > missing || return 0
	fail "not in the initramfs: $(xargs < missing)"
}

get_kernel amd64

say "the whole of Debian's kernel"
expect_status 0 rescue build -o full --kernel "$modules"
grep -E '^/.*/full is complete: kernel 6.* both [0-9.]+ MiB$' out || fail "no summary"
has full lpxelinux.0 ldlinux.c32 bootx64.efi grubx64.efi http/bootx64.efi \
	pxelinux.cfg/default grub/grub.cfg slate.ipxe slate/{vmlinuz,initrd.img,release}
equal "$(find full -type f | wc -l)" 11 "files in the boot tree"
equal "$(find full -name '.*' | wc -l)" 0 "hidden files in the boot tree"
! find full ! -perm -a+r | grep . || fail "files that a server may not read"
same "$kernel" full/slate/vmlinuz
size=$(($(size_of full/slate/vmlinuz) + $(size_of full/slate/initrd.img)))
echo "kernel and initramfs: $size bytes"
# A sanitizer makes programs larger.
[[ $size -le $((25 << 20)) || ${SANITIZER-} ]] ||
	fail "kernel and initramfs have more than 25 MiB"
unpack full/slate/initrd.img tree

say "its programs"
has tree init etc/slate/rescue/{consoles,lease} bin/{sh,udhcpc,modprobe} sbin/modprobe dev \
	proc sys usr/share/terminfo/{l/linux,v/vt100,v/vt220,x/xterm,d/dumb} \
	usr/sbin/{slate,slate-agent,slate-netconf,e2fsck,resize2fs,ntfsresize,ntfs-3g,mkswap} \
	usr/lib/locale/C.utf8/LC_CTYPE
[[ ! -e tree/etc/slate/rescue/server.pem ]] || fail "a certificate that nobody gave"
same full/slate/release tree/etc/slate-release
for name in slate kernel busybox-static libc6 e2fsprogs ntfs-3g shim-signed ipxe; do
	grep -qE "^$name [0-9]" tree/etc/slate-release || fail "no version of $name"
done
while read -r file; do
	! readelf -d "$file" 2> /dev/null | grep -q NEEDED || echo "${file#tree}"
done < <(find tree/bin tree/usr tree/lib -type f ! -name '*.xz') > linked
[[ $(wc -l < linked) -ge 30 ]] || fail "only $(wc -l < linked) programs and libraries?"
while read -r file; do
	chroot tree /lib64/ld-linux-x86-64.so.2 --list "$file" > list 2> err ||
		fail "$file: $(cat err)"
	! grep 'not found' list || fail "$file lacks a library"
done < linked
for words in 'slate --version' 'slate-netconf --version' 'e2fsck -V' 'resize2fs' 'tune2fs' \
	'ntfsresize --version' 'ntfs-3g --version' 'btrfs version' 'xfs_growfs -V' \
	'swaplabel --version' 'fatlabel --version' 'tune.exfat -V'; do
	# shellcheck disable=SC2086
	chroot tree /usr/sbin/${words%% *} ${words#"${words%% *}"} > list 2>&1 || true
	grep -qE '[0-9]\.[0-9]' list || fail "$words: $(cat list)"
done
truncate -s 1M tree/swap
chmod 600 tree/swap
chroot tree /usr/sbin/mkswap -U 01234567-89ab-4def-8123-456789abcdef /swap > /dev/null 2>&1 ||
	fail "mkswap does not work"
chroot tree /usr/sbin/slate info http://127.0.0.1:9/x 2> err && fail "an image from nowhere?"
said 'Failed to connect'
find tree/usr tree/lib/x86_64-linux-gnu -perm /6000 | grep . && fail "setuid programs"

say "the screen of slate on its terminals, with more than ASCII, and in German"
mkdir -p tree/pc/sys/block tree/pc/proc/self
for name in linux vt100 vt220 ansi xterm xterm-256color screen tmux; do
	screen_start 80x24 chroot tree /bin/env "TERM=$name" LC_ALL=C.UTF-8 LANGUAGE=de \
		PATH=/usr/sbin:/bin slate --sys=/pc
	shows 'Datenträger und Partitionen'
	keys q
	shows '┌─.*─┐'
done
rm -r tree/pc

say "its modules"
in_set e1000 e1000e igb igc r8169 tg3 sky2 atl1c alx forcedeth via_rhine 8139too pcnet32 \
	virtio_net vmxnet3 r8152 ax88179_178a ahci ata_piix ata_generic nvme vmd virtio_blk \
	virtio_scsi virtio_pci sd_mod sr_mod usb_storage uas sdhci_pci sdhci_acpi mmc_block \
	rtsx_pci_sdmmc megaraid_sas mpt3sas aacraid hpsa ufshcd_pci xhci_pci ehci_pci ohci_pci \
	uhci_hcd usbhid hid_generic hid_apple hid_logitech_dj \
	ext4 xfs btrfs f2fs jfs reiserfs vfat exfat isofs udf fuse efivarfs loop \
	nls_utf8 nls_cp437 nls_iso8859_1 crc32c_generic xxhash_generic blake2b_generic realtek
! find tree -name 'qla2xxx*' -o -name 'mlx5*' -o -name 'iwlwifi*' | grep . ||
	fail "modules that nobody needs"
list=tree/lib/modules/$version
find "$list" -name '*.ko.xz' | wc -l
while read -r file; do
	has "$list" "$file"
done < <(tr -d : < "$list/modules.dep" | tr ' ' '\n')
equal "$(grep -c : "$list/modules.dep")" "$(find "$list" -name '*.ko.xz' | wc -l)" \
	"modules that modules.dep knows"
xz -dc "$list/kernel/fs/ext4/ext4.ko.xz" > ext4.ko
same ext4.ko "$modules/lib/modules/$version/kernel/fs/ext4/ext4.ko" "a module"
grep -q ' crc32c_generic$' "$list/modules.alias" || fail "no names of algorithms"

say "menus for other servers"
grub-script-check full/grub/grub.cfg
# shellcheck disable=SC2016 # GRUB's and iPXE's own
grep -q 'slate.server=http://$net_default_server' full/grub/grub.cfg
# shellcheck disable=SC2016
grep -q '^kernel slate/vmlinuz .*slate.server=http://${next-server} .*BOOTIF=01-' \
	full/slate.ipxe
[[ $(head -n 1 full/slate.ipxe) = '#!ipxe' ]] || fail "no script for iPXE"
grep -qx 'SYSAPPEND 2' full/pxelinux.cfg/default

say "the same input, the same bytes"
mini_kernel mini loop fuse ext4 vfat nls_utf8 nls_iso8859-1 nls_cp437 crc32c_generic e1000e \
	virtio_net mlx4_core tg3
expect_status 0 rescue build -o one --kernel mini
said 'no drivers for some usual PCs: .*r8169'
mkdir -p other/place
chmod 2755 other other/place
cp -r mini other/vmlinuz-and-modules
touch -d 2001-02-03 other/vmlinuz-and-modules/boot/*
(
	umask 077
	export TZ=Asia/Tokyo LC_ALL=C LANG=de_DE.UTF-8 HOME=/nonexistent
	cd other
	expect_status 0 rescue build --output=place \
		--kernel=vmlinuz-and-modules/boot/"$(basename "$kernel")"
)
diff -r one other/place >&2 || fail "not the same bytes"
equal "$(cd one && find . -printf '%m %P\n' | sort | md5sum)" \
	"$(cd full && find . -printf '%m %P\n' | sort | md5sum)" "names and modes"

version_here() (
	# shellcheck disable=SC2317 # called by installed
	dpkg-query() { printf 'ii  2.36-9\nii  2.36-9\n'; } # amd64 and i386
	# shellcheck source=/dev/null
	. "$top/rescue/build/fetch.sh"
	installed libc6
)
equal "$(version_here)" 2.36-9 "the version of a package for two architectures"

say "options add to it; the kernel may be a package; menus of others stay"
openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out cert.pem -days 2 -subj /CN=lab \
	-addext subjectAltName=IP:127.0.0.1 2> /dev/null
echo '# of the school' > one/grub/grub.cfg
# As Debian 13 has them: modules in /usr, and packed
mkdir mini/DEBIAN mini/usr
mv mini/lib mini/usr
find mini -name '*.ko' -exec zstd -q --rm {} +
printf '%s\n' 'Package: linux-image-mini' 'Version: 1' 'Architecture: amd64' \
	'Maintainer: The test <root@localhost>' 'Description: a kernel' > mini/DEBIAN/control
dpkg-deb --build -Znone mini mini.deb > /dev/null
mkdir -p /lib/firmware
mount -t tmpfs -o size=1m slate-test /lib/firmware
install -D key.pem /lib/firmware/tigon/tg3.bin
expect_status 0 rescue build -o one --kernel mini.deb --key cert.pem --firmware \
	--modules=drivers/net/ethernet/mellanox,virtio-net
umount /lib/firmware
said 'one/grub/grub.cfg stays: somebody else wrote it'
said 'firmware: 1 files; [1-9][0-9]* more are not in /lib/firmware'
said 'apt-get install .*firmware-misc-nonfree'
equal "$(cat one/grub/grub.cfg)" '# of the school' "the school's menu"
same "$kernel" one/slate/vmlinuz
rm -rf tree
unpack one/slate/initrd.img tree
same cert.pem tree/etc/slate/rescue/server.pem
same key.pem tree/lib/firmware/tigon/tg3.bin
equal "$(find tree/lib/firmware -type f | wc -l)" 1 "files of firmware"
in_set mlx4_core virtio_net tg3

say "iso fetches the kernel itself, and is made where one stands"
mkdir bin cache "a room's sticks"
ln -s "$SLATE_RESCUE_CACHE"/*=* cache
cat > bin/apt-cache << 'END'
#!/bin/bash
case $* in
'depends linux-image-amd64') echo '  Depends: linux-image-mini' ;;
*linux-image-mini) printf 'Version: 1\n' ;;
*) exec /usr/bin/apt-cache "$@" ;;
esac
END
cat > bin/apt-get << END
#!/bin/bash
[[ \$* = *linux-image-mini ]] || exec /usr/bin/apt-get "\$@"
cp "$dir/mini.deb" .
END
printf '%s\n' '#!/bin/bash' '[[ $* != *linux-image-amd64 ]] || exit 1' \
	'exec /usr/bin/dpkg-query "$@"' > bin/dpkg-query
# Nobody looks at how small it gets.
printf '%s\n' '#!/bin/bash' "exec $(type -P zstd) \"\${@/#-19/-1}\"" > bin/zstd
chmod 755 bin/*
(
	export PATH=$dir/bin:$PATH SLATE_RESCUE_CACHE=$dir/cache
	cd "a room's sticks"
	expect_status 0 rescue iso
)
said 'fetching linux-image-mini$'
equal "$(ls -A "a room's sticks")" slate-rescue.iso "what is there then"

say "slate in it trusts the server of --key"
openssl s_server -accept 127.0.0.1:0 -cert cert.pem -key key.pem -WWW > served \
	2>&1 < /dev/null &
server=$!
trap 'kill "$server" 2> /dev/null || true; screen_cleanup' EXIT
for _ in {1..100}; do
	! grep -q '^ACCEPT ' served || break
	sleep 0.1
done
url=https://127.0.0.1:$(sed -n 's/^ACCEPT .*://p' served)/image
expect_status 3 slate info "$url"
said 'certificate is not trusted'
! chroot tree /usr/sbin/slate info "$url" 2> err || fail "an image from nowhere?"
said 'is not a slate image'
