#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# limit 300
#
# /init of the rescue system: what it does after each end of slate-agent, with an agent that
# ends as we like.  It is process 1 of a namespace, in a folder of its own, and has no rights
# at all: it can mount nothing and restart nothing, but only say that it wants to.
set -euo pipefail
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/cli/terminal-lib.sh
. "$root/tests/cli/terminal-lib.sh"
need_root
command -v busybox > /dev/null || skip "needs busybox"
unshare -m -p -f true 2> /dev/null || skip "needs namespaces of processes"
init_pid=
trap 'end_init; end_terminals; cleanup' EXIT
pc=$dir/pc

# fake NAME [LINE...]: a program that says in ./did that it was called
fake() {
	printf '%s\n' '#!/bin/sh' "echo \"$1 \$*\" >> /did" "${@:2}" > "$pc/usr/sbin/$1"
	chmod 755 "$pc/usr/sbin/$1"
}

# make_pc: the folder, with nothing of this machine in it but terminals
make_pc() {
	local name

	mkdir -p "$pc"/{bin,usr/sbin,dev/pts,proc/sys/kernel,run,tmp,root} \
		"$pc"/sys/{kernel,class/tty/console,bus/{pci,usb}/devices}
	add_program "$(type -P busybox)" "$pc" bin/busybox
	add_program "$(type -P setpriv)" "$pc" setpriv
	chroot "$pc" /bin/busybox --install -s /bin
	install "$root/rescue/init/init" "$pc/init"
	install -D "$root/rescue/init/consoles" "$pc/etc/slate/rescue/consoles"
	for name in mount umount ip sync modprobe reboot poweroff; do
		fake $name
	done
	fake slate 'echo THE-SCREEN'
	# Nobody here waits for minutes.
	fake sleep 'exec /bin/busybox sleep 0.1'
	echo tty0 ttyS0 > "$pc/sys/class/tty/console/active"
}

# plug BUS DEVICE ALIAS: the kernel sees another device
plug() {
	mkdir -p "$pc/sys/bus/$1/devices/$2"
	echo "$3" > "$pc/sys/bus/$1/devices/$2/modalias"
	echo "$((++seen))" > "$pc/sys/kernel/uevent_seqnum"
}
seen=0

# init WORD... -- LINE...: starts it with the command line WORD... and an agent of these LINEs
init() {
	local words=()

	end_init
	while [[ $1 != -- ]]; do
		words+=("$1")
		shift
	done
	echo "BOOT_IMAGE=x ${words[*]}" > "$pc/proc/cmdline"
	printf '7\n' | tee "$pc"/proc/sys/kernel/{panic,printk} > "$pc/proc/sysrq-trigger"
	rm -rf "$pc/run/slate" "$pc/did"
	: > "$pc/dev/console"
	fake slate-agent "${@:2}"
	# shellcheck disable=SC2016 # the inner shell's
	unshare -m -p -f --kill-child bash -c 'mount --bind /dev/pts "$0/dev/pts" &&
		exec chroot "$0" /setpriv --bounding-set=-all --inh-caps=-all --no-new-privs \
			/bin/busybox env -i /init' "$pc" < /dev/null > init.log 2>&1 &
	init_pid=$!
}

end_init() {
	[[ $init_pid ]] || return 0
	kill -KILL "$init_pid" 2> /dev/null || true
	wait "$init_pid" 2> /dev/null || true
	init_pid=
}

does() { # does REGEX: soon, it calls that
	local i

	for ((i = 0; i < 200; i++)); do
		! grep -qsE -- "$1" "$pc/did" || return 0
		sleep 0.1
	done
	cat init.log "$pc/did" "$pc/dev/console" >&2
	fail "it does not do: $1"
}

does_not() { # does_not REGEX
	! grep -E -- "$1" "$pc/did" >&2 || fail "it does: $1"
}

# order REGEX...: it called these, one after the other
order() {
	local want

	want=$(IFS=@ && echo "$*")
	tr '\n' '@' < "$pc/did" | grep -qE -- "${want//@/@(.*@)?}" || {
		cat "$pc/did" >&2
		fail "not in this order: $*"
	}
}

shows() { # shows NAME REGEX: soon, on that terminal
	local i

	for ((i = 0; i < 100; i++)); do
		! tr -s ' \r\n' ' ' < "$pc/dev/$1.log" | grep -qE -- "$2" || return 0
		sleep 0.1
	done
	cat "$pc/dev/$1.log" >&2
	fail "$1 does not show \"$2\""
}

make_pc
plug pci 0000:00:03.0 pci:v00008086d0000100E
plug usb 1-1 usb:v0BDAp8153

say "0: it starts again; drivers are for what is there, once each"
init quiet -- 'while [ -e /run/slate/drivers ]; do /bin/busybox sleep 0.1; done' 'exit 0'
does '^reboot -f$'
order 'mount .*/proc' 'mount .*/sys' 'ip link set lo up' 'slate-agent run' 'sync ' \
	'umount -a -r' 'reboot -f'
does_not '^poweroff'
does '^sleep 5$' # and if that does not work
equal "$(grep -E '^modprobe' "$pc/did")" \
	'modprobe -a -q pci:v00008086d0000100E usb:v0BDAp8153' drivers
equal "$(stat -c %a "$pc/run/slate")" 700 "the agent's folder"
equal "$(cat "$pc/proc/sys/kernel/panic") $(cat "$pc/proc/sys/kernel/printk")" '30 3' \
	"the kernel's settings"
for ((i = 0; i < 100; i++)); do
	[[ $(cat "$pc/proc/sysrq-trigger") != b ]] || break
	sleep 0.1
done
equal "$(cat "$pc/proc/sysrq-trigger")" b "the last means to start again"

say "10: it is switched off"
init slate.debug -- 'exit 10'
does '^poweroff -f$'
order 'sync ' 'umount -a -r' 'poweroff -f'
does_not '^reboot'
equal "$(cat "$pc/proc/sys/kernel/printk")" 7 "what the kernel says, with slate.debug"

say "a device that comes later: its driver alone"
init -- 'while [ ! -e /tmp/go ]; do /bin/busybox sleep 0.1; done' 'exit 0'
does '^modprobe'
plug pci 0000:00:04.0 "platform:somebody's MDIO bus"
does "^modprobe -a -q platform:somebody's MDIO bus\$"
touch "$pc/tmp/go"
does '^reboot -f$'

say "11: the screen of slate, and shells, again and again"
terminal "$pc/dev/tty1" 'THE-SCREEN.*[$#] ' "echo \"[\$((1 + 1))]\"" '\[2\].*[$#] ' 'exit' \
	'THE-SCREEN' ''
terminal "$pc/dev/ttyS0" "This is Slate's rescue system.*[\$#] " "echo \"[\$((2 + 2))]\"" \
	'\[4\].*[$#] ' 'exit' '[$#] ' \
	"echo \"[\$((3 + 3))] \$(tty)\"" '\[6\] /dev/(ttyS0|pts)' ''
terminal "$pc/dev/tty2" "This is Slate's rescue system.*[\$#] " 'slate' 'THE-SCREEN' ''
init -- 'exit 11'
for name in tty1 ttyS0 tty2; do
	all_typed "$pc/dev/$name"
done
does_not '^(reboot|poweroff)'
kill -0 "$init_pid" || fail "it has ended"
end_init
! grep "This is Slate's rescue" "$pc/dev/tty1.log" || fail "no screen, but a shell, on tty1"
end_terminals
rm "$pc"/dev/tty2*

# crashes STATUS LINE...: an agent that ends as it should not; that is on each console
crashes() {
	local name

	end_terminals
	terminal "$pc/dev/tty1"
	terminal "$pc/dev/ttyS0"
	init "${words[@]}" -- "${@:2}"
	does '^sleep [0-9]{2,}$'
	for name in tty1 ttyS0; do
		shows $name '##### ### ##### # ##### ####'
		shows $name "slate-agent ended with status $1\\)"
		shows $name 'The disk may be half written'
	done
}

say "the agent crashes: large letters, and a new start after two minutes"
words=(quiet)
# shellcheck disable=SC2016 # the agent's own
crashes 139 'kill -SEGV $$'
shows ttyS0 'The PC starts again in 120 s'
does '^reboot -f$'
order 'slate-agent run' 'sleep 120' 'sync ' 'umount -a -r' 'reboot -f'
# shellcheck disable=SC2016
crashes 137 'kill -KILL $$'
shows tty1 'may have too little memory'
crashes 1 'exit 1'
crashes 127 'exec /usr/sbin/nothing'

say "slate.onerror"
words=(slate.onerror=reboot:33 quiet)
crashes 99 'exit 99'
shows ttyS0 'The PC starts again in 33 s'
does '^reboot -f$'
order 'sleep 33' 'reboot -f'
for odd in reboot:x reboot: reboot nonsense 'reboot:-5' 'reboot:1.5'; do
	words=("slate.onerror=$odd")
	crashes 99 'exit 99'
	shows ttyS0 'The PC starts again in 120 s'
done

say "slate.onerror=stay: the message stays, and there are shells"
end_terminals
terminal "$pc/dev/tty1" 'ended with status 139' ''
terminal "$pc/dev/ttyS0" 'ended with status 139.*This is Slate.*[$#] ' \
	"echo \"[\$((5 + 5))]\"" \
	'\[10\]' ''
# shellcheck disable=SC2016
init slate.onerror=stay -- 'kill -SEGV $$'
all_typed "$pc/dev/ttyS0"
all_typed "$pc/dev/tty1"
sleep 1
does_not '^(reboot|poweroff)'
! grep 'starts again in' "$pc/dev/ttyS0.log" || fail "it wants to start again"
shows tty1 THE-SCREEN
end_init
