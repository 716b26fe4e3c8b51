#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The dialogues before a save, restore, copy, comparison and check, and the plan: golden
# text on both sizes and in both languages; fields change the command line; the line that is
# shown is the one that a shell runs; disks that vanish.  The machine is a folder.
# limit 900
set -euo pipefail
# shellcheck source=tests/cli/screen-lib.sh
. "$(dirname "$0")/screen-lib.sh"
# shellcheck source=tests/cli/net-lib.sh
. "$root/tests/cli/net-lib.sh"
trap 'end_servers; screen_cleanup' EXIT

lynx
mkdir -p "$machine/proc/sys/kernel" images
echo lynx > "$machine/proc/sys/kernel/hostname"
disk sdc 8:32 8 'Target' T1
mkfs.ext4 -q -O ^has_journal -U clear -L old "$machine/dev/sdc"
truncate -s 4M part
mkfs.ext4 -q -O ^has_journal -U clear -L tiny part
expect_status 0 slate -b save part images/lynx.slate
cd images

# shown: the command line on the screen, as one line; its words are in the last part
shown() {
	screen | sed -n '/command line for this/,$p' | sed '1d;$d' |
		sed -E ':a; /\\$/{N; ba}; s/ *\\\n */ /g' | sed -E 's/^ +//; s/ +$//; /^$/d'
}

line_is() { # line_is LINE: waits until it is the one that is shown
	local end=$((SECONDS + screen_wait))

	until [[ $(shown) = "$1" ]]; do
		[[ $SECONDS -lt $end ]] || fail "the line is '$(shown)', not '$1'"
		sleep 0.1
	done
}

# What an image is expected to take differs a little with the times in it.
masked_sizes() {
	masked | sed -E 's/(about|etwa) [0-9.]+ ([KM]i)?B/\1 SIZE/; s/[0-9.]+ KiB\)/SIZE)/'
}

dialogue() { # dialogue NAME: the screen and its help
	golden "$1" masked_sizes
	keys F1
	shows '(Keys on all|Tasten auf allen)'
	keys Escape
	hides '(Keys on all|Tasten auf allen)'
}

tour() { # tour SIZE LANGUAGE LOCALE
	local tag=$1-$2

	screen_start "$1" "LC_ALL=$3" "LANGUAGE=$2"
	shows 'sdb .*backup'
	shows 'sdc .*old'
	act sda2 0
	shows '(about|etwa) '
	dialogue "save-$tag"
	keys Escape
	act sdc 1
	shows 'lynx.slate.* part'
	keys Escape
	shows '(not chosen|noch nicht)'
	dialogue "restore-open-$tag"
	keys BTab Enter
	shows 'lynx.slate.* part'
	keys Enter
	shows '>(Go|Los)<'
	dialogue "restore-$tag"
	keys Enter
	shows '(Nothing stands against it. N|Nichts spricht dagegen)'
	dialogue "plan-$tag"
	keys Escape Escape
	act sdc 2
	shows '(Choose a disk|auswählen)'
	keys End Up Enter
	shows '>(Go|Los)<'
	dialogue "clone-$tag"
	keys Escape
	act sda2 2
	keys End Enter
	shows '>(Go|Los)<'
	keys Enter
	shows 'too small'
	hides '(Looking|nachgesehen)'
	dialogue "blocked-$tag"
	keys Escape Escape
	act sdc 3
	shows 'lynx.slate.* part'
	keys Enter
	shows '>(Go|Los)<'
	dialogue "diff-$tag"
	keys Escape Tab
	shows 'lynx.slate.* part'
	keys Enter Down Enter
	shows '(Go|Los)'
	dialogue "verify-$tag"
}

for size in 80x24 132x43; do
	for language in 'en C.UTF-8' 'de de_DE.UTF-8'; do
		say "all dialogues on $size, $language"
		# shellcheck disable=SC2086 # two words
		tour $size $language
	done
done

say "save: each field changes the command line"
d=$machine/dev
screen_start 132x43
shows 'sdb .*backup'
act sdb 0
line_is "slate save --nodesc $d/sdb $dir/images/lynx-sdb.slate"
keys C-u
line_is "slate save --nodesc $d/sdb lynx-sdb.slate"
keys -l "10.0.0.1"
line_is "slate save --nodesc $d/sdb http://10.0.0.1/images/lynx-sdb.slate"
keys C-u
keys -l "/no where"
keys Tab C-u
line_is "slate save --nodesc $d/sdb '/no where/.slate'"
keys -l "it's"
line_is "slate save --nodesc $d/sdb '/no where/it'\\''s.slate'"
keys Tab
keys -l 'a "b"'
line_is "slate save '--description=a \"b\"' $d/sdb '/no where/it'\\''s.slate'"
keys C-u Tab
shows '< usual \(zstd:3\): about'
keys Space
line_is "slate save --compress=lz4:1 --nodesc $d/sdb '/no where/it'\\''s.slate'"
keys Left Left
line_is "slate save --compress=xz:6 --nodesc $d/sdb '/no where/it'\\''s.slate'"
keys Right Tab Right
line_is "slate save --volume=4000M --nodesc $d/sdb '/no where/it'\\''s.slate'"
keys Left Tab Space Tab Space Tab Space
line_is "slate save --overwrite --verify --rescue --nodesc $d/sdb '/no where/it'\\''s.slate'"
keys Space
line_is "slate save --overwrite --verify --nodesc $d/sdb '/no where/it'\\''s.slate'"

say "save: into memory, which is told"
printf '%s\n' '3 0 0:40 / /ram\040disk rw - tmpfs none rw' \
	'4 0 8:1 / /ram\040disk/usb rw - vfat /dev/sda1 rw' >> "$machine/proc/self/mountinfo"
keys BTab BTab BTab BTab BTab BTab BTab C-u
keys -l '/ram disk/x'
shows "is in the computer's memory"
keys C-u
keys -l '/ram disk/usb'
hides "is in the computer's memory"
keys Tab Tab Tab Tab Tab Tab Tab

say "save: what is missing is told, and nothing begins"
keys BTab BTab BTab BTab BTab BTab C-u Enter
shows 'Type a name'
keys Enter
hides 'Type a name'
keys BTab BTab BTab BTab BTab BTab BTab
keys -l x
keys BTab C-u
keys -l 'http://127.0.0.1:9'
keys Tab Tab Tab Tab Right
line_is "slate save --volume=4000M --overwrite --verify --nodesc $d/sdb \
http://127.0.0.1:9/images/x.slate"
keys BTab BTab Enter
shows 'A server gets one file'

say "restore, clone, diff: each field changes the command line"
keys Enter Escape
act sdc 1
shows 'lynx.slate.* part'
keys Enter
i=$dir/images/lynx.slate
line_is "slate restore $d/sdc $i"
keys Home Tab Tab Tab
shows '< what is quicker >'
keys Right
line_is "slate restore --delta $d/sdc $i"
keys Right
line_is "slate restore --no-delta $d/sdc $i"
keys Right Tab Right
line_is "slate restore --verify=sample $d/sdc $i"
keys Right
line_is "slate restore --verify $d/sdc $i"
keys Right Tab Right
line_is "slate restore --discard $d/sdc $i"
keys Right
line_is "slate restore --erase $d/sdc $i"
keys Right Tab Space Tab Space Tab
keys -l '1,3'
line_is "slate restore --part=1,3 --grow --new-uuids $d/sdc $i"
keys Escape
act sdc 2
keys End Up Enter
line_is "slate clone $d/sdc $d/sdb"
keys Tab Tab Tab Right Tab Right Tab Space Tab Space Tab Space
line_is "slate clone --rescue --verify=sample --discard --grow --new-uuids $d/sdc $d/sdb"
keys Escape
act sdc 3
shows 'lynx.slate.* part'
keys Enter BTab
keys -l 2
line_is "slate diff --part=2 $i $d/sdc"

say "to itself: refused"
keys Escape
act sdc 2
keys End Enter
shows '>Go<'
keys Enter
shows 'a copy of something to itself'

say "a disk that vanishes while its dialogue, or its plan, is open; another one in its place"
keys Enter Escape
act sdc 1
shows 'lynx.slate.* part'
keys Enter
shows '>Go<'
mv "$machine/sys/block/sdc" sdc
shows 'sdc is not there any more'
keys Enter
shows '┌─ That does not work'
keys Enter
mv sdc "$machine/sys/block/sdc"
hides 'not there any more'
keys Enter
shows '\[ Restore \]'
mv "$machine/sys/block/sdc" sdc
shows 'sdc is not there any more'
hides '\[ Restore \]'
echo 77 > sdc/diskseq
mv sdc "$machine/sys/block/sdc"
shows 'sdc is another disk now'
hides '\[ Restore \]'
keys Escape
shows 'sdc is another disk now'
rm "$machine/sys/block/sdc/diskseq"
shows '>Go<'
hides 'another disk'

say "the command line that is shown is the one that runs: here, and in a shell"
keys Escape
mv "$machine/dev/sdc" "$machine/dev/sd it's"
mv "$machine/sys/block/sdc" "$machine/sys/block/sd it's"
mkdir "$dir/images/a 'b' \"c\""
cd "$dir/images/a 'b' \"c\""
cp ../lynx.slate "o'ne two.slate"
words="a PC of room 7, it's by the window; ready since Monday, with two systems, and the \
printer works, too; the sound does not, but nobody needs that"

letters() {
	tr -cd '[:alpha:]'
}

# paste: takes the command line as a mouse would, with its line breaks, into the file
# pasted, as soon as it has all that was typed
paste() {
	local end=$((SECONDS + screen_wait))

	until screen | sed -n '/command line for this/,$p' | sed '1d;$d' > pasted &&
		[[ $(letters < pasted) = *"$(letters <<< "$words")"*slate ]]; do
		[[ $SECONDS -lt $end ]] || fail "the line is '$(cat pasted)'"
		sleep 0.1
	done
}

for size in 132x43 80x24; do
	screen_start $size
	shows "sd it's .*old"
	act "sd it's" 0
	keys Tab C-u
	keys -l "it's \$HOME"
	keys Tab
	keys -l "$words"
	shows 'about [0-9]'
	paste
	sed "s|^ slate |$SLATE |" pasted > shell
	keys Enter
	shows 'Save: done'
	[[ -s "it's \$HOME.slate" ]] || fail "the screen has saved something else"
	expect_status 0 slate verify "it's \$HOME.slate" "$machine/dev/sd it's"
	mv "it's \$HOME.slate" first
	bash shell || fail "a shell does not take $(cat pasted)"
	[[ -s "it's \$HOME.slate" ]] || fail "the shell has saved something else"
	expect_status 0 slate info "it's \$HOME.slate"
	grep -qF -- "$words" "$dir/out" || fail "it has another description"
	rm "it's \$HOME.slate" first
done

say "the whole way of a restore: plan, name, written"
keys Escape Escape
act "sd it's" 1
shows "o'ne two.slate.* part"
keys Enter
shows '>Go<'
keys Enter
shows '\[ Restore \]'
before=$(sha256sum "$machine/dev/sd it's")
keys Tab Enter
shows 'To go on, type'
[[ $(sha256sum "$machine/dev/sd it's") = "$before" ]] || fail "written before it was confirmed"
keys -l "sd it's"
keys Enter
shows 'Restore: done'
expect_status 0 slate verify "o'ne two.slate" "$machine/dev/sd it's"
keys Enter
shows 'Restore an image'
line_is "slate restore '$d/sd it'\\''s' '$dir/images/a '\\''b'\\'' \"c\"/o'\\''ne two.slate'"

say "only one partition: neither the plan nor the question tells of others"
keys Escape
truncate -s 24M sdd # whole before the screen can see it
sfdisk -q -X gpt sdd <<< $'size=8M\nsize=8M'
expect_status 0 slate -b save sdd parts.slate
mv sdd "$machine/dev"
disk sdd 8:48 24 'Parts'
part sdd sdd1 8:49 8
part sdd sdd2 8:50 8
shows 'sdd .* gpt '
act sdd 1
shows "parts.slate.* sdd"
keys Home Down
shows '^>parts'
keys Enter BTab 2
shows 'part=2'
mkfs.ext4 -q -L fresh "$machine/dev/sdd2" # by somebody else, which the kernel does not tell
keys Enter
shows 'Nothing stands against it\. N'
shows '/sdd2 .* 8\.0 MiB +ext4  fresh'
shows 'partition 2 .* 8\.0 MiB'
hides '(partition 1|/sdd1|24\.0 MiB)'
keys Tab Enter
shows 'these partitions of it hold will be lost: 2'
shows ' sdd2 .*8\.0 MiB'
hides ' sdd1 '
keys Escape

say "a slow server: the plan is known before all of the image has been read"
cd "$dir"
httpd slow
head -c 4M /dev/urandom > noise
expect_status 0 slate -b save noise slow.www/noise.slate
told slow 'rate 50000'
screen_start 80x24
shows "sd it's"
act "sd it's" 1
shows 'Image'
keys f C-u
keys -l "$url/noise.slate"
keys Enter
shows '>Go<'
line_is "slate restore '$d/sd it'\\''s' $url/noise.slate"
keys Enter
shows 'Nothing stands against it so far.* is read to'
shows '\[ Restore \]  \[>Back<\]'
keys Tab Enter
shows 'To go on, type'
told slow
keys -l "sd it's"
keys Enter
shows 'Restore: done'
cmp -n 4194304 noise "$machine/dev/sd it's" || fail "something else was written"
keys Enter
shows 'Restore an image'

say "back from a plan that is still read: something else can be done"
told slow 'rate 50000'
keys Enter
shows 'Nothing stands against it so far'
keys Escape
shows '>Go<'
told slow
keys Enter
shows 'Nothing stands against it\. N'
keys Escape Escape

say "an estimate that cannot be made says why, and stands in nobody's way"
rm "$machine/dev/sdb"
mkdir "$machine/dev/sdb"
act sdb 0
shows 'could not be read to find out'
shows 'is a directory'
shows '< usual \(zstd:3\) >'
keys Escape
act sda2 0
keys Escape
act sda2 4
shows 'Serial|Label'

say "no colour; no UTF-8: ASCII only"
cd "$dir/images"
for how in TERM=vt220 LC_ALL=C; do
	screen_start 80x24 "$how"
	shows '^>- sd'
	act sda2 0
	shows 'about [0-9]'
	golden "dialogue-${how#*=}" masked_sizes
done
! screen | LC_ALL=C grep -q '[^ -~]' || fail "not only ASCII"

say "too small, and large enough again"
resize 60x20
shows 'too small'
resize 80x24
shows 'Folder or server'
