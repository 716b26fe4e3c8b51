// SPDX-License-Identifier: GPL-3.0-or-later
#include "imager/cmd/confirm.h"

#include "common/plain.h"
#include "imager/ui/size.h"

#include <stdio.h>

int confirm_overwrite(struct session *s, const char *title, const struct destination *d,
		      const char *from, struct err *e)
{
	const struct ident *id = &s->rep.ident;
	struct question q = { .title = title };
	char message[1024], holds[256], size[SIZE_TEXT_MAX];

	if (d->create || s->o->simulate)
		return 0;
	plain_text(holds, sizeof(holds), d->holds[0] ? d->holds : "no filesystem known", "");
	snprintf(message, sizeof(message),
		 "%s (%s%s%s%s%s, %s) will be overwritten with %s.\nAll it holds is lost. "
		 "Continue?",
		 s->rep.device, id->model, id->model[0] ? " " : "", id->serial,
		 id->model[0] || id->serial[0] ? ", " : "", size_text(size, d->dev.size), holds,
		 from);
	q.message = message;
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
