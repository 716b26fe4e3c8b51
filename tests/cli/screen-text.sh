#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The screen's texts: slate.pot is that of the source, translations are complete and
# sound, and are installed.
set -euo pipefail
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
command -v msgfmt > /dev/null || skip "needs gettext"

mkdir copy
cp -r "$root"/{Makefile,imager,po} copy
make -s -C copy pot > make.log 2>&1 || fail "make pot: $(cat make.log)"
same "$root/po/slate.pot" copy/po/slate.pot "po/slate.pot and what make pot writes"
for po in "$root"/po/*.po; do
	say "$po"
	msgfmt -c --statistics -o /dev/null "$po" 2> err || fail "msgfmt: $(cat err)"
	not_said 'fuzzy|untranslated'
	msgcmp "$po" "$root/po/slate.pot" 2> err || fail "msgcmp: $(cat err)"
done
