# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash disable=SC2154,SC2034 # files share variables
#
# options.sh - options by tables, for reading and for --help.  A line of a table is
#
#	LETTER NAME ARGUMENT TEXT
#
# with "-" for a letter or an argument that there is not; TEXT is one line of help.

declare -A option=()
operands=()
common_options='
h help - show this help
V version - show the version
'

wrong_usage() {
	echo "slate-rescue: $*; see slate-rescue --help" >&2
	exit 2
}

options_help() { # options_help TABLE
	local letter name argument text word

	while read -r letter name argument text; do
		[[ $name ]] || continue
		[[ $letter = - ]] && letter='    ' || letter="-$letter, "
		word=--$name
		[[ $argument = - ]] || word+=$'='$argument
		printf '  %s%-18s %s\n' "$letter" "$word" "$text"
	done <<< "$1"
}

# options_find TABLE WORD: WORD is a letter or a name; sets $name and $argument
options_find() {
	local letter

	while read -r letter name argument _; do
		[[ ! $name || $letter != "$2" && $name != "$2" || $2 = - ]] || return 0
	done <<< "$1"
	return 1
}

# options_parse TABLE WORD...: into ${option[NAME]}, "yes" for one without an argument,
# and ${operands[@]}; ends the program at what is wrong
options_parse() {
	local table=$1 word key value name argument

	shift
	while [[ $# -gt 0 ]]; do
		word=$1
		shift
		case $word in
		--) operands+=("$@") && return ;;
		--*) key=${word#--} && key=${key%%=*} ;;
		-?*) key=${word:1:1} ;;
		*) operands+=("$word") && continue ;;
		esac
		options_find "$table" "$key" || wrong_usage "there is no option \"$word\" here"
		value=yes
		if [[ $argument = - ]]; then
			[[ $word != --*=* ]] || wrong_usage "--$name takes no argument"
			[[ $word = --* || $word = -? ]] || set -- "-${word:2}" "$@"
		elif [[ $word = --*=* ]]; then
			value=${word#*=}
		elif [[ $word != --* && $word != -? ]]; then
			value=${word:2}
		else
			[[ $# -gt 0 ]] || wrong_usage "--$name wants an argument ($argument)"
			value=$1
			shift
		fi
		[[ $value ]] || wrong_usage "--$name wants an argument ($argument)"
		option[$name]=$value
	done
}
