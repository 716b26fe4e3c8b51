// SPDX-License-Identifier: GPL-3.0-or-later
/* work.h - what all jobs work with, and how one ends. */
#ifndef RESCUE_WORK_WORK_H
#define RESCUE_WORK_WORK_H

#include "rescue/disk/disks.h"
#include "rescue/place/cmdline.h"
#include "rescue/place/network.h"
#include "rescue/screen/screen.h"
#include "rescue/server/client.h"
#include "rescue/server/job.h"
#include "rescue/server/reporter.h"
#include "rescue/work/log.h"

#include <jansson.h>
#include <stdint.h>

/* Exit statuses of slate(8), which all jobs end with. */
enum work_status {
	WORK_DONE = 0,
	WORK_FAILED = 1,
	WORK_REFUSED = 3, /* before anything was touched */
	WORK_BAD_IMAGE = 4,
	WORK_DIFFERS = 5,
};

/* The disks that were there, and since when there were no others. */
struct disk_watch {
	uint64_t sum;
	int64_t since; /* ms of CLOCK_MONOTONIC */
};

struct agent {
	const char *root; /* before all paths; "" but in tests */
	struct cmdline line;
	struct screen *screen;
	struct log log;
	struct disk_watch watch;
	struct network net;
	char server[CMDLINE_VALUE_MAX + 16]; /* its address; "": none */
	char cacert[PATH_MAX];               /* "": none, http will do */
	struct client *client;
	struct reporter *reporter; /* NULL without a server */
	struct job_order job;
	json_t *steps; /* what was done besides, an array of strings */
};

/* How a job ended. */
struct outcome {
	int status;       /* enum work_status, or what slate ended with */
	bool gone;        /* the server has cancelled it: there is nobody to tell */
	struct err e;     /* what happened, unless the status is 0 */
	const char *todo; /* what to do about it, or NULL: see ending.c */
	json_t *receipt;  /* slate's, or NULL; belongs to it */
};

/* A job's work, for the table of verbs. */
typedef void work_do(struct agent *a, struct outcome *o);
work_do work_restore, work_save, work_verify, work_wipe, work_shell, work_nothing;

/* A line on the consoles and in the log. */
void agent_say(struct agent *a, const char *fmt, ...) PRINTF(2, 3);
/* The same, and it is told to the server at the end. */
void agent_step(struct agent *a, const char *fmt, ...) PRINTF(2, 3);

/* The card by which the server knows this machine. */
const struct mac *agent_card(const struct agent *a);

/* The status for @code, a negative errno, with @o->e already set. */
void outcome_fail(struct outcome *o, int code);

int64_t work_now(void); /* ms of CLOCK_MONOTONIC */
void work_sleep(int ms);

#endif
