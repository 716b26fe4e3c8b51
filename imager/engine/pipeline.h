// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * pipeline.h - fill -> work -> drain, in order, in bounded memory.
 *
 * Knows nothing of disks, images or codecs: saving, restoring and verifying
 * are the same pipeline with other callbacks.  fill() runs in one thread,
 * work() in many, drain() in the calling thread, so screen and signals stay
 * there.  With 0 workers everything runs in the caller, and the result is the
 * same.
 */
#ifndef IMAGER_ENGINE_PIPELINE_H
#define IMAGER_ENGINE_PIPELINE_H

#include "common/err.h"

#include <stddef.h>
#include <stdint.h>

struct slot {
	uint64_t seq;
	uint8_t *in, *out; /* buffers of the sizes asked for, aligned to 4096 */
	size_t in_len, out_len;
	void *user; /* of the size asked for, zeroed once; the callbacks' own */
};

struct pipeline_ops {
	/* Returns 1 with a job in @s, 0 at the end, or a negative errno. */
	int (*fill)(void *arg, struct slot *s, struct err *e);
	/* @worker is 0 .. n-1, to pick a private context. */
	int (*work)(void *arg, unsigned worker, struct slot *s, struct err *e);
	/* Called once for each job, in the order of fill(). */
	int (*drain)(void *arg, struct slot *s, struct err *e);
	/* Called by the draining thread when nothing else happens for a while. */
	int (*idle)(void *arg, struct err *e);
	/* Frees what a slot's @user points to, at the very end; NULL: nothing. */
	void (*release)(void *user);
};

struct pipeline_size {
	unsigned workers; /* 0: the serial twin */
	size_t in, out, user;
};

/* The first failure of any callback stops everything and is returned. */
int pipeline_run(const struct pipeline_ops *ops, void *arg, const struct pipeline_size *size,
		 struct err *e);

#endif
