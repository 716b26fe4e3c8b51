// SPDX-License-Identifier: GPL-3.0-or-later
/* interfaces.h - the IPv4 addresses of this machine (rtnetlink(7), RTM_GETADDR). */
#ifndef PXE_CONFIG_INTERFACES_H
#define PXE_CONFIG_INTERFACES_H

#include "common/err.h"

#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct interface {
	char name[IFNAMSIZ];
	unsigned index;
	uint32_t addr; /* host byte order */
	unsigned prefix;
	bool permanent; /* set by hand or configuration, not leased */
	bool secondary; /* another one of this network came before */
};

/* Without lo; the caller frees *ret. */
int interfaces_list(struct interface **ret, size_t *n, struct err *e);

/* Takes an answer of the kernel apart, any number of messages; true: it was the last one. */
struct interfaces {
	struct interface *v;
	size_t n;
};
int interfaces_parse(const void *data, size_t len, struct interfaces *to, bool *ret_done,
		     struct err *e);

#endif
