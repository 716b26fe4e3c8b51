// SPDX-License-Identifier: GPL-3.0-or-later
/* tftp_service.h - port 69 and all transfers: which file, for whom, how many at once. */
#ifndef PXE_SERVE_TFTP_SERVICE_H
#define PXE_SERVE_TFTP_SERVICE_H

#include "pxe/config/lab.h"
#include "pxe/http/menu.h"
#include "pxe/serve/loop.h"

struct tftp_service;

/* @fd: the bound socket of port 69, which the caller keeps. @menus: with the loop's store. */
int tftp_service_start(struct loop *l, int fd, const struct lab *lab, const struct menus *menus,
		       struct tftp_service **ret, struct err *e);
/* From now on by another configuration with the same boot tree. */
void tftp_service_reload(struct tftp_service *s, const struct lab *lab);
/* Ends all transfers. */
void tftp_service_stop(struct tftp_service *s);

#endif
