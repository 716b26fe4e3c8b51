# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
#
# terminal-lib.sh - terminals with somebody at them.  Comes after lib.sh.
#
#	terminal LINK REGEX TEXT [REGEX TEXT]...	LINK becomes a terminal; when REGEX is
#			read there, TEXT and Enter are typed ("": nothing), and so on
#	all_typed LINK	waits until that is done, or fails; LINK.log has all that was to be read
#	end_terminals	for the end of the test
# shellcheck disable=SC2154 # lib.sh sets $dir
command -v expect > /dev/null || skip "needs expect"
declare -A typists=()
keepers=()

cat > terminal.exp << 'END'
log_user 0
set timeout 60
set link [lindex $argv 0]
spawn -noecho -pty
log_file -a -noappend $link.log
exec ln -s $spawn_out(slave,name) $link.name
foreach {regex text} [lrange $argv 1 end] {
	expect -re $regex {} timeout { exit 1 } eof { exit 2 }
	if {$text ne ""} { send -- "$text\r" }
}
exec touch $link.typed
set timeout -1
expect eof
END

terminal() {
	local i name

	rm -f "$1" "$1.name" "$1.log" "$1.typed"
	expect -f terminal.exp "$@" > "$1.err" 2>&1 &
	typists[$1]=$!
	for ((i = 0; i < 100; i++)); do
		[[ ! -e $1.name ]] || break
		sleep 0.1
	done
	name=$(readlink "$1.name") || fail "no terminal: $(cat "$1.err")"
	# Somebody must have it open all the time; else those at it read its end.
	tail -f /dev/null < "$name" > /dev/null 2>&1 &
	keepers+=("$!")
	ln -s "$name" "$1"
}

all_typed() {
	local i

	for ((i = 0; i < 1200; i++)); do
		[[ ! -e $1.typed ]] || return 0
		kill -0 "${typists[$1]}" 2> /dev/null || break
		sleep 0.1
	done
	cat "$1.err" "$1.log" >&2
	fail "$1: what was awaited did not come"
}

end_terminals() {
	local pid

	for pid in "${typists[@]}" "${keepers[@]}"; do
		kill "$pid" 2> /dev/null || true
	done
	typists=() keepers=()
}
