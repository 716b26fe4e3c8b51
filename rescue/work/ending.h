// SPDX-License-Identifier: GPL-3.0-or-later
/* ending.h - what people see at the end, and how long. */
#ifndef RESCUE_WORK_ENDING_H
#define RESCUE_WORK_ENDING_H

#include "rescue/work/agent.h"
#include "rescue/work/work.h"

/* A failure, in large letters, with its cause and what to do; then as slate.onerror= says. */
enum agent_next ending_failure(struct agent *a, const struct screen_notice *n);

/* How a job ended: shows it, and what comes next. */
enum agent_next ending_job(struct agent *a, const struct outcome *o);

#endif
