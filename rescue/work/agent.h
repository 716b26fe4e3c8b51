// SPDX-License-Identifier: GPL-3.0-or-later
/* agent.h - from power-on to the end of the job. */
#ifndef RESCUE_WORK_AGENT_H
#define RESCUE_WORK_AGENT_H

/* What /init is to do then: the exit status of "slate-agent run". */
enum agent_next {
	AGENT_REBOOT = 0,
	AGENT_POWEROFF = 10,
	AGENT_SCREEN = 11, /* nothing is to be done here: the screen of slate, and a shell */
};

/*
 * Does all of it, with words on every console.  @root stands before /proc, /sys, /dev, /run and
 * /etc: "", or a folder for tests.
 */
enum agent_next agent_run(const char *root);

#endif
