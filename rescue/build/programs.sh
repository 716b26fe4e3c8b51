# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash disable=SC2154,SC2034 # files share variables
#
# programs.sh - what the rescue system has besides busybox and Slate.  Lines are
#
#	PROGRAM PACKAGE WHY
#
# Not here, as they would take half a MiB for what no lesson needs: new UUIDs for XFS
# (xfs_db) and Btrfs (btrfstune).  slate --new-uuids refuses those before it begins.

programs_list='
e2fsck      e2fsprogs    slate --grow, --shrink, --new-uuids
resize2fs   e2fsprogs    slate --grow, --shrink
tune2fs     e2fsprogs    slate --new-uuids
ntfs-3g     ntfs-3g      mounts the partition that has the images
ntfsresize  ntfs-3g      slate --grow, --shrink
ntfslabel   ntfs-3g      slate --new-uuids
ntfsfix     ntfs-3g      by hand: a partition that Windows left unclean
xfs_growfs  xfsprogs     slate --grow
btrfs       btrfs-progs  slate --grow
fatlabel    dosfstools   slate --new-uuids
tune.exfat  exfatprogs   slate --new-uuids
mkswap      util-linux   slate --grow
swaplabel   util-linux   slate --new-uuids
'
