#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# docs/LAB.md is true: each of its commands is run, in their order, and answers as it says
# there.
# LAB_UPDATE=1 writes the present answers into it (read the difference before you commit it).
set -euo pipefail
# shellcheck source=tests/cli/nc-lib.sh
. "$(dirname "$0")/nc-lib.sh"
need_root # personalise gives files their owners

lab=$root/docs/LAB.md
prompt='    server# '
mkdir bin
ln -s "$NETCONF" bin/slate-netconf
ln -s "$root/tests" tests
export PATH=$dir/bin:$PATH

# answers: the text it reads, with the present answers of its commands in place of the old ones
answers() {
	local line again='' command

	while [[ $again ]] || IFS= read -r line; do
		again=
		printf '%s\n' "$line"
		[[ $line = "$prompt"* ]] || continue
		command=${line#"$prompt"}
		if [[ $command = *"<< 'END'" ]]; then
			while IFS= read -r line && printf '%s\n' "$line"; do
				command+=$'\n'${line#    }
				[[ $line != '    END' ]] || break
			done
		fi
		{ bash -c "$command" < /dev/null 2>&1 || true; } | sed "s/^./    &/"
		while IFS= read -r line; do # the old answer
			[[ ! $line || ($line = '    '* && $line != "$prompt"*) ]] && continue
			again=1
			break
		done
		[[ ! $again || $line = "$prompt"* ]] || echo
	done
}

say "every command and its answer"
[[ $(grep -c "^$prompt" "$lab") -ge 20 ]] || fail "no commands in $lab"
answers < "$lab" > now
[[ ! ${LAB_UPDATE-} ]] || cp now "$lab"
diff "$lab" now >&2 || fail "docs/LAB.md says something else (LAB_UPDATE=1 $0 mends it)"

say "and the manual pages' example is the one that is installed"
policy() { # policy: what it reads, without comments and empty lines
	sed -E 's/[ \t]*(^|[ \t])[;#].*//; s/[ \t]+/ /g' | grep .
}
sed -n '/^\.EX/,/^\.EE/p' "$root/docs/man/slate-netconf.conf.5" | sed '/^\.EE/q' |
	sed '/^\.E/d; s/\\-/-/g; s/\\(dq/"/g' | policy > manual
diff manual <(policy < "$root/netconf/netconf.conf") >&2 ||
	fail "slate-netconf.conf(5) has another example than netconf/netconf.conf"

say "and what README.md shows of it"
sed -n '/^## Names/,/^## The classroom/{/^    /{/^    # /!p}}' "$root/README.md" > shown
[[ $(wc -l < shown) -ge 20 ]] || fail "README.md shows nothing of it"
! grep -vxFf "$lab" shown >&2 || fail "README.md shows what docs/LAB.md has not"
