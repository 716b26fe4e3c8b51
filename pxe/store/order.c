// SPDX-License-Identifier: GPL-3.0-or-later
#include "pxe/store/order.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

static bool is_verb(const struct job_order *o, const char *verb)
{
	return !strcmp(o->job.verb, verb);
}

static int check_verify(const struct job *j, struct err *e)
{
	static const char *const known[] = { "none", "sample", "full" };

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (!strcmp(j->verify, known[i]))
			return 0;
	return err_set(e, -EINVAL, "\"%s\" is none of none, sample, full", j->verify);
}

/* An option that would be passed over is a mistake of somebody's. */
static int check_meaning(const struct job_order *o, struct err *e)
{
	const struct {
		bool given;
		const char *option, *verb;
	} all[] = {
		{ o->job.verify[0], "verify", "restore" },
		{ o->no_personalise, "no-personalise", "restore" },
		{ o->password, "password", "shell" },
		{ o->confirm[0], "confirm", "wipe" },
	};

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (all[i].given && !is_verb(o, all[i].verb))
			return err_set(e, -EINVAL, "%s has a meaning for %s only",
				       all[i].option, all[i].verb);
	return 0;
}

static int check_confirm(const struct job_order *o, struct err *e)
{
	if (!is_verb(o, "wipe") || !strcmp(o->confirm, o->who))
		return 0;
	if (!o->confirm[0])
		return err_set(
			e, -EINVAL,
			"wipe takes all that is on the disk away for ever: say who is meant "
			"a second time, with --confirm=%s",
			o->who);
	return err_set(e, -EINVAL,
		       "\"%s\" is to be wiped, but \"%s\" was confirmed: nothing is done. Both "
		       "must be the same word",
		       o->who, o->confirm);
}

int order_check(struct job_order *o, struct err *e)
{
	int r = store_job_check(&o->job, e);

	if (!r)
		r = check_meaning(o, e);
	if (!r)
		r = check_confirm(o, e);
	if (r || !is_verb(o, "restore"))
		return r;
	if (!o->job.verify[0])
		memcpy(o->job.verify, "sample", sizeof("sample"));
	o->job.personalise = !o->no_personalise;
	return check_verify(&o->job, e);
}

/* To be read aloud and typed: nothing that looks or sounds like something else. */
static int make_password(char ret[JOB_PASSWORD_MAX], struct err *e)
{
	static const char letters[] = "abcdefghjkmnpqrstuvwxyz23456789";
	const unsigned n = sizeof(letters) - 1;
	unsigned len = 0;
	uint8_t b;

	while (len < JOB_PASSWORD_MAX - 1) {
		if (getrandom(&b, 1, 0) != 1)
			return err_sys(e, "no random numbers");
		/* All of them as likely as each other. */
		if (b < 256 / n * n)
			ret[len++] = letters[b % n];
	}
	ret[len] = '\0';
	return 0;
}

struct adding {
	struct store *s;
	const struct job_order *o;
	order_each *each;
	void *ctx;
};

static int fill(const struct job_order *o, const struct host *h, struct job *ret, struct err *e)
{
	*ret = o->job;
	ret->mac = h->mac;
	if (is_verb(o, "wipe")) {
		if (!h->name[0])
			return err_set(e, -EINVAL,
				       "a machine without a name is not wiped: give it one "
				       "first (slate-pxe host add NAME %s)",
				       o->who);
		snprintf(ret->confirm, sizeof(ret->confirm), "%s", h->name);
	}
	return o->password ? make_password(ret->password, e) : 0;
}

static int add_for(void *ctx, const struct host *h, struct err *e)
{
	struct adding *a = ctx;
	struct job j;
	int r = fill(a->o, h, &j, e), cancelled = 0;

	if (!r)
		cancelled = store_jobs_supersede(a->s, &h->mac, j.created, e);
	if (cancelled < 0)
		r = cancelled;
	if (!r)
		r = store_job_add(a->s, &j, &j.id, e);
	return r ? r : a->each(a->ctx, &j, h, cancelled, e);
}

static int count_host(void *ctx, const struct host *h, struct err *e)
{
	(void)h;
	(void)e;
	++*(unsigned *)ctx;
	return 0;
}

/* A word that means one machine or several, whichever was thought of; and one image for
 * several, of which only the last would be left. */
static int check_who(struct store *s, const struct job_order *o, struct err *e)
{
	char mac[MAC_TEXT_MAX];
	struct host h;
	unsigned n = 0;
	int r = store_hosts(s, o->who, false, count_host, &n, e);

	if (r || n < 2)
		return r;
	if (!store_host_by_name(s, o->who, &h, NULL))
		return err_set(e, -EINVAL,
			       "\"%s\" is a machine and a group with others: name the machine "
			       "by its MAC (%s), or give it another name",
			       o->who, mac_text(&h.mac, mac));
	if (is_verb(o, "save"))
		return err_set(e, -EINVAL,
			       "\"%s\" are %u machines, and each would replace the image of "
			       "the one before: save one of them, or each by a name of its own",
			       o->who, n);
	return 0;
}

int order_add(struct store *s, const struct job_order *o, order_each *each, void *ctx,
	      struct err *e)
{
	struct adding a = { s, o, each, ctx };
	int r = check_who(s, o, e);

	return r ? r : store_hosts(s, o->who, false, add_for, &a, e);
}
