// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * cmdline.h - the words of the kernel's command line that the rescue system knows.
 *
 * Whoever answers the machine's network boot first writes that line: it is not to be trusted
 * more than any other text.  Source: docs/man/slate-agent.8.
 */
#ifndef RESCUE_PLACE_CMDLINE_H
#define RESCUE_PLACE_CMDLINE_H

#include "common/err.h"
#include "common/mac.h"

#include <stdbool.h>
#include <stddef.h>

#define CMDLINE_MAX       4096 /* bytes; the kernel has no longer ones */
#define CMDLINE_VALUE_MAX 512

struct cmdline {
	char server[CMDLINE_VALUE_MAX]; /* http[s]://HOST[:PORT], "": not said */
	char host[64];
	struct mac boot_card; /* the card that the machine booted by */
	bool has_boot_card;
	bool stay;             /* after a failure */
	unsigned reboot_after; /* seconds after a failure */
	char local[16];        /* what to do without a network: "restore"; "": nothing */
	char image[CMDLINE_VALUE_MAX], target[CMDLINE_VALUE_MAX];
	char then[16], verify[16];
	bool debug;
};

/*
 * Fills @ret, also when it fails, with all that was in order.  -EINVAL: a word is wrong, the
 * text tells the first one.  Quotes are taken as the kernel does; words of others are passed
 * over; the last of several counts.
 */
int cmdline_parse(const char *text, size_t len, struct cmdline *ret, struct err *e);

/* 0 when @url is http:// or https://, a host, perhaps a port, and nothing else. */
int cmdline_server(const char *url, struct err *e);

#endif
