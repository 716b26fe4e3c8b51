// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * health.h - what an administrator should know before the first PC is switched on: is the
 * configuration right, the interface up, another DHCP server there, are the boot files
 * there, can a client fetch them.
 */
#ifndef PXE_SERVE_HEALTH_H
#define PXE_SERVE_HEALTH_H

#include "pxe/config/lab.h"

#include <stdbool.h>

struct finding {
	bool good;
	char what[512]; /* and what to do, when it is not good */
};

struct findings {
	struct finding *v;
	size_t n, bad;
};

/* Looks at everything; does not end with the first trouble.  -ENOMEM.  Root, for all of it. */
int health_look(const struct lab *lab, struct findings *ret, struct err *e);
void health_free(struct findings *f);

#endif
