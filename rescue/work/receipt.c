// SPDX-License-Identifier: GPL-3.0-or-later
#include "rescue/work/receipt.h"

#include "common/plain.h"

#include <stdlib.h>
#include <string.h>

#define LIST_MAX 100 /* entries that are left of a long list */

/* What the outcome says counts more than what slate said: there were steps after it. */
static json_t *make(const struct agent *a, const struct outcome *o, json_t *from)
{
	json_t *r = from ? json_deep_copy(from) : json_object();
	char clean[ERR_MSG_MAX];

	if (!from)
		json_object_set_new(r, "verb", json_string(a->job.verb));
	json_object_set_new(r, "status", json_integer(o->status));
	json_object_del(r, "error");
	if (o->status)
		json_object_set_new(
			r, "error",
			json_string(plain_text(clean, sizeof(clean), o->e.msg, "")));
	json_object_set_new(r, "log", log_json(&a->log));
	json_object_set(r, "steps", a->steps);
	return r;
}

/* Lists of ranges are the long ones, and the sums beside them count all. */
static void shorten(json_t *v)
{
	while (json_array_size(v) > LIST_MAX)
		json_array_remove(v, json_array_size(v) - 1);
	for (void *at = json_object_iter(v); at; at = json_object_iter_next(v, at))
		shorten(json_object_iter_value(at));
}

static char *dump(const json_t *receipt)
{
	return json_dumps(receipt, JSON_COMPACT | JSON_REAL_PRECISION(9));
}

char *receipt_text(const struct agent *a, const struct outcome *o)
{
	json_t *r = make(a, o, o->receipt);
	char *text = dump(r);

	if (text && strlen(text) > RECEIPT_MAX) {
		free(text);
		shorten(r);
		text = dump(r);
	}
	json_decref(r);
	if (!text || strlen(text) <= RECEIPT_MAX)
		return text;
	free(text);
	r = make(a, o, NULL);
	text = dump(r);
	json_decref(r);
	return text;
}
