// SPDX-License-Identifier: GPL-3.0-or-later
#include "rescue/place/network.h"

#include "common/clock.h"
#include "common/io.h"
#include "common/text.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define STEP   50    /* ms between two looks */
#define SAY    5000  /* ms between two words about what is missing */
#define OTHERS 15000 /* ms until cards are tried by which the machine did not boot */
#define AGAIN  1000  /* ms until a client that ended is started again */

/* One card that is asked by. */
struct asker {
	char name[CARD_NAME_MAX];
	struct child client;
	int64_t next; /* when it may be started */
};

struct asking {
	const struct network_task *t;
	int64_t began;
	struct cards cards;
	struct asker v[CARDS_MAX];
	unsigned n;
};

static void lease_path(const struct asking *a, const char *card, char path[PATH_MAX])
{
	snprintf(path, PATH_MAX, "%s/run/slate/lease.%s", a->t->root, card);
}

static struct asker *asker(struct asking *a, const struct card *c)
{
	char path[PATH_MAX];

	for (unsigned i = 0; i < a->n; i++)
		if (!strcmp(a->v[i].name, c->name))
			return &a->v[i];
	if (a->n == CARDS_MAX)
		return NULL;
	lease_path(a, c->name, path);
	(void)unlink(path); /* an old one */
	memcpy(a->v[a->n].name, c->name, sizeof(c->name));
	return &a->v[a->n++];
}

/* It asks every second, five times, and after a second anew: for as long as it lives. */
static void start_client(const struct asking *a, struct asker *k)
{
	char script[PATH_MAX], leases[PATH_MAX + 16];
	const char *const argv[] = { "udhcpc", "-f", "-i", k->name, "-s", script, "-t", "5",
				     "-T",     "1",  "-A", "1",     "-O", "tftp", NULL };
	const struct child_task t = { .argv = argv, .variable = leases };
	struct err e = { "" };

	snprintf(script, sizeof(script), "%s/etc/slate/rescue/lease", a->t->root);
	snprintf(leases, sizeof(leases), "LEASES=%s/run/slate", a->t->root);
	if (child_start(&t, &k->client, &e))
		screen_say(a->t->screen, "%s: %s", k->name, e.msg);
}

/* 0: there is a lease; -ENOENT: not yet; -EINVAL: nonsense. */
static int look(const struct asking *a, const struct asker *k, struct lease *ret, struct err *e)
{
	char path[PATH_MAX], *text;
	int r;

	lease_path(a, k->name, path);
	text = io_slurp(path, LEASE_FILE_MAX);
	if (!text)
		return -ENOENT;
	r = lease_parse(text, strlen(text), ret, e);
	free(text);
	return r;
}

static void serve_card(struct asking *a, const struct card *c)
{
	struct asker *k = asker(a, c);
	int64_t now = clock_ms();
	int status;

	if (!k)
		return;
	if (child_ended(&k->client, &status))
		k->next = now + AGAIN;
	if (!k->client.pid && now >= k->next && c->carrier) {
		k->next = now + AGAIN;
		start_client(a, k);
	}
}

/* Why there is no address yet, for people. */
static void reasons(const struct asking *a, struct text *out)
{
	if (!a->cards.n)
		text_add(out, a->t->boot
				      ? "the card that this PC booted by is not there (yet): "
					"no driver for it?"
				      : "no network card is there (yet): no driver for it?");
	for (unsigned i = 0; i < a->cards.n; i++) {
		const struct card *c = &a->cards.v[i];

		if (i)
			text_add(out, "\n");
		if (c->carrier)
			text_add(out,
				 "%s: no answer from a DHCP server yet; a switch port with "
				 "spanning tree stays mute for 30 to 50 seconds",
				 c->name);
		else
			text_add(out, "%s: no link: cable out, or the switch is off", c->name);
	}
}

static void say_why(const struct asking *a)
{
	struct text out = { 0 };

	reasons(a, &out);
	screen_say(a->t->screen, "waiting for the network, %u s: %s",
		   (unsigned)((clock_ms() - a->began) / 1000), text_get(&out));
	text_free(&out);
}

/* All cards once; 0 when one of them has a lease. */
static int ask_round(struct asking *a, struct network *ret, struct err *e)
{
	char sys[PATH_MAX];

	snprintf(sys, sizeof(sys), "%s/sys", a->t->root);
	cards_read(sys, &a->cards);
	cards_choose(&a->cards, a->t->boot, clock_ms() - a->began > OTHERS);
	for (unsigned i = 0; i < a->cards.n; i++) {
		(void)card_up(a->cards.v[i].name, NULL);
		serve_card(a, &a->cards.v[i]);
	}
	for (unsigned i = 0; i < a->n; i++) {
		int r = look(a, &a->v[i], &ret->lease, e);

		if (r == -ENOENT)
			continue;
		for (unsigned k = 0; k < a->cards.n; k++)
			if (!strcmp(a->cards.v[k].name, a->v[i].name))
				ret->card = a->cards.v[k];
		ret->client = a->v[i].client;
		a->v[i].client.pid = 0;
		return r;
	}
	return -ENOENT;
}

static int ask(struct asking *a, struct network *ret, struct err *e)
{
	const struct timespec step = { .tv_nsec = STEP * 1000000L };
	int64_t end = a->began + (int64_t)a->t->seconds * 1000, next = a->began + SAY;
	struct text out = { 0 };
	int r;

	while ((r = ask_round(a, ret, e)) == -ENOENT && clock_ms() < end) {
		if (clock_ms() >= next) {
			next += SAY;
			say_why(a);
		}
		nanosleep(&step, NULL);
	}
	if (r != -ENOENT)
		return r;
	reasons(a, &out);
	r = err_set(e, -ETIMEDOUT, "no address within %u seconds. %s", a->t->seconds,
		    text_get(&out));
	text_free(&out);
	return r;
}

int network_up(const struct network_task *t, struct network *ret, struct err *e)
{
	struct asking *a = calloc(1, sizeof(*a));
	char run[PATH_MAX];
	int r;

	*ret = (struct network){ 0 };
	if (!a)
		return err_nomem(e);
	snprintf(run, sizeof(run), "%s/run/slate", t->root);
	(void)mkdir(run, 0700);
	a->t = t;
	a->began = clock_ms();
	r = ask(a, ret, e);
	for (unsigned i = 0; i < a->n; i++)
		if (a->v[i].client.pid)
			child_stop(&a->v[i].client, 500);
	free(a);
	return r;
}

void network_down(struct network *n)
{
	if (n->client.pid)
		child_stop(&n->client, 500);
}
