# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash disable=SC2154,SC2034 # files share variables
#
# modules.sh - chooses modules and packs each by itself: busybox's modprobe unpacks those
# that a machine needs, so that all others cost no time.  They are not stripped: with Secure
# Boot the kernel wants them with their signatures.

# What every rescue system needs, and what the usual PCs need; compiled in will do, too.
modules_needed=(loop fuse ext4 vfat nls_utf8 nls_iso8859-1 nls_cp437 crc32c_generic)
modules_usual=(ahci ata_piix nvme sd_mod usb_storage uas xhci_pci ehci_pci usbhid hid_generic
	e1000 e1000e igb igc r8169 tg3 sky2 forcedeth virtio_net virtio_blk mmc_block
	sdhci_pci exfat xfs btrfs f2fs)

# modules_choose WORK: $WORK/modules has their files, those below $kernel_modules, sorted
modules_choose() {
	modules_index "$1"
	{
		modules_by_list
		modules_asked "$1"
	} > "$1/modules.chosen"
	modules_with_needs "$1" > "$1/modules"
	modules_check "$1"
}

# modules_index WORK: $WORK/modules.all has lines "NAME FILE", NAME with underscores,
# $WORK/depmod.all what needs what
modules_index() {
	(cd "$kernel_modules" && find kernel -type f -name '*.ko*') | sort |
		awk '{ name = $0; sub(/.*\//, "", name); sub(/\.ko.*/, "", name)
			gsub(/-/, "_", name); print name, $0 }' > "$1/modules.all"
	: > "$1/modules.builtin"
	[[ ! -f $kernel_modules/modules.builtin ]] ||
		sed 's,.*/,,; s,\.ko.*,,' "$kernel_modules/modules.builtin" | tr - _ \
			> "$1/modules.builtin"
	# A package has no such list; the machine that installs it makes one.
	mkdir -p "$1/all/lib/modules"
	ln -s "$kernel_modules" "$1/all/lib/modules/$kernel_version"
	depmod -b "$1/all" -n "$kernel_version" > "$1/depmod.all" 2> "$1/depmod.log" ||
		die "depmod: $(tail -n 1 "$1/depmod.log")"
	grep -q ^kernel/ "$1/depmod.all" || refuse "depmod finds no modules in $kernel_modules"
}

# modules_by_list: prints the files that modules-list.sh wants, one after the other
modules_by_list() (
	declare -A wanted=()
	shopt -s nullglob globstar
	cd "$kernel_modules/kernel" || exit
	while read -ra words; do
		for word in "${words[@]:1}"; do
			# shellcheck disable=SC2206 # patterns are meant
			files=($word.ko* $word/**/*.ko*)
			for file in "${files[@]}"; do
				case ${words[0]} in
				+) wanted[$file]=1 ;;
				-) unset "wanted[$file]" ;;
				esac
			done
		done
	done < <(grep '^[+-]' <<< "$modules_list")
	printf 'kernel/%s\n' "${!wanted[@]}"
)

# modules_asked WORK: prints the files of --modules
modules_asked() {
	local words word name

	IFS=, read -ra words <<< "${option[modules]-}"
	for word in "${words[@]}"; do
		name=${word//-/_}
		if [[ -d $kernel_modules/kernel/$word && $word != *..* ]]; then
			(cd "$kernel_modules" && find "kernel/${word%/}" -type f -name '*.ko*')
		elif grep -qxF "$name" "$1/modules.builtin"; then
			say "--modules: $word is compiled into the kernel"
		else
			awk -v name="$name" '$1 == name { print $2; n++ } END { exit !n }' \
				"$1/modules.all" || refuse "--modules: $kernel_version has no" \
				"module and no folder of them named $word"
		fi
	done
}

# modules_with_needs WORK: prints those of $WORK/modules.chosen and all that they need
modules_with_needs() {
	awk '
		FNR == 1 { part++ }
		part == 1 { file[$1] = $2; next }
		part == 2 && /^kernel\/[^ ]*:/ {
			sub(/:/, "", $1); name = $1; $1 = ""; needs[name] = needs[name] $0
		}
		part == 2 && $1 == "softdep" {
			for (i = 3; i <= NF; i++) {
				gsub(/-/, "_", $i)
				if ($i in file) needs[file[$2]] = needs[file[$2]] " " file[$i]
			}
		}
		part == 3 && !seen[$0]++ { todo[++n] = $0 }
		END {
			for (k = 1; k <= n; k++) {
				print todo[k]
				m = split(needs[todo[k]], more, " ")
				for (i = 1; i <= m; i++)
					if (!seen[more[i]]++) todo[++n] = more[i]
			}
		}' "$1/modules.all" "$1/depmod.all" "$1/modules.chosen" | sort
}

# modules_check WORK: that there is what a rescue system needs
modules_check() {
	local missing rare

	sed 's,.*/,,; s,\.ko.*,,' "$1/modules" | tr - _ |
		cat - "$1/modules.builtin" > "$1/have"
	missing=$(modules_lacking "$1/have" "${modules_needed[@]}")
	[[ ! $missing ]] || refuse "the kernel $kernel_version has no $missing, which the" \
		"rescue system needs; take that of the package linux-image-amd64"
	rare=$(modules_lacking "$1/have" "${modules_usual[@]}")
	[[ ! $rare ]] || say "this kernel has no drivers for some usual PCs: $rare"
}

modules_lacking() { # modules_lacking LIST NAME...: prints those that are not in LIST
	printf '%s\n' "${@:2}" | tr - _ | { grep -vxF -f "$1" || true; } | xargs
}

# modules_pack WORK TREE: into TREE/lib/modules/VERSION, each packed by itself, with lists
modules_pack() {
	local to=$2/lib/modules/$kernel_version file

	while IFS= read -r file; do
		echo "${file%%.ko*}"
	done < "$1/modules" | sed 's,/[^/]*$,,' | sort -u | (mkdir -p "$to" && cd "$to" &&
		xargs mkdir -p)
	# busybox and the kernel know no other check sums of xz than crc32.
	# shellcheck disable=SC2016 # the inner shell's
	(cd "$kernel_modules" && xargs -P "$(nproc)" -n 16 bash -c '
		set -eo pipefail
		declare -A open=([ko]=cat [xz]="xz -dc" [zst]="zstd -dcq")
		for file in "${@:2}"; do
			${open[${file##*.}]} "$file" |
				xz -T1 --check=crc32 --lzma2=preset=6e,dict=1MiB \
					> "$1/${file%%.ko*}.ko.xz"
		done' pack "$to") < "$1/modules" || die "a module could not be packed"
	for file in modules.order modules.builtin modules.builtin.modinfo; do
		[[ ! -f $kernel_modules/$file ]] ||
			install -m 644 "$kernel_modules/$file" "$to/$file"
	done
	depmod -b "$2" "$kernel_version" 2> "$1/depmod.log" ||
		die "depmod: $(tail -n 1 "$1/depmod.log")"
	# busybox reads the texts, not the binary lists.
	rm -f "$to"/*.bin "$to"/modules.{order,builtin.modinfo,devname,symbols}
}
