# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash disable=SC2154,SC2034 # files share variables
#
# fetch.sh - Debian's packages that are not installed here: fetched by apt-get, unpacked
# once into the cache, and used from there.

# cache_folder: /var/cache/slate, or the user's own
cache_folder() {
	local home=${XDG_CACHE_HOME:-${HOME:-/}/.cache}/slate

	[[ $(id -u) != 0 ]] || home=/var/cache/slate
	home=${SLATE_RESCUE_CACHE:-$home}
	mkdir -p "$home" || die "cannot make the cache folder $home"
	realpath "$home"
}

# installed PACKAGE: prints its version; fails if it is not installed.  It may be there for
# a second architecture, too.
installed() {
	dpkg-query -W -f '${db:Status-Abbrev} ${Version}\n' "$1" 2> /dev/null |
		sed -n 's/^.i. *//p' | grep -m 1 .
}

# candidate PACKAGE: the version that apt would fetch
candidate() {
	apt-cache show --no-all-versions "$1" 2> /dev/null | sed -n 's/^Version: //p' | grep .
}

# newest_cached PACKAGE: the folder of the one that was fetched last
newest_cached() {
	local ready

	# shellcheck disable=SC2012 # no strange names there
	ready=$(ls -t "$cache/$1="*/ready 2> /dev/null | head -n 1)
	[[ $ready ]] && dirname "$ready"
}

download() { # download PACKAGE FOLDER
	(cd "$2" && apt-get -q -o Acquire::Retries=3 download "$1") > "$2/log" 2>&1
}

# fetch PACKAGE: $fetched is then the folder that has its files
fetch() {
	local package=$1 cache

	cache=$(cache_folder)
	exec 8> "$cache/lock" || die "cannot write to $cache"
	flock 8 # another build may fetch the same
	fetch_locked "$package"
	exec 8>&-
}

# The lists of packages may be absent or too old: only root can do something about that.
fetch_locked() {
	local version new place

	version=$(candidate "$1") || version=''
	place=$cache/$1=$version
	if [[ $version && -e $place/ready ]]; then
		fetched=$place
		return
	fi
	say "fetching $1"
	rm -rf "$cache"/new.* # of one that was interrupted
	new=$(mktemp -d "$cache/new.XXXXXX")
	download "$1" "$new" || [[ $(id -u) != 0 ]] || {
		apt-get -q update > "$new/update.log" 2>&1 || true
		download "$1" "$new" || true
	}
	if ! ls "$new"/*.deb > /dev/null 2>&1; then
		not_fetched "$1" "$new"
		return
	fi
	(unpack "$new"/*.deb "$new/d") || {
		rm -rf "$new"
		exit 1
	}
	version=$(dpkg-deb -f "$new"/*.deb Version)
	fetched=$cache/$1=$version
	touch "$new/d/ready"
	rm -rf "$fetched"
	mv "$new/d" "$fetched"
	rm -rf "$new"
}

not_fetched() { # not_fetched PACKAGE FOLDER
	local why

	why=$(grep -m 1 '^[EW]: ' "$2/log" || echo "apt-get says nothing about it")
	rm -rf "$2"
	fetched=$(newest_cached "$1") || die "cannot fetch Debian's package $1: ${why#?: }." \
		"Is there a network? As root, apt-get update may help; or install $1 here"
	say "cannot fetch $1 (${why#?: }): taking the one that was fetched before," \
		"${fetched##*=}"
}

unpack() { # unpack DEB FOLDER
	local why

	why=$(dpkg-deb -x "$1" "$2" 2>&1) || die "$1 cannot be unpacked: ${why%%$'\n'*}"
}

# package_root PACKAGE FILE: where a package that has FILE is: $from is "" for this system,
# else a folder of the cache; $from_version its version
package_root() {
	from_version=$(installed "$1") || from_version=''
	if [[ $from_version && -e $2 ]]; then
		from=''
	else
		fetch "$1"
		from=$fetched
		from_version=${fetched##*=}
	fi
	[[ -e $from$2 ]] || die "Debian's package $1 ($from_version) has no $2"
	release+=("$1 $from_version")
}
