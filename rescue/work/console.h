// SPDX-License-Identifier: GPL-3.0-or-later
/* console.h - a shell on one console, behind a password. */
#ifndef RESCUE_WORK_CONSOLE_H
#define RESCUE_WORK_CONSOLE_H

/* There was no terminal, or it went away before the password was given. */
#define CONSOLE_FAILED 120

/*
 * Makes @root/dev/@name the terminal of this process, asks for the password in SLATE_PASSWORD
 * until it is given ("": none is asked), and becomes a shell.  Returns CONSOLE_FAILED, if at
 * all.
 */
int console_shell(const char *root, const char *name);

#endif
