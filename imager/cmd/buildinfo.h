// SPDX-License-Identifier: GPL-3.0-or-later
/* buildinfo.h - what the program was built with. */
#ifndef IMAGER_CMD_BUILDINFO_H
#define IMAGER_CMD_BUILDINFO_H

#include <stdio.h>

void buildinfo_print(FILE *out);

#endif
