// SPDX-License-Identifier: GPL-3.0-or-later
#include "rescue/work/receipt.h"

#include "common/plain.h"

#include <stdlib.h>
#include <string.h>

/* What the outcome says counts more than what slate said: there were steps after it. */
static json_t *make(const struct agent *a, const struct outcome *o, json_t *from)
{
	json_t *r = from ? json_copy(from) : json_object();
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

char *receipt_text(const struct agent *a, const struct outcome *o)
{
	json_t *r = make(a, o, o->receipt);
	char *text = json_dumps(r, JSON_COMPACT | JSON_REAL_PRECISION(9));

	json_decref(r);
	if (!text || strlen(text) <= RECEIPT_MAX)
		return text;
	free(text);
	r = make(a, o, NULL);
	text = json_dumps(r, JSON_COMPACT);
	json_decref(r);
	return text;
}
