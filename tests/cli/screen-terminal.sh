#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The screen on terminals of all kinds, and how it leaves them: small, resized, mono,
# not UTF-8, suspended, ended by signals, by a crash, by a terminal that goes away.
# limit 600
set -euo pipefail
# shellcheck source=tests/cli/screen-lib.sh
. "$(dirname "$0")/screen-lib.sh"
lynx

pid() { # of the program on the screen
	pgrep -n -f "^$SLATE --sys=$machine"
}

say "too small, and large enough again"
screen_start 60x20
shows 'too small'
shows '80 columns and'
keys Enter
sleep 2 # it is read, and does nothing
resize 80x24
shows '^>- sda'
shows 'm Menu'
resize 132x43
shows 'm Menu'
resize 40x10
shows 'too small'
resize 80x24
shows '^>- sda'

say "not on a terminal: usage"
expect_status 2 slate
said 'what shall be done'

say "no colour: vt220, vt100"
for type in vt220 vt100; do
	screen_start 80x24 "TERM=$type"
	shows 'sdb .*backup'
	golden "mono-$type"
	tmx capture-pane -p -e > escapes
	! grep -q $'\e\[[0-9;]*3[0-7]m' escapes || fail "$type has colours"
	grep -q $'\e\[7m' escapes || fail "$type shows nothing in reverse"
done

say "no UTF-8: lines are ASCII"
screen_start 80x24 LC_ALL=C
shows 'sdb .*backup'
keys Enter
golden ascii-80x24
! screen | LC_ALL=C grep -q '[^ -~]' || fail "not only ASCII"

say "a terminal that nobody knows"
# Then ncurses itself leaks.
screen_start 80x24 TERM=nonsense "ASAN_OPTIONS=${ASAN_OPTIONS-}:detect_leaks=0"
shows "terminal type 'nonsense'"
shows 'ended: 1'

say "keys that the terminal type does not name: they work, or do nothing, and are no Esc"
screen_start 80x24 TERM=vt220
shows '^>- sda'
keys Enter Enter
shows 'Folder or server'
keys -H 1b 5b 5a # Shift-Tab
shows '>Back<'
keys Tab
keys -H 1b 5b 48 # Home, as xterm has it
keys X
shows 'Folder or server +X/'
keys -H 1b 5b 31 3b 35 43 # Ctrl-Right
keys -H 1b 4f 51          # F2 of another terminal
keys Y
shows 'Folder or server +XY/'
tmx capture-pane -p -e > escapes
sed -i $'s/\e\\[[34]9m//g' escapes
grep -q $'7mXY\e\\[0;4m/\e\\[0;7mv' escapes || fail "the cursor is not seen"
keys Escape
shows '^>- sda'

say "leaving by keys asks, No comes first"
screen_start 80x24
shows '^>- sda'
keys q
shows '>No<'
keys Enter
hides '>No<'
keys C-c
shows '>No<'
keys Tab Enter
shows 'ended: 0'
shows 'terminal as before'

say "vi keys; letters are letters where one types"
screen_start 80x24
shows '^>- sda'
keys j j
shows '^>.*sda2'
keys k
shows '^>.*sda1'
keys G
shows '^>.*sdb'
keys g
shows '^>- sda'
keys '?'
shows 'Keys on all screens'
keys q
keys Tab f C-u
keys -l 'jkhlq?f x'
shows 'jkhlq[?]f x_'
keys BSpace Left X
shows 'jkhlq[?]fX '

say "signals, and crashes: the terminal is as before"
for signal in TERM HUP INT SEGV ABRT; do
	screen_start 80x24
	shows '^>- sda'
	kill -s $signal "$(pid)"
	shows "ended: $((128 + $(kill -l $signal)))"
	shows 'terminal as before'
done

say "suspended and resumed"
screen_start 80x24 bash --norc --noprofile -i
shows 'bash-'
keys "$SLATE --sys=$machine" Enter
shows '^>- sda'
keys C-z
shows 'Stopped'
keys "stty -a; e2label $machine/dev/sdb meanwhile; echo o\"k\"" Enter
shows '^ok'
shows '[^-]icanon'
keys fg Enter
shows '^>- sda'
shows 'sdb .* meanwhile '
keys Down
shows '^>.*sda1'
kill -s TSTP "$(pid)"
shows 'Stopped'
keys fg Enter
shows '^>.*sda1'

say "a shell with jobs of its own is killed: the screen is there again"
keys m Down Enter
shows 'Type exit'
# shellcheck disable=SC2016 # the shell on the screen is meant
keys 'kill -9 $$' Enter
shows '^>.*sda1'
keys Up
shows '^>- sda'

say "a shell, and back"
screen_start 80x24 SHELL=/bin/sh
shows '^>- sda'
keys m Down Enter
shows 'Type exit'
# shellcheck disable=SC2016 # the shell on the screen reckons
keys 'echo $((40 + 2)); stty -a' Enter
shows '^42'
shows '(^| )isig '
keys "e2label $machine/dev/sdb anew; exit" Enter
shows '^>- sda'
shows 'sdb .* anew '
keys m Down Enter
shows 'Type exit'
kill -s TERM "$(pid)"
shows 'ended: 143'

say "a terminal that goes away ends it, also where SIGHUP is ignored"
screen_start 80x24 bash -c "trap '' HUP; exec $SLATE --sys=$machine"
shows '^>- sda'
gone=$(pid)
tmx kill-server
for _ in {1..100}; do
	[[ -d /proc/$gone ]] || break
	sleep 0.1
done
[[ ! -d /proc/$gone ]] || fail "it runs on without a terminal"
