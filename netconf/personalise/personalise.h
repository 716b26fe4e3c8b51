// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * personalise.h - makes a cloned system one of its own, step by step.
 *
 * All steps are planned before the first one is made.
 */
#ifndef NETCONF_PERSONALISE_PERSONALISE_H
#define NETCONF_PERSONALISE_PERSONALISE_H

#include "netconf/personalise/step.h"

#define STEPS_MAX 16

enum step_state { STEP_NOTHING, STEP_PENDING, STEP_DONE, STEP_FAILED };

struct step_result {
	const struct step *step;
	enum step_state state;
	struct edits edits;
	struct err error; /* of STEP_FAILED */
};

struct personalise {
	struct step_result v[STEPS_MAX]; /* those that were selected */
	size_t n;
	size_t pending, done, failed;
};

/* All steps, ended by NULL. */
extern const struct step *const personalise_steps[];

/* Fills @ret with the steps named in @only (NULL: all) but not in @skip (NULL: none),
 * between commas.  -EINVAL: there is no such step. */
int personalise_select(const char *only, const char *skip, struct personalise *ret,
		       struct err *e);
/*
 * The name of this machine goes into @t: a line of @table, else the vault's, else the
 * @template (each may be NULL).  -ECANCELED: two lines of the table claim it.
 */
int personalise_name(struct task *t, const struct hostname_table *table, const char *template,
		     struct err *e);
/* Each selected step gets its edits, or its error; so does one that could not write. */
void personalise_plan(struct personalise *p, const struct task *t);
/* Makes what is pending; a step that fails does not keep the others from being made. */
void personalise_make(struct personalise *p, const struct task *t);
void personalise_free(struct personalise *p);

#endif
