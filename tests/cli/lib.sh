# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
#
# lib.sh - what the command-line tests share.  A test begins with
#
#	set -euo pipefail
#	# shellcheck source=tests/cli/lib.sh
#	. "$(dirname "$0")/lib.sh"
#
# and then stands in a folder of its own ($dir) that vanishes at its end,
# together with every mount, swap area and loop device in it.  $SLATE is the
# program (an absolute path), $root the project's folder.  Sizes are bytes or
# what truncate(1) takes.
set -euo pipefail

# Mounts are made in a namespace of the test's own.  In the common one, any other
# process that starts a namespace meanwhile gets a copy of them, and umount
# would end before the filesystem is really released.
if [[ $(id -u) = 0 && ! ${SLATE_TEST_NAMESPACE-} ]] && unshare -m true 2> /dev/null; then
	SLATE_TEST_NAMESPACE=1 exec unshare -m --propagation slave bash "$0" "$@"
fi
unset SLATE_TEST_NAMESPACE

export LC_ALL=C.UTF-8 PATH=$PATH:/usr/sbin:/sbin
root=$(realpath "${BASH_SOURCE[0]%/*}/../..")
SLATE=$(realpath "${SLATE:-$root/build/slate}")
dir=$(realpath "$(mktemp -d "${TMPDIR:-/var/tmp}/slate-test.XXXXXX")")

cleanup() {
	local name file

	cd /
	awk -v d="$dir/" 'index($1, d) == 1 { print $1 }' /proc/swaps | xargs -r swapoff
	while read -r name; do
		umount "$name" 2> /dev/null || umount -l "$name"
	done < <(awk -v d="$dir/" 'index($2, d) == 1 { print $2 }' /proc/self/mounts | tac)
	while read -r name file; do
		[[ $file = "$dir"/* ]] || continue
		swapoff "$name" 2> /dev/null || true
		# One that mount made goes by itself, perhaps just now.
		losetup -d "$name" 2> /dev/null || true
	done < <(losetup -n -O NAME,BACK-FILE 2> /dev/null)
	rm -rf --one-file-system "$dir"
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
cd "$dir"

# ---- verdicts ------------------------------------------------------------

skip() { # skip REASON: the whole test
	echo "$*"
	exit 77
}

fail() { # fail TEXT: and where in the test that was
	local i at=

	for ((i = ${#BASH_SOURCE[@]} - 1; i > 0; i--)); do
		at+=" ${BASH_SOURCE[i]##*/}:${BASH_LINENO[i - 1]}"
	done
	echo "failed at$at: $*" >&2
	exit 1
}

say() { # say TEXT: what comes now, for whoever reads the log
	echo "== $*"
}

need_root() {
	[[ $(id -u) = 0 ]] || skip "needs root: it mounts filesystems"
}

need_loop() { # loop devices that can be mounted
	need_root
	truncate -s 4M probe
	mkfs.ext4 -q -F probe
	mkdir probe.d
	mount -o loop,ro probe probe.d 2> /dev/null ||
		skip "needs loop devices: none can be mounted"
	umount probe.d
	rm -r probe probe.d
}

# ---- running the program -------------------------------------------------

slate() {
	"$SLATE" "$@"
}

# run COMMAND...: its output in ./out, its messages in ./err, status in $status.
# Standard input is the caller's.
run() {
	status=0
	"$@" > "$dir/out" 2> "$dir/err" || status=$?
}

# expect_status N COMMAND...: as run, input empty unless it is a pipe or file; the
# test ends here if the exit status is not N.
expect_status() {
	local want=$1

	shift
	if [[ -p /dev/stdin || -f /dev/stdin ]]; then
		run "$@"
	else
		run "$@" < /dev/null
	fi
	[[ $status = "$want" ]] || {
		head -n 30 "$dir/err" >&2
		fail "exit status $status, not $want: $*"
	}
}

said() { # said REGEX: in the messages of the last run or expect_status
	grep -qE -- "$1" "$dir/err" || {
		cat "$dir/err" >&2
		fail "no message like '$1'"
	}
}

not_said() {
	! grep -E -- "$1" "$dir/err" >&2 || fail "a message like '$1'"
}

same() { # same FILE FILE [WHAT]
	cmp -- "$1" "$2" >&2 || fail "${3:-$1 and $2} differ"
}

differ() { # differ FILE FILE [WHAT]
	! cmp -s -- "$1" "$2" || fail "${3:-$1 and $2} are the same"
}

equal() { # equal A B WHAT: as texts
	[[ $1 = "$2" ]] || fail "$3: '$1', not '$2'"
}

absent() { # absent FILE...: nothing is there
	local f

	for f; do
		[[ ! -e $f && ! -L $f ]] || fail "$f is there"
	done
}

sum() { # sum FILE: to see that it stays as it is
	sha256sum < "$1"
}

json() { # json FILE EXPRESSION: one value by jq; a missing one is a failure
	jq -er "$2" "$1" || fail "$1 has no $2"
}

# ---- fixtures ------------------------------------------------------------

stale() { # stale FILE SIZE: a file that holds old data, 0xAA
	local bytes

	rm -f "$1"
	truncate -s "$2" "$1"
	bytes=$(stat -c %s "$1")
	head -c "$bytes" /dev/zero | tr '\0' '\252' > "$1"
}

attach() { # attach FILE [OPTION...]: as a loop device, $loop
	# shellcheck disable=SC2034 # the caller reads it
	loop=$(losetup -f --show "${@:2}" "$1") || skip "needs loop devices: none to be had"
}

mount_image() { # mount_image FILE FOLDER [OPTIONS]: default ro
	mkdir -p "$2"
	mount -o "loop,${3:-ro}" "$1" "$2"
}

# copy_files FOLDER KIB: about so many of this system's own files, with their
# owners, modes and times.
copy_files() {
	local from

	for from in /etc /usr/bin /usr/lib /usr/share; do
		find "$from" -xdev \( -type f -o -type l \) -size -400k -printf '%s %p\n' |
			awk -v max=$(($2 * 256)) \
				'(sum += $1) <= max { sub(/^[0-9]+ /, ""); print }'
	done > files.list
	tar -C / -c --no-recursion -T files.list 2> /dev/null | tar -x -p -C "$1"
	rm files.list
}

# odd_files FOLDER: small files of every kind that a filesystem can hold.  What
# the filesystem or this machine does not have (attributes, nodes) is left out.
odd_files() (
	cd "$1"
	mkdir -p odd/deep/er/and/er odd/many
	cd odd
	: > empty
	echo set > setuid && chmod 6755 setuid
	echo none > nobody && chmod 0 nobody && chown 65534:12345 nobody
	echo other > owner && chown 1234567:7654321 owner
	echo past > past && touch -d '1970-01-01 00:00:00.123456789 UTC' past
	echo future > future && touch -d '2100-02-28 12:00:00.987654321 UTC' future
	ln empty hard
	ln owner deep/er/hard
	ln -s empty short
	ln -s "/nowhere/$(printf '%0200d' 0)" long
	mkfifo fifo
	mknod char c 1 3 2> /dev/null || true
	mknod block b 7 250 2> /dev/null || true
	echo 1 > ' blank ' && echo 2 > $'new\nline' && echo 3 > -dash && echo 4 > "it's"
	echo 5 > $'\xc3\xa4\xe2\x82\xac' && echo 6 > $'\xff\xfe' &&
		echo 7 > "$(printf 'n%0254d' 0)"
	truncate -s 3M sparse
	head -c 5000 /dev/urandom | dd of=sparse bs=1 seek=1500000 conv=notrunc status=none
	fallocate -l 300K reserved 2> /dev/null || true
	seq 20000 > text
	head -c 150000 /dev/urandom > random
	(cd many && seq -f 'file-with-a-rather-long-name-%g' 400 | xargs touch)
	setfattr -n user.short -v value text || true
	setfattr -n user.long -v "$(printf '%0700d' 0)" random || true
	setfattr -n trusted.slate -v 0x00ff00 text || true
	setfattr -n security.capability -v 0x0100000202000000000000000000000000000000 \
		setuid || true
	setfacl -m u:1234:rw,g:100:r,m::rwx text || true
	setfacl -d -m u:1234:rwx,o::- deep || true
) 2> /dev/null

# age FOLDER: every third file goes and others come, so that free space is in
# pieces and holds old data.
age() {
	sync -f "$1"
	find "$1/etc" "$1/usr" -type f | sort | awk 'NR % 3 == 0' | tr '\n' '\0' |
		xargs -0 -r rm -f
	sync -f "$1"
	find "$1/usr" -type f -size -20k | sort | awk 'NR % 7 == 0' | tr '\n' '\0' |
		xargs -0 -r cp -p --backup=numbered -t "$1"
}

# make_ext4 FILE SIZE KIB [MKFS_OPTION...]: an ext4 filesystem that was in use,
# labelled "fixture", with KIB of this system's files.
make_ext4() {
	truncate -s "$2" "$1"
	mkfs.ext4 -q -F -L fixture "${@:4}" "$1"
	mount_image "$1" "$1.d" rw
	copy_files "$1.d" "$3"
	odd_files "$1.d"
	age "$1.d"
	umount "$1.d"
	rmdir "$1.d"
}

# ---- comparing filesystems -----------------------------------------------

# manifest FOLDER: everything about its files but the time of last access, in
# an order that is always the same.  Hard links show by their inode numbers.
manifest() (
	cd "$1"
	find . -print0 | sort -z |
		xargs -0 stat -c '%N %f %u:%g links %h inode %i %s+%b %t:%T %y %z'
	find . -type f -print0 | sort -z | xargs -0 -r sha256sum
	find . -print0 | sort -z | xargs -0 getfattr -h -d -m - -e hex
)

manifest_of() { # manifest_of FILE: of the filesystem in it, mounted read-only
	mount_image "$1" "$1.m"
	manifest "$1.m"
	umount "$1.m"
	rmdir "$1.m"
}

clean() { # clean FILE: by e2fsck, which changes nothing
	e2fsck -fn "$1" > "$dir/fsck" 2>&1 || {
		cat "$dir/fsck" >&2
		fail "$1 is not clean"
	}
}

size_of() { # size_of FILE: also of a device
	if [[ -b $1 ]]; then
		blockdev --getsize64 "$1"
	else
		stat -L -c %s "$1"
	fi
}

# used_ranges FILE: "OFFSET LENGTH" in bytes of all that the ext filesystem in
# FILE does not count as free, with the boot block and what follows the filesystem.
used_ranges() {
	dumpe2fs "$1" 2> /dev/null | awk -v size="$(size_of "$1")" '
		/^Block size:/ { block = cluster = $3 }
		/^Cluster size:/ { cluster = $3 }
		/^  Free blocks: / {
			sub(/^  Free blocks: */, "")
			n = split($0, list, ", ")
			for (i = 1; i <= n; i++) {
				if (split(list[i], part, "-") == 1) part[2] = part[1]
				if (list[i] == "") continue
				if (part[1] * block > at)
					printf "%d %d\n", at, part[1] * block - at
				at = part[2] * block + cluster
			}
		}
		END { if (size > at) printf "%d %d\n", at, size - at }'
}

# used_bytes RANGES FILE: the bytes of FILE in the ranges of the file RANGES,
# one after the other.
used_bytes() {
	perl -e 'open(my $r, "<", $ARGV[0]) && open(my $f, "<:raw", $ARGV[1]) or die "$!";
		while (<$r>) {
			my ($off, $len) = split;
			sysseek($f, $off, 0);
			while ($len) {
				my $n = sysread($f, my $buf, $len < 1 << 20 ? $len : 1 << 20);
				$n or die "$ARGV[1]: ends at a used byte\n";
				print $buf;
				$len -= $n;
			}
		}' "$1" "$2"
}

# same_used SOURCE COPY: all used blocks of SOURCE are the same in COPY.
same_used() {
	used_ranges "$1" > "$dir/ranges"
	[[ -s $dir/ranges ]] || fail "$1: no used blocks?"
	cmp <(used_bytes "$dir/ranges" "$1") <(used_bytes "$dir/ranges" "$2") >&2 ||
		fail "used blocks of $1 and $2 differ"
}

# same_ext SOURCE COPY: the copy is clean and has all used blocks of SOURCE.
same_ext() {
	clean "$2"
	same_used "$1" "$2"
}

# add_program FILE TREE PLACE: with the libraries that it is linked with, if any
add_program() {
	local lib

	install -D "$1" "$2/$3"
	{ ldd "$1" 2> /dev/null || true; } | sed -n 's,^[^/]*\(/[^ ]*\).*,\1,p' > libraries
	while read -r lib; do
		install -D "$lib" "$2$lib"
	done < libraries
}
