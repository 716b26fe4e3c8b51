// SPDX-License-Identifier: GPL-3.0-or-later
/* disks.h - the tree of disks and partitions: the first screen, or to choose one. */
#ifndef IMAGER_SCREEN_DISKS_H
#define IMAGER_SCREEN_DISKS_H

#include "imager/screen/screen.h"

extern const struct screen_ops disks_screen;

/* Asks for a disk or partition; @chosen gets its path, after the tree has gone. */
void disks_choose(struct app *a, void (*chosen)(void *arg, const char *path), void *arg);

#endif
