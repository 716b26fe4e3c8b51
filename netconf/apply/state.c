// SPDX-License-Identifier: GPL-3.0-or-later
#include "netconf/apply/state.h"

#include "netconf/apply/generate.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define FILE_PATH NETCONF_STATE "/state.json"
#define FILE_MAX  4096

static void copy(char *dst, size_t n, const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	if (text && strlen(text) < n)
		snprintf(dst, n, "%s", text);
}

int state_read(const struct root *r, struct state *ret, struct err *e)
{
	char *text = NULL;
	size_t len;
	int code = root_read(r, FILE_PATH, FILE_MAX, &text, &len, e);
	json_t *object;

	*ret = (struct state){ 0 };
	if (code)
		return code == -ENOENT ? 0 : code;
	object = json_loadb(text, len, 0, NULL);
	copy(ret->fingerprint, sizeof(ret->fingerprint), object, "fingerprint");
	copy(ret->policy, sizeof(ret->policy), object, "policy");
	copy(ret->time, sizeof(ret->time), object, "time");
	json_decref(object);
	free(text);
	return 0;
}

int state_write(const struct root *r, const struct state *state, struct err *e)
{
	time_t now = time(NULL);
	char when[32], text[512];
	struct tm tm;
	int n;

	if (!gmtime_r(&now, &tm) || !strftime(when, sizeof(when), "%Y-%m-%dT%H:%M:%SZ", &tm))
		return err_sys(e, "cannot tell the time");
	n = snprintf(text, sizeof(text),
		     "{\"fingerprint\": \"%s\", \"policy\": \"%s\", \"time\": \"%s\"}\n",
		     state->fingerprint, state->policy, when);
	return root_write(r, FILE_PATH, text, (size_t)n, 0644, e);
}
