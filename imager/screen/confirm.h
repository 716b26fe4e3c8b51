// SPDX-License-Identifier: GPL-3.0-or-later
/* confirm.h - the task's questions: before it destroys what a disk holds, and others. */
#ifndef IMAGER_SCREEN_CONFIRM_H
#define IMAGER_SCREEN_CONFIRM_H

#include "imager/screen/screen.h"
#include "imager/screen/task.h"

/*
 * Shows @v's question (copied) and answers it in the end.  *@declined, which must outlive
 * the screen, becomes true when the answer is no.
 */
void confirm_show(struct app *a, const struct task_view *v, bool *declined);

#endif
