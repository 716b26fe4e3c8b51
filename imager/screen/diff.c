// SPDX-License-Identifier: GPL-3.0-or-later
/* The dialogue before an image and a disk are compared. */
#include "imager/screen/dialogue.h"
#include "imager/screen/dialogues.h"
#include "imager/screen/wishes.h"

enum { IMAGE, DEVICE };

struct diff {
	char parts[128];
};

static void diff_write(const struct dialogue *d, struct words *o)
{
	const struct diff *own = d->own;

	words_diff(o, dialogue_name(d, IMAGE), dialogue_name(d, DEVICE), own->parts);
}

void dialogue_diff(struct app *a, const char *device, const char *image)
{
	static const struct dialogue_kind kind = { .title = T_DIFF,
						   .help = T_DIFF_HELP,
						   .write = diff_write };
	struct dialogue *d = dialogue_new(a, &kind, sizeof(struct diff));
	struct diff *own;

	if (!d)
		return;
	own = d->own;
	dialogue_partner(d, T_DLG_IMAGE, true, image);
	dialogue_partner(d, T_DLG_DEVICE, false, device);
	dialogue_text(d, T_DLG_PARTS, own->parts, sizeof(own->parts));
	dialogue_show(d);
}
