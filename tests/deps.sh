#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# deps.sh GROUP... - installs the Debian packages of the groups (build, check, vm,
# demo, tidy, bench) without asking anything.  Does nothing at all when they are
# installed.  Not root: says what to install and fails.
set -euo pipefail

declare -A groups=(
	[build]='gcc libc6-dev make pkg-config libblkid-dev libfdisk-dev libext2fs-dev
		comerr-dev ntfs-3g-dev libdeflate-dev libbz2-dev libzstd-dev liblz4-dev
		liblzma-dev libinih-dev libsqlite3-dev
		libmicrohttpd-dev libseccomp-dev libssl-dev libjansson-dev libcurl4-openssl-dev
		libncurses-dev gettext'
	[demo]='e2fsprogs mount fdisk dosfstools qemu-system-x86 ipxe-qemu grub-common
		grub-pc-bin grub-efi-amd64-bin busybox cpio kmod iproute2 xz-utils zstd jq attr
		acl openssl binutils ntfs-3g xfsprogs btrfs-progs exfatprogs'
	[check]='e2fsprogs mount fdisk gdisk parted partclone xfsprogs btrfs-progs ntfs-3g
		dosfstools mtools exfatprogs exfat-fuse f2fs-tools nilfs-tools jfsutils
		reiserfsprogs makefs xorriso grub-common sleuthkit cryptsetup-bin lvm2
		fuse3 libcmocka-dev clang libclang-rt-14-dev binutils zstd gzip bzip2 lz4
		xz-utils attr acl jq expect time openssh-client nginx-light busybox perl
		iproute2 openssl man-db mmdebstrap curl wget sqlite3 cpio kmod tmux valgrind
		libc6-dbg procps netbase patch systemd shellcheck'
	[vm]='qemu-system-x86 ovmf grub-common grub-pc-bin grub-efi-amd64-bin
		busybox cpio kmod xz-utils zstd binutils ntfs-3g dosfstools exfatprogs xfsprogs
		btrfs-progs mtools ipxe-qemu dnsmasq-base iproute2 mmdebstrap e2fsprogs'
	[tidy]='clang-format clang-tidy cppcheck shellcheck'
	[bench]='e2fsprogs mount partclone partimage fsarchiver zstd time mmdebstrap
		xfsprogs btrfs-progs ntfs-3g fuse3 dosfstools mtools exfatprogs f2fs-tools
		nginx-light jq curl iproute2 dnsmasq-base'
)

die() {
	echo "deps: $*" >&2
	exit 1
}

# missing PACKAGE...: those that are not installed, one a line.
missing() {
	local have name

	have=$(dpkg-query -W -f '${db:Status-Status} ${Package}\n' "$@" 2> /dev/null || true)
	for name; do
		grep -qxF "installed $name" <<< "$have" || echo "$name"
	done | sort -u
}

apt() {
	DEBIAN_FRONTEND=noninteractive apt-get -qq -o Acquire::Retries=3 \
		-o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0 "$@"
}

# mtab: mkfs.nilfs2 reads it, and only a Debian that was booted once has it.
mtab() {
	[[ " $* " != *' check '* || $(id -u) != 0 || -e /etc/mtab ]] ||
		ln -s ../proc/self/mounts /etc/mtab
}

[[ $# -gt 0 ]] || die "usage: tests/deps.sh build|check|vm|demo|tidy|bench..."
if ! command -v dpkg-query > /dev/null; then
	echo "deps: not a Debian system: make sure that there is what tests/deps.sh lists" >&2
	exit 0
fi
mtab "$@"
packages=()
for group; do
	[[ -v groups[$group] ]] || die "no such group: $group (there are ${!groups[*]})"
	read -r -d '' -a more <<< "${groups[$group]}" || true
	packages+=("${more[@]}")
done
mapfile -t wanted < <(missing "${packages[@]}")
[[ ${#wanted[@]} -gt 0 ]] || exit 0
[[ $(id -u) = 0 ]] ||
	die "these packages are missing; as root: apt-get install ${wanted[*]}"

echo "deps: installing ${wanted[*]}" >&2
log=$(mktemp)
trap 'rm -f "$log"' EXIT
# Package lists that are absent or too old make the first attempt fail.  A
# foreign repository that cannot be read must not stop us, so only the second
# attempt's result counts.
if ! apt install --no-install-recommends -y "${wanted[@]}" > "$log" 2>&1; then
	apt update > "$log" 2>&1 || true
	apt install --no-install-recommends -y "${wanted[@]}" >> "$log" 2>&1 || {
		tail -n 20 "$log" >&2
		die "apt-get could not install ${wanted[*]}"
	}
fi
