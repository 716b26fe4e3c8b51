// SPDX-License-Identifier: GPL-3.0-or-later
/* The dialogue before one disk or partition is copied to another. */
#include "imager/screen/dialogues.h"
#include "imager/screen/write_fields.h"

enum { SOURCE, TARGET };

struct clone {
	size_t rescue;
	struct write_fields common;
};

static void clone_write(const struct dialogue *d, struct words *o)
{
	const struct clone *c = d->own;
	struct write_wish w = { .from = dialogue_name(d, SOURCE),
				.to = dialogue_name(d, TARGET),
				.rescue = d->field[c->rescue].on };

	write_fields_get(&c->common, d, &w);
	words_clone(o, &w);
}

void dialogue_clone(struct app *a, const char *source)
{
	static const struct dialogue_kind kind = {
		.title = T_CLONE, .help = T_CLONE_HELP, .plan = true, .write = clone_write
	};
	struct dialogue *d = dialogue_new(a, &kind, sizeof(struct clone));
	struct clone *c;

	if (!d)
		return;
	c = d->own;
	dialogue_partner(d, T_DLG_SOURCE, false, source);
	dialogue_partner(d, T_DLG_TARGET, false, NULL);
	write_fields_add(&c->common, d);
	c->rescue = dialogue_check(d, T_DLG_RESCUE);
	dialogue_show(d);
}
