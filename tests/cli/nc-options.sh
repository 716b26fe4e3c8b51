#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# slate-netconf: help, manual pages and completion know the same verbs and options.
set -euo pipefail
# shellcheck source=tests/cli/nc-lib.sh
. "$(dirname "$0")/nc-lib.sh"

manual=$root/docs/man/slate-netconf.8

same_list() { # same_list WHAT FILE: FILE and the same of the help
	diff "$1.help" "$2" >&2 || fail "not the same $1 in the help and in $2"
}

say "help and version go to standard output"
for option in -h --help '-h scan' 'plan -h' 'import --help x'; do
	# shellcheck disable=SC2086
	expect_status 0 netconf $option
	grep -q -- '--verbose' out || fail "no help by $option"
	[[ ! -s err ]] || fail "messages by $option"
	[[ $(wc -L < out) -le 80 ]] || fail "$option: lines too long"
done
netconf apply --help > help.apply
netconf scan --help > help.scan
grep -q -- --diff help.apply || fail "no --diff in the help for apply"
! grep -q -- --diff help.scan || fail "--diff in the help for scan"
for option in -V --version '-V scan'; do
	# shellcheck disable=SC2086
	expect_status 0 netconf $option
	grep -qE '^slate-netconf [0-9]+\.[0-9]' out || fail "no version by $option"
done

say "the manual page has all verbs and options, and no others"
netconf --help > help
sed -nE 's/^ +(-., )?(--[a-z-]+(\[?=)?).*/\2/p' help | sort > options.help
sed -nE 's/^  slate-netconf ([a-z]+) .*/\1/p' help | sort > verbs.help
[[ $(wc -l < verbs.help) -ge 8 && $(wc -l < options.help) -ge 20 ]] || fail "bad lists"
section() { # section NAME: of the manual page, without its formats
	sed -n "/^\.S[HS] $1\$/,/^\.SH/p" "$manual" | sed 's/\\-/-/g; s/\\f.//g'
}
section OPTIONS | awk '/^\.T[PQ]/ { getline; print }' |
	grep -oE -e '--[a-z-]+(\[?=)?' | sort -u > options.manual
same_list options options.manual
section Verbs | awk '/^\.TP/ { getline; print $2 }' | sort > verbs.manual
same_list verbs verbs.manual
section SYNOPSIS | sed -nE 's/^\.B ([a-z]+)$/\1/p' | sort > verbs.synopsis
same_list verbs verbs.synopsis

say "it names for each option the verbs that take it"
while read -r option; do
	[[ $option != --help && $option != --version && $option != --verbose ]] || continue
	section OPTIONS | awk -v option="$option" '
		/^\.T[PQ]/ { getline; here = match($0, option "([^a-z-]|$)")
			text = ""; next }
		here && /^\.(RB|BR) / { text = text $0; if (/\)/) { print text; exit } }' |
		grep -oE '[a-z]{4,}' | sort > verbs.manual
	while read -r verb; do
		netconf "$verb" --help > help.verb
		! grep -qE -- " $option(\$|[^a-z-])" help.verb || echo "$verb"
	done < verbs.help > verbs.of
	diff verbs.of verbs.manual >&2 || fail "$option: other verbs in the help and the manual"
done < <(sed 's/=$//' options.help)

say "the completion has them, too"
# shellcheck source=completions/slate-netconf
. "$root/completions/slate-netconf"
compopt() { :; } # bash has it only while it really completes
mkdir bin
ln -s "$NETCONF" bin/slate-netconf
PATH=$dir/bin:$PATH
proposed() { # proposed WORD...: for the last of them
	local COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMPREPLY=()

	_slate_netconf
	printf '%s\n' "${COMPREPLY[@]}" | sort
}

proposed slate-netconf '' > verbs.completion
same_list verbs verbs.completion
proposed slate-netconf -- > options.completion
same_list options options.completion
proposed slate-netconf apply --d > options.completion
equal "$(tr '\n' ' ' < options.completion)" '--diff --dry-run ' "options of apply with d"
while read -r option; do
	words=(slate-netconf "$option" import '')
	[[ $option != *= ]] || words=(slate-netconf "${option%=}" value import '')
	COMP_WORDS=("${words[@]}") COMP_CWORD=$((${#words[@]} - 1)) operands=()
	_slate_netconf_operands
	equal "${operands[*]}" import "the operands behind $option for the completion"
done < options.help
touch old.rules
equal "$(proposed slate-netconf import old)" old.rules "files for import"
equal "$(proposed slate-netconf --root bi)" bin "folders for --root"
netconf personalise --list > steps
while read -r step _; do
	proposed slate-netconf personalise --skip "swap,${step:0:4}" | grep -qx "swap,$step" ||
		fail "the completion has no step $step"
	section PERSONALISE | grep -qx ".B $step" || fail "the manual page has no step $step"
done < <(grep -E '^[a-z]' steps)

say "manual pages without warnings"
for page in slate-netconf.8 slate-netconf.conf.5; do
	expect_status 0 man --warnings -E UTF-8 -l "$root/docs/man/$page"
	[[ -s out && ! -s err ]] || fail "$page: $(cat err)"
done
