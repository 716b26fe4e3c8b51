# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash disable=SC2154,SC2034 # files share variables
#
# libraries.sh - what the programs are linked with.  Debian's libcurl can do much that Slate
# never asks for, and brings 11 MB of libraries along for it: more than all the rest of user
# space.  These are replaced by stubs whose functions do nothing but fail (return -1).
# slate(8) allows libcurl nothing but http and https.

# Libraries that become stubs; what only they need is left out.
libraries_stubs='
librtmp.so.*         streams by RTMP
libldap[-.]*         ldap://
liblber[-.]*         ldap://
libgssapi_krb5.so.*  proxies and servers that want Kerberos
libidn2.so.*         names of servers that are not ASCII
libpsl.so.*          cookies, which Slate does not keep
libselinux.so.*      mkswap, on regular files
'

# libraries_add WORK TREE: all that the programs listed in $WORK/programs need
libraries_add() {
	local -A path=() seen=()
	local todo file name at

	libraries_find "$1"
	mapfile -t todo < "$1/programs"
	for ((at = 0; at < ${#todo[@]}; at++)); do
		file=${todo[at]}
		while read -r name; do
			[[ ! ${seen[$name]-} ]] || continue
			seen[$name]=1
			[[ ${path[$name]-} ]] || die "$file needs $name, which is missing"
			if libraries_is_stub "$name"; then
				echo "$name ${path[$name]}" >> "$1/stubs"
			elif [[ $name = ld-linux* ]]; then
				install -m 755 "${path[$name]}" "$2/lib64/$name"
			else
				install -m 644 "${path[$name]}" "$2/$tree_libraries/$name"
				todo+=("${path[$name]}")
			fi
		done < <(readelf -d "$file" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p')
	done
	libraries_make_stubs "$1" "$2" "${todo[@]}"
}

# libraries_find WORK: ${path[NAME]} of all libraries, as this system finds them
libraries_find() {
	local file found name

	while read -r file; do
		found=$(ldd "$file" 2>&1) || die "ldd $file: $found"
		[[ $found != *'not found'* ]] || die "$file lacks a library: $found"
		while read -r name file; do
			path[$name]=$file
		done < <(awk '$2 == "=>" { print $1, $3 }
			$1 ~ /^\// { name = $1; sub(/.*\//, "", name); print name, $1 }' \
			<<< "$found")
	done < "$1/programs"
}

libraries_is_stub() { # libraries_is_stub NAME
	local pattern

	while read -r pattern _; do
		# shellcheck disable=SC2053 # a pattern
		[[ ! $pattern || $1 != $pattern ]] || return 0
	done <<< "$libraries_stubs"
	return 1
}

# libraries_make_stubs WORK TREE USER...: each has what the USERs want of the original
libraries_make_stubs() {
	local work=$1 tree=$2 name from

	shift 2
	[[ -f $work/stubs ]] || return 0
	nm -D --undefined-only --with-symbol-versions "$@" 2> /dev/null |
		awk 'NF == 2 { sub(/@.*/, "", $2); print $2 }' | sort -u > "$work/wanted"
	while read -r name from; do
		# "VALUE TYPE NAME@@VERSION": capitals and "i" are for others to use
		nm -D --defined-only --with-symbol-versions "$from" | awk '
			NR == FNR { wanted[$1] = 1; next }
			{ split($3, part, /@+/) }
			part[1] in wanted && $2 != "A" { print part[1], $2, part[2] }' \
			"$work/wanted" - | sort -u > "$work/symbols"
		libraries_stub "$work" "$name" "$tree/$tree_libraries/$name"
	done < "$work/stubs"
}

libraries_stub() { # libraries_stub WORK NAME FILE: with the symbols in $WORK/symbols
	local versions=()

	{
		echo '.section .note.GNU-stack,"",@progbits'
		echo '.text'
		awk '$2 !~ /[BDRV]/ { print ".globl " $1 "; .type " $1 ", @function; " $1 ":" }
			END { print "movl $-1, %eax; ret" }' "$1/symbols"
		echo '.data'
		awk '$2 ~ /[BDRV]/ { print ".globl " $1 "; .type " $1 ", @object; .size " $1 \
			", 8; " $1 ": .quad 0" }' "$1/symbols"
	} > "$1/stub.s"
	awk '$3 { of[$3] = of[$3] " " $1 ";" }
		END { for (v in of) print v " { global:" of[v] " };" }' "$1/symbols" |
		sort > "$1/stub.map"
	[[ ! -s $1/stub.map ]] || versions=("--version-script=$1/stub.map")
	as --64 -o "$1/stub.o" "$1/stub.s" || die "as makes no stub for the library $2"
	ld -shared -soname "$2" -z noexecstack --hash-style=gnu "${versions[@]}" \
		-o "$3" "$1/stub.o" || die "ld makes no stub for the library $2"
	chmod 644 "$3"
}
