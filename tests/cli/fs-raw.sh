#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# What is recognised but has no map of used blocks: LUKS, LVM2, BitLocker, mdraid,
# ZFS, APFS.  Every byte of it is saved and comes back, as a device of its own and
# as a partition of a disk, and a notice says what it is and what would be better.
#
# cryptsetup and pvcreate make theirs.  mdadm wants a kernel with md, and nothing
# in Debian makes the others: they are random bytes with what libblkid asks for.
# limit 300
set -euo pipefail
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/cli/disk-lib.sh
. "$root/tests/cli/disk-lib.sh"
need_root

# ---- makers: maker FILE SIZE -------------------------------------------------

junk() { # so that a byte that is lost cannot be one that was zero anyway
	head -c "$2" /dev/urandom > "$1"
}

bytes() { # bytes FILE OFFSET ESCAPES: one after the other
	printf '%b' "$3" | dd of="$1" bs=1 seek="$2" conv=notrunc status=none
}

luks1() { luks "$1" "$2" luks1; }
luks2() { luks "$1" "$2" luks2 --pbkdf pbkdf2; }

luks() {
	junk "$1" "$2"
	printf secret | cryptsetup luksFormat -q --type "$3" --pbkdf-force-iterations 1000 \
		"${@:4}" "$1" -
}

lvm() {
	local loop status=0

	junk "$1" "$2"
	loop=$(losetup -f --show "$1")
	pvcreate -q -y "$loop" > pvcreate.log 2>&1 || status=$?
	losetup -d "$loop"
	[[ $status = 0 ]] || { cat pvcreate.log >&2; fail "pvcreate"; }
}

bitlocker() { # the boot sector of Windows 7 and later, its GUID and three places
	junk "$1" "$2"
	bytes "$1" 0 '\xeb\x58\x90-FVE-FS-\x00\x02\x08'
	bytes "$1" 160 '\x3b\xd6\x67\x49\x29\x2e\xd8\x4a\x83\x99\xf6\xa3\x39\xe3\xd0\x01'
	bytes "$1" 176 '\x00\x00\x10\x00\x00\x00\x00\x00'
	bytes "$1" $((1 << 20)) '-FVE-FS-\x00\x00\x02\x00'
}

# Version 1.2, at 4 KiB: member 0 of a RAID 1 of two.  The last four bytes are those
# of the sum over 256 bytes and two more for each of two members.
mdraid() {
	junk "$1" "$2"
	perl -e '
		my $sectors = (-s $ARGV[0]) / 512 - 2048;
		my $b = pack("V4 a16 a32 Q< V2 Q< V6", 0xa92b4efc, 1, 0, 0, "0123456789abcdef",
			"lab:0", 1700000000, 1, 0, $sectors, 0, 2, 0, 0, 0, 0);
		$b .= "\0" x (128 - length($b));
		$b .= pack("Q< Q< Q< Q< V2 a16", 2048, $sectors, 8, 0, 0, 0,
			"fedcba9876543210");
		$b .= "\0" x (192 - length($b));
		$b .= pack("Q< Q< Q< V2", 1700000000, 1, 0, 0, 2);
		$b .= "\0" x (256 - length($b)) . pack("v2", 0, 1);
		my $sum = 0;
		$sum += $_ for unpack("V*", $b);
		substr($b, 216, 4) = pack("V", ($sum & 0xffffffff) + ($sum >> 32));
		open(my $f, "+<:raw", $ARGV[0]) or die "$!";
		seek($f, 4096, 0);
		print $f $b' "$1"
}

zfs() { # four uberblocks are what it takes, and 64 MiB
	local i

	junk "$1" "$2"
	for i in 0 1 2 3; do
		bytes "$1" $(((128 << 10) + i * 1024)) \
			'\x0c\xb1\xba\x00\x00\x00\x00\x00\x88\x13\x00\x00\x00\x00\x00\x00'
	done
}

apfs() { # the container superblock, of blocks of 4096 bytes
	junk "$1" "$2"
	perl -e '
		open(my $f, "+<:raw", $ARGV[0]) or die "$!";
		read($f, my $b, 4096);
		substr($b, 8, 40) = pack("Q< Q< v4 a4 V Q<", 1, 1, 1, 0x8000, 0, 0, "NXSB",
			4096, (-s $ARGV[0]) / 4096);
		my ($lo, $hi) = (0, 0);
		for my $word (unpack("V*", substr($b, 8))) {
			$lo = ($lo + $word) % 0xffffffff;
			$hi = ($hi + $lo) % 0xffffffff;
		}
		my $low = 0xffffffff - ($lo + $hi) % 0xffffffff;
		substr($b, 0, 8) = pack("V2", $low, 0xffffffff - ($lo + $low) % 0xffffffff);
		seek($f, 0, 0);
		print $f $b' "$1"
}

# ---- there and back ------------------------------------------------------------

# alone FILE TYPE NOTICE: as a device, and what a terminal and info are told
alone() {
	equal "$(blkid -p -o value -s TYPE "$1")" "$2" "what libblkid calls it"
	expect_status 0 slate -b -o save "$1" image
	said "$2 is imaged byte by byte: $3"
	expect_status 0 slate info --json image
	equal "$(json out .used_bytes)" "$(size_of "$1")" "used bytes"
	stale copy "$(size_of "$1")"
	expect_status 0 slate -b -y restore copy image
	same "$1" copy
	expect_status 0 slate -b verify image copy
}

# in_disk FILE TYPE NOTICE: as the second partition, behind a swap area
in_disk() {
	rm -f disk
	truncate -s 80M disk
	printf '%s\n' 'label: gpt' 'start=2048, size=4M, type=swap' \
		"size=$(($(size_of "$1") >> 10))K, type=linux" | sfdisk -q disk
	in_part disk 1 mkswap -q
	dd if="$1" of=disk bs=64K seek=$(($(part_begin disk 2) >> 16)) conv=notrunc \
		status=none
	expect_status 0 slate -b -o save disk image
	said "$2 is imaged byte by byte: $3"
	stale copy 80M
	expect_status 0 slate -b -y restore copy image
	same_table disk copy
	cmp -n "$(size_of "$1")" -i "$(part_begin copy 2):0" copy "$1" >&2 ||
		fail "$2 in a partition is not what it was"
}

while read -r maker tool size type notice; do
	say "$maker"
	if [[ $tool != - ]] && ! command -v "$tool" > /dev/null; then
		say "left out: there is no $tool"
		continue
	fi
	"$maker" member "$size"
	alone member "$type" "$notice"
	in_disk member "$type" "$notice"
done << 'END'
luks1 cryptsetup 24M crypto_LUKS it is encrypted\. Imaging the opened device in /dev/mapper
luks2 cryptsetup 24M crypto_LUKS it is encrypted\. Imaging the opened device in /dev/mapper
lvm pvcreate 24M LVM2_member it belongs to an LVM volume group\. Imaging each logical volume
bitlocker - 24M BitLocker it is encrypted\. Turn BitLocker off in Windows first
mdraid - 24M linux_raid_member it belongs to a RAID array\. Imaging the assembled /dev/md device
zfs - 66M zfs_member it belongs to a ZFS pool\. zfs send saves only what is used
apfs - 24M apfs its map of used blocks cannot be read by this program
END

if command -v cryptsetup > /dev/null; then
	say "the key still opens what was restored"
	luks2 member 24M
	expect_status 0 slate -b -o save member image
	stale copy 24M
	expect_status 0 slate -b -y restore copy image
	printf secret | cryptsetup open --test-passphrase -d - copy ||
		fail "the key opens nothing"
fi
