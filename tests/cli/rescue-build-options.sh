#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# slate-rescue: help, manual page and completion know the same verbs and options; what is
# wrong on the command line is said.
set -euo pipefail
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

manual=$root/docs/man/slate-rescue.8
rescue() {
	"$root/rescue/slate-rescue" "$@"
}

same_list() { # same_list WHAT FILE: FILE and the same of the help
	[[ -s $1.help ]] || fail "no $1 in the help"
	diff "$1.help" "$2" >&2 || fail "not the same $1 in the help and in $2"
}

say "help and version go to standard output"
for option in -h --help '-h build' 'build -h' 'build -o x --help' 'build -ox -h'; do
	# shellcheck disable=SC2086
	expect_status 0 rescue $option
	grep -q -- '--output=DIR' out || fail "no help by $option"
	[[ ! -s err ]] || fail "messages by $option"
	[[ $(wc -L < out) -le 96 ]] || fail "$option: lines too long"
done
for option in -V --version 'build -V'; do
	# shellcheck disable=SC2086
	expect_status 0 rescue $option
	grep -qE '^slate-rescue [0-9]+\.[0-9]' out || fail "no version by $option"
done
ln -s "$root/rescue/slate-rescue" link
expect_status 0 ./link --help

say "what is wrong is said, and nothing is done"
for words in '' 'biuld' 'build x' 'build --output' 'build -o' 'build --output=' 'build --what' \
	'build -x' 'build --firmware=yes' '-- build' 'build --kern=x' '--output=x' 'build -'; do
	# shellcheck disable=SC2086
	expect_status 2 rescue $words
	said '^slate-rescue: .*; see slate-rescue --help$'
	[[ ! -s out ]] || fail "output by \"$words\""
done
expect_status 2 rescue build --output
said -- '--output wants an argument \(DIR\)'

say "the manual page has all verbs and options, and no others"
rescue --help > help
sed -nE 's/^ +(-., )?(--[a-z-]+=?).*/\2/p' help | sort -u > options.help
sed -nE 's/^  slate-rescue ([a-z]+) .*/\1/p' help | sort > verbs.help
section() { # section NAME: of the manual page, without its formats
	sed -n "/^\.S[HS] $1\$/,/^\.S[HS]/p" "$manual" | sed 's/\\-/-/g; s/\\f.//g'
}
section OPTIONS | awk '/^\.T[PQ]/ { getline; print }' |
	grep -oE -e '--[a-z-]+=?' | sort -u > options.manual
same_list options options.manual
section Verbs | awk '/^\.TP/ { getline; print $2 }' | sort > verbs.manual
same_list verbs verbs.manual
section SYNOPSIS | sed -nE 's/^\.B ([a-z]+)$/\1/p' | sort > verbs.synopsis
same_list verbs verbs.synopsis

say "the completion has them, too"
# shellcheck source=completions/slate-rescue
. "$root/completions/slate-rescue"
compopt() { :; } # bash has it only while it really completes
mkdir bin folder
ln -s "$root/rescue/slate-rescue" bin/slate-rescue
: > folder.pem
PATH=$dir/bin:$PATH
proposed() { # proposed WORD...: for the last of them
	local COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMPREPLY=()

	_slate_rescue
	printf '%s\n' "${COMPREPLY[@]}" | sort -u
}
proposed slate-rescue '' > verbs.completion
same_list verbs verbs.completion
proposed slate-rescue -- > options.completion
same_list options options.completion
equal "$(proposed slate-rescue build --f)" --firmware "options with f"
equal "$(proposed slate-rescue build --output fo)" folder "folders for --output"
equal "$(proposed slate-rescue build -o fo)" folder "folders for -o"
equal "$(proposed slate-rescue build --key = fo | xargs)" 'folder folder.pem' "files for --key"
equal "$(proposed slate-rescue build --modules x)" '' "modules"
