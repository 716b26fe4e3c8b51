// SPDX-License-Identifier: GPL-3.0-or-later
/* host.h - between host.c and host_import.c. */
#ifndef PXE_CMD_HOST_H
#define PXE_CMD_HOST_H

#include "pxe/cmd/place.h"

/* host import FILE: puts all machines of a list into the database, or none. */
int host_import(struct place *p, int argc, char **argv, struct err *e);

#endif
