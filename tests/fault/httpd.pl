#!/usr/bin/perl
# SPDX-License-Identifier: GPL-3.0-or-later
#
# httpd.pl FOLDER CONTROL [PORT [ADDRESS]] - a small web server that misbehaves
# as told.  Serves the files of FOLDER by GET, HEAD and single ranges, takes PUT,
# keeps connections alive.  Writes its port to CONTROL.port (with PORT 0 or none:
# any free one) and a line for each request, when it has been dealt with, to
# CONTROL.log: METHOD PATH RANGE STATUS BYTES, "-" for no range.  TERM ends it at
# once, with all connections.
#
# CONTROL is read anew for each request: one fault a line.  TIMES: only so often,
# all requests together, or "always", the default; AFTER: the first so many are
# spared.
#
#   rate N                   so many bytes of a body a second, each connection
#   reset N [TIMES]          the connection is reset after every N bytes of bodies
#   stall S [TIMES [AFTER]]  S seconds of silence in the middle of a body
#   wrong OFFSET [TIMES]     the file's byte at OFFSET comes out wrong
#   truncate N [TIMES [AFTER]]   a body ends N bytes too early, and the connection
#   status N [TIMES [AFTER]] an answer of that kind; 503 with "Retry-After: 1"
#   redirect URL             sent on to URL and the path
#   norange                  ranges are ignored
#   replace N FILE           before request N, FILE gets the name of what is asked for
#   token TEXT               what must come as a bearer token
#   refuse N TEXT            PUT: refused before the data
#   quota N                  PUT: refused after N bytes
#   drop N                   PUT: the connection is reset after N bytes
#   silent S                 PUT: S seconds until the answer
use strict;
use warnings;
use Fcntl qw(:flock SEEK_SET);
use IO::Socket::IP;
use POSIX ':sys_wait_h';
use Socket qw(SOL_SOCKET SO_LINGER IPPROTO_TCP TCP_NODELAY);

my ($folder, $control, $port, $address) = @ARGV;
defined $control or die "usage: httpd.pl FOLDER CONTROL [PORT [ADDRESS]]\n";
my $piece = 64 << 10;
my %reason = (
	100 => 'Continue', 200 => 'OK', 201 => 'Created', 204 => 'No Content',
	206 => 'Partial Content', 302 => 'Found', 401 => 'Unauthorized', 403 => 'Forbidden',
	404 => 'Not Found', 412 => 'Precondition Failed', 416 => 'Range Not Satisfiable',
	503 => 'Service Unavailable', 507 => 'Insufficient Storage');

# faults(): CONTROL as a hash: word => [arguments].
sub faults {
	my %all;
	open(my $f, '<', $control) or return ();
	while (<$f>) {
		my ($word, @rest) = split ' ';
		$all{$word} = \@rest if defined $word;
	}
	return %all;
}

# number(NAME): how often this was called with that name before, by all processes.
sub number {
	my ($name) = @_;
	open(my $f, '+>>', "$control.count.$name") or die "$control.count.$name: $!\n";
	flock($f, LOCK_EX);
	seek($f, 0, SEEK_SET);
	my $n = <$f> // 0;
	truncate($f, 0);
	syswrite($f, $n + 1);
	return $n + 0;
}

# due(NAME, TIMES, AFTER): does the fault happen now?
sub due {
	my ($name, $times, $after) = @_;
	$times //= 'always';
	return 1 if $times eq 'always' && !$after;
	my $n = number($name) - ($after // 0);
	return $n >= 0 && ($times eq 'always' || $n < $times);
}

sub note {
	my ($c) = @_;
	my $range = defined $c->{begin} ? "$c->{begin}-$c->{last}" : '-';
	open(my $f, '>>', "$control.log") or die "$control.log: $!\n";
	flock($f, LOCK_EX);
	syswrite($f, "$c->{method} $c->{path} $range $c->{status} $c->{bytes}\n");
}

sub pause { select(undef, undef, undef, $_[0]) }

sub put { # put(C, TEXT): all of it; the process ends when nobody reads
	my ($c, $text) = @_;
	while (length $text) {
		my $n = syswrite($c->{socket}, $text);
		leave($c) if !defined $n;
		substr($text, 0, $n, '');
	}
}

sub leave { # the connection and its process end
	my ($c) = @_;
	note($c) if $c->{method};
	close($c->{socket});
	POSIX::_exit(0);
}

sub reset_connection {
	my ($c) = @_;
	setsockopt($c->{socket}, SOL_SOCKET, SO_LINGER, pack('ii', 1, 0));
	leave($c);
}

sub fill { # more of the request into the buffer, or the end
	my ($c) = @_;
	my $n = sysread($c->{socket}, $c->{buffer}, $piece, length $c->{buffer});
	return $n // 0;
}

sub line { # the next line of the request, without its end
	my ($c) = @_;
	for (;;) {
		return $1 if $c->{buffer} =~ s/^([^\n]*?)\r?\n//;
		fill($c) or abandon($c);
	}
}

sub abandon { # the client has gone; of an upload nothing is left
	my ($c) = @_;
	unlink $c->{upload} if $c->{upload};
	leave($c);
}

sub answer { # answer(C, STATUS, TEXT, HEADER...): with a line of text as its body
	my ($c, $status, $text, @more) = @_;
	$text .= "\n" if length $text;
	$c->{status} = $status;
	my $head = "HTTP/1.1 $status " . ($reason{$status} // 'Odd') . "\r\n";
	$head .= "$_\r\n" for @more, 'Content-Type: text/plain', 'Content-Length: ' . length $text;
	$text = '' if $c->{method} eq 'HEAD';
	put($c, "$head\r\n$text");
	$c->{bytes} = 0;
}

sub path_of {
	my ($c) = @_;
	my $path = $c->{path};
	$path =~ s/\?.*//;
	$path =~ s/%([0-9A-Fa-f]{2})/chr hex $1/ge;
	return undef if $path =~ m{(^|/)\.\.(/|$)};
	return $folder . $path;
}

# ---- GET ---------------------------------------------------------------------

# send_body(C, FILE): bytes begin..last, with what goes wrong on the way
sub send_body {
	my ($c, $f, $begin, $last) = @_;
	my %fault = %{$c->{fault}};
	my $at = $begin;
	my $end = $last + 1;
	my ($short, $stall, $wrong);
	if ($fault{truncate} && due('truncate', @{$fault{truncate}}[1, 2])) {
		$end -= $fault{truncate}[0];
		$end = $begin if $end < $begin;
		$short = 1;
	}
	$stall = ($at + $end) >> 1
		if $fault{stall} && due('stall', @{$fault{stall}}[1, 2]);
	if ($fault{wrong} && $fault{wrong}[0] >= $begin && $fault{wrong}[0] <= $last) {
		$wrong = $fault{wrong}[0] if due('wrong', $fault{wrong}[1]);
	}
	seek($f, $at, SEEK_SET);
	while ($at < $end) {
		my $n = $end - $at < $piece ? $end - $at : $piece;
		my $room = $fault{reset} ? $fault{reset}[0] - $c->{sent} : $n;
		if ($room <= 0) {
			reset_connection($c) if due('reset', $fault{reset}[1]);
			$room = $n;
		}
		$n = $room if $n > $room;
		read($f, my $data, $n) == $n or leave($c);
		substr($data, $wrong - $at, 1) ^= "\xff"
			if defined $wrong && $wrong >= $at && $wrong < $at + $n;
		if (defined $stall && $at + $n > $stall) {
			pause($fault{stall}[0]);
			undef $stall;
		}
		put($c, $data);
		$at += $n;
		$c->{sent} += $n;
		$c->{bytes} += $n;
		pause($n / $fault{rate}[0]) if $fault{rate};
	}
	leave($c) if $short;
}

sub get {
	my ($c) = @_;
	my $name = path_of($c);
	my $f;
	return answer($c, 404, 'there is no such file')
		if !defined $name || !-f $name || !open($f, '<:raw', $name);
	my @st = stat $f;
	my ($size, $begin, $last) = ($st[7], 0, $st[7] - 1);
	my $range = $c->{fault}{norange} ? undef : $c->{header}{range};
	my @more = (sprintf 'ETag: "%x-%x-%x"', @st[1, 7, 9]);
	push @more, 'Accept-Ranges: bytes' if !$c->{fault}{norange};
	if (defined $range && $range =~ /^bytes=(\d+)-(\d*)$/) {
		$begin = $1;
		$last = $2 if length $2 && $2 < $last;
		return answer($c, 416, 'no such range', "Content-Range: bytes */$size")
			if $begin >= $size || $last < $begin;
		push @more, "Content-Range: bytes $begin-$last/$size";
		($c->{begin}, $c->{last}) = ($begin, $last);
	} else {
		undef $range;
	}
	$c->{status} = defined $range ? 206 : 200;
	push @more, 'Content-Length: ' . ($last + 1 - $begin),
		'Content-Type: application/octet-stream';
	put($c, join "\r\n", "HTTP/1.1 $c->{status} $reason{$c->{status}}", @more, '', '');
	send_body($c, $f, $begin, $last) if $c->{method} eq 'GET';
}

# ---- PUT ---------------------------------------------------------------------

# take(C, OUT, N): the next N bytes of the request
sub take {
	my ($c, $out, $n) = @_;
	my %fault = %{$c->{fault}};
	while ($n) {
		length $c->{buffer} or fill($c) or abandon($c);
		my $m = length $c->{buffer};
		$m = $n if $m > $n;
		print $out substr($c->{buffer}, 0, $m, '');
		$n -= $m;
		$c->{bytes} += $m;
		if ($fault{drop} && $c->{bytes} > $fault{drop}[0]) {
			unlink $c->{upload};
			reset_connection($c);
		}
		return 0 if $fault{quota} && $c->{bytes} > $fault{quota}[0];
		pause($m / $fault{rate}[0]) if $fault{rate};
	}
	return 1;
}

sub take_all { # the whole body; false: more than the quota
	my ($c, $out) = @_;
	my $length = $c->{header}{'content-length'};
	return take($c, $out, $length) if defined $length;
	for (;;) {
		my $n = hex line($c);
		if (!$n) {
			while (length line($c)) { } # the trailer
			return 1;
		}
		take($c, $out, $n) or return 0;
		line($c);
	}
}

# What is wrong has been said; what still comes is thrown away, so that the
# client can read the answer.
sub linger {
	my ($c) = @_;
	shutdown($c->{socket}, 1);
	do { $c->{buffer} = '' } while fill($c);
	leave($c);
}

sub store {
	my ($c) = @_;
	my $name = path_of($c);
	my %fault = %{$c->{fault}};
	my $refused = sub { answer($c, @_, 'Connection: close'); linger($c) };
	$refused->(403, 'that is no place for an image') if !defined $name;
	if ($fault{refuse}) {
		my ($status, @text) = @{$fault{refuse}};
		$refused->($status, "@text");
	}
	$refused->(412, 'there is one of that name')
		if ($c->{header}{'if-none-match'} // '') eq '*' && -e $name;
	$c->{upload} = "$name.upload.$$";
	open(my $out, '>:raw', $c->{upload}) or $refused->(404, 'there is no such folder');
	put($c, "HTTP/1.1 100 Continue\r\n\r\n")
		if lc($c->{header}{expect} // '') eq '100-continue';
	if (!take_all($c, $out)) {
		unlink $c->{upload};
		$refused->(507, "the quota is $fault{quota}[0] bytes, ask the office");
	}
	close($out);
	pause($fault{silent}[0]) if $fault{silent};
	my $status = -e $name ? 204 : 201;
	rename($c->{upload}, $name) or die "$name: $!\n";
	delete $c->{upload};
	my $bytes = $c->{bytes};
	answer($c, $status, '');
	$c->{bytes} = $bytes;
}

# ---- requests ------------------------------------------------------------------

sub early { # early(C): a fault that is the whole answer; true: it was
	my ($c) = @_;
	my %fault = %{$c->{fault}};
	if ($fault{replace} && number('replace') + 1 == $fault{replace}[0]) {
		rename($fault{replace}[1], path_of($c)) or die "$fault{replace}[1]: $!\n";
	}
	if ($fault{token} && ($c->{header}{authorization} // '') ne "Bearer $fault{token}[0]") {
		answer($c, 401, 'a token is needed', 'Connection: close');
		linger($c);
	}
	if ($fault{status} && due('status', @{$fault{status}}[1, 2])) {
		my $status = $fault{status}[0];
		answer($c, $status, 'so it was ordered', $status == 503 ? 'Retry-After: 1' : ());
		return 1;
	}
	if ($fault{redirect}) {
		answer($c, 302, 'elsewhere', "Location: $fault{redirect}[0]$c->{path}");
		return 1;
	}
	return 0;
}

sub request {
	my ($c) = @_;
	delete @$c{qw(method begin last upload)};
	my ($method, $path) = split ' ', line($c);
	leave($c) if !defined $path;
	my %header;
	while (length(my $text = line($c))) {
		my ($name, $value) = split /:\s*/, $text, 2;
		$header{lc $name} = $value;
	}
	@$c{qw(method path header status bytes)} = ($method, $path, \%header, 0, 0);
	$c->{fault} = {faults()};
	if (!early($c)) {
		$method eq 'PUT' ? store($c) : get($c);
	}
	note($c);
	delete $c->{method};
	leave($c) if lc($header{connection} // '') eq 'close';
}

sub serve {
	my ($socket) = @_;
	my $c = {socket => $socket, buffer => '', sent => 0};
	setsockopt($socket, IPPROTO_TCP, TCP_NODELAY, 1);
	request($c) while 1;
}

my %children;
my $server = IO::Socket::IP->new(
	LocalHost => $address // '127.0.0.1',
	LocalPort => $port // 0,
	Listen    => 64,
	ReuseAddr => 1
) or die "httpd: $@\n";
open(my $f, '>', "$control.port.new") or die "$control.port.new: $!\n";
print $f $server->sockport, "\n";
close($f);
rename("$control.port.new", "$control.port");
$SIG{PIPE} = 'IGNORE';
$SIG{TERM} = $SIG{INT} = sub { kill 'KILL', keys %children; exit 0 };
for (;;) {
	my $socket = $server->accept;
	while ((my $pid = waitpid(-1, WNOHANG)) > 0) { delete $children{$pid} }
	next if !$socket;
	my $pid = fork // next;
	if (!$pid) {
		$SIG{TERM} = $SIG{INT} = 'DEFAULT';
		close($server);
		serve($socket);
	}
	$children{$pid} = 1;
	close($socket);
}
