#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# limit 2000
# Real machines boot through dnsmasq and nginx, with the configurations that slate-pxe
# writes for them.
set -euo pipefail
# shellcheck source=tests/vm/netboot-lib.sh
. "$(dirname "$0")/../netboot-lib.sh"

front_pids=()
trap 'keep_logs $?; kill "${front_pids[@]}" || true; stop_all; cleanup' EXIT

start_dnsmasq() {
	in_lab "$PXE" export dnsmasq -c lab.conf > dnsmasq.conf
	# No function: its number shall be the program's own.
	ip netns exec "$ns" dnsmasq -k -C dnsmasq.conf --port=0 --user=root \
		--dhcp-leasefile="$dir/dnsmasq.leases" --log-facility=- 2> dnsmasq.log &
	front_pids+=($!)
}

start_nginx() {
	local kind

	in_lab "$PXE" export nginx -c lab.conf > nginx.conf
	mkdir nginx.d
	{
		echo "daemon off; pid $dir/nginx.pid; error_log stderr; user nobody nogroup;"
		echo "events { } http { access_log $dir/nginx.log;"
		for kind in client_body proxy fastcgi uwsgi scgi; do
			echo "${kind}_temp_path $dir/nginx.d/$kind;"
		done
		echo "include $dir/nginx.conf; }"
	} > nginx.main
	ip netns exec "$ns" nginx -c "$dir/nginx.main" -e stderr 2> nginx.err.log &
	front_pids+=($!)
}

make_netboot 'dhcp.mode = off' 'dhcp.probe = no' 'http.listen-port = 8080'
start_dnsmasq
start_nginx
for kind in bios uefi http; do
	say "$kind"
	runs_job $kind 300
done
boots_disk bios 300
grep -q '"GET /boot/slate/vmlinuz HTTP.* 200 ' nginx.log || fail "nginx gave no kernel"
grep -q 'DHCPACK.* 52:54:00:77:01:01' dnsmasq.log || fail "dnsmasq gave no address"
