// SPDX-License-Identifier: GPL-3.0-or-later
#include "imager/screen/term_internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <term.h>
#include <unistd.h>

#define HANDLER_STACK 65536

static const int fatal[TERM_FATAL] = { SIGSEGV, SIGABRT, SIGBUS, SIGFPE, SIGILL, SIGSYS };

/* Capabilities with delays in them are left out: there is nobody to wait. */
static void send(const char *capability)
{
	if (capability && capability != (char *)-1 && !strstr(capability, "$<"))
		(void)!write(STDOUT_FILENO, capability, strlen(capability));
}

/*
 * No endwin(): it allocates and draws, and what is broken may be just that.  As the
 * handler is gone by SA_RESETHAND, the signal ends the process when it comes again.
 */
static void on_fatal(int number)
{
	int saved = errno;

	send(exit_attribute_mode);
	send(keypad_local);
	send(cursor_normal);
	send(exit_ca_mode);
	send("\r\n");
	reset_shell_mode();
	errno = saved;
	raise(number);
}

int term_catch(struct terminal *t, struct err *e)
{
	static const int caught[] = { SIGINT, SIGTERM, SIGHUP, SIGTSTP, SIGCONT, SIGWINCH };
	struct sigaction old;
	sigset_t set;

	sigemptyset(&set);
	for (size_t i = 0; i < sizeof(caught) / sizeof(caught[0]); i++)
		sigaddset(&set, caught[i]);
	t->may_suspend = sigaction(SIGTSTP, NULL, &old) == 0 && old.sa_handler != SIG_IGN;
	if (pthread_sigmask(SIG_BLOCK, &set, &t->before))
		return err_set(e, -EINVAL, "cannot block signals");
	t->signal_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	return t->signal_fd < 0 ? err_sys(e, "cannot catch signals") : 0;
}

void term_catch_fatal(struct terminal *t)
{
	struct sigaction how = { .sa_handler = on_fatal,
				 .sa_flags = (int)(SA_RESETHAND | SA_ONSTACK) };
	stack_t stack = { .ss_size = HANDLER_STACK };

	t->stack = malloc(HANDLER_STACK);
	stack.ss_sp = t->stack;
	if (t->stack)
		sigaltstack(&stack, NULL);
	for (size_t i = 0; i < TERM_FATAL; i++)
		sigaction(fatal[i], &how, &t->fatal[i]);
}

void term_release(struct terminal *t)
{
	stack_t none = { .ss_flags = SS_DISABLE };

	if (t->curses)
		for (size_t i = 0; i < TERM_FATAL; i++)
			sigaction(fatal[i], &t->fatal[i], NULL);
	sigaltstack(&none, NULL);
	free(t->stack);
	if (t->signal_fd >= 0)
		close(t->signal_fd);
	pthread_sigmask(SIG_SETMASK, &t->before, NULL);
}

static void resize(void)
{
	struct winsize w;

	/* A serial line knows no size. */
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &w) == 0 && w.ws_row && w.ws_col)
		resizeterm(w.ws_row, w.ws_col);
}

void term_redraw(struct terminal *t)
{
	(void)t;
	reset_prog_mode();
	/* endwin() has forgotten it, and a key that comes before the next getch() would be Esc.
	 */
	keypad(stdscr, TRUE);
	resize();
	clearok(curscr, TRUE);
}

void term_suspend(struct terminal *t)
{
	struct sigaction stop = { .sa_handler = SIG_DFL }, old;
	sigset_t set;

	if (!t->may_suspend)
		return;
	endwin();
	sigaction(SIGTSTP, &stop, &old);
	sigemptyset(&set);
	sigaddset(&set, SIGTSTP);
	pthread_sigmask(SIG_UNBLOCK, &set, NULL);
	/* The process, not its group: a program at work for us goes on.  Nobody else takes it.
	 */
	kill(getpid(), SIGTSTP);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	sigaction(SIGTSTP, &old, NULL);
	term_redraw(t);
}

int term_signal(struct terminal *t)
{
	struct signalfd_siginfo s;
	int ended = 0;

	while (read(t->signal_fd, &s, sizeof(s)) == sizeof(s)) {
		int number = (int)s.ssi_signo;

		if (number == SIGTSTP)
			term_suspend(t);
		else if (number == SIGCONT)
			term_redraw(t);
		else if (number == SIGWINCH)
			resize();
		else
			ended = number;
	}
	return ended;
}
