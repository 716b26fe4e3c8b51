// SPDX-License-Identifier: GPL-3.0-or-later
#include "imager/screen/write_fields.h"

static const struct {
	enum text_id text;
	const char *option;
} verify[3] = {
	{ T_DLG_VERIFY_NO, NULL },
	{ T_DLG_VERIFY_SAMPLE, "--verify=sample" },
	{ T_DLG_VERIFY_FULL, "--verify" },
}, space[3] = {
	{ T_DLG_SPACE_KEEP, NULL },
	{ T_DLG_SPACE_DISCARD, "--discard" },
	{ T_DLG_SPACE_ERASE, "--erase" },
};

void write_fields_add(struct write_fields *f, struct dialogue *d)
{
	for (size_t i = 0; i < 3; i++) {
		f->verify_words[i] = tr(verify[i].text);
		f->space_words[i] = tr(space[i].text);
	}
	f->verify = dialogue_choice(d, T_DLG_VERIFY, f->verify_words, 3);
	f->space = dialogue_choice(d, T_DLG_SPACE, f->space_words, 3);
	f->grow = dialogue_check(d, T_DLG_GROW);
	f->uuids = dialogue_check(d, T_DLG_UUIDS);
}

void write_fields_get(const struct write_fields *f, const struct dialogue *d,
		      struct write_wish *w)
{
	w->verify = verify[d->field[f->verify].chosen].option;
	w->space = space[d->field[f->space].chosen].option;
	w->grow = d->field[f->grow].on;
	w->new_uuids = d->field[f->uuids].on;
}
