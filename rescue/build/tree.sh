# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash disable=SC2154,SC2034 # files share variables
#
# tree.sh - the user space of the rescue system, as a folder:
#
#	/init /bin /sbin -> bin	what starts, busybox and its names
#	/usr/sbin		Slate and the programs of programs.sh
#	/lib/x86_64-linux-gnu	their libraries; no others are ever looked for
#	/etc/slate/rescue	consoles (for init), lease (for udhcpc), server.pem (--key)

tree_libraries=lib/x86_64-linux-gnu

tree_make() { # tree_make WORK TREE
	local tree=$2

	mkdir -p "$tree"/{bin,dev,etc/slate/rescue,lib64,mnt,proc,root,run,sys,tmp} \
		"$tree"/{usr/{bin,sbin,share},var/lib,$tree_libraries}
	ln -s bin "$tree/sbin"
	ln -s ../run "$tree/var/run"
	tree_slate "$1" "$tree"
	tree_programs "$1" "$tree"
	tree_busybox "$tree"
	libraries_add "$1" "$tree"
	release+=("libc6 $(installed libc6 || echo unknown)")
	tree_terminals "$tree"
	tree_languages "$tree"
	tree_etc "$tree"
	install -m 755 "$here/init/init" "$tree/init"
	install -m 644 "$here/init/consoles" "$tree/etc/slate/rescue/consoles"
	install -m 755 "$here/init/lease" "$tree/etc/slate/rescue/lease"
	tree_key "$tree"
}

# tree_key TREE: who the server must be, for slate-agent; and for slate, which asks the system
tree_key() {
	[[ ${option[key]-} ]] || return 0
	install -m 644 "${option[key]}" "$1/etc/slate/rescue/server.pem"
	mkdir -p "$1/etc/ssl/certs"
	ln -s ../../slate/rescue/server.pem "$1/etc/ssl/certs/ca-certificates.crt"
}

# tree_slate WORK TREE: without what only debuggers read
tree_slate() {
	local name path helpers

	for name in SLATE:slate NETCONF:slate-netconf AGENT:slate-agent; do
		path=$(own_program "${name%:*}" "${name#*:}")
		strip -o "$1/stripped" "$path" || die "$path cannot be stripped"
		install -m 755 "$1/stripped" "$2/usr/sbin/${name#*:}"
		echo "$path" >> "$1/programs"
	done
	# It goes from here into the systems that are restored.
	path=$(own_program NET_RENAME net-rename)
	helpers=$(dirname "$(own_place NETCONF slate-netconf net-rename)")
	mkdir -p "$2$helpers"
	strip -o "$1/stripped" "$path" || die "$path cannot be stripped"
	install -m 755 "$1/stripped" "$2$helpers/net-rename"
}

# own_place VARIABLE PROGRAM NAME: the path with that name at its end in the program
own_place() {
	local path

	path=$(own_program "$1" "$2")
	path=$(strings -n 8 "$path" | awk -v name="/$3" '
		/^\/[^ %]+$/ && substr($0, length($0) - length(name) + 1) == name && !n++')
	[[ $path ]] || die "$2 names no $3"
	echo "$path"
}

tree_programs() { # tree_programs WORK TREE
	local name package path

	while read -r name package _; do
		[[ $name ]] || continue
		path=$(PATH=/usr/sbin:/usr/bin:/sbin:/bin type -P "$name") ||
			die "$name is not where Debian's package $package has it"
		install -m 755 "$path" "$2/usr/sbin/$name"
		[[ $(head -c 2 "$path") = '#!' ]] || echo "$path" >> "$1/programs"
		release+=("$package $(installed "$package" || echo unknown)")
	done <<< "$programs_list"
}

# tree_busybox TREE: names of programs that are there already stay theirs
tree_busybox() {
	local name

	package_root busybox-static /bin/busybox
	# The package busybox has a file of the same name, which is not static.
	install -m 755 "$from/bin/busybox" "$1/bin/busybox"
	"$1/bin/busybox" --list | while read -r name; do
		[[ $name = busybox || -e $1/usr/sbin/$name ]] ||
			ln -s busybox "$1/bin/$name"
	done
	[[ -L $1/bin/udhcpc && -L $1/bin/modprobe ]] ||
		die "$from/bin/busybox has no udhcpc or no modprobe"
}

# tree_terminals TREE: so that the screen of slate knows the usual consoles
tree_terminals() {
	local name path

	for name in linux vt100 vt220 ansi xterm xterm-256color screen tmux dumb; do
		for path in /etc /lib /usr/lib /usr/share; do
			path+=/terminfo/${name:0:1}/$name
			[[ ! -f $path ]] || install -D -m 644 "$path" \
				"$1/usr/share/terminfo/${name:0:1}/$name"
		done
	done
	[[ -f $1/usr/share/terminfo/l/linux ]] ||
		die "this system knows no terminals (package ncurses-base)"
}

# tree_languages TREE: lines and letters beyond ASCII, and what the screen of slate was
# translated to; LANGUAGE=de on the kernel's command line chooses
tree_languages() {
	local from=/usr/lib/locale/C.utf8 to=/usr/lib/locale/C.utf8 file

	[[ -f $from/LC_CTYPE ]] || from=/usr/lib/locale/C.UTF-8
	[[ -f $from/LC_CTYPE ]] || die "this system has no locale C.UTF-8 (package libc-bin)"
	while read -r file; do
		install -D -m 644 "$from/$file" "$1$to/$file"
	done < <(cd "$from" && find . -type f)
	to=$(own_place SLATE slate locale)
	# As slate itself does: where it was built, its translations lie beside it.
	from=$(dirname "$(own_program SLATE slate)")/locale
	[[ -d $from ]] || from=$to
	for file in "$from"/*/LC_MESSAGES/slate.mo; do
		[[ ! -f $file ]] || install -D -m 644 "$file" "$1$to${file#"$from"}"
	done
}

tree_etc() { # tree_etc TREE
	echo 'root:x:0:0:root:/root:/bin/sh' > "$1/etc/passwd"
	echo 'root:x:0:' > "$1/etc/group"
	echo '127.0.0.1 localhost' > "$1/etc/hosts"
	echo 'hosts: files dns' > "$1/etc/nsswitch.conf"
}
