// SPDX-License-Identifier: GPL-3.0-or-later
#include "rescue/server/job.h"

#include <errno.h>
#include <jansson.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#define UNRESERVED "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~"

static const char *const thens[] = { "", "reboot", "poweroff", "local", NULL };
static const char *const verifies[] = { "none", "sample", "full", NULL };

static const struct member {
	const char *name;
	size_t offset, size;
	const char *const *words; /* that it may be; NULL: any */
} members[] = {
#define M(name, field, words)                                                                  \
	{                                                                                      \
		name, offsetof(struct job_order, field),                                       \
			sizeof(((struct job_order *)0)->field), words                          \
	}
	/* The token first: with it a job can be refused that is not understood. */
	M("token", token, NULL),       M("verb", verb, NULL),
	M("image", image, NULL),       M("disk", disk, NULL),
	M("then", then, thens),        M("host", host, NULL),
	M("verify", verify, verifies), M("password", password, NULL),
	M("confirm", confirm, NULL),
#undef M
};

static bool among(const char *text, const char *const words[])
{
	for (; *words; words++)
		if (!strcmp(text, *words))
			return true;
	return false;
}

static bool printable(const char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			return false;
	return true;
}

static int take(const json_t *o, const struct member *m, struct job_order *j, struct err *e)
{
	const json_t *v = json_object_get(o, m->name);
	const char *text = json_string_value(v);
	char *field = (char *)j + m->offset;

	if (!v)
		return 0;
	if (!text || json_string_length(v) != strlen(text) || !printable(text))
		return err_set(e, -EPROTO, "the server's job: \"%s\" is no plain text",
			       m->name);
	if (strlen(text) >= m->size)
		return err_set(e, -EPROTO, "the server's job: \"%s\" is longer than %zu bytes",
			       m->name, m->size - 1);
	if (m->words && !among(text, m->words))
		return err_set(e, -EPROTO,
			       "the server's job: \"%s\" is \"%s\", which this rescue system "
			       "does not know; is it older than the server?",
			       m->name, text);
	memcpy(field, text, strlen(text) + 1);
	return 0;
}

static int check(const struct job_order *j, struct err *e)
{
	if (!j->token[0] || strchr(j->token, ' '))
		return err_set(e, -EPROTO, "the server's job has no token");
	return 0;
}

int job_order_parse(const char *text, size_t len, struct job_order *ret, struct err *e)
{
	json_t *o = json_loadb(text, len, JSON_REJECT_DUPLICATES, NULL);
	const json_t *personalise = json_object_get(o, "personalise");
	int r = 0;

	*ret = (struct job_order){ .verify = "sample", .personalise = true };
	if (!json_is_object(o))
		r = err_set(e, -EPROTO, "what the server sent is no job");
	for (size_t i = 0; !r && i < sizeof(members) / sizeof(members[0]); i++)
		r = take(o, &members[i], ret, e);
	if (!r && personalise && !json_is_boolean(personalise))
		r = err_set(e, -EPROTO,
			    "the server's job: \"personalise\" is not true or "
			    "false");
	if (!r && personalise)
		ret->personalise = json_is_true(personalise);
	if (!r)
		r = check(ret, e);
	json_decref(o);
	return r;
}

void job_then_parse(const char *text, size_t len, char then[16])
{
	json_t *o = json_loadb(text, len, JSON_REJECT_DUPLICATES, NULL);
	const char *word = json_string_value(json_object_get(o, "then"));

	then[0] = '\0';
	if (word && among(word, thens))
		snprintf(then, 16, "%s", word);
	json_decref(o);
}

static bool leads_away(const char *path)
{
	for (;;) {
		size_t n = strcspn(path, "/");

		if (n <= 2 && strspn(path, ".") >= n)
			return true;
		if (!path[n])
			return false;
		path += n + 1;
	}
}

int job_image_url(const char *server, const char *image, char *ret, size_t n, struct err *e)
{
	size_t used = (size_t)snprintf(ret, n, "%s/images/", server);

	if (leads_away(image))
		return err_set(e, -EINVAL, "\"%s\" is no name that an image can have", image);
	for (; *image && used < n; image++) {
		bool plain = *image == '/' || strchr(UNRESERVED, *image);

		used += (size_t)snprintf(ret + used, n - used, plain ? "%c" : "%%%02X",
					 (unsigned char)*image);
	}
	return used < n ? 0 : err_set(e, -EINVAL, "the image's name is too long");
}
