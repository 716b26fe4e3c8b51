// SPDX-License-Identifier: GPL-3.0-or-later
#include "imager/cmd/confirm.h"

#include "common/plain.h"
#include "imager/ui/size.h"

#include <stdio.h>

/* "1,3"; NULL: all of @d */
static const char *only(const struct parts *p, const struct destination *d, char *buf, size_t n)
{
	size_t len = 0;

	for (unsigned i = 0; i < p->n && len < n; i++)
		len += (size_t)snprintf(buf + len, n - len, "%s%u", i ? "," : "", p->v[i]);
	return p->n && d->table.n ? buf : NULL;
}

int confirm_overwrite(struct session *s, const char *title, const struct destination *d,
		      const char *from, struct err *e)
{
	const struct ident *id = &s->rep.ident;
	struct loss loss = {
		s->rep.device, id->model, id->serial, "", from, d->dev.size, NULL
	};
	struct question q = { .title = title, .loss = &loss };
	char message[2048], holds[256], size[SIZE_TEXT_MAX], parts[PARTS_MAX * 6];

	if (d->create || s->o->simulate)
		return 0;
	loss.parts = only(&s->o->parts, d, parts, sizeof(parts));
	plain_text(holds, sizeof(holds), d->holds[0] ? d->holds : "no filesystem known", "");
	snprintf(message, sizeof(message),
		 "%s (%s%s%s%s%s, %s) will be overwritten with %s.\n%s%s%s is lost. "
		 "Continue?",
		 s->rep.device, id->model, id->model[0] ? " " : "", id->serial,
		 id->model[0] || id->serial[0] ? ", " : "", size_text(size, d->dev.size), holds,
		 from, loss.parts ? "Only partitions " : "All it holds",
		 loss.parts ? loss.parts : "", loss.parts ? ": all they hold" : "");
	q.message = message;
	loss.holds = holds;
	return ask_yes(&s->ask, &q, e);
}

struct deliver_options deliver_options(const struct options *o)
{
	return (struct deliver_options){ .erase = o->erase,
					 .discard = o->discard,
					 .nosync = o->nosync,
					 .verify = o->verify,
					 .grow = o->grow.wanted,
					 .grow_part = o->grow.part,
					 .new_ids = o->new_uuids,
					 .expected = { o->expect_serial, o->expect_model } };
}
