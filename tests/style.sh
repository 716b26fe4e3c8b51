#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# style.sh - house rules that a compiler does not know, on all files of the
# tree; and, where build/ holds objects, on those.  Prints offences as
# FILE:LINE: text and fails if there are any.
set -euo pipefail
cd "$(dirname "$0")/.."
export LC_ALL=C.UTF-8

max_function=60 max_file=600 max_columns=96

# Who may include whom, besides itself and common/.  A room that is not listed
# here is an offence in a program that is.
rooms='
imager/main.c  imager/cmd imager/screen
imager/cmd     imager/engine imager/ui
imager/screen  imager/cmd imager/engine imager/ui imager/image/remote.h
imager/ui      imager/engine/progress.h
imager/engine  imager/fs imager/image imager/disk imager/codec
imager/fs      imager/disk
imager/image   imager/codec
imager/codec
imager/disk

netconf/main.c       netconf/cmd
netconf/cmd          netconf/apply netconf/import netconf/personalise netconf/render
netconf/cmd          netconf/plan netconf/policy netconf/root netconf/hardware
netconf/apply        netconf/render netconf/plan netconf/policy netconf/root netconf/hardware
netconf/import       netconf/policy netconf/hardware/nic.h
netconf/personalise  netconf/root netconf/hardware
netconf/render       netconf/plan netconf/policy netconf/hardware
netconf/plan         netconf/policy netconf/hardware
netconf/policy       netconf/hardware/nic.h
netconf/root         netconf/policy/policy.h
netconf/hardware
netconf/helper/main.c  netconf/helper netconf/hardware/rtnl.h
netconf/helper         netconf/hardware/rtnl.h

pxe/main.c   pxe/cmd
pxe/cmd      pxe/serve pxe/dhcp pxe/store pxe/config pxe/export pxe/boot pxe/journal pxe/wire
pxe/cmd      pxe/import
pxe/serve    pxe/dhcp pxe/tftp pxe/http pxe/boot pxe/store pxe/config pxe/journal pxe/wire
pxe/http     pxe/boot pxe/store pxe/config pxe/journal pxe/wire
pxe/export   pxe/boot pxe/store pxe/config pxe/wire
pxe/import   pxe/store pxe/wire
pxe/dhcp     pxe/journal pxe/wire
pxe/tftp     pxe/wire
pxe/boot     pxe/wire
pxe/config   pxe/wire
pxe/store
pxe/journal
pxe/wire

rescue/main.c  rescue/work rescue/disk
rescue/work    rescue/place rescue/server rescue/disk rescue/vault rescue/screen rescue/child
rescue/place   rescue/screen rescue/child
rescue/server
rescue/disk
rescue/vault
rescue/screen
rescue/child
'

# No bound, no error, or no thread safety, by design.
unsafe='strcpy|strcat|stpcpy|strncpy|strncat|sprintf|vsprintf|gets|atoi|atol|atoll'
unsafe+='|atof|alloca|strtok|tmpnam|tempnam|mktemp|asctime|ctime|gmtime|localtime'

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
code=$tmp/code

# offence TEXT: makes "FILE:LINE: TEXT" of the places it reads, FILE or FILE:LINE...
offence() {
	sed -E "s|^([^:]*)(:[0-9]+)?.*|\1\2: $1|"
}

# found GREP_ARGUMENT...: places; finding none is no failure
found() {
	grep -nE "$@" /dev/null || [[ $? = 1 ]]
}

# strip FILE...: C without its comments and without what is in quotes, line by
# line; into the same names below $code
strip() {
	printf '%s\n' "${@%/*}" | sort -u | (mkdir "$code" && cd "$code" && xargs mkdir -p)
	(cd "$code" && touch "$@")
	awk -v quote="'" -v code="$code/" '
		BEGIN {
			text = "\"([^\"\\\\]|\\\\.)*\""
			character = quote "([^" quote "\\\\]|\\\\.)*" quote
			token = text "|" character "|/[*]|//"
		}
		FNR == 1 { close(out); out = code FILENAME; in_comment = 0 }
		/^#include/ { sub(/[\/][\/*].*/, ""); print > out; next }
		{
			kept = ""
			while ($0 != "") {
				if (in_comment && !sub(/^.*[*]\//, "")) break
				in_comment = 0
				if (!match($0, token)) { kept = kept $0; break }
				found = substr($0, RSTART, RLENGTH)
				kept = kept substr($0, 1, RSTART - 1)
				$0 = substr($0, RSTART + RLENGTH)
				if (found == "//") break
				if (found == "/*") in_comment = 1
				else kept = kept "\"\""
			}
			print kept > out
		}' "$@"
}

# columns FILE...: lines that are too wide, with tabs of 8 and UTF-8
columns() {
	LC_ALL=C awk -v max=$max_columns '{
		gsub(/[\200-\277]/, "")
		n = split($0, part, "\t")
		wide = length(part[1])
		for (i = 2; i <= n; i++) wide += 8 - wide % 8 + length(part[i])
		if (wide > max) print FILENAME ":" FNR ": more than " max " columns"
	}' "$@"
}

lengths() { # lengths FILE...: of functions and files, and conditions inside functions
	awk -v function_max=$max_function -v file_max=$max_file '
		FNR == 1 { inside = 0 }
		FNR == file_max + 1 { print FILENAME ":" FNR ": more than " file_max " lines" }
		/^[a-z].*\(/ { name = FNR }
		/^\{$/ { inside = FNR }
		/^[ \t]*# *(if|el)/ && inside { print FILENAME ":" FNR ": #if in a function" }
		/^\}/ && inside {
			if (FNR - inside - 1 > function_max)
				print FILENAME ":" name ": function of " FNR - inside - 1 \
					" lines, at most " function_max
			inside = 0
		}' "$@"
}

# edges: of the "FILE:LINE:#include ..." lines it reads, those that go where they may not
edges() {
	awk -F: -v rooms="$rooms" '
		function room(path) { # imager/fs/fs.h: imager/fs
			if (path !~ /\/main\.c$/) sub(/\/[^\/]*$/, "", path)
			return path
		}
		BEGIN {
			n = split(rooms, line, "\n")
			for (i = 1; i <= n; i++) {
				m = split(line[i], word, " ")
				for (k = 2; k <= m; k++) may[word[1], word[k]] = 1
				sub(/\/.*/, "", word[1])
				has_rooms[word[1]] = 1
			}
		}
		{
			split($3, part, "\"")
			here = room($1); file = part[2]; there = room(file)
			program = here; sub(/\/.*/, "", program)
			if (here == there || there == "common") next
			if (index(file, program "/") == 1 && !(program in has_rooms)) next
			if (!((here, there) in may) && !((here, file) in may))
				print $1 ":" $2 ": " here " may not include " file
		}'
}

all_files() {
	{
		git ls-files -co --exclude-standard 2> /dev/null ||
			find . \( -path ./.git -o -path ./build \) -prune -o \
				-type f -printf '%P\n'
	} | while IFS= read -r file; do [[ ! -f $file ]] || echo "$file"; done | sort
}

chosen() { # chosen REGEX [NOT_REGEX]: those of all files
	printf '%s\n' "${files[@]}" | grep -E "$1" | grep -vE "${2:-^\$}" || true
}

texts() { # rules on the text as it is
	local file magic script program

	lengths "${c[@]}"
	columns "${own[@]}"
	{ grep -LE 'SPDX-License-Identifier: GPL-3\.0-or-later( \*/)?$' "${own[@]}" || true; } |
		offence 'no SPDX-License-Identifier line'
	for file in "${files[@]}"; do
		read -rn 2 magic < "$file" || true
		[[ $magic != '#!' ]] && script='' || script=1
		[[ ! -x $file ]] && program='' || program=1
		[[ $script = "$program" ]] || echo "$file"
	done | offence 'a script that may not be run, or something else that may'
	found '[[:space:]]$' "${own[@]}" | offence 'white space at the end'
	found '\<(TO''DO|FIX''ME|X''XX)\>' "${own[@]}" | offence 'unfinished'
	found -I '\.\./sha''red|(^|[^[:alnum:]_})])/wo''rk/' "${files[@]}" |
		offence 'speaks of a place outside the project'
}

words() { # rules on the code alone
	cd "$code"
	found "\<($unsafe)\(" "${c[@]}" | offence 'forbidden function'
	found '^# *define +_[a-z]' "${c[@]}" | offence 'a name of the system'
	found '\<(system|popen|s?rand)\(' "${no_exit[@]}" | offence 'forbidden function'
	found '__packed|attribute.*\<packed\>|# *pragma +pack' "${c[@]}" |
		offence 'packed: see common/bytes.h'
	found '\<(stdout|stderr)\>|\<(v?printf|puts|putchar|perror|(err|warn)x?)\(' \
		"${library[@]}" | offence 'a library does not print'
	found '\<(exit|_exit|_Exit|abort|quick_exit)\(' "${no_exit[@]}" |
		offence 'only main ends the program'
	found '^# *include "' "${c[@]}" | { grep -v '^tests/' || true; } | edges
	cd - > /dev/null
}

# Variables that can change: all that the objects hold in writable sections.
variables() {
	local file object objects=()

	for file in "${c[@]}"; do
		object=build/${file%.c}.o
		[[ $file = tests/* || ! -f $object ]] || objects+=("$object")
	done
	[[ ! ${objects[*]} ]] || nm -A -f sysv "${objects[@]}" | awk -F'|' '$4 ~ /OBJECT|TLS/ {
		gsub(/[ \t]/, "")
		if ($7 !~ /^(\.t?(data|bss)|\*COM\*)/ || $7 ~ /^\.data\.rel\.ro/) next
		split($1, name, ":")
		sub(/^build\//, "", name[1])
		sub(/\.o$/, ".c", name[1])
		print name[1] ":1: global or static variable " name[2]
	}'
}

mapfile -t files < <(all_files)
mapfile -t c < <(chosen '\.[ch]$')
mapfile -t library < <(chosen '\.[ch]$' '/main\.c$|/(cmd|ui|screen)/|^tests/')
mapfile -t no_exit < <(chosen '\.[ch]$' '/main\.c$|^tests/')
mapfile -t own < <(chosen '\.([ch]|sh|[1-9])$|^Makefile$|^\.ci/|^completions/')

strip "${c[@]}"
{
	texts
	words
	variables
} > "$tmp/offences"
cat "$tmp/offences" >&2
[[ ! -s $tmp/offences ]]
