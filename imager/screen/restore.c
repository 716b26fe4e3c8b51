// SPDX-License-Identifier: GPL-3.0-or-later
/* The dialogue before a restore. */
#include "imager/screen/dialogues.h"
#include "imager/screen/write_fields.h"

enum { IMAGE, TARGET };

struct restore {
	char parts[128];
	size_t delta;
	const char *delta_words[3];
	struct write_fields common;
};

static const struct {
	enum text_id text;
	const char *option;
} delta[3] = {
	{ T_RESTORE_DELTA_AUTO, NULL },
	{ T_RESTORE_DELTA_YES, "--delta" },
	{ T_RESTORE_DELTA_NO, "--no-delta" },
};

static void restore_write(const struct dialogue *d, struct words *o)
{
	const struct restore *r = d->own;
	struct write_wish w = { .from = dialogue_name(d, IMAGE),
				.to = dialogue_name(d, TARGET),
				.parts = r->parts,
				.delta = delta[d->field[r->delta].chosen].option };

	write_fields_get(&r->common, d, &w);
	words_restore(o, &w);
}

void dialogue_restore(struct app *a, const char *device, const char *image)
{
	static const struct dialogue_kind kind = {
		.title = T_RESTORE, .help = T_RESTORE_HELP, .plan = true, .write = restore_write
	};
	struct dialogue *d = dialogue_new(a, &kind, sizeof(struct restore));
	struct restore *r;

	if (!d)
		return;
	r = d->own;
	dialogue_partner(d, T_DLG_IMAGE, true, image);
	dialogue_partner(d, T_DLG_TARGET, false, device);
	for (size_t i = 0; i < 3; i++)
		r->delta_words[i] = tr(delta[i].text);
	r->delta = dialogue_choice(d, T_RESTORE_DELTA, r->delta_words, 3);
	write_fields_add(&r->common, d);
	dialogue_text(d, T_DLG_PARTS, r->parts, sizeof(r->parts));
	dialogue_show(d);
}
