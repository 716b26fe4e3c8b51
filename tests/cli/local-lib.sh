# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
#
# local-lib.sh - disks with partitions as the kernel has them, and a boot tree, for tests
# of slate-rescue install and iso.  Comes after lib.sh.
# shellcheck disable=SC2154 # which sets $root and $dir
RESCUE=$(realpath "${RESCUE:-$root/rescue/slate-rescue}")
# Debian's packages that are not installed are fetched once.
export SLATE_RESCUE_CACHE=$root/build/rescue
export SLATE RESCUE
nodes=()
trap 'drop_nodes; cleanup' EXIT

rescue() {
	"$RESCUE" "$@"
}

# attach_parts FILE: its partitions are ${disk}p1, ${disk}p2 ...; the machine may have no
# udev that makes their nodes
attach_parts() {
	local at name

	attach "$1" -P
	disk=$loop
	# Not every kernel looks for a table itself.
	partx -u "$disk" || true
	[[ -e /sys/block/${disk#/dev/}/${disk#/dev/}p1 ]] ||
		skip "needs loop devices with partitions"
	for at in /sys/block/"${disk#/dev/}"/"${disk#/dev/}"p*; do
		name=/dev/${at##*/}
		[[ ! -b $name ]] || continue
		mknod -m 600 "$name" b "$(cut -d: -f1 "$at/dev")" "$(cut -d: -f2 "$at/dev")"
		nodes+=("$name")
	done
}

drop_nodes() {
	[[ ${#nodes[@]} = 0 ]] || rm -f "${nodes[@]}"
	nodes=()
}

detach_parts() {
	drop_nodes
	partx -d "$disk"
	losetup -d "$disk"
}

# fake_boot FOLDER KIB: what slate-rescue build makes, as far as it is looked at: a kernel
# says its version (Documentation/x86/boot.rst)
fake_boot() {
	mkdir -p "$1/slate"
	{
		head -c 514 /dev/urandom
		printf 'HdrS\0\0\0\0\0\0\0\0\0\2'
		head -c 496 /dev/zero
		printf '6.1.0-0-test (slate) #1 SMP\0'
		head -c "$2"K /dev/urandom
	} > "$1/slate/vmlinuz"
	head -c "$2"K /dev/urandom > "$1/slate/initrd.img"
}
