#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# slate-rescue build: what cannot be built is said, nothing half done is left, and a boot
# tree that is there stays as it is.
set -euo pipefail
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/cli/rescue-lib.sh
. "$root/tests/cli/rescue-lib.sh"

listed() { # listed FOLDER: all that is in it
	find "$1" -type d -printf '%m %p\n' -o -printf '%m %s %T@ %p\n' | sort
}

# refused STATUS REGEX OPTION...: and nothing changes
refused() {
	expect_status "$1" rescue build -o boot "${@:3}"
	said "$2"
	[[ ! -s out ]] || fail "output"
	equal "$(listed boot)" "$before" "the boot tree"
}

# package NAME [FIELD]: NAME.deb, of what is in the folder NAME
package() {
	mkdir -p "$1/DEBIAN"
	printf '%s\n' "Package: $1" 'Version: 1' 'Architecture: amd64' "${@:2}" \
		'Maintainer: The test <root@localhost>' 'Description: a package' \
		> "$1/DEBIAN/control"
	dpkg-deb --build -Zgzip "$1" "$1.deb" > /dev/null
}

get_kernel amd64
mkdir -p boot/slate
echo kernel > boot/slate/vmlinuz
echo initrd > boot/slate/initrd.img
before=$(listed boot)

say "certificates"
openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out cert.pem -days 2 -subj /CN=lab \
	2> /dev/null
cat cert.pem key.pem > both.pem
openssl x509 -in cert.pem -outform DER -out cert.der
refused 3 '--key: cannot read nowhere' --key nowhere
refused 3 'is no certificate in the form PEM' --key key.pem
refused 3 'is no certificate in the form PEM' --key cert.der
refused 3 'both.pem holds a private key' --key both.pem

say "kernels"
echo text > text.deb
mkdir -p empty other/boot other/lib/modules/1.2.3/kernel odd/boot
cp "$kernel" odd/boot
head -c 100000 /dev/urandom > other/boot/vmlinuz-1.2.3
refused 3 'there is no nowhere' --kernel nowhere
refused 3 'empty has no boot/vmlinuz' --kernel empty
refused 1 'text.deb cannot be unpacked: .*text.deb' --kernel text.deb
package none
refused 3 '^slate-rescue: none.deb has no boot/vmlinuz' --kernel none.deb
refused 3 'is no image of a Linux kernel' --kernel other
refused 3 'is no image of a Linux kernel' --kernel other/boot/vmlinuz-1.2.3
[[ -d /lib/modules/$version ]] ||
	refused 3 'the modules of .* are missing' --kernel odd
mkdir -p "odd/lib/modules/$version/kernel/fs"
refused 3 'depmod finds no modules in' --kernel odd
cp "$modules/lib/modules/$version"/kernel/fs/fat/{fat,vfat}.ko \
	"odd/lib/modules/$version/kernel/fs"
refused 3 'has no (.* )?ext4' --kernel odd
refused 3 'no module and no folder of them named nothing-there' --kernel "$modules" \
	--modules=e1000,nothing-there
refused 3 'named \.\./fs' --kernel "$modules" --modules=../fs

say "programs and parts"
mkdir bin
for name in bash dirname realpath sed cat; do
	ln -s "$(type -P $name)" "bin/$name"
done
expect_status 3 env PATH="$dir/bin" "$top/rescue/slate-rescue" build -o boot
said 'programs are missing; as root: apt-get install .*xz-utils zstd binutils .*btrfs-progs$'
not_said 'ntfs-3g.* ntfs-3g'
expect_status 3 env PATH=/usr/bin:/bin "$top/rescue/slate-rescue" build -o boot --kernel nowhere
said 'there is no nowhere' # and all programs, though their users' PATH ends here

say "no room, no right"
mkdir small
mount -t tmpfs -o size=20M none small
expect_status 3 rescue build -o small --kernel "$modules"
said 'small has room for [12][0-9] MiB only; building wants [0-9]+ MiB'
equal "$(find small -mindepth 1)" '' "files that are left"
mount -o remount,size=170M small
package large 'Installed-Size: 409600'
expect_status 3 rescue build -o small --kernel large.deb
said 'room for 1[67][0-9] MiB only; building wants 550 MiB'
truncate -s 200M large/content
package large
expect_status 1 rescue build -o small --kernel large.deb
said 'large.deb cannot be unpacked: tar: .*(Wrote only|No space left)'
equal "$(find small -mindepth 1)" '' "files that are left"
mount -o remount,ro small
expect_status 1 rescue build -o small --kernel "$modules"
said 'cannot write to .*/small'
expect_status 1 rescue build -o text.deb/boot --kernel "$modules"
said 'cannot make the folder text.deb/boot'

say "no network"
cat > bin/apt-get << 'END'
#!/bin/bash
echo 'E: Failed to fetch http://deb.example/x.deb  Could not resolve host' >&2
exit 100
END
chmod 755 bin/apt-get
export PATH=$dir/bin:$PATH
if ! dpkg-query -W -f '${db:Status-Abbrev}' pxelinux 2> /dev/null | grep -q '^.i'; then
	mkdir -p cache/new.interrupted
	SLATE_RESCUE_CACHE=$dir/cache refused 1 \
		"cannot fetch Debian's package pxelinux: Failed to fetch .*Is there a network" \
		--kernel "$modules"
	equal "$(find cache -mindepth 1 -name 'new.*')" '' "a download that is left"
fi

say "a file that cannot be read"
mkdir -p work/modules.d work/tree.d
echo module > work/modules.d/module
if (
	cat() { return 1; }
	# shellcheck source=rescue/build/common.sh
	. "$top/rescue/build/common.sh"
	# shellcheck source=rescue/build/initramfs.sh
	. "$top/rescue/build/initramfs.sh"
	initramfs_make work initrd
) 2> err; then
	fail "an initramfs that is not whole"
fi
said 'cannot write initrd'

left=nothing

begin() { # a build in the background, until it works on modules; $pid is also its group
	setsid "$top/rescue/slate-rescue" build -o boot --kernel "$modules" > begun 2>&1 &
	pid=$!
	for ((i = 0; i < 200; i++)); do
		[[ -e $left ]] || ! ls boot/.slate-build.*/modules > /dev/null 2>&1 ||
			return 0
		sleep 0.1
	done
	cat begun >&2
	fail "it does not begin"
}

say "two at a time; the first is killed: what it leaves goes with the next"
begin
expect_status 3 rescue build -o boot --kernel "$modules"
said 'another build is at work in .*/boot'
kill -KILL -- -$pid
wait $pid && fail "it did not mind SIGKILL"
left=$(find boot -maxdepth 1 -name '.slate-build.*')

say "interrupted"
begin
kill -TERM $pid
wait $pid && fail "it did not mind SIGTERM"
for ((i = 0; i < 100; i++)); do
	[[ $(find boot -name '.slate*') ]] || break
	sleep 0.1
done
equal "$(listed boot)" "$before" "the boot tree"
