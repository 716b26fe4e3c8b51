# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
#
# screen-lib.sh - the screen in a terminal that a test can type into and read: a
# tmux server of the test's own.
#
#	screen_start 80x24          # runs $SLATE --sys=$machine
#	keys Down Enter             # as tmux send-keys has them
#	shows 'Disks'               # waits until a line is like that
#	golden NAME                 # the whole screen is tests/golden/screen/NAME
#
# SCREEN_UPDATE=1 writes the golden texts anew: look at what `git diff' says then.
# The golden texts have lines that break after the path of the test's folder.
unset TMPDIR
# shellcheck source=tests/cli/lib.sh
. "${BASH_SOURCE[0]%/*}/lib.sh"
command -v tmux > /dev/null || skip "needs tmux, as a terminal"

machine=$dir/machine
golden=$root/tests/golden/screen
screen_wait=${SCREEN_WAIT:-30} # seconds until a screen must show something

# A server that was killed may still hold its socket, so each start has another one.
starts=0
tmx() {
	tmux -L "slate-${dir##*.}-$starts" -f /dev/null "$@"
}

screen_cleanup() {
	tmx kill-server 2> /dev/null || true
	cleanup
}
trap screen_cleanup EXIT

# screen_start WIDTHxHEIGHT [VARIABLE=VALUE...] [COMMAND...]: default: $SLATE
# --sys=$machine.  When it ends, its status stands there, and whether it left the
# terminal as it was.
screen_start() {
	local size=$1 settings=(TERM=screen-256color) command line

	shift
	while [[ ${1-} = *=* && $1 != -* ]]; do
		settings+=("$1")
		shift
	done
	command=("$@")
	[[ $# -gt 0 ]] || command=("$SLATE" "--sys=$machine")
	tmx kill-server 2> /dev/null || true
	starts=$((starts + 1))
	printf -v line '%q ' env "${settings[@]}" "${command[@]}"
	LC_ALL=C.UTF-8 tmx -u new-session -d -x "${size%x*}" -y "${size#*x}" \
		"was=\$(stty -g); $line; echo \"ended: \$?\"
			[ \"\$(stty -g)\" != \"\$was\" ] || echo terminal as before
			exec sleep 1000"
	tmx set-option -g status off
	tmx resize-window -x "${size%x*}" -y "${size#*x}"
}

# watched, ended_well: the program under valgrind, and its end without a find.  What curses
# keeps for good is still reachable and no leak.
need_valgrind() {
	[[ ! ${SANITIZER-} ]] || skip "sanitizers do not run under valgrind"
	command -v valgrind > /dev/null || skip "needs valgrind"
	screen_wait=180
}

watched() {
	screen_start 80x24 valgrind --leak-check=full \
		--show-leak-kinds=definite,indirect,possible \
		--errors-for-leak-kinds=definite,indirect,possible --error-exitcode=9 \
		--log-file="$dir/valgrind" "$SLATE" "--sys=$machine"
}

ended_well() {
	shows 'ended: [0-9]'
	cat valgrind
	shows 'ended: 0'
	grep -q 'ERROR SUMMARY: 0 errors' valgrind || fail "valgrind found something"
}

keys() {
	tmx send-keys "$@"
}

resize() { # resize WIDTHxHEIGHT
	tmx resize-window -x "${1%x*}" -y "${1#*x}"
}

screen() { # as it is now
	tmx capture-pane -p
}

# shows REGEX, hides REGEX: waits until a line is, or none is, like that
shows() {
	local end=$((SECONDS + screen_wait))

	until screen | grep -qE -- "$1"; do
		[[ $SECONDS -lt $end ]] || {
			screen >&2
			fail "the screen does not show '$1'"
		}
		sleep 0.1
	done
}

hides() {
	local end=$((SECONDS + screen_wait))

	while screen | grep -qE -- "$1"; do
		[[ $SECONDS -lt $end ]] || {
			screen >&2
			fail "the screen still shows '$1'"
		}
		sleep 0.1
	done
}

# masked: what differs from run to run and from machine to machine: this folder, times,
# rates, the date, the host, and what an image takes that has all of these in it
masked() {
	sed -E -e "s|$dir|DIR|g" -e 's/[0-9]+:[0-9]{2}(:[0-9]{2})?/TIME/g' \
		-e 's|[0-9.]+ [KMGT]?i?B/s|RATE|g' -e 's/20[0-9]{2}-[0-9]{2}-[0-9]{2}/DATE/g' \
		-e "s/  $(hostname)( |\$)/  HOST\1/" \
		-e 's/(lynx\.slate +)[0-9.]+ KiB/\1SIZE/' -e 's/ +$//'
}

# golden NAME [MASK]: waits until the screen is so; MASK hides more than masked
golden() {
	local end=$((SECONDS + screen_wait)) mask=${2-masked}

	if [[ ${SCREEN_UPDATE-} ]]; then
		sleep 1.5
		mkdir -p "$golden"
		screen | "$mask" > "$golden/$1"
		return
	fi
	until screen | "$mask" | cmp -s - "$golden/$1"; do
		[[ $SECONDS -lt $end ]] || {
			diff -u "$golden/$1" <(screen | "$mask") >&2 || true
			fail "the screen is not as in tests/golden/screen/$1"
		}
		sleep 0.2
	done
}

# ---- a machine that is a folder --------------------------------------------

# disk NAME NUMBER MIB [MODEL [SERIAL]]: one of $machine, with a file as its device.  It
# appears whole, as the kernel's do: a screen may be looking.
disk() {
	local s=$machine/new

	mkdir -p "$s/device" "$machine"/{dev,proc/self,sys/block,sys/dev/block}
	truncate -s "$3M" "$machine/dev/$1"
	echo "$2" > "$s/dev"
	echo $(($3 * 2048)) > "$s/size"
	echo "${4-}" > "$s/device/model"
	echo "${5-}" > "$s/serial"
	ln -sfn "../../block/$1" "$machine/sys/dev/block/$2"
	mv -T "$s" "$machine/sys/block/$1"
}

# part DISK NAME NUMBER MIB: PARTITION's number is that behind the name
part() {
	local s=$machine/sys/block/$1/$2

	mkdir -p "$s"
	echo "${2##*[a-z]}" > "$s/partition"
	echo "$3" > "$s/dev"
	echo $(($4 * 2048)) > "$s/size"
	truncate -s "$4M" "$machine/dev/$2"
}

# lynx: a machine with two disks, one of them the running system's
lynx() {
	disk sda 8:0 200 'Slow Disk 200' S1AB2
	part sda sda1 8:1 20
	part sda sda2 8:2 150
	part sda sda3 8:3 16
	disk sdb 8:16 64 'Stick' 0815
	mkfs.vfat -n EFI "$machine/dev/sda1" > /dev/null
	mkfs.ext4 -q -O ^has_journal -U clear -L root "$machine/dev/sda2"
	mkswap -q -L swap "$machine/dev/sda3"
	mkfs.ext4 -q -O ^has_journal -L backup "$machine/dev/sdb"
	# Where the first one is mounted is asked how much is used: nobody shall know.
	printf '%s\n' '1 0 8:2 / /no/such rw - ext4 /dev/sda2 rw' \
		'2 0 8:2 / / rw - ext4 /dev/sda2 rw' > "$machine/proc/self/mountinfo"
}

# loop_disk NAME FILE MIB NUMBER [MODEL]: a disk of $machine that is a real loop device over
# FILE; no other one of this computer can be chosen.  Sets $loop.
loop_disk() {
	truncate -s "$3M" "$2"
	loop=$(losetup -f --show "$2")
	disk "$1" "7:$4" "$3" "${5-}"
	rm "$machine/dev/$1"
	mknod "$machine/dev/$1" b 7 "${loop#/dev/loop}"
}

# pick NAME: its row of the list, and no other, is the chosen one
pick() {
	local i was

	keys Home
	for ((i = 0; i < 9; i++)); do
		sleep 0.1
		! screen | grep -qE "^>.* $1 " || break
		was=$(screen | grep '^>' || true)
		keys Down
		for _ in {1..20}; do
			[[ $(screen | grep '^>' || true) = "$was" ]] || break
			sleep 0.1
		done
	done
	shows "^>.* $1 "
}

# act NAME ACTION: the action of a disk's menu, from 0 on
act() {
	local i

	pick "$1"
	keys Enter
	shows '(┌|[+]-)'
	for ((i = 0; i < $2; i++)); do keys Down; done
	keys Enter
}
