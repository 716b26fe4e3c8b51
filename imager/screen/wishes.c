// SPDX-License-Identifier: GPL-3.0-or-later
#include "imager/screen/wishes.h"

#include <stdlib.h>

static void flag(struct words *o, bool wanted, const char *option)
{
	if (wanted)
		words_add(o, option);
}

/* @option: or NULL */
static void maybe(struct words *o, const char *option)
{
	if (option)
		words_add(o, option);
}

static void parts(struct words *o, const char *list)
{
	if (list[0])
		words_option(o, "--part=", list);
}

/* Without a description the shell shall not ask for one either. */
void words_save(struct words *o, const struct save_wish *w)
{
	char *image = words_image(w->where, w->name);

	words_begin(o, "save");
	if (w->compress)
		words_option(o, "--compress=", w->compress);
	if (w->volume)
		words_option(o, "--volume=", w->volume);
	flag(o, w->overwrite, "--overwrite");
	flag(o, w->verify, "--verify");
	flag(o, w->rescue, "--rescue");
	if (w->description[0])
		words_option(o, "--description=", w->description);
	else
		words_add(o, "--nodesc");
	words_path(o, w->device);
	if (image)
		words_path(o, image);
	else
		o->bad = true;
	free(image);
}

static void write_options(struct words *o, const struct write_wish *w)
{
	maybe(o, w->verify);
	maybe(o, w->space);
	flag(o, w->grow, "--grow");
	flag(o, w->new_uuids, "--new-uuids");
}

void words_restore(struct words *o, const struct write_wish *w)
{
	words_begin(o, "restore");
	parts(o, w->parts);
	maybe(o, w->delta);
	write_options(o, w);
	words_path(o, w->to);
	words_path(o, w->from);
}

void words_clone(struct words *o, const struct write_wish *w)
{
	words_begin(o, "clone");
	flag(o, w->rescue, "--rescue");
	write_options(o, w);
	words_path(o, w->from);
	words_path(o, w->to);
}

void words_diff(struct words *o, const char *image, const char *device, const char *list)
{
	words_begin(o, "diff");
	parts(o, list);
	words_path(o, image);
	words_path(o, device);
}

void words_verify(struct words *o, const char *image)
{
	words_begin(o, "verify");
	words_path(o, image);
}
