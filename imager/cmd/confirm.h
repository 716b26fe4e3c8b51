// SPDX-License-Identifier: GPL-3.0-or-later
/* confirm.h - what the verbs that write to a device have in common. */
#ifndef IMAGER_CMD_CONFIRM_H
#define IMAGER_CMD_CONFIRM_H

#include "imager/cmd/session.h"
#include "imager/engine/deliver.h"

/*
 * "TITLE: /dev/sda (model, serial, size) will be overwritten with FROM ...": -ECANCELED
 * when the answer is no.  Nothing is asked about a file that is made for the
 * purpose.
 */
int confirm_overwrite(struct session *s, const char *title, const struct destination *d,
		      const char *from, struct err *e);

struct deliver_options deliver_options(const struct options *o);

#endif
