// SPDX-License-Identifier: GPL-3.0-or-later
#include "pxe/http/messages.h"

#include "common/plain.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

/* The body as an object; jansson limits its depth, and its numbers to 64 bits. */
static json_t *read_object(const char *body, size_t n, struct err *e)
{
	json_t *o = json_loadb(body, n, JSON_REJECT_DUPLICATES, NULL);

	if (json_is_object(o))
		return o;
	json_decref(o);
	err_set(e, -EINVAL, "a JSON object is wanted");
	return NULL;
}

/* A text, or "" when there is none. */
static const char *text_of(const json_t *o, const char *member)
{
	const char *text = json_string_value(json_object_get(o, member));

	return text ? text : "";
}

int message_job(const char *body, size_t n, struct job_question *ret, struct err *e)
{
	json_t *o = read_object(body, n, e);
	int r;

	if (!o)
		return -EINVAL;
	r = mac_parse(text_of(o, "mac"), &ret->mac, NULL);
	plain_text(ret->uuid, sizeof(ret->uuid), text_of(o, "uuid"), "");
	json_decref(o);
	if (r || !mac_valid(&ret->mac))
		return err_set(e, -EINVAL, "\"mac\" is no MAC of a card");
	return 0;
}

int message_progress(const char *body, size_t n, char *ret, size_t max, struct err *e)
{
	json_t *o = read_object(body, n, e);
	char *text;
	int r = 0;

	if (!o)
		return -EINVAL;
	text = json_dumps(o, JSON_COMPACT);
	json_decref(o);
	if (!text)
		return err_nomem(e);
	if (strlen(text) < max)
		memcpy(ret, text, strlen(text) + 1);
	else
		r = err_set(e, -EMSGSIZE, "at most %zu bytes", max - 1);
	free(text);
	return r;
}

int message_end(const char *body, size_t n, struct job_end *ret, struct err *e)
{
	json_t *o = read_object(body, n, e), *status;
	json_int_t code;
	bool good;

	if (!o)
		return -EINVAL;
	status = json_object_get(o, "status");
	code = json_integer_value(status);
	good = json_is_integer(status) && code >= 0 && code <= 255;
	ret->status = good ? (int)code : -1;
	plain_text(ret->error, sizeof(ret->error), text_of(o, "error"), "");
	json_decref(o);
	if (!good)
		return err_set(e, -EINVAL, "\"status\" is the exit status, from 0 to 255");
	return 0;
}

/* Copies a text that may be missing; false: it is no text, or too long. */
static bool copy_text(const json_t *o, const char *member, char *buf, size_t n)
{
	const json_t *v = json_object_get(o, member);
	const char *text = v ? json_string_value(v) : "";

	if (!text || strlen(text) >= n)
		return false;
	memcpy(buf, text, strlen(text) + 1);
	return true;
}

/* The same for a number that is not negative. */
static bool copy_number(const json_t *o, const char *member, int64_t *ret)
{
	const json_t *v = json_object_get(o, member);

	*ret = json_integer_value(v);
	return (!v || json_is_integer(v)) && *ret >= 0;
}

/* And for one that is true or false. */
static bool copy_switch(const json_t *o, const char *member, bool missing, bool *ret)
{
	const json_t *v = json_object_get(o, member);

	*ret = v ? json_is_true(v) : missing;
	return !v || json_is_boolean(v);
}

int message_admin_job(const char *body, size_t n, struct job_order *ret, struct err *e)
{
	json_t *o = read_object(body, n, e);
	struct job *j = &ret->job;
	bool fits, personalise;

	if (!o)
		return -EINVAL;
	*ret = (struct job_order){ .who = "" };
	fits = copy_text(o, "who", ret->who, sizeof(ret->who)) && ret->who[0] &&
	       copy_text(o, "verb", j->verb, sizeof(j->verb)) &&
	       copy_text(o, "image", j->image, sizeof(j->image)) &&
	       copy_text(o, "disk", j->disk, sizeof(j->disk)) &&
	       copy_text(o, "then", j->then, sizeof(j->then)) &&
	       copy_text(o, "verify", j->verify, sizeof(j->verify)) &&
	       copy_text(o, "confirm", ret->confirm, sizeof(ret->confirm)) &&
	       copy_switch(o, "personalise", true, &personalise) &&
	       copy_switch(o, "password", false, &ret->password) &&
	       copy_number(o, "at", &j->at);
	json_decref(o);
	if (!fits)
		return err_set(
			e, -EINVAL,
			"wanted is {who, verb, image, disk, then, at, verify, personalise, "
			"confirm, password}: texts, but for \"at\" in seconds since 1970, and "
			"\"personalise\" and \"password\", true or false");
	ret->no_personalise = !personalise;
	return order_check(ret, e);
}

int message_cancel(const char *body, size_t n, int64_t *ret, struct err *e)
{
	json_t *o = read_object(body, n, e);
	bool good;

	if (!o)
		return -EINVAL;
	good = json_object_get(o, "id") && copy_number(o, "id", ret);
	json_decref(o);
	return good ? 0 : err_set(e, -EINVAL, "\"id\" is the number of a job");
}
