#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# F2FS and XFS of version 4 in the hands of Debian's kernel, where the one that
# runs the tests may know neither: filled, aged, compressed, saved, restored and
# mounted again, every file the same.  And F2FS restored over itself after a
# crash: what fsync() left on the target must not come back to life.
# limit 2400
set -euo pipefail
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/../cli/lib.sh"
# shellcheck source=tests/cli/fs-lib.sh
. "$root/tests/cli/fs-lib.sh"
# shellcheck source=tests/vm/lib.sh
. "$root/tests/vm/lib.sh"
get_kernel amd64
modules_needed=(virtio_pci virtio_blk crc32_generic crc32c_generic libcrc32c lz4 lzo-rle
	zstd f2fs xfs)

# The disks of a guest: /dev/vda gives it files, in /dev/vdb it leaves a text, and
# the filesystems follow.  NAME|TYPE|MOUNT OPTIONS
disks='
plain|f2fs|rw
packed|f2fs|compress_algorithm=zstd,compress_log_size=2,compress_extension=*
old|xfs|rw
oldest|xfs|rw
'
names=(plain packed old oldest)

# What all guests know.  A filesystem that mounts read-write also replays.
functions() {
	cat << 'END'
list() { # list FOLDER: its files, all that can be seen of them
	cd "$1"
	find . | sort | tr '\n' '\0' | xargs -0 stat -c '%N %f %u:%g %h %s %Y'
	find . -type f | sort | tr '\n' '\0' | xargs -0 sha256sum
	cd /
}
leave() { # leave FILE: for the host
	[ $(stat -c %s "$1") -lt 8000000 ] && dd if="$1" of=/dev/vdb bs=64k conv=fsync
}
END
	printf "disks='%s'\n" "$disks"
}

# run_guest SCRIPT DISK...: what it leaves in ./left
run_guest() {
	local file args=()

	{ functions; cat "$1"; echo 'echo MARKER-END'; echo 'sleep 10000'; } > init
	make_initrd initrd init "${modules_needed[@]}"
	truncate -s 0 left
	truncate -s 8M left
	for file in files.tar left "${@:2}"; do
		args+=(-drive "file=$file,format=raw,if=virtio,cache=writeback")
	done
	args+=(-append "console=ttyS0 quiet panic=-1 no_timer_check mitigations=off")
	guest console 900 -kernel "$kernel" -initrd initrd "${args[@]}"
	grep -aq MARKER-END console || {
		tail -c 3000 console >&2
		fail "the guest did not come to its end"
	}
	! grep -aE 'Oops|BUG:|WARNING:|Corruption' console >&2 ||
		fail "the guest's kernel complains"
	return 0
}

# lists FILE: cuts what a guest left into FILE.NAME; each has some files
lists() {
	local name

	tr -d '\0' < left > "$1"
	for name in "${names[@]}"; do
		sed -n "/^== $name\$/,/^==/p" "$1" > "$1.$name"
		[[ $(grep -c '/' "$1.$name") -gt 200 ]] || fail "$1.$name: too few files"
	done
}

checked() { # checked NAME FILE: by the filesystem's own check
	if [[ $1 = old* ]]; then
		xfs_repair -n -o force_geometry "$2" > check.log 2>&1 ||
			{ cat check.log >&2; fail "$2 is not clean"; }
	else
		fsck.f2fs --dry-run "$2" > check.log 2>&1 || fail "$2: fsck.f2fs ends with $?"
		grep -q 'other corrupted bugs *\[Ok..\]' check.log || fail "$2: fsck stopped"
		! grep -E '\[Fail\]|ASSERT|\[FIX\]' check.log >&2 || fail "$2 is not clean"
	fi
}

# ---- filled and aged by a kernel -------------------------------------------

mkdir files
copy_files files 1600
find files -name '*[[:space:]]*' -delete
seq 300000 > files/text
tar -C files -cf files.tar .
# Without quotas, whose module is not loaded: the kernel would complain.
features=extra_attr,inode_checksum,sb_checksum,inode_crtime,project_quota
features+=,compression,flexible_inline_xattr,lost_found
for name in "${names[@]}"; do truncate -s 100M "$name"; done
mkfs.f2fs -q plain > mkfs.log
mkfs.f2fs -q -O $features packed > mkfs.log
export TEST_DIR=1 TEST_DEV=1 QA_CHECK_FS=1
mkfs.xfs -q -m crc=0 -d agcount=3 old 2> mkfs.log
mkfs.xfs -q -m crc=0 -b size=1024 -l version=1,lazy-count=0 -i attr=1 -n ftype=0 oldest \
	2> mkfs.log

cat > fill << 'END'
d=c
echo "$disks" | while IFS='|' read -r name type options; do
	[ "$name" ] || continue
	mount -t $type -o $options /dev/vd$d /mnt || echo "NO-MOUNT $name"
	cd /mnt
	tar xf /dev/vda
	sync
	rm $(find etc usr -type f | sort | awk 'NR % 3 == 0')
	sync
	mkdir again
	cp $(find usr -type f -size -40 | sort | awk 'NR % 5 == 0') again
	dd if=/dev/zero of=sparse bs=1 count=1 seek=3000000
	ln text hard
	ln -s text link
	dd if=text of=overwritten bs=4k count=200
	sync
	dd if=text of=overwritten bs=4k count=50 seek=70 skip=9 conv=notrunc,fsync
	cd /
	umount /mnt
	mount -t $type -o ro /dev/vd$d /mnt
	{ echo "== $name"; list /mnt; } >> /tmp/list
	umount /mnt
	d=$(echo $d | tr cdef defg)
done
leave /tmp/list
# The same once more, overwritten in place, and then the power fails: only fsync()
# knows.
for d in c:g:f2fs d:h:f2fs e:i:xfs f:j:xfs; do
	IFS=: read -r from to type << LINE
$d
LINE
	dd if=/dev/vd$from of=/dev/vd$to bs=1M
	mount -t $type -o rw /dev/vd$to /mnt || echo "NO-MOUNT $d"
	dd if=/dev/zero of=/mnt/overwritten bs=4k count=100 conv=notrunc,fsync
	dd if=/dev/zero of=/mnt/overwritten bs=4k count=1 seek=300 conv=notrunc,fsync
done
END
say 'a guest fills and ages them'
for name in "${names[@]}"; do truncate -s "$(size_of "$name")" "$name.crash"; done
run_guest fill "${names[@]}" "${names[@]/%/.crash}"
lists filled

for name in "${names[@]}"; do
	checked "$name" "$name"
	round "$name" -b
	by_map "$name"
	checked "$name" "$name.back"
	kind=f2fs
	[[ $name != old* ]] || kind=xfs
	# F2FS: the block in which a mount looks for nodes, and fewer of the SSA, see
	# tests/cli/fs-f2fs.sh.  XFS: the free lists of three groups, at most 24 blocks.
	if [[ $kind = f2fs ]]; then
		like_partclone "$name" f2fs 4096 $((4 << 20))
	else
		like_partclone "$name" xfs $((3 * 24 * 4096))
	fi
done

# ---- restored over what a crash left ---------------------------------------

say 'restored over what was there when the power failed'
for name in "${names[@]}"; do
	differ "$name" "$name.crash"
	case $name in
	old*) refused 'log holds changes' "$name.crash" -c ;;
	# Some write a checkpoint when they are mounted, which is not clean then.
	*) refused 'after its last checkpoint|not cleanly unmounted' "$name.crash" -c ;;
	esac
	expect_status 0 slate --yes restore "$name.crash" "$name.slate"
	mv "$name.crash" "$name.back"
done

cat > look << 'END'
d=c
echo "$disks" | while IFS='|' read -r name type options; do
	[ "$name" ] || continue
	mount -t $type -o rw /dev/vd$d /mnt || echo "NO-MOUNT $name"
	{ echo "== $name"; list /mnt; } >> /tmp/list
	umount /mnt
	d=$(echo $d | tr cdef defg)
done
leave /tmp/list
END
say 'a guest looks at the copies'
run_guest look "${names[@]/%/.back}"
lists restored
for name in "${names[@]}"; do
	same "filled.$name" "restored.$name" "the files of $name and of its copy"
	checked "$name" "$name.back"
done
