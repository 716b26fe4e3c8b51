// SPDX-License-Identifier: GPL-3.0-or-later
#include "rescue/work/console.h"

#include "common/io.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#define PASSWORD_ROOM 160
#define PENALTY       3 /* seconds after a wrong one */

static void say(const char *text)
{
	(void)io_write(STDOUT_FILENO, text, strlen(text));
}

/* We lead a session without a terminal: the first one that is opened becomes its own. */
static bool take_terminal(const char *root, const char *name)
{
	char path[PATH_MAX];
	int fd;

	snprintf(path, sizeof(path), "%s/dev/%s", root, name);
	fd = open(path, O_RDWR);
	if (fd < 0)
		return false;
	if (!isatty(fd)) {
		close(fd);
		return false;
	}
	(void)ioctl(fd, TIOCSCTTY, 0);
	for (int i = 0; i < 3; i++)
		if (dup2(fd, i) < 0)
			return false;
	if (fd > 2)
		close(fd);
	return true;
}

/* Asks for a line without echo; false when the terminal is gone: no key ends the input. */
static bool read_password(const char *question, char *buf, size_t size)
{
	struct termios was, quiet;
	bool terminal = !tcgetattr(STDIN_FILENO, &was);
	size_t n = 0;
	ssize_t got;
	char c;

	if (terminal) {
		quiet = was;
		quiet.c_lflag &= ~(tcflag_t)(ECHO | ECHOE | ECHOK);
		quiet.c_cc[VEOF] = _POSIX_VDISABLE;
		(void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet);
	}
	/* Not before: somebody may type at once. */
	say(question);
	while ((got = read(STDIN_FILENO, &c, 1)) == 1 && c != '\n' && c != '\r')
		if (n < size - 1)
			buf[n++] = c;
	buf[n] = '\0';
	if (terminal)
		(void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &was);
	say("\n");
	return got == 1;
}

/* As long for a wrong one as for the right one. */
static bool equal(const char *a, const char *b)
{
	char x[PASSWORD_ROOM] = { 0 }, y[PASSWORD_ROOM] = { 0 };
	unsigned char diff = 0;

	memcpy(x, a, strnlen(a, sizeof(x) - 1));
	memcpy(y, b, strnlen(b, sizeof(y) - 1));
	for (size_t i = 0; i < sizeof(x); i++)
		diff |= (unsigned char)(x[i] ^ y[i]);
	return !diff;
}

static bool log_in(const char *password)
{
	char given[PASSWORD_ROOM];

	while (password[0]) {
		if (!read_password("Password for the shell of this rescue system: ", given,
				   sizeof(given)))
			return false;
		if (equal(given, password))
			return true;
		sleep(PENALTY);
		say("That is not it.\n");
	}
	return true;
}

/* By a key nobody ends the job who does not know its password. */
static void keys_send(void (*handler)(int))
{
	static const int signals[] = { SIGINT, SIGQUIT, SIGTSTP };

	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		signal(signals[i], handler);
}

int console_shell(const char *root, const char *name)
{
	const char *password = getenv("SLATE_PASSWORD");
	char copy[PASSWORD_ROOM];

	snprintf(copy, sizeof(copy), "%s", password ? password : "");
	keys_send(SIG_IGN);
	if (unsetenv("SLATE_PASSWORD") || !take_terminal(root, name) || !log_in(copy))
		return CONSOLE_FAILED;
	explicit_bzero(copy, sizeof(copy));
	signal(SIGPIPE, SIG_DFL);
	keys_send(SIG_DFL);
	say("\nThe job of this machine is a shell; \"exit\" ends it.\n");
	execlp("sh", "sh", "-l", (char *)NULL);
	say("there is no shell\n");
	return CONSOLE_FAILED;
}
