// SPDX-License-Identifier: GPL-3.0-or-later
/* finish.h - what becomes of the computer after a success (-f). */
#ifndef IMAGER_CMD_FINISH_H
#define IMAGER_CMD_FINISH_H

#include <stdio.h>

/* 1 halts, 2 reboots, all else does nothing.  Returns an exit status; @err: for messages. */
int finish(unsigned how, FILE *err);

#endif
