// SPDX-License-Identifier: GPL-3.0-or-later
/* options.h - every option of slate, as one struct and one table. */
#ifndef IMAGER_CMD_OPTIONS_H
#define IMAGER_CMD_OPTIONS_H

#include "common/opt.h"
#include "imager/engine/layout.h"
#include "imager/engine/verify.h"

#include <limits.h>

enum verb {
	VERB_SAVE = 1,
	VERB_RESTORE = 2,
	VERB_VERIFY = 4,
	VERB_INFO = 8,
	VERB_CLONE = 16,
	VERB_RESTMBR = 32,
	VERB_DIFF = 64,
};

#define JOBS_DEFAULT UINT_MAX
#define TOKEN_MAX    1024

struct compress {
	const struct codec *codec;
	int level;
};

struct options {
	struct compress compress;
	unsigned jobs; /* JOBS_DEFAULT: not said */
	unsigned finish, debug;
	uint64_t chunk_size, volume;
	enum verify verify;
	const char *description, *answers, *report, *expect_serial, *expect_model;
	const char *seed, *state;
	struct parts parts;
	struct remote remote; /* token: in the field below */
	const char *server, *token_file;
	char token[TOKEN_MAX];
	unsigned port; /* 0: not said */
	struct grow {
		bool wanted;
		unsigned part; /* 0: the last one */
	} grow;
	bool overwrite, nodesc, nocheck, allow_mounted, nombr, erase, discard, simulate;
	bool nosync, batch, waitvol, force, raw, rescue, json, yes;
	bool shrink, new_uuids, boot_code, table, delta, no_delta;
	bool help, version, compilinfo;
};

/* Ended by a NULL long_name. */
extern const struct opt option_table[];

int options_defaults(struct options *o, struct err *e);

/*
 * How many workers: what was asked for, or one a CPU and @waiting more, for
 * those that wait for a disk.
 */
unsigned options_jobs(const struct options *o, unsigned waiting);

#endif
