// SPDX-License-Identifier: GPL-3.0-or-later
/* codec.c - the table of codecs, and what users write to choose one. */
#include "imager/codec/codec.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct codec *const codecs[] = { &codec_none, &codec_gzip, &codec_bzip2,
					      &codec_zstd, &codec_lz4,  &codec_xz };

#define N_CODECS (sizeof(codecs) / sizeof(codecs[0]))

/* What partimage's -z option calls "0", "1" and "2". */
static const struct codec *const partimage[] = { &codec_none, &codec_gzip, &codec_bzip2 };

#define N_PARTIMAGE (sizeof(partimage) / sizeof(partimage[0]))

const struct codec *codec_by_id(uint8_t id)
{
	for (size_t i = 0; i < N_CODECS; i++)
		if (codecs[i]->id == id)
			return codecs[i];
	return NULL;
}

static const struct codec *by_name(const char *name, size_t n)
{
	for (size_t i = 0; i < N_CODECS; i++)
		if (strlen(codecs[i]->name) == n && !memcmp(codecs[i]->name, name, n))
			return codecs[i];
	return NULL;
}

static int unknown(const char *name, size_t n, struct err *e)
{
	char known[64] = "";
	size_t len = 0;

	for (size_t i = 0; i < N_CODECS && len < sizeof(known); i++)
		len += (size_t)snprintf(known + len, sizeof(known) - len, "%s%s", i ? ", " : "",
					codecs[i]->name);
	return err_set(e, -EINVAL, "unknown compression \"%.*s\"; there are %s",
		       n < 32 ? (int)n : 32, name, known);
}

static int parse_level(const char *text, const struct codec *c, int *ret, struct err *e)
{
	char *end;
	long v;

	if (!c->level_max)
		return err_set(e, -EINVAL, "%s has no levels", c->name);
	v = strtol(text, &end, 10);
	/* strtol() alone would also take " 1" and "+1". */
	if (!isdigit((unsigned char)text[text[0] == '-']) || *end)
		return err_set(e, -EINVAL, "%s: the level \"%.32s\" is not a number", c->name,
			       text);
	if (v < c->level_min || v > c->level_max)
		return err_set(e, -EINVAL, "%s: level %.32s is not within %d..%d", c->name,
			       text, c->level_min, c->level_max);
	*ret = (int)v;
	return 0;
}

int codec_parse(const char *text, const struct codec **ret_codec, int *ret_level, struct err *e)
{
	size_t n = strcspn(text, ":");
	const struct codec *c = by_name(text, n);
	int level, r;

	for (size_t i = 0; i < N_PARTIMAGE; i++)
		if (text[0] == (char)('0' + i) && !text[1])
			c = partimage[i];
	if (!c)
		return unknown(text, n, e);
	level = c->level_default;
	if (text[n]) {
		r = parse_level(text + n + 1, c, &level, e);
		if (r)
			return r;
	}
	*ret_codec = c;
	*ret_level = level;
	return 0;
}
