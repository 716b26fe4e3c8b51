# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
#
# programs.sh - what the rescue system has besides busybox and Slate.  Lines are
#
#	PROGRAM PACKAGE WHY

# shellcheck disable=SC2034 # tree.sh reads it
programs_list='
e2fsck      e2fsprogs    slate --grow, --shrink, --new-uuids
resize2fs   e2fsprogs    slate --grow, --shrink
tune2fs     e2fsprogs    slate --new-uuids
ntfs-3g     ntfs-3g      mounts the partition that has the images
ntfsresize  ntfs-3g      slate --grow, --shrink
ntfslabel   ntfs-3g      slate --new-uuids
ntfsfix     ntfs-3g      by hand: a partition that Windows left unclean
xfs_growfs  xfsprogs     slate --grow
xfs_db      xfsprogs     slate --new-uuids, by xfs_admin
xfs_admin   xfsprogs     slate --new-uuids
btrfs       btrfs-progs  slate --grow
btrfstune   btrfs-progs  slate --new-uuids
fatlabel    dosfstools   slate --new-uuids
tune.exfat  exfatprogs   slate --new-uuids
mkswap      util-linux   slate --grow
swaplabel   util-linux   slate --new-uuids
blkid       util-linux   by hand: what is on which partition, with UUIDs
'
