#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# bench.sh - measure slate against the tools people use now, and judge it.
#
#   bench.sh [-n RUNS] [-f FIXDIR] [-o RESULT.tsv] [GROUP...]
#
# GROUPs (default: all): save-ext4 save-ext3 save-ntfs save-xfs save-btrfs save-fat
# restore-ext4 verify-ext4 scan small memory delta-same delta-one url-full
# http tftp dhcp boot
#
# Prints Markdown tables: the figures of each case (median of RUNS, 3 if not
# told), then the goals with what was measured.  RESULT.tsv gets one line a run:
# group, case, wall s, user s, sys s, peak RSS KiB, bytes of the image, and by the
# report of slate, else -: bytes that were fetched (of a diff: that differ), bytes
# of the target that were compared, seconds that took.
# Exit status: 0 all goals met, 1 some are not or a command failed, 2 usage.
#
# How it is measured: the tools of a group take turns (A B C, A B C, ...), so a
# busy machine slows all of them alike.  The source is a loop device, held open
# and read once: no disk is in the way.  Images and restore targets are in
# $SCRATCH (/dev/shm, some 10 GB).  A restore counts until `blockdev --flushbufs`
# of the target has returned; the target is full of zeros before each one and
# is checked after each one of the first round.  CPU seconds are those of all
# processes of a command, without the kernel threads of the loop devices.  URLs are
# those of an nginx on this machine, which reads the images from $SCRATCH, too.
#
# Environment: SLATE (build/slate), LIMIT (build/limit), SCRATCH.
# Needs root.  Installs the tools it compares with.  FIXDIR: see fixtures.sh.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=/dev/null
. "$here/lib.sh"
# shellcheck source=tests/bench/free.sh
. "$here/free.sh"

SLATE=${SLATE:-$here/../../build/slate}
LIMIT=${LIMIT:-$here/../../build/limit}
export SCATTER=${SCATTER:-$here/../../build/scatter}
fix=$here/../../build/fixtures
runs=3 result=''
tmp='' src='' dst='' group='' server='' url=''
jobs=$(nproc)

# The cases that goals compare.
partclone="partclone | zstd -1 -T0"
fsarchiver="fsarchiver -Z1 -j$jobs"
partimage="partimage -z1"
slate1="slate -z zstd:1"
slate3="slate (zstd:3)"
slategz="slate -z1"
limit="limit zstd 1"
by_url="slate from a URL"
by_file="slate from a file"
differs="slate diff"

quiet='-q -B -L /dev/null' # partclone without its progress output
batch='-b -d -o'           # slate: no questions, no description, overwrite

finish() {
	lab_finish
	exec 9<&-
	drop_room
	[ -z "$server" ] || kill "$server" || :
	[ -z "$src" ] || losetup -d "$src" || :
	[ -z "$dst" ] || losetup -d "$dst" || :
	[ -z "$tmp" ] || rm -rf "$tmp"
}

# --- devices -------------------------------------------------------------------

# fixture NAME: sets $file, built if need be
fixture() {
	"$here/fixtures.sh" -o "$fix" "$1"
	file=$fix/$1-lab.img
}

drop_source() {
	exec 9<&-
	[ -z "$src" ] || losetup -d "$src"
	src=''
}

# source_is FILE: sets $src, its loop device; descriptor 9 keeps the cache warm
source_is() {
	drop_source
	src=$(losetup -r -f --show "$1")
	exec 9<"$src"
	dd if="$src" of=/dev/null bs=4M status=none
}

drop_target() {
	[ -z "$dst" ] || losetup -d "$dst"
	dst=''
	rm -f "$tmp/target"
}

# target_like FILE: sets $dst, a loop device of the same size
target_like() {
	drop_target
	truncate -s "$(stat -L -c %s "$1")" "$tmp/target"
	dst=$(losetup -f --show "$tmp/target")
}

# used_sum DEVICE: hash of its used bytes, by $tmp/free
used_sum() {
	"$LIMIT" save "$1" "$tmp/free" "$tmp/used" none 0 1 1024
	sha256sum <"$tmp/used"
	rm "$tmp/used"
}

# --- a web server --------------------------------------------------------------

answers() {
	(: <"/dev/tcp/127.0.0.1/$1") 2>/dev/null
}

# serve FOLDER: sets $url, where nginx shows its files
serve() {
	local port try own=$tmp/nginx
	[ -z "$server" ] || return 0
	mkdir "$own"
	for port in $(shuf -i 20000-30000 -n 50); do
		answers "$port" || break
	done
	cat >"$own/conf" <<-END
		daemon off; master_process off; pid $own/pid;
		events { }
		http {
			access_log off; sendfile on;
			client_body_temp_path $own/body; proxy_temp_path $own/proxy;
			fastcgi_temp_path $own/fastcgi; uwsgi_temp_path $own/uwsgi;
			scgi_temp_path $own/scgi;
			server { listen 127.0.0.1:$port; root $1; }
		}
	END
	nginx -p "$own" -c "$own/conf" -e "$own/errors" &
	server=$!
	for ((try = 0; try < 100; try++)); do
		! answers "$port" || break
		sleep 0.05
	done
	if ! kill -0 "$server" || ! answers "$port"; then
		die "nginx: $(cat "$own/errors")"
	fi
	url=http://127.0.0.1:$port
	export no_proxy=127.0.0.1
}

# --- runs ----------------------------------------------------------------------

# Cases of this group: name, command, where its image is.
names=() cmds=() images=()
add() {
	names+=("$1") cmds+=("$2") images+=("${3-$tmp/out}")
}

# goal METRIC OP BOUND CASE [BY]: METRIC (wall cpu rss out fetched scan) of CASE,
# divided by BY's
goal() {
	printf '%s\t' "$group" "$@" >>"$tmp/goals"
	echo >>"$tmp/goals"
}

# cpu_below CASE PEER...
cpu_below() {
	local peer
	for peer in "${@:2}"; do
		goal cpu '<' 1 "$1" "$peer"
	done
}

# run CASE COMMAND: its figures in $tmp/time; a failure is the end
run() {
	local rc=0
	/usr/bin/time -q -o "$tmp/time" -f '%e\t%U\t%S\t%M' \
		bash -o pipefail -c "$2" </dev/null >"$tmp/log" 2>&1 || rc=$?
	if [ $rc != 0 ]; then
		tail -n 20 "$tmp/log" >&2
		die "$group: $1: exit status $rc of: $2"
	fi
}

# told: what $tmp/report says, as columns of the result
told() {
	if [ -s "$tmp/report" ]; then
		jq -r '[(if .verb == "diff" then [.different_regions[].stored] | add
				else .bytes.fetched end),
			(if .seconds.scan then .used_bytes, .seconds.scan else "-", "-" end)
			] | @tsv' "$tmp/report"
	else
		printf -- '-\t-\t-\n'
	fi
}

# measure CASE COMMAND IMAGE: one run, one line of the result
measure() {
	local size
	rm -f "$tmp/report"
	run "$1" "$2"
	size=$(find "$3" -type f -printf '%s\n' | awk '{ n += $1 } END { printf "%.0f", n }')
	[ "$size" -gt 0 ] || die "$group: $1: no image"
	printf '%s\t%s\t%s\t%s\t%s\n' "$group" "$1" "$(cat "$tmp/time")" "$size" \
		"$(told)" | tee -a "$result" >&2
}

# turns BEFORE AFTER: every case RUNS times, in turns; the function BEFORE comes
# before each run, AFTER after each one of the first round, both get the case
turns() {
	local round i
	for ((round = 0; round < runs; round++)); do
		for i in "${!names[@]}"; do
			"$1" "${names[i]}"
			measure "${names[i]}" "${cmds[i]}" "${images[i]}"
			[ $round -gt 0 ] || "$2" "${names[i]}"
		done
	done
	names=() cmds=() images=()
}

# Some tools (fsarchiver) throw the source out of the cache when they end.
empty_out() {
	rm -rf "$tmp/out"
	mkdir "$tmp/out"
	[ -z "$src" ] || dd if="$src" of=/dev/null bs=4M status=none
}

blank_target() {
	local size
	size=$(blockdev --getsize64 "$dst")
	head -c "$size" /dev/zero >"$dst"
	blockdev --flushbufs "$dst"
}

# right_target CASE: is $dst what was saved?
right_target() {
	if ! e2fsck -fn "$dst" >"$tmp/log" 2>&1; then
		tail -n 20 "$tmp/log" >&2
		die "$group: $1: e2fsck does not like the target"
	fi
	[ "$(used_sum "$dst")" = "$(cat "$tmp/sum")" ] ||
		die "$group: $1: the target differs from the source"
}

# --- groups --------------------------------------------------------------------

group_save_ext4() {
	local file o=$tmp/out/image
	fixture ext4
	source_is "$file"
	free_ranges "$file" >"$tmp/free"
	add "$partclone" "partclone.ext4 $quiet -c -s $src -o - | zstd -q -1 -T0 -o $o"
	add "$fsarchiver" "fsarchiver savefs -o -Z1 -j$jobs $o.fsa $src"
	add "$slate1" "$SLATE save $batch -z zstd:1 $src $o"
	add "$slate3" "$SLATE save $batch $src $o"
	add "$limit" "$LIMIT save $src $tmp/free $o zstd 1 $jobs 256"
	turns empty_out :
	goal wall '>=' 3 "$partclone" "$slate1"
	goal out '<=' 1.02 "$slate1" "$partclone"
	goal wall '<=' 1.25 "$slate1" "$limit"
	cpu_below "$slate1" "$partclone" "$fsarchiver"
}

group_save_ext3() {
	local file o=$tmp/out/image
	fixture ext3
	source_is "$file"
	add "$partimage" "partimage -z1 -o -d -c -M -b -Bx=y save $src $o"
	add "$slategz" "$SLATE save $batch -z1 $src $o"
	add "$partclone" "partclone.ext3 $quiet -c -s $src -o - | zstd -q -1 -T0 -o $o"
	turns empty_out :
	goal wall '>=' 5.5 "$partimage" "$slategz"
	goal out '<=' 1 "$slategz" "$partimage"
	cpu_below "$slategz" "$partimage"
}

# save_like_partclone NAME: of the fixture, by slate and by partclone.NAME
save_like_partclone() {
	local file o=$tmp/out/image
	fixture "$1"
	source_is "$file"
	add "$partclone" "partclone.$1 $quiet -c -s $src -o - | zstd -q -1 -T0 -o $o"
	add "$slate1" "$SLATE save $batch -z zstd:1 $src $o"
	turns empty_out :
	goal wall '>=' 2.5 "$partclone" "$slate1"
	cpu_below "$slate1" "$partclone"
}

group_save_ntfs() {
	save_like_partclone ntfs
}

group_save_xfs() {
	save_like_partclone xfs
}

group_save_btrfs() {
	save_like_partclone btrfs
}

group_save_fat() {
	save_like_partclone fat
}

# saved_ext4: images of ext4 in $tmp/img, unless they are there already
saved_ext4() {
	local img=$tmp/img
	[ ! -d "$img" ] || return 0
	mkdir "$img"
	source_is "$1"
	free_ranges "$1" >"$tmp/free"
	used_sum "$src" >"$tmp/sum"
	run "$partclone" "partclone.ext4 $quiet -c -s $src -o - | zstd -q -1 -T0 -o $img/zst"
	run "$slate1" "$SLATE save $batch -z zstd:1 $src $img/slate"
	run "$limit" "$LIMIT save $src $tmp/free $img/limit zstd 1 $jobs 256"
	drop_source
}

group_restore_ext4() {
	local file img=$tmp/img flush
	fixture ext4
	saved_ext4 "$file"
	target_like "$file"
	flush="&& blockdev --flushbufs $dst"
	add "$partclone" "zstd -q -dc $img/zst | partclone.restore $quiet -s - -o $dst $flush" \
		"$img/zst"
	add "$slate1" "$SLATE restore -b --yes $dst $img/slate $flush" "$img/slate"
	add "$limit" "$LIMIT restore $dst $tmp/free $img/limit zstd 1 $jobs 256 $flush" \
		"$img/limit"
	turns blank_target right_target
	drop_target
	goal wall '>=' 4.5 "$partclone" "$slate1"
	goal wall '<=' 1.25 "$slate1" "$limit"
	cpu_below "$slate1" "$partclone"
}

# partclone.chkimg has no -q, and exits with 0 whatever option it does not know:
# so its last word counts
group_verify_ext4() {
	local file img=$tmp/img said="grep -q 'successfully checked' $tmp/said"
	fixture ext4
	saved_ext4 "$file"
	add "$partclone" "zstd -q -dc $img/zst |
		partclone.chkimg -B -L /dev/null -s - >$tmp/said 2>&1 && $said" "$img/zst"
	add "$slate1" "$SLATE verify -b $img/slate" "$img/slate"
	turns : :
	goal wall '>=' 4 "$partclone" "$slate1"
	cpu_below "$slate1" "$partclone"
}

# written: sectors that were written to $dst since it was made
written() {
	awk '{ print $7 }' "/sys/block/${dst##*/}/stat"
}

# used_target CASE: for slate, $dst holds what is in the file $used
used_target() {
	if [ "$1" = "$partclone" ]; then
		blank_target
		return
	fi
	dd if="$used" of="$dst" bs=4M status=none
	blockdev --flushbufs "$dst"
	written >"$tmp/written"
}

# untouched_target CASE: nothing was written, and was that right?
untouched_target() {
	right_target "$1"
	[ "$1" != "$by_url" ] || {
		jq -e '.touched == false and .bytes.written == 0 and .chunks_wanted == 0' \
			"$tmp/report" >/dev/null &&
			[ "$(written)" = "$(cat "$tmp/written")" ]
	} || die "$group: $1: something was written"
}

# changed_target CASE: diff leaves it as it was
changed_target() {
	[ "$1" = "$differs" ] || right_target "$1"
}

# by_url_onto USED NAME: restores of NAME, onto what holds USED already; the peers'
# onto zeros, as they do not look
by_url_onto() {
	local img=$tmp/img flush
	fixture "$1"
	used=$file
	fixture "$2"
	saved_ext4 "$file"
	serve "$img"
	target_like "$file"
	flush="&& blockdev --flushbufs $dst"
	add "$partclone" "zstd -q -dc $img/zst | partclone.restore $quiet -s - -o $dst $flush" \
		"$img/zst"
	add "$by_url" "$SLATE restore -b --yes --report=$tmp/report $dst $url/slate $flush" \
		"$img/slate"
}

group_delta_same() {
	local file used
	by_url_onto ext4 ext4
	turns used_target untouched_target
	drop_target
	goal wall '>=' 8 "$partclone" "$by_url"
	goal scan '>=' 1 "$by_url"
}

group_delta_one() {
	local file used
	by_url_onto ext4one ext4
	add "$differs" "$SLATE diff -b --report=$tmp/report $url/slate $dst; [ \$? = 5 ]" \
		"$tmp/img/slate"
	turns used_target changed_target
	drop_target
	goal wall '>=' 7 "$partclone" "$by_url"
	goal fetched '<=' 1.3 "$by_url" "$differs"
}

group_url_full() {
	local file img=$tmp/img flush how="$SLATE restore -b --yes --no-delta"
	fixture ext4
	saved_ext4 "$file"
	serve "$img"
	target_like "$file"
	flush="&& blockdev --flushbufs $dst"
	add "$by_file" "$how $dst $img/slate $flush" "$img/slate"
	add "$by_url" "$how $dst $url/slate $flush" "$img/slate"
	turns blank_target right_target
	drop_target
	goal wall '<=' 1.15 "$by_url" "$by_file"
}

# scanned CASE: the report is that of a scan of $tmp/huge, where $marked bytes are in
# use, and metadata, which is less than a tenth of the disk
scanned() {
	awk -v least="$marked" '
		/"fs": "/ { reader = 1 }
		/"used_bytes":/ { gsub(/[^0-9]/, ""); used = $0 + 0 }
		END { exit !(reader && used >= least + 0 && used - least < 50 * 2^30) }
	' "$tmp/out/image" || die "$group: $1: that was no scan: $(cat "$tmp/out/image")"
}

# What a scan says is its image here.
group_scan() {
	local name marked o=$tmp/out/image
	drop_source
	for name in ext4 xfs btrfs ntfs exfat fat f2fs; do
		say "$name with 30000 ranges"
		marked=$("$here/scattered.sh" "$name" "$tmp/huge" 30000)
		add "scan $name" "$SLATE save $batch -S --report=$o $tmp/huge $o.slate"
		turns empty_out scanned
		goal wall '<=' 2 "scan $name"
		goal rss '<=' 64 "scan $name"
	done
	rm -f "$tmp/huge"
}

group_small() {
	local o=$tmp/out/image
	truncate -s 64M "$tmp/small"
	mkfs.ext4 -q -F "$tmp/small"
	source_is "$tmp/small"
	add partclone "partclone.ext4 $quiet -c -s $src -O $o"
	add slate "$SLATE save $batch $src $o"
	turns empty_out :
	goal wall '<' 0.1 slate
}

# huge FILE: $tmp/huge, a sparse file of 2 TiB, an ext4 with a piece of FILE in it;
# $tmp/huge.new, an empty one to restore to (slate makes none below /dev)
huge() {
	mkdir -p "$tmp/files"
	head -c 64M "$1" >"$tmp/files/some"
	truncate -s 2T "$tmp/huge"
	mkfs.ext4 -q -F -i 4194304 -J size=64 -E lazy_itable_init=1 -d "$tmp/files" "$tmp/huge"
	: >"$tmp/huge.new"
}

# Once is enough: it is the peak that counts, and it hardly varies.
group_memory() {
	local runs=1 file o=$tmp/out/image j name
	fixture ext4
	source_is "$file"
	target_like "$file"
	empty_out
	for j in 1 2 4; do
		add "slate save -j$j" "$SLATE save $batch -j$j -z zstd:1 $src $o"
		add "slate restore -j$j" "$SLATE restore -b --yes -j$j $dst $o"
		for name in save restore; do
			goal rss '<=' $((64 + 8 * j)) "slate $name -j$j"
		done
	done
	turns : :
	drop_source
	drop_target
	huge "$file"
	empty_out
	add "slate save -j2, 2 TiB by map" "$SLATE save $batch -j2 $tmp/huge $o"
	add "slate restore -j2, 2 TiB by map" "$SLATE restore -b --yes -j2 $tmp/huge.new $o"
	add "slate save -j2, 2 TiB raw" "$SLATE save $batch -j2 --raw $tmp/huge $o"
	add "slate verify -j2, 2 TiB raw" "$SLATE verify -b -j2 $o"
	for name in "${names[@]}"; do
		goal rss '<=' $((64 + 8 * 2)) "$name"
	done
	turns : :
	rm -f "$tmp/huge" "$tmp/huge.new"
}

# shellcheck source=tests/bench/pxe.sh
. "$here/pxe.sh"
# shellcheck source=tests/bench/pxe-dhcp.sh
. "$here/pxe-dhcp.sh"
# shellcheck source=tests/bench/boot.sh
. "$here/boot.sh"

# --- the whole -----------------------------------------------------------------

report() {
	printf '# Benchmark\n\n'
	printf '%s, %s cores, Linux %s; load at the start %s; runs: %s.\n' \
		"$(awk -F': ' '/^model name/ { print $2; exit }' /proc/cpuinfo)" "$jobs" \
		"$(uname -r)" "$load" "$runs"
	dpkg-query -W -f '${Package} ${Version}; ' partclone partimage fsarchiver zstd
	printf '\n'
	awk -f "$here/report.awk" "$result" "$tmp/goals"
}

while getopts n:f:o:h opt; do
	case $opt in
	n) runs=$OPTARG ;;
	f) fix=$OPTARG ;;
	o) result=$OPTARG ;;
	h) usage && exit 0 ;;
	*) exit 2 ;;
	esac
done
shift $((OPTIND - 1))
[[ $runs =~ ^[1-9][0-9]*$ ]] || misuse "not a number of runs: $runs"
[ $# -gt 0 ] || set -- save-ext4 save-ext3 save-ntfs save-xfs save-btrfs save-fat \
	restore-ext4 verify-ext4 scan small memory delta-same delta-one url-full http tftp \
	dhcp boot
for group; do
	declare -F "group_${group//-/_}" >/dev/null || misuse "no such group: $group"
done
[ "$(id -u)" = 0 ] || die "must be root"
for program in "$SLATE" "$PXE" "$LIMIT" "$SCATTER" "$TFTPGET" "$NETLOAD"; do
	[ -x "$program" ] || die "$program is not there: run make first"
done
need partclone.ext4:partclone partimage fsarchiver zstd time mkfs.ext4:e2fsprogs \
	xfs_io:xfsprogs mkfs.btrfs:btrfs-progs mkntfs:ntfs-3g mkfs.fat:dosfstools \
	mkfs.exfat:exfatprogs mkfs.f2fs:f2fs-tools nginx:nginx-light jq curl \
	ip:iproute2 dnsmasq:dnsmasq-base
trap finish EXIT
tmp=$(mktemp -d "${SCRATCH:-/dev/shm}/slate-bench.XXXXXX")
result=${result:-$tmp/result.tsv}
: >"$result"
read -r load _ </proc/loadavg
for group; do
	say "$group"
	"group_${group//-/_}"
done
report
