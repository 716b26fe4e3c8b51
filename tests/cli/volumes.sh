#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Images in volumes, and what -o replaces: never anything without it, and
# nothing of an older image is left with it.
set -euo pipefail
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
need_loop
export SOURCE_DATE_EPOCH=1700000000

make_ext4 disk 24M 5000
expect_status 0 slate -b -z0 save disk whole
mib=$((($(size_of whole) + 1048575) / 1048576))
[[ $mib -ge 5 ]] || fail "too small an image for this test"

names() { # names: of all parts of ./image, on one line
	local all

	all=$(find . -maxdepth 1 -name 'image*' -printf '%f ' | tr ' ' '\n' | sort |
		tr '\n' ' ')
	all=${all# }
	echo "${all% }"
}

volumes() { # volumes N: the names that N volumes have
	seq -f 'image.%03.0f' -s ' ' 0 $(($1 - 1))
}

is_good() { # is_good [NAME]: ./image can be restored
	local name=${1:-image}

	expect_status 0 slate -b verify "$name"
	stale copy 24M
	expect_status 0 slate -b restore copy "$name"
	same_ext disk copy
}

say "a plain split: together the volumes are the image"
expect_status 0 slate -b -z0 -V1 save disk image
equal "$(names)" "$(volumes $mib)" "the volumes"
for ((i = 0; i < mib - 1; i++)); do
	equal "$(size_of "image.00$i")" 1048576 "size of volume $i"
done
same whole <(cat image.*) "the volumes and the whole image"

say "found by either name"
is_good image
said 'reading image.000'
is_good image.000
not_said 'reading image.000'
is_good ./image
expect_status 0 slate info image
mv whole one
is_good one.000
said 'reading one'
stale copy 24M
expect_status 0 slate -b restore copy - < <(cat image.*)
same_ext disk copy
expect_status 4 slate -b restore copy image.001

say "given with the number of the first volume, of all sizes"
rm image.*
expect_status 0 slate -b -z0 -V2 save disk image.000
equal "$(names)" "$(volumes $(((mib + 1) / 2)))" "the volumes"
is_good
for size in 2M 2048k 2m; do
	expect_status 0 slate -b -z0 -o -V$size save disk image
	equal "$(names)" "$(volumes $(((mib + 1) / 2)))" "the volumes by -V$size"
	same one <(cat image.*)
done
expect_status 0 slate -b -z0 -o -V 1G save disk image
equal "$(names)" image.000 "the volumes"
is_good
expect_status 0 slate -b -z0 -o -w -V1 save disk image
equal "$(names)" "$(volumes $mib)" "-w in batch mode"

say "with -o nothing old is left: fewer volumes, more, one file, volumes again"
expect_status 0 slate -b -o -z0 -V3 save disk image
equal "$(names)" "$(volumes $(((mib + 2) / 3)))" "fewer volumes"
is_good
expect_status 0 slate -b -o -z0 -V1 save disk image
equal "$(names)" "$(volumes $mib)" "more volumes"
expect_status 0 slate -b -o -V0 save disk image
equal "$(names)" image "one file over volumes"
is_good
expect_status 0 slate -b -o -z0 -V2 save disk image
equal "$(names)" "$(volumes $(((mib + 1) / 2)))" "volumes over one file"
is_good
expect_status 0 slate -b -o save disk image.000
equal "$(names)" image.000 "one file by the name of the first volume"
is_good
expect_status 0 slate -b -o save disk image.000
equal "$(names)" image.000 "the same again"

say "volumes that have lost the first one are no part of the new image"
expect_status 0 slate -b -o -z0 -V1 save disk image
rm image.000
before=$(cat image.* | sha256sum)
expect_status 3 slate -b -z0 -V2 save disk image
said 'image.001: exists already; -o'
equal "$(cat image.* | sha256sum)" "$before" "the old volumes"
expect_status 0 slate -b -z0 -V2 -o save disk image
is_good
rm image.000 image.001
expect_status 3 slate -b -z0 -V3 save disk image
said 'image.002: exists already; -o'
[[ ! -e image.000 && ! -e image.000.part ]] || fail "something was left of a refused image"
rm -f image*

say "without -o nothing is touched"
kept() { # kept: ./image* are as they were
	equal "$(sha256sum image*)" "$before" "the old image"
}
refused() { # refused OPTION...
	before=$(sha256sum image*)
	expect_status 3 slate -b "$@" save disk image
	said 'exists already; -o \(--overwrite\) replaces it'
	kept
	expect_status 3 slate -b "$@" save disk image.000
	kept
	# here partimage took another name
	expect_status 3 slate -b -B 'x=y' "$@" save disk image
	kept
	equal "$(find . -newer mark -name '*image*')" '' "new files"
}
echo 'not an image' > image
touch mark
refused
refused -V1
mv image image.000
refused
refused -V1
rm image.000
expect_status 0 slate -b -z0 -V1 save disk image
touch mark
refused
refused -V1

say "-o keeps the old image until the new one is there"
before=$(sha256sum image*)
expect_status 3 slate -b -o save missing image
kept
cp disk sick
debugfs -w -R 'set_super_value state 3' sick 2> debugfs.err
expect_status 3 slate -b -o save sick image
kept
expect_status 3 slate -b -o -V1 save sick image
kept
expect_status 0 slate -b -o --dry-run save disk image
kept
rm -f image*
expect_status 0 slate -b -z0 save disk image
before=$(sha256sum image)
(
	ulimit -f 1000 # KiB: the disk is full, as far as this process can see
	trap '' XFSZ
	expect_status 1 slate -b -o -z0 save disk image
	said 'File too large'
	expect_status 1 slate -b -o -z0 -V1 save disk image
)
kept
absent image.part image.000 image.000.part
is_good

say "a link is replaced, not what it leads to"
mv image real
ln -s real image
before=$(sum real)
expect_status 0 slate -b -o save disk image
equal "$(sum real)" "$before" "what the link led to"
[[ ! -L image ]] || fail "still a link"
rm image
ln -s nowhere image
expect_status 3 slate -b save disk image
absent nowhere
rm image

say "no file is left under a temporary name, and only the owner can read an image"
(umask 022 && expect_status 0 slate -b save disk image)
equal "$(stat -c %a image)" 600 "mode of the image"
equal "$(find . -name '*.part')" '' "temporary files"
echo left > image.part
expect_status 0 slate -b -o save disk image
absent image.part
