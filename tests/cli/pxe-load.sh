#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# limit 900
#
# 200 machines boot at once, each with an address, three files by TFTP and its share of an
# image of 60 MB by HTTP; then much of the same, after which the server has not grown.
#
# Each machine reads 3 MB of the image and a loader of 400 KB; with PXE_LOAD=full all 60 MB,
# and 1 MB.  There are 20 000 exchanges and 5000 transfers after that, what three days bring.
# shellcheck disable=SC2119 # functions with options of their own
set -euo pipefail
share=3000000
if [[ ${PXE_LOAD-} = full ]]; then
	export LOADER_SIZE=1000000
	share=60000000
fi
# shellcheck source=tests/cli/pxe-load-lib.sh
. "$(dirname "$0")/pxe-load-lib.sh"

make_room
start_server
idle=$(descriptors)

say "200 machines boot at once"
room -n 200 -i eth0 -x -a -s 10.77.0.1 -f loader -f config -f tiny \
	-u /images/room.slate -l $share -S $image
equal "$(figure exchanges)" 200 "leases"
equal "$(figure transfers)" 600 "files by TFTP"
equal "$(figure downloads)" 200 "shares of the image"
equal "$(figure duplicates) $(figure moved)" "0 0" "addresses twice, and others than before"
equal "$(figure failures)" 0 "failures"
! grep -E 'cannot|no DHCP client|not get' server.log >&2 || fail "the server complains"

say "many exchanges"
room -n 200 -i eth0 -x -r 5
first=$(memory)
room -n 200 -i eth0 -r 80
total=$(figure exchanges)
equal "$(figure duplicates) $(figure moved) $(figure failures)" "0 0 0" "the same machines"
# Their addresses go to others: the server must see that they are free again.
room -n 200 -i eth0 -r 1 -F
room -n 40 -i eth0 -r 100 -F
total=$((total + $(figure exchanges)))
equal "$(figure duplicates) $(figure failures)" "0 0" "new machines"
say "many transfers"
room -n 125 -s 10.77.0.1 -f tiny -f config -r 20 -c 100
equal "$(figure transfers)" 5000 "transfers"
last=$(memory)
equal "$total" 20000 "exchanges"
echo "$total exchanges more, $(figure transfers) transfers: $first KiB, then $last KiB"
[[ ${SANITIZER-} ]] || [[ $last -le $((first + 1024)) ]] || fail "the server has grown"
settled descriptors "$idle" 5
stop_server
equal "$server_status" 0 "the server's end"
