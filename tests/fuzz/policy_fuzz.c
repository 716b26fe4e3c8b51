// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * netconf.conf.  A policy that is read, written and read again is the same, and
 * every refusal has a place.
 */
#include "tests/fuzz/fuzz.h"

#include "netconf/policy/policy.h"

#include <stdio.h>
#include <string.h>

static void same(const struct policy *a, const struct policy *b)
{
	MUST(a->n == b->n && a->strangers == b->strangers && a->style == b->style);
	for (size_t i = 0; i < a->n; i++) {
		struct want w = b->v[i];

		MUST(name_check(w.name, NULL) == 0 && w.n_selectors);
		/* All but where it stands: unused bytes are zero, as policy_parse() makes them.
		 */
		w.line = a->v[i].line;
		MUST(!memcmp(&a->v[i], &w, sizeof(w)));
	}
}

static void again(const struct policy *a)
{
	struct policy b;
	struct err e;
	char *text = NULL;

	MUST(policy_render(a, &text, &e) == 0);
	if (policy_parse("g", text, strlen(text), &b, &e)) {
		fprintf(stderr, "%s\n%s", e.msg, text);
		abort();
	}
	same(a, &b);
	policy_free(&b);
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = (char *)fuzz_copy(data, size);
	struct policy p;
	struct err e = { "" };
	unsigned line, column;

	if (policy_parse("f", text, size, &p, &e) == 0)
		again(&p);
	else
		MUST(sscanf(e.msg, "f:%u:%u: ", &line, &column) == 2 && line && column);
	policy_free(&p);
	free(text);
	return 0;
}
