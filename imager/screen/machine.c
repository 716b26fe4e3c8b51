// SPDX-License-Identifier: GPL-3.0-or-later
/* The menu of what is about the computer: names of cards, shell, reboot, power off. */
#include "common/run_program.h"
#include "imager/screen/info.h"
#include "imager/screen/inventory.h"
#include "imager/screen/menu.h"
#include "imager/screen/term.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

static void show_network(struct app *a, const char *arg)
{
	(void)arg;
	network_show(a);
}

static void run_shell(struct app *a, const char *arg)
{
	const char *shell = getenv("SHELL");
	const char *argv[] = { shell && shell[0] ? shell : "/bin/sh", NULL };
	struct err e = { "" };
	char text[1024];

	(void)arg;
	if (term_run(a->term, argv, tr(T_SHELL_HELLO), &e) < 0)
		app_tell(a, T_PROBLEM,
			 tr_print(text, sizeof(text), T_SHELL_FAILS, argv[0], e.msg));
	inventory_renew(a->inventory);
}

/* The program ends the system, and us with it. */
static void end_system(struct app *a, const char *program)
{
	const char *const argv[] = { program, NULL };
	struct output o;
	struct err e = { "" };
	char text[1024];
	int r;

	sync();
	r = program_run(argv, NULL, &o, &e);
	if (!r)
		return;
	tr_print(text, sizeof(text), T_PROGRAM_FAILS, argv[0],
		 r < 0 ? e.msg : output_last_line(&o));
	app_tell(a, T_PROBLEM, text);
}

static void reboot_now(struct app *a, void *arg)
{
	(void)arg;
	end_system(a, "reboot");
}

static void poweroff_now(struct app *a, void *arg)
{
	(void)arg;
	end_system(a, "poweroff");
}

static void ask_reboot(struct app *a, const char *arg)
{
	(void)arg;
	app_ask(a, T_MENU_REBOOT, tr(T_ASK_REBOOT), reboot_now, NULL);
}

static void ask_poweroff(struct app *a, const char *arg)
{
	(void)arg;
	app_ask(a, T_MENU_POWEROFF, tr(T_ASK_POWEROFF), poweroff_now, NULL);
}

static void leave_now(struct app *a, void *arg)
{
	(void)arg;
	app_quit(a);
}

static void ask_leave(struct app *a, const char *arg)
{
	(void)arg;
	app_ask(a, T_MENU_LEAVE, tr(T_ASK_LEAVE), leave_now, NULL);
}

void menu_main(struct app *a)
{
	static const struct menu_item items[] = {
		{ T_MENU_NETWORK, show_network }, { T_MENU_SHELL, run_shell },
		{ T_MENU_REBOOT, ask_reboot },    { T_MENU_POWEROFF, ask_poweroff },
		{ T_MENU_LEAVE, ask_leave },
	};

	menu_open(a, tr(T_MENU), T_MENU_HELP, items, sizeof(items) / sizeof(items[0]), "");
}
