// SPDX-License-Identifier: GPL-3.0-or-later
/* receipt.h - what the server is told at the end: docs/PROTOCOL.md, "The end". */
#ifndef RESCUE_WORK_RECEIPT_H
#define RESCUE_WORK_RECEIPT_H

#include "rescue/work/work.h"

#define RECEIPT_MAX (200U << 10) /* bytes; the server takes 256 KiB */

/*
 * slate's receipt, or one of our own, with status, error, log and steps: compact JSON, which
 * the caller frees.  Of one that is too large only the begins of its lists are left, and at
 * last only these.  NULL: out of memory.
 */
char *receipt_text(const struct agent *a, const struct outcome *o);

#endif
