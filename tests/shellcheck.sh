#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The scripts of the tests, by shellcheck with all that they source; those that are shipped
# are looked at by "make tidy".
set -euo pipefail
cd "$(dirname "$0")/.."

find tests -name '*.sh' -print0 | sort -z | xargs -0 -P "$(nproc)" -n 4 shellcheck -x
