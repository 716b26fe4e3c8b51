#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# What an image says of itself, by name, in volumes, from a pipe; for people
# and as JSON.
set -euo pipefail
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
need_loop
export SOURCE_DATE_EPOCH=1700000000 # 2023-11-14 22:13:20

make_ext4 disk 24M 2000 -b 2048
uuid=$(blkid -p -o value -s UUID disk)
used_ranges disk > ranges
used=$(awk '{ n += $2 } END { print n }' ranges)
expect_status 0 slate -b -zgzip:7 --chunk-size=128k --description='Room 12' save disk image
expect_status 0 slate -b --description='Room 12' -z0 -V1 save disk parts

field() { # field LABEL: what the text says, without blanks at its ends
	sed -n "s/^ *$1: *//p" out
}

# tells IMAGE: all that every way of looking at the image must say
tells() {
	equal "$(json out .device_bytes)" $((24 << 20)) "device bytes"
	equal "$(json out .used_bytes)" "$used" "used bytes"
	equal "$(json out '.regions | length')" 1 regions
	equal "$(json out '.regions[0] |
		[.offset, .size, .used, .extents, .block] | join(" ")')" \
		"0 $((24 << 20)) $used $(wc -l < ranges) 2048" "the region"
	equal "$(json out '.metadata.regions[0] | [.fs, .label, .uuid] | join(" ")')" \
		"ext4 fixture $uuid" "the filesystem"
	equal "$(json out .metadata.description)" 'Room 12' description
	equal "$(json out .metadata.created)" 2023-11-14T22:13:20Z "time"
	equal "$(json out .metadata.device)" disk device
	equal "$(json out .metadata.host)" "$(uname -n)" host
	json out .metadata.tool | grep -qE '^slate [0-9]' || fail "not which program made it"
	json out .image_id | grep -qxE '[0-9a-f]{32}' || fail "no image id"
	equal "$(json out .format)" 1 "format"
	equal "$(json out '[.sector, .physical_sector] | map(. >= 512) | all')" true sectors
}

whole() { # whole: what only the end of an image knows
	equal "$(json out .complete)" true complete
	json out .root | grep -qxE '[0-9a-f]{64}' || fail "no root hash"
	equal "$(json out '.chunks_data + .chunks_zero + .chunks_same == .chunks')" true \
		"kinds of chunks"
	equal "$(json out '.unreadable_bytes == 0')" true unreadable
}

say "as JSON: a file, volumes, pipes"
expect_status 0 slate info --json image
tells
whole
equal "$(json out '[.codec, .metadata.compress, .metadata.level, .chunk_size] | join(" ")')" \
	'gzip gzip 7 131072' "codec and chunk size"
equal "$(json out .image_bytes)" "$(size_of image)" "image bytes"
[[ $(json out .packed_bytes) -lt $(size_of image) ]] || fail "packed bytes"
equal "$(jq 'has("volumes")' out)" false "volumes of one file"
expect_status 0 slate info --json parts.000
tells
whole
equal "$(json out .codec)" none codec
equal "$(json out .image_bytes)" "$(cat parts.* | wc -c)" "image bytes of volumes"
equal "$(json out .volumes)" "$(find . -name 'parts.*' | wc -l)" "volumes"
expect_status 0 slate info --json parts
tells
whole
expect_status 0 slate info --json - < <(cat image)
tells
equal "$(jq 'has("complete")' out)" false "a pipe's end"
expect_status 0 slate info --json stdin < image
tells
mkfifo pipe
cat image > pipe &
expect_status 0 slate info --json pipe
tells
wait $! || [[ $? = 141 ]] # nobody read on

say "as text"
expect_status 0 slate info image
equal "$(field Description)" 'Room 12' description
equal "$(field Label)" fixture label
equal "$(field UUID)" "$uuid" UUID
equal "$(field Filesystem)" ext4 filesystem
equal "$(field From)" disk device
equal "$(field Compression)" gzip compression
equal "$(field Complete)" yes complete
field Used | grep -q "($used)" || fail "not how much is used: $(field Used)"
field 'Device size' | grep -q "^24\.0 MiB ($((24 << 20)))" ||
	fail "not how large: $(field 'Device size')"
field 'Image size' | grep -q "($(size_of image))" || fail "not how large: $(field 'Image size')"
[[ ! -s err ]] || fail "messages: $(cat err)"
expect_status 0 slate info parts
equal "$(field Volumes)" "$(find . -name 'parts.*' | wc -l)" volumes
said 'reading parts.000'
expect_status 0 slate info - < <(cat image)
equal "$(field UUID)" "$uuid" UUID

say "names that would upset a terminal or JSON"
mkfs.ext4 -q -F -L $'\033[31m"\\' -U 11111111-2222-3333-4444-555555555555 disk
name=$'odd "name\\ \033[1m\n'
cp disk "$name"
expect_status 0 slate -b --description=$'two\nlines \033[31m "\\' save "$name" odd.image
expect_status 2 slate -b --description=$'\xff' save "$name" other.image
said 'not UTF-8'
absent other.image
expect_status 0 slate info --json odd.image
equal "$(json out .metadata.regions[0].uuid)" 11111111-2222-3333-4444-555555555555 UUID
expect_status 0 slate info odd.image
! grep -q $'\033' out || fail "an escape sequence goes to the terminal"
expect_status 0 slate -b verify odd.image
harmless() { # harmless OPERAND...: nothing that controls a terminal is shown
	run slate -b "$@" < /dev/null
	! grep -q $'\033' out err || fail "an escape sequence goes to the terminal"
}
harmless save "$name" "$name.image"
equal "$status" 0 "exit status"
harmless info "$name.image"
harmless verify "$name.image" "$name"
harmless restore "$name" "$name.image"
harmless save "missing$name" image2
harmless save disk "no/$name"
harmless restore "no/$name" odd.image
harmless verify "no$name"
harmless info "no$name"
harmless "$name"
harmless --"$name"
harmless -z"$name" save disk image2
harmless -B "$name" save disk image2

say "an image of nothing known"
head -c 100000 /dev/urandom > noise
expect_status 0 slate -b save noise noise.image
expect_status 0 slate info --json noise.image
equal "$(jq -c '.metadata.regions[0]' out)" '{"fs":null,"label":null,"uuid":null}' \
	"the filesystem"
equal "$(json out .used_bytes)" 100000 "used bytes"
equal "$(jq -c .metadata.description out)" null description

say "damage: what is left is told, and the status says so"
head -c $(($(size_of image) - 100)) image > damaged
expect_status 4 slate info --json damaged
tells
equal "$(jq .complete out)" false complete
json out .damage > /dev/null
said 'damaged'
expect_status 4 slate info damaged
equal "$(field Complete)" NO complete
equal "$(field UUID)" "$uuid" UUID
head -c 20 image > damaged
expect_status 4 slate info damaged
[[ ! -s out ]] || fail "information about a damaged header"
