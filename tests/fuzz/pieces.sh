#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# pieces.sh FILE > SEED - what is not zero in FILE, in the form that
# fuzz_fs_pieces() in fs_area.h takes.  A filesystem straight from its mkfs
# makes a small seed.
set -euo pipefail

perl -e '
	open(my $f, "<:raw", $ARGV[0]) or die "$ARGV[0]: $!\n";
	binmode(STDOUT);
	my ($at, $start, $piece) = (0, 0, "");
	while (sysread($f, my $buf, 512)) {
		if ($buf =~ /[^\0]/) {
			$start = $at if $piece eq "";
			$piece .= $buf;
		} elsif ($piece ne "") {
			print pack("VV", $start, length($piece) / 512), $piece;
			$piece = "";
		}
		$at++;
	}
	print pack("VV", $start, int((length($piece) + 511) / 512)), $piece if $piece ne "";
' "$1"
