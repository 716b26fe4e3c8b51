#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Help, manual pages, completion and the example of lab.conf say what the program does; and
# what is installed is whole.
set -euo pipefail
# shellcheck source=tests/cli/pxe-lib.sh
. "$(dirname "$0")/pxe-lib.sh"

manual=$root/docs/man/slate-pxe.8

say "help and version go to standard output"
for option in -h --help '-h job' 'host -h' 'status --help'; do
	# shellcheck disable=SC2086
	expect_status 0 "$PXE" $option
	grep -q -- '--json' out || fail "no help by $option"
	[[ ! -s err ]] || fail "messages by $option"
	[[ $(wc -L < out) -le 80 ]] || fail "$option: lines too long"
done
expect_status 0 "$PXE" --version
grep -qE '^slate-pxe [0-9]+\.[0-9]' out || fail "no version"

say "help, manual page and completion know the same verbs and options"
same_list() { # same_list WHAT FILE: FILE and the same of the help
	diff "$1.help" "$2" >&2 || fail "not the same $1 in the help and in $2"
}
section() { # section NAME: of the manual page, without its formats
	sed -n "/^\.S[HS] $1\$/,/^\.S[HS]/p" "$manual" | sed 's/\\-/-/g; s/\\f.//g'
}
"$PXE" --help > help
sed -nE 's/^ +(-., )?(--[a-z-]+(\[?=)?).*/\2/p' help | sort > options.help
sed -nE 's/^  slate-pxe ([a-z]+) .*/\1/p' help | sort > verbs.help
[[ $(wc -l < verbs.help) -ge 8 && $(wc -l < options.help) -ge 15 ]] || fail "bad lists"
section OPTIONS | awk '/^\.TP/ { getline; print }' |
	grep -oE -e '--[a-z-]+(\[?=)?' | sort -u > options.manual
same_list options options.manual
section Verbs | awk '/^\.RS/ { deep++ } /^\.RE/ { deep-- }
	/^\.TP/ && !deep { getline; print $2 }' | sort > verbs.manual
same_list verbs verbs.manual
section SYNOPSIS | sed -nE 's/^\.B ([a-z]+)$/\1/p' | sort > verbs.synopsis
same_list verbs verbs.synopsis
for verb in host job; do # their own verbs, as the program names them
	run "$PXE" -c "$dir/none" "$verb" nothing
	sed -nE 's/.* it has (.*)/\1/p' err | tr -d , | tr ' ' '\n' | sort > "$verb.help"
	[[ -s $verb.help ]] || fail "$verb names no verbs"
	section Verbs | sed -n "/^\.B $verb\$/,/^\.RE/p" | awk '/^\.TP/ { getline; print $2 }' |
		sort > "$verb.manual"
	same_list "$verb" "$verb.manual"
done

# shellcheck source=completions/slate-pxe
. "$root/completions/slate-pxe"
compopt() { :; } # bash has it only while it really completes
proposed() { # proposed WORD...: for the last of them
	local COMP_WORDS=("$PXE" "$@") COMP_CWORD=$# COMPREPLY=()

	_slate_pxe
	[[ ${#COMPREPLY[@]} = 0 ]] || printf '%s\n' "${COMPREPLY[@]}" | sort
}
proposed '' > verbs.completion
same_list verbs verbs.completion
proposed host '' > host.completion
same_list host host.completion
proposed job '' > job.completion
same_list job job.completion
proposed -- > options.completion
same_list options options.completion
while read -r option; do
	COMP_WORDS=(slate-pxe "$option" host '')
	[[ $option != *= ]] || COMP_WORDS=(slate-pxe "${option%=}" value host '')
	COMP_CWORD=$((${#COMP_WORDS[@]} - 1)) operands=() config=()
	_slate_pxe_operands
	equal "${operands[*]}" host "the operands behind $option for the completion"
done < options.help

say "completion from the database"
make_folders
mkdir state images/room1
: > images/lynx.slate
"$PXE" -c lab.conf host add pc01 52:54:00:00:00:01 -g room1
"$PXE" -c lab.conf host add pc02 52:54:00:00:00:02
words() { proposed -c lab.conf "$@" | tr '\n' ' '; }
equal "$(words host set pc)" 'pc01 pc02 ' "machines"
equal "$(words wake '')" 'all pc01 pc02 room1 ' "machines, groups and all"
equal "$(words job add '')" 'all pc01 pc02 room1 ' "machines for a job"
equal "$(words job add all re)" 'restore ' "verbs of jobs"
equal "$(words job add all restore '')" 'lynx.slate room1/ ' "images"
equal "$(words job add all shell '')" '' "no images"
equal "$(words job add all restore x --then p)" 'poweroff ' "the argument of an option"
equal "$(words export '')" 'dnsmasq isc-dhcp kea nginx ' "exports"

say "every key of lab.conf is in the manual page and in the example"
sed -nE 's/^\t\{ "([a-z]+)", "([a-z-]+)", take_.*/\1 \2/p' "$root/pxe/config/lab.c" |
	sort > keys
[[ $(wc -l < keys) -ge 20 ]] || fail "no keys found"
awk '/^\.SH \[/ { section = substr($2, 2, length($2) - 2) } /^\.SH [A-Z]/ { section = "" }
	/^\.RS/ { deep++ } /^\.RE/ { deep-- }
	/^\.TP/ && !deep { getline; if (section) print section, $2 }' \
	"$root/docs/man/lab.conf.5" | sed 's/\\-/-/g' | sort > keys.manual
diff keys keys.manual >&2 || fail "other keys in lab.conf(5)"
awk '/^\[/ { section = substr($1, 2, length($1) - 2) }
	match($0, /^;?[a-z-]+ = /) { sub(/^;/, ""); print section, $1 }' \
	"$root/pxe/lab.conf" | sort > keys.example
diff keys keys.example >&2 || fail "other keys in the example"
# Also with what it only proposes, it is a right one.
sed "s/^;//; s|^state = .*|state = $dir/state|" "$root/pxe/lab.conf" > all.conf
expect_status 0 "$PXE" -c all.conf host list
sed 's/^mode = auto/mode = perhaps/' all.conf > wrong.conf
expect_status 3 "$PXE" -c wrong.conf host list
said 'wrong.conf:[0-9]+:[0-9]+: "perhaps" is not one of'

say "every path of the server is in PROTOCOL.md"
sed -nE 's/^\t\{ "[A-Z]+", "([^"]+)", .*/\1/p' "$root/pxe/http/server.c" | sort -u > paths
[[ $(wc -l < paths) -ge 9 ]] || fail "no paths found"
while read -r path; do
	grep -qF "$path" "$root/docs/PROTOCOL.md" || fail "PROTOCOL.md says nothing of $path"
done < paths

say "manual pages are well-formed"
for page in "$manual" "$root/docs/man/lab.conf.5"; do
	if command -v groff > /dev/null; then
		run groff -man -t -Tutf8 -ww -z "$page"
		[[ $status = 0 && ! -s err ]] || fail "$page: $(cat err)"
	fi
done

say "make install"
into=(DESTDIR="$dir/root" PREFIX=/usr)
make -s -C "$root" O="$(dirname "$PXE")" "${into[@]}" install > install.log 2>&1 ||
	fail "make install: $(cat install.log)"
for file in sbin/slate-pxe share/man/man8/slate-pxe.8 share/man/man5/lab.conf.5 \
	share/bash-completion/completions/slate-pxe share/doc/slate/examples/lab.conf \
	lib/systemd/system/slate-pxe.service lib/sysusers.d/slate-pxe.conf; do
	[[ -f root/usr/$file ]] || fail "$file is not installed"
done
[[ -x root/usr/sbin/slate-pxe ]] || fail "not executable"
unit=root/usr/lib/systemd/system/slate-pxe.service
grep -q '^ExecStart=/usr/sbin/slate-pxe serve$' $unit || fail "the unit starts something else"
make -s -C "$root" "${into[@]}" uninstall
equal "$(find root -type f)" '' "what is left after make uninstall"
