// SPDX-License-Identifier: GPL-3.0-or-later
#include "imager/screen/words.h"

#include "imager/engine/catalog.h"
#include "imager/image/remote.h"
#include "imager/screen/library.h"
#include "imager/screen/quote.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SUFFIX ".slate"

void words_free(struct words *o)
{
	for (int i = 0; i < o->n; i++) {
		free(o->word[i]);
		free(o->quoted[i]);
	}
	*o = (struct words){ .n = 0 };
}

void words_begin(struct words *o, const char *verb)
{
	words_free(o);
	words_add(o, "slate");
	words_add(o, verb);
}

bool words_ok(const struct words *o)
{
	return o->n && !o->bad;
}

/* Takes @word; NULL: there was no memory for it. */
static void take(struct words *o, char *word)
{
	const char *one[1] = { word };
	char *quoted = word ? quote_line(1, one) : NULL;

	if (!quoted || o->n == TASK_ARGS) {
		free(quoted);
		free(word);
		o->bad = true;
		return;
	}
	o->word[o->n] = word;
	o->quoted[o->n++] = quoted;
}

void words_add(struct words *o, const char *word)
{
	take(o, strdup(word));
}

const char *words_value(const struct words *o, const char *option)
{
	size_t n = strlen(option);

	for (int i = 0; i < o->n; i++)
		if (!strncmp(o->word[i], option, n))
			return o->word[i] + n;
	return "";
}

bool words_listed(const char *list, unsigned number)
{
	const char *at = list;
	bool is = !*list;

	while (*at && !is) {
		is = strtoul(at, NULL, 10) == number;
		at += strcspn(at, ",");
		at += *at == ',';
	}
	return is;
}

static char *join(const char *a, const char *b, const char *c)
{
	char *text;

	return asprintf(&text, "%s%s%s", a, b, c) < 0 ? NULL : text;
}

void words_option(struct words *o, const char *option, const char *value)
{
	take(o, join(option, value, ""));
}

void words_path(struct words *o, const char *path)
{
	bool odd = path[0] == '-' || !strcmp(path, "stdin") || !strcmp(path, "stdout");

	take(o, join(odd ? "./" : "", path, ""));
}

/* Images of a server have a folder of their own, unless the address names another. */
static const char *between(const char *url)
{
	return strchr(strstr(url, "://") + 3, '/') ? "/" : "/images/";
}

/* With ".slate" at its end. */
static char *whole_name(const char *name)
{
	size_t n = strlen(name), end = sizeof(SUFFIX) - 1;
	bool has = n > end && !strcmp(name + n - end, SUFFIX);

	return join(name, has ? "" : SUFFIX, "");
}

char *words_image(const char *where, const char *name)
{
	char *place = where[0] ? library_place(where) : strdup("");
	char *whole = whole_name(name), *image = NULL;
	size_t len = place ? strlen(place) : 0;

	while (len && place[len - 1] == '/')
		place[--len] = 0;
	if (place && whole && remote_is_url(place))
		image = catalog_address(place, between(place), whole);
	else if (place && whole)
		image = join(place, where[0] ? "/" : "", whole);
	free(place);
	free(whole);
	return image;
}

/* What every filesystem and every server takes. */
static void plain_word(char *s)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789._-";

	while (*(s += strspn(s, plain)))
		*s = '-';
}

void words_name(char *buf, size_t n, const char *host, const char *device)
{
	const char *slash = strrchr(device, '/');
	size_t len;

	snprintf(buf, n, "%.64s-%.64s", host, slash ? slash + 1 : device);
	plain_word(buf);
	len = strlen(buf);
	snprintf(buf + len, n - len, "%s", SUFFIX);
}
