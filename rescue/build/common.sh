# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash disable=SC2154,SC2034 # files share variables
#
# common.sh - what all verbs share: messages, the programs of Slate, Debian's packages.

# Exit status: 1 failed while working, 2 wrong usage, 3 refused before anything was done
die() {
	echo "slate-rescue: $*" >&2
	exit 1
}

refuse() {
	echo "slate-rescue: $*" >&2
	exit 3
}

say() {
	echo "slate-rescue: $*" >&2
}

# need PROGRAM PACKAGE [PROGRAM PACKAGE]...: all that are missing are told at once
need() {
	local missing=()

	while [[ $# -gt 1 ]]; do
		command -v "$1" > /dev/null || [[ " ${missing[*]} " = *" $2 "* ]] ||
			missing+=("$2")
		shift 2
	done
	[[ ${#missing[@]} = 0 ]] || refuse "programs are missing; as root:" \
		"apt-get install --no-install-recommends ${missing[*]}"
}

# own_program VARIABLE NAME: prints where a program of Slate is: what the environment
# says, where make puts it, where make install puts it
own_program() {
	local path

	for path in "${!1-}" "$here/../build/$2" "$here/../$2" "$(command -v "$2" || true)"; do
		if [[ $path && -x $path ]]; then
			realpath "$path"
			return
		fi
	done
	refuse "the program $2 is missing; run \"make\" and \"make install\" of Slate"
}

slate_version() {
	local program

	program=$(own_program SLATE slate)
	"$program" --version | sed -n '1s/^slate //p'
}

# work_remove WORK: the folder of what is not finished.  Programs that were at work when we
# were interrupted may still write into it; they fail as soon as it is gone.
work_remove() {
	local try

	for try in {1..20}; do
		! rm -rf --one-file-system "$1" 2> /dev/null || return 0
		sleep 0.1
	done
	rm -rf --one-file-system "$1"
}
