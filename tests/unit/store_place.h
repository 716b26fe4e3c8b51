// SPDX-License-Identifier: GPL-3.0-or-later
/* store_place.h - a lab's database in the scratch folder, and what goes into it. */
#ifndef TESTS_UNIT_STORE_PLACE_H
#define TESTS_UNIT_STORE_PLACE_H

#include "pxe/store/store.h"
#include "tests/unit/scratch.h"

static inline struct mac mac_of(unsigned n)
{
	return (struct mac){ { 0x52, 0x54, 0, 0, (uint8_t)(n >> 8), (uint8_t)n } };
}

static inline struct store *open_store(void **state)
{
	struct scratch *dir = *state;
	struct err e = { "" };
	struct store *s = NULL;

	if (store_open(dir->dir, &s, &e))
		fail_msg("%s", e.msg);
	return s;
}

static inline struct host host(unsigned n, const char *name, const char *group, uint32_t addr)
{
	struct host h = { .mac = mac_of(n), .addr = addr };

	snprintf(h.name, sizeof(h.name), "%s", name);
	snprintf(h.group, sizeof(h.group), "%s", group);
	return h;
}

static inline void put(struct store *s, unsigned n, const char *name, const char *group,
		       uint32_t addr)
{
	struct host h = host(n, name, group, addr);

	assert_int_equal(store_host_put(s, &h, NULL), 0);
}

static inline int64_t add(struct store *s, unsigned n, const char *verb, int64_t at)
{
	struct job j = { .mac = mac_of(n), .at = at, .created = 1000 };
	int64_t id;

	snprintf(j.verb, sizeof(j.verb), "%s", verb);
	snprintf(j.image, sizeof(j.image), "lynx.slate");
	snprintf(j.then, sizeof(j.then), "reboot");
	assert_int_equal(store_job_add(s, &j, &id, NULL), 0);
	return id;
}

static inline int remember_job(void *ctx, const struct job *j, struct err *e)
{
	(void)e;
	*(struct job *)ctx = *j;
	return 0;
}

static inline int find_that(void *ctx, const struct job *j, struct err *e)
{
	struct job *want = ctx;

	(void)e;
	if (j->id == want->id)
		*want = *j;
	return 0;
}

static inline struct job by_id(struct store *s, int64_t id)
{
	struct job j = { .id = id };

	assert_int_equal(store_jobs(s, true, find_that, &j, NULL), 0);
	return j;
}

#endif
