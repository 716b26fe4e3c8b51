#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# demo.sh - what Slate is for, in a few seconds: saves a small disk, restores it
# onto another one and shows that both are the same.  `make demo' runs it; SLATE
# is the program.  Root.  Works on files only: no disk of yours is touched.
set -euo pipefail
export LC_ALL=C.UTF-8 PATH=$PATH:/usr/sbin:/sbin

slate=${SLATE:-slate}
size_mib=300 fill_mib=180

say() { printf '\n== %s\n' "$*"; }
note() { printf '   %s\n' "$*"; }

die() {
	echo "demo: $*" >&2
	exit 1
}

mib() { # mib BYTES: "12.3 MiB"
	awk -v n="$1" 'BEGIN { printf "%.1f MiB", n / 1048576 }'
}

try() { # try COMMAND...: shows and runs it, tells how long it took
	local begin=${EPOCHREALTIME/[.,]/} end

	printf '   $ %s\n' "${*/#"$slate"/slate}"
	"$@" < /dev/null || die "'${*##*/}' failed with exit status $?"
	end=${EPOCHREALTIME/[.,]/}
	note "took $(awk -v t=$((end - begin)) 'BEGIN { printf "%.1f s", t / 1e6 }')"
}

# Files of this very system, up to fill_mib of them.
pick() {
	find /usr/bin /usr/sbin /usr/share /usr/lib -xdev \( -type f -o -type l \) -size -8M \
		-printf '%s %p\n' | awk -v max=$((fill_mib * 1048576)) '
		(sum += $1) <= max { sub(/^[0-9]+ /, ""); print }'
}

fill() { # fill FOLDER
	pick > files
	tar -C / -c -T files --transform 's|^/||' 2> /dev/null | tar -x -p -C "$1"
}

# Every third file goes and some come back elsewhere: free space in pieces that
# holds old data, as on a disk in use.
age() { # age FOLDER
	sync -f "$1"
	find "$1/usr" -type f | sort | awk 'NR % 3 == 0' | tr '\n' '\0' | xargs -0 -r rm -f
	sync -f "$1"
	find "$1/usr/share" -type f | sort | awk 'NR % 5 == 0' | tr '\n' '\0' |
		xargs -0 -r cp -p --backup=numbered -t "$1"
}

make_disk() {
	truncate -s ${size_mib}M disk.img
	mkdir before after
	if mkfs.ext4 -q -F -L demo disk.img && mount -o loop disk.img before 2> /dev/null; then
		fill before
		age before
		umount before
	else
		note "loop devices cannot be mounted here: mkfs fills the disk instead"
		mkdir stage
		fill stage
		age stage
		mkfs.ext4 -q -F -L demo -d stage disk.img
		rm -rf stage
	fi
}

show() { # show IMAGE FOLDER: its files in FOLDER
	mount -o loop,ro "$1" "$2" 2> /dev/null || debugfs -R "rdump / $2" "$1" 2> /dev/null
}

# listing FOLDER: all that is known of its files but their contents.  (Where
# nothing can be mounted, links come out of the image without their times.)
listing() {
	(cd "$1" && find . -mindepth 1 \( -type l -printf '%p l %U:%G %l\n' \
		-o -type d -printf '%p d %m %U:%G %T@\n' \
		-o -printf '%p %y %m %U:%G %n %s %T@\n' \) | sort)
}

same() { # same COMMAND...: what it finds different, of which only the begin is shown
	"$@" > differences || {
		head -n 10 differences
		die "the copy is not the same"
	}
}

cleanup() {
	local m

	cd /
	for m in before after; do
		! mountpoint -q "$dir/$m" || umount "$dir/$m" || umount -l "$dir/$m"
	done
	rm -rf --one-file-system "$dir"
}

[[ $(id -u) = 0 ]] || die "must be root, to mount what it compares"
command -v "$slate" > /dev/null || die "no program $slate: run make first"
dir=$(mktemp -d "${TMPDIR:-/var/tmp}/slate-demo.XXXXXX")
trap cleanup EXIT
cd "$dir"

say "A disk of $size_mib MiB with an ext4 filesystem and files of this system"
make_disk
used=$(dumpe2fs -h disk.img 2> /dev/null | awk -F': *' '
	/^Block count/ { blocks = $2 }
	/^Free blocks/ { free = $2 }
	/^Block size/ { print (blocks - free) * $2 }')
note "$(mib "$used") in use"

say "Save it: only what is in use, compressed"
try "$slate" -b save disk.img disk.slate
note "an image of $(mib "$(stat -c %s disk.slate)")"

say "What the image says about itself"
try "$slate" info disk.slate

say "Is the image good?"
try "$slate" -b verify disk.slate

say "Restore it onto another disk"
try "$slate" -b restore copy.img disk.slate

say "Compare both disks"
try e2fsck -fn copy.img
show disk.img before
show copy.img after
listing before > before.list
listing after > after.list
same diff before.list after.list
same diff -r --no-dereference before after
note "$(wc -l < before.list) files and folders: contents, owners, modes, times, links"
printf '\ndemo: all the same\n'
