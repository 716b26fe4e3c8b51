// SPDX-License-Identifier: GPL-3.0-or-later
/* The dialogue before a save. */
#include "imager/image/remote.h"
#include "imager/screen/dialogue.h"
#include "imager/screen/dialogues.h"
#include "imager/screen/guess.h"
#include "imager/screen/inventory.h"
#include "imager/screen/library.h"
#include "imager/screen/wishes.h"
#include "imager/ui/size.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct save {
	char where[4096], name[256], description[1024];
	size_t compress, volume, overwrite, verify, rescue;
	char pack[GUESSES][96]; /* "usual (zstd:3): about 3.2 GiB" */
	const char *pack_words[GUESSES], *volume_words[4];
	struct guess *guess; /* NULL: no memory for one */
};

/* The quick ones first. */
static const struct {
	enum text_id text;
	const char *compress;
} packs[GUESSES] = {
	{ T_SAVE_PACK_USUAL, "zstd:3" }, { T_SAVE_PACK_FAST, "lz4:1" },
	{ T_SAVE_PACK_NONE, "none" },    { T_SAVE_PACK_SMALL, "zstd:12" },
	{ T_SAVE_PACK_LEAST, "xz:6" },
};

/* The first is what the program does by itself, and needs no option. */
#define USUAL 0

/* What FAT32, a DVD and a CD take. */
static const struct {
	const char *option, *text;
} volumes[3] = {
	{ "4000M", "4000 MiB" },
	{ "2000M", "2000 MiB" },
	{ "650M", "650 MiB" },
};

static void save_write(const struct dialogue *d, struct words *o)
{
	const struct save *s = d->own;
	size_t pack = d->field[s->compress].chosen, volume = d->field[s->volume].chosen;
	struct save_wish w = {
		.device = dialogue_name(d, 0),
		.where = s->where,
		.name = s->name,
		.description = s->description,
		.compress = pack == USUAL ? NULL : packs[pack].compress,
		.volume = volume ? volumes[volume - 1].option : NULL,
		.overwrite = d->field[s->overwrite].on,
		.verify = d->field[s->verify].on,
		.rescue = d->field[s->rescue].on,
	};

	words_save(o, &w);
}

static enum text_id save_missing(const struct dialogue *d)
{
	const struct save *s = d->own;
	char *place = s->where[0] ? library_place(s->where) : NULL;
	bool server = place && remote_is_url(place);

	free(place);
	if (!s->name[0])
		return T_SAVE_NO_NAME;
	return server && d->field[s->volume].chosen ? T_SAVE_NO_VOLUMES : T_NONE;
}

static void write_packs(struct save *s)
{
	bool waits = s->guess && guess_state(s->guess) != GUESS_FAILED;

	for (size_t i = 0; i < GUESSES; i++) {
		char size[SIZE_TEXT_MAX] = "";
		uint64_t bytes;
		bool known = s->guess && guess_bytes(s->guess, i, &bytes);

		if (known)
			size_text(size, bytes);
		tr_print(s->pack[i], sizeof(s->pack[i]),
			 known   ? T_SAVE_EXPECTS
			 : waits ? T_SAVE_EXPECTING
				 : T_SAVE_UNKNOWN,
			 tr(packs[i].text), packs[i].compress, size);
	}
}

/* As / is in the rescue system. */
static bool into_memory(const struct app *a, const char *where)
{
	char *place = library_place(where), here[4096] = "", whole[8200];
	bool server = !place || remote_is_url(place);

	free(place);
	if (where[0] != '/' && !getcwd(here, sizeof(here)))
		return false;
	snprintf(whole, sizeof(whole), "%s%s%s", here, here[0] ? "/" : "", where);
	return !server && inventory_in_memory(a->root, whole);
}

static bool save_tick(struct dialogue *d, bool top)
{
	struct save *s = d->own;
	bool news = s->guess && guess_step(s->guess, d->app->task, top);

	if (news)
		write_packs(s);
	if (s->guess && guess_state(s->guess) == GUESS_FAILED)
		tr_print(d->note, sizeof(d->note), T_SAVE_REFUSED, guess_error(s->guess));
	else
		snprintf(d->note, sizeof(d->note), "%s",
			 into_memory(d->app, s->where) ? tr(T_SAVE_IN_MEMORY) : "");
	return news;
}

static void save_release(struct dialogue *d)
{
	struct save *s = d->own;

	if (s->guess)
		guess_stop(s->guess, d->app->task);
}

static void save_free(struct dialogue *d)
{
	struct save *s = d->own;

	guess_free(s->guess, d->app->task);
}

/* "pc" where the computer does not know its name. */
static void host_name(const char *root, char *buf, size_t n)
{
	char path[4096];
	FILE *f;

	snprintf(path, sizeof(path), "%s/proc/sys/kernel/hostname", root);
	f = fopen(path, "re");
	if (!f || !fgets(buf, (int)n, f))
		buf[0] = 0;
	if (f)
		fclose(f);
	buf[strcspn(buf, "\n")] = 0;
	if (!buf[0] || !strcmp(buf, "(none)"))
		snprintf(buf, n, "pc");
}

static void add_fields(struct dialogue *d)
{
	struct save *s = d->own;

	for (size_t i = 0; i < GUESSES; i++)
		s->pack_words[i] = s->pack[i];
	s->volume_words[0] = tr(T_SAVE_VOLUME_ONE);
	for (size_t i = 0; i < 3; i++)
		s->volume_words[1 + i] = volumes[i].text;
	dialogue_text(d, T_SAVE_WHERE, s->where, sizeof(s->where));
	dialogue_text(d, T_SAVE_NAME, s->name, sizeof(s->name));
	dialogue_text(d, T_SAVE_DESCRIPTION, s->description, sizeof(s->description));
	s->compress = dialogue_choice(d, T_SAVE_COMPRESS, s->pack_words, GUESSES);
	s->volume = dialogue_choice(d, T_SAVE_VOLUME, s->volume_words, 4);
	s->overwrite = dialogue_check(d, T_SAVE_OVERWRITE);
	s->verify = dialogue_check(d, T_SAVE_VERIFY);
	s->rescue = dialogue_check(d, T_DLG_RESCUE);
}

void dialogue_save(struct app *a, const char *device)
{
	static const struct dialogue_kind kind = {
		.title = T_SAVE,
		.help = T_SAVE_HELP,
		.write = save_write,
		.missing = save_missing,
		.tick = save_tick,
		.release = save_release,
		.free = save_free,
	};
	struct dialogue *d = dialogue_new(a, &kind, sizeof(struct save));
	const char *ways[GUESSES];
	char host[256];
	struct save *s;

	if (!d)
		return;
	s = d->own;
	for (size_t i = 0; i < GUESSES; i++)
		ways[i] = packs[i].compress;
	if (guess_new(&s->guess, device, ways, NULL) < 0)
		s->guess = NULL;
	host_name(a->root, host, sizeof(host));
	words_name(s->name, sizeof(s->name), host, device);
	snprintf(s->where, sizeof(s->where), "%s", a->place);
	dialogue_partner(d, T_DLG_DEVICE, false, device);
	add_fields(d);
	write_packs(s);
	dialogue_show(d);
}
