#!/usr/bin/perl
# SPDX-License-Identifier: GPL-3.0-or-later
#
# garbage.pl ADDRESS SECONDS - packets that mean nothing to UDP ports 67, 69 and 4011 of
# ADDRESS, as fast as they go, and the same to TCP port 80.  Every other one begins like a
# real one.  Prints how many.
use strict;
use warnings;
use IO::Socket::INET;
use Time::HiRes qw(time);

my ($address, $seconds) = @ARGV;
my $noise = join '', map { chr int rand 256 } 1 .. 8192;
my %heads = (
	67 => "\1\1\6\0abcd\0\0\x80\0" . "\0" x 16 . "\2GGGGG" . "\0" x 202 . "\x63\x82\x53\x63",
	69 => "\0\1",
	4011 => "\1\1\6\0abcd\0\0\x80\0" . "\0" x 16 . "\2HHHHH" . "\0" x 202 . "\x63\x82\x53\x63",
);
my %udp = map { $_ => IO::Socket::INET->new(Proto => 'udp', PeerAddr => "$address:$_") } keys %heads;
my ($sent, $end) = (0, time + $seconds);

while (time < $end) {
	for my $port (keys %udp) {
		for my $i (1 .. 50) {
			my $n = int rand 1400;

			my $head = $i % 2 ? $heads{$port} : '';
			$sent++ if $udp{$port}->send(substr($head . substr($noise, rand 6000, $n), 0, 1472));
		}
	}
	my $tcp = IO::Socket::INET->new(Proto => 'tcp', PeerAddr => "$address:80", Timeout => 1);
	next unless $tcp;
	$tcp->syswrite(('', 'GET /', "POST /api/v1/end HTTP/1.1\r\n")[rand 3] . substr($noise, rand 6000, 2000));
	$sent++;
}
print "$sent packets of garbage\n";
