#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The command line: partimage's habits, options anywhere, wrong usage, every
# exit status.
set -euo pipefail
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
need_loop

make_ext4 disk 16M 1500 -b 1024
before=$(sum disk)

codec() { # codec IMAGE: how it is compressed, "gzip:6"
	slate info --json "$1" | jq -r '"\(.codec):\(.metadata.level)"'
}

# ---- as partimage was used -----------------------------------------------------

good() { # good OPERAND...: saves to ./image, which can be restored
	rm -f image*
	expect_status 0 slate "$@"
	[[ -e image ]] || fail "no image by: $*"
	[[ ! -s out ]] || fail "something on standard output by: $*"
	stale copy 16M
	expect_status 0 slate -b restore copy image
	same_ext disk copy
}

say "partimage's habits, options anywhere among the operands"
good -z1 -o -d -b save disk image
equal "$(codec image)" gzip:5 "-z1"
good save disk image -z1 -o -d -b
good save -z1 disk -o image -d -b
good -bdo -z1 save disk image
good -z1 -obd save disk image -M -c -m -w -y -e -f0 -g1 -V0
good -f3 save disk image -b
POSIXLY_CORRECT=1 good save disk image -z1 -b
equal "$(codec image)" gzip:5 "-z1 behind the operands"
good -z0 -b save disk image
[[ $(codec image) = none:* ]] || fail "-z0 is not none"
good -z2 -b save disk image
equal "$(codec image)" bzip2:9 "-z2"
good save disk image
equal "$(codec image)" zstd:3 "the default"
good -z0 -z 2 --compress gzip --compress=zstd:7 save disk image
equal "$(codec image)" zstd:7 "the last of several"
good --compr=lz4 --nodesc --batch save disk image
good --description='two words; "quoted" \ ü' save disk image
equal "$(json <(slate info --json image) .metadata.description)" 'two words; "quoted" \ ü' \
	"the description"
good -- save disk image
cp disk -- -disk
good -b -o save -- -disk image

say "and with the other verbs"
all=(-z1 -o -d -V0 -w -c -m -M -y -b -f0 -g0)
stale copy 16M
expect_status 0 slate "${all[@]}" -e restore copy image
same_ext disk copy
stale copy 16M
expect_status 0 slate restore copy image "${all[@]}"
expect_status 0 slate restore copy -b image -S
expect_status 0 slate "${all[@]}" -e -S -B '*=Yes' verify image
expect_status 0 slate verify image copy "${all[@]}"
expect_status 0 slate "${all[@]}" -e -S -B '*=Yes' info image
expect_status 0 slate info image -b

say "stdout and stdin, and -"
for name in stdout -; do
	for from in stdin -; do
		stale copy 16M
		slate -b -z1 save disk "$name" 2> err | slate -b restore copy "$from" 2> err2 ||
			fail "save $name, restore $from"
		same_ext disk copy
	done
done
slate -b save disk - 2> err > piped
expect_status 3 slate -b save - new
absent new
for verb in verify info; do
	expect_status 0 slate -b $verb stdin < piped
	expect_status 0 slate -b $verb - < <(cat piped)
done
absent stdin stdout -
mkfifo pipe
slate -b restore copy pipe 2> err2 &
cat image > pipe
wait $! || fail "restore from a named pipe"
same_ext disk copy

# ---- help ----------------------------------------------------------------------

say "help and version go to standard output"
for option in -h --help '-h save' 'save -h' '-h restore disk image' 'verify -h' \
	'info --help'; do
	# shellcheck disable=SC2086
	expect_status 0 slate $option
	grep -q -- '--compress=NAME' out || fail "no help by $option"
	[[ ! -s err ]] || fail "messages by $option"
	[[ $(wc -L < out) -le 80 ]] || fail "$option: lines too long"
done
slate -h save > help.save
slate -h verify > help.verify
grep -q -- --rescue help.save || fail "no --rescue in the help for save"
! grep -q -- --rescue help.verify || fail "--rescue in the help for verify"
for option in -v --version -i --compilinfo '-v save'; do
	# shellcheck disable=SC2086
	expect_status 0 slate $option
	grep -qE '^slate [0-9]+\.[0-9]' out || fail "no version by $option"
done
expect_status 0 slate -i
grep -q libext2fs out || fail "-i tells no library"

say "help, manual page and completion know the same verbs and options"
manual=$root/docs/man/slate.8
same_list() { # same_list WHAT FILE: FILE and the same of the help
	diff "$1.help" "$2" >&2 || fail "not the same $1 in the help and in $2"
}

slate --help > help
sed -nE 's/^ +(-., )?(--[a-z-]+(\[?=)?).*/\2/p' help | sort > options.help
sed -nE 's/^ +slate \[OPTION\]\.\.\. ([a-z]+) .*/\1/p' help | sort > verbs.help
[[ $(wc -l < verbs.help) -ge 6 && $(wc -l < options.help) -ge 30 ]] || fail "bad lists"
section() { # section NAME: of the manual page, without its formats
	sed -n "/^\.S[HS] $1\$/,/^\.SH/p" "$manual" | sed 's/\\-/-/g; s/\\f.//g'
}
section OPTIONS | awk '/^\.T[PQ]/ { getline; print }' |
	grep -oE -e '--[a-z-]+(\[?=)?' | sort -u > options.manual
same_list options options.manual
section Verbs | awk '/^\.TP/ { getline; print $2 }' | sort > verbs.manual
same_list verbs verbs.manual
section SYNOPSIS | sed -nE 's/^\.B ([a-rt-z][a-z]+|save)$/\1/p' | sort > verbs.synopsis
same_list verbs verbs.synopsis

# shellcheck source=completions/slate
. "$root/completions/slate"
compopt() { :; } # bash has it only while it really completes
proposed() { # proposed WORD...: for the last of them
	local COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMPREPLY=()

	_slate
	printf '%s\n' "${COMPREPLY[@]}" | sort
}

proposed slate '' > verbs.completion
same_list verbs verbs.completion
proposed slate -- > options.completion
diff <(sed 's/\[=//' options.help) options.completion >&2 || fail "other options are completed"
while read -r option; do
	words=(slate "$option" save '')
	[[ $option != *[a-z]= ]] || words=(slate "${option%=}" value save '')
	[[ $option != *'[=' ]] || words=(slate "${option%[[]=}" save '')
	COMP_WORDS=("${words[@]}") COMP_CWORD=$((${#words[@]} - 1)) operands=()
	_slate_operands
	equal "${operands[*]}" save "the operands behind $option for the completion"
done < options.help

# ---- wrong usage -----------------------------------------------------------------

wrong() { # wrong REGEX OPERAND...
	expect_status 2 slate "${@:2}"
	said "$1"
	said 'slate: .'
	[[ ! -s out ]] || fail "something on standard output by: ${*:2}"
	absent new
}

say "wrong usage is status 2 and nothing is done"
wrong 'what shall be done'
wrong 'what shall be done' -b -o
wrong '"backup" is no verb' backup disk new
wrong '"imginfo" is no verb' imginfo new
wrong '"" is no verb' '' disk new
wrong 'save needs DEVICE IMAGE, not 0 operands' save
wrong 'save needs DEVICE IMAGE, not 1 operand' save disk
wrong 'not 3 operands' save disk new newer
wrong 'restore needs' restore
wrong 'restore needs' restore new
wrong 'restore needs' restore new image more
wrong 'verify needs' verify
wrong 'verify needs' verify image disk more
wrong 'info needs' info
wrong 'info needs' info image more
wrong 'clone needs SOURCE TARGET' clone disk
wrong 'restmbr needs DEVICE IMAGE' restmbr disk
wrong 'unknown option --frobnicate' --frobnicate save disk new
wrong 'unknown option -k' -k save disk new
wrong 'unknown option -k' -bk save disk new
wrong 'unknown option -L' save disk new -L
wrong '--ver is ambiguous.*--verify.*--version' --ver save disk new
wrong '--batch takes no argument' --batch=1 save disk new
wrong 'needs an argument' save disk new -z
wrong 'needs an argument' save disk new --jobs
for value in 3 9 zip '' zstd: zstd:0 zstd:20 zstd:x zstd:3x gzip:0 gzip:10 bzip2:10 lz4:13 \
	xz:10 none:1 gzip:-1 gzip:+1 ' gzip' GZIP 1:3; do
	wrong '--compress' "--compress=$value" save disk new
done
for value in -1 257 x '' 1.5 ' 1' 99999999999999999999; do
	wrong '--jobs' "--jobs=$value" save disk new
done
for value in 0 1 32k 65535 100k 8M x ''; do
	wrong '--chunk-size' "--chunk-size=$value" save disk new
done
for value in -1 x '' 1x 1kk 1k 1023k 99999999999999999999 17592186044416; do
	wrong '--volume' "--volume=$value" save disk new
done
for value in -1 4 x ''; do
	wrong '--finish' "--finish=$value" save disk new
done
for value in -1 11 x ''; do
	wrong '--debug' "--debug=$value" save disk new
done
wrong 'has no .=.' -B Yes save disk new
wrong 'has no .=.' '-B*=Yes;No' save disk new

say "options that mean nothing for the verb"
for case in restore:--raw restore:--rescue restore:--chunk-size=1M restore:--description=x \
	verify:--raw verify:--rescue verify:--chunk-size=1M verify:--description=x info:--raw \
	save:--discard save:--expect-serial=x save:--expect-model=x \
	verify:--discard info:--discard verify:--verify info:--verify \
	verify:--force info:--force verify:--yes info:--yes verify:--dry-run \
	info:--dry-run info:--report=r verify:--expect-serial=x; do
	option=${case#*:} verb=${case%%:*}
	operands=(new image)
	[[ $verb != save ]] || operands=(disk new)
	[[ $verb = save || $verb = restore ]] || operands=(image)
	wrong "${option%%=*} has no meaning for $verb" "$option" "$verb" "${operands[@]}"
	wrong "${option%%=*} has no meaning for $verb" "$verb" "${operands[@]}" "$option"
done
wrong 'volume.* needs a name' -V1 save disk -
wrong 'verify.* needs a name' --verify save disk stdout

# ---- every exit status -------------------------------------------------------------

say "1: failed while working"
status=0
slate -b save disk - > /dev/full 2> err || status=$?
equal "$status" 1 "exit status with a full disk"
said 'No space left'
{ slate -b --raw -z0 save disk - 2> err || echo $? > status; } | head -c 1000 > /dev/null
equal "$(cat status)" 1 "exit status when nobody reads"
said 'Broken pipe'
expect_status 1 slate -b save disk new --report=nowhere/report
said 'nowhere/report: cannot write the report'
rm new

say "3: refused"
expect_status 3 slate -b save missing new
expect_status 3 slate -b save disk nowhere/new
said 'no such directory: nowhere'
absent nowhere new
expect_status 3 slate -b save disk disk/new
expect_status 3 slate -b restore new missing
said 'missing: no such image'
absent new
for verb in verify info; do
	expect_status 3 slate -b $verb missing
done
expect_status 3 slate -b verify image missing
expect_status 3 slate -b verify image .
expect_status 3 slate -b save disk /dev/null
expect_status 3 slate -b -o save disk /dev/null
said 'no regular file'
expect_status 3 slate -b -o save disk .

say "3: another disk than expected, and everything else that is wrong at once"
truncate -s 1M small
expect_status 3 slate -b restore small image --expect-serial=S123 --expect-model='Disk 9000'
said '  - small is too small'
said '  - .*serial number is not known, not "S123"'
said '  - .*model is not known, not "Disk 9000"'
expect_status 3 slate -b restore new image --expect-serial=S123
said '  - new may be another disk'
absent new

say "4: damaged, cut short, no image"
head -c 100000 image > damaged
for verb in 'restore new' verify info; do
	# shellcheck disable=SC2086
	expect_status 4 slate -b $verb damaged
	# shellcheck disable=SC2086
	expect_status 4 slate -b $verb disk
	said 'disk'
done
absent new

say "5: the target differs"
cp disk copy
expect_status 0 slate -b verify image copy
said 'equal'
printf 'x' | dd of=copy bs=1 seek=1050 conv=notrunc status=none
expect_status 5 slate -b verify image copy
said 'differ'
differ disk copy

say "128+n: ended by a signal"
# stopped SIGNAL STATUS: the job in the background ends that way
stopped() {
	local status=0

	kill -s "$1" $!
	wait $! || status=$?
	equal "$status" "$2" "exit status by $1"
}

for case in INT:130 TERM:143 HUP:129; do
	stale copy 16M
	exec 9<> pipe # a pipe that neither ends nor has anyone who reads on
	env --default-signal=INT "$SLATE" -b restore copy - < pipe 2> err 9>&- &
	head -c 300000 image >&9
	timeout 60 bash -c "until cmp -s -n 1024 copy /dev/zero; do sleep 0.1; done"
	stopped "${case%:*}" "${case#*:}"
	said 'left without a valid filesystem'
	equal "$(blkid -p -o value -s TYPE copy || true)" '' "what is in the target"
	exec 9>&-
	exec 9<> pipe
	env --default-signal=INT "$SLATE" -b --raw -z0 save disk - > pipe 2> err 9>&- &
	sleep 0.3
	stopped "${case%:*}" "${case#*:}"
	exec 9>&-
done

say "what to do at the end: only after success"
mkdir bin
for name in poweroff reboot; do
	printf '#!/bin/sh\necho %s >> %s/finished\n' $name "$dir" > bin/$name
	chmod +x bin/$name
done
with() { # with OPTION...: poweroff and reboot are ours
	PATH=$dir/bin "$SLATE" -b "$@"
}
rm -f new
expect_status 0 with -f0 save disk new -o
expect_status 0 with -f3 save disk new -o
absent finished
expect_status 3 with -f1 save disk new
expect_status 3 with -f2 save missing new
absent finished
expect_status 0 with -f1 save disk new -o
expect_status 0 with -f2 restore copy new
equal "$(tr '\n' ' ' < finished)" 'poweroff reboot ' "what was run at the end"
rm bin/*
expect_status 0 with -f1 verify new
expect_status 0 with -f1 -S restore copy new
expect_status 1 with -f1 restore copy new
said 'poweroff does not run'

equal "$(sum disk)" "$before" "sha256 of the source"
