// SPDX-License-Identifier: GPL-3.0-or-later
/* menu.h - the virtual boot files, for TFTP and HTTP alike: a loader's menu from its PC's job.
 */
#ifndef PXE_HTTP_MENU_H
#define PXE_HTTP_MENU_H

#include "common/text.h"
#include "pxe/boot/boot.h"
#include "pxe/config/lab.h"
#include "pxe/journal/journal.h"
#include "pxe/store/store.h"

struct menus {
	const struct lab *lab; /* resolved: the server's own address */
	struct store *store;   /* of the calling thread */
	struct journal *journal;
};

/*
 * True: @name (clean, no leading '/') is a menu and @ret its text (a rescue boot when a job is
 * waiting or running for that PC, else its own disk).  What goes wrong with the database is
 * said in the journal, and the PC boots its disk.
 */
bool menu_file(const struct menus *m, const char *name, int64_t now_wall, struct text *ret);

#endif
