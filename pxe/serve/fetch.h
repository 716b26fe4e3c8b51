// SPDX-License-Identifier: GPL-3.0-or-later
/* fetch.h - a client's view of the server, by libcurl: can a boot file be fetched? */
#ifndef PXE_SERVE_FETCH_H
#define PXE_SERVE_FETCH_H

#include "pxe/config/lab.h"

#include <stdbool.h>

/* The server answers on its HTTP port. */
bool fetch_runs(const struct lab *lab);
/* The boot file @name comes by TFTP (if that is on) and by HTTP as it is in @path. */
int fetch_same(const struct lab *lab, const char *name, const char *path, struct err *e);

#endif
