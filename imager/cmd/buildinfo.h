// SPDX-License-Identifier: GPL-3.0-or-later
/* buildinfo.h - the program's version and what it was built with. */
#ifndef IMAGER_CMD_BUILDINFO_H
#define IMAGER_CMD_BUILDINFO_H

#include <stdbool.h>
#include <stdio.h>

void buildinfo_print(FILE *out, bool details);

#endif
