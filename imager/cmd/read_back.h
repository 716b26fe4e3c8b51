// SPDX-License-Identifier: GPL-3.0-or-later
/* read_back.h - what --verify did, for the closing line. */
#ifndef IMAGER_CMD_READ_BACK_H
#define IMAGER_CMD_READ_BACK_H

#include "imager/engine/report.h"

#define READ_BACK_MAX 96

/*
 * ", 64 of 1703 chunks read back and found equal" after --verify=sample, the same
 * without numbers after =full, "" without.  Returns @buf.
 */
const char *read_back_text(const struct report *r, char buf[READ_BACK_MAX]);

#endif
