// SPDX-License-Identifier: GPL-3.0-or-later
/* The dialogue before an image is checked. */
#include "imager/screen/dialogue.h"
#include "imager/screen/dialogues.h"
#include "imager/screen/wishes.h"

static void verify_write(const struct dialogue *d, struct words *o)
{
	words_verify(o, dialogue_name(d, 0));
}

void dialogue_verify(struct app *a, const char *image)
{
	static const struct dialogue_kind kind = { .title = T_VERIFY,
						   .help = T_VERIFY_HELP,
						   .write = verify_write };
	struct dialogue *d = dialogue_new(a, &kind, 0);

	if (!d)
		return;
	dialogue_partner(d, T_DLG_IMAGE, true, image);
	dialogue_show(d);
}
