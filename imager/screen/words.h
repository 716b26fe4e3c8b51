// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * words.h - a command line in the making: what a dialogue's fields mean to `slate'.
 *
 * Adding never fails at once: when memory runs out, or there are too many words,
 * they go bad and stay so; words_ok() tells.
 */
#ifndef IMAGER_SCREEN_WORDS_H
#define IMAGER_SCREEN_WORDS_H

#include "imager/screen/task.h"

struct words {
	char *word[TASK_ARGS];   /* argv, ours */
	char *quoted[TASK_ARGS]; /* the same as one types them into a shell */
	int n;
	bool bad;
};

/* "slate VERB"; forgets what was there before; @o was zeroed or used before. */
void words_begin(struct words *o, const char *verb);
void words_free(struct words *o);
bool words_ok(const struct words *o);
void words_add(struct words *o, const char *word);
/* As one word: "--part=" and "1,3". */
void words_option(struct words *o, const char *option, const char *value);
/* A path or a URL that shall not be taken for an option or for standard output. */
void words_path(struct words *o, const char *path);
/* What follows @option ("--part="), or "". */
const char *words_value(const struct words *o, const char *option);
/* True when a list as "1,3" has @number; "" has all. */
bool words_listed(const char *list, unsigned number);

/*
 * What an image @name in a folder or on a server is called by a command line:
 * "/mnt/lynx.slate", "http://10.0.0.1/images/lynx.slate".  The caller frees; NULL: out
 * of memory.
 */
char *words_image(const char *where, const char *name);
/* A name for it: "lynx-sda2.slate". */
void words_name(char *buf, size_t n, const char *host, const char *device);

#endif
