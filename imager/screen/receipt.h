// SPDX-License-Identifier: GPL-3.0-or-later
/* receipt.h - what the task did, as a text: words, figures, times, messages. */
#ifndef IMAGER_SCREEN_RECEIPT_H
#define IMAGER_SCREEN_RECEIPT_H

#include "imager/screen/screen.h"
#include "imager/screen/task.h"

/*
 * @v: looked at after the end.  @advice: T_NONE or what to do, left out where it was stopped
 * and the target is half written.  The caller frees; NULL: out of memory.
 */
char *end_text(const struct app *a, const struct task_view *v, enum text_id advice);

#endif
