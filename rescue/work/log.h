// SPDX-License-Identifier: GPL-3.0-or-later
/* log.h - the last lines that were said, for the server. */
#ifndef RESCUE_WORK_LOG_H
#define RESCUE_WORK_LOG_H

#include <jansson.h>

#define LOG_LINES 40
#define LOG_WIDTH 200 /* bytes; longer lines are cut */

struct log {
	char lines[LOG_LINES][LOG_WIDTH + 1];
	unsigned n; /* ever added */
};

/* @line is made fit to be shown. */
void log_add(struct log *l, const char *line);
/* An array of strings, oldest first; NULL when memory runs out. */
json_t *log_json(const struct log *l);

#endif
