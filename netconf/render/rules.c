// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * rules.c - udev rules that give ethN and wlanN to the right cards.
 *
 * udevd gives up at once when a name is taken, so it cannot swap two cards, and it
 * drops the rest of such an event.  Hence two phases: a card first gets a name
 * that nobody else can have (nc-eth0), which always works; that rename is an
 * event ("move") of its own, and there a small program waits until the final
 * name is free.  It gets free because nobody stays in ethN or wlanN who was
 * not given it: those cards leave by the same rules.
 *
 * What is known of udev (tried with systemd 252):
 * - NAME= counts for "add" only, and one from before 80-net-setup-link.rules beats
 *   all .link files; a card that has its name already needs NAME= nevertheless.
 * - DRIVERS!= is true if any parent has no driver.
 * - On one line, matches come before IMPORT.
 * - A property that begins with '.' is not kept after the event.
 */
#include "netconf/render/mark.h"
#include "netconf/render/render.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RULES_FILE "/etc/udev/rules.d/70-slate-netconf.rules"

/* A card as the rules know it. */
struct rule {
	char name[NIC_NAME_MAX];
	bool present;    /* @match holds something */
	char match[320]; /* "ATTR{address}==..., " */
	char said[MARK_SAID_MAX];
};

static void add_head(struct text *t, const struct rule *v, size_t n, const char *helper)
{
	text_add(t, "SUBSYSTEM!=\"net\", GOTO=\"slate_end\"\n"
		    "# Second phase: from nc-NAME to NAME, as soon as it is free.\n");
	for (size_t i = 0; i < n; i++)
		if (v[i].present && name_of_kernel(v[i].name))
			text_add(t,
				 "ACTION==\"move\", KERNEL==\"nc-%s\", "
				 "RUN+=\"%s $env{IFINDEX} %s\"\n",
				 v[i].name, helper, v[i].name);
	text_add(t,
		 "ACTION!=\"add\", GOTO=\"slate_end\"\n"
		 "# Only cards: bridges and VLANs can have the address of one, but no driver.\n"
		 "ATTR{type}!=\"1\", GOTO=\"slate_end\"\n"
		 "DRIVERS==\"?*\", ENV{.SLATE_CARD}=\"1\"\n"
		 "ENV{.SLATE_CARD}!=\"1\", GOTO=\"slate_end\"\n"
		 "# Made with a name by somebody, as a second interface of a wireless card.\n"
		 "ATTR{name_assign_type}==\"3\", GOTO=\"slate_end\"\n"
		 "IMPORT{builtin}=\"path_id\"\n");
}

static void add_matches(struct text *t, const struct rule *v, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		text_add(t, "# %s: %s\n", v[i].name, v[i].said);
		if (v[i].present)
			text_add(t, "%sENV{.SLATE_NAME}=\"%s\"\n", v[i].match, v[i].name);
	}
	text_add(t, "# In use: stays as it is.\n"
		    "ATTR{flags}==\"0x*[13579bdf]\", NAME=\"$kernel\", GOTO=\"slate_end\"\n"
		    "# First phase: to a name that nobody else has.\n");
	for (size_t i = 0; i < n; i++)
		if (v[i].present && !name_of_kernel(v[i].name))
			text_add(t,
				 "ENV{.SLATE_NAME}==\"%s\", NAME=\"%s\", "
				 "GOTO=\"slate_end\"\n",
				 v[i].name, v[i].name);
}

static void add_phases(struct text *t, const struct rule *v, size_t n, const char *helper)
{
	for (size_t i = 0; i < n; i++) {
		const char *name = v[i].name;

		if (!v[i].present || !name_of_kernel(name))
			continue;
		text_add(t,
			 "ENV{.SLATE_NAME}==\"%s\", KERNEL==\"%s\", NAME=\"%s\", "
			 "GOTO=\"slate_end\"\n",
			 name, name, name);
		/* Left over where the program was missing: in an initramfs. */
		text_add(t,
			 "ENV{.SLATE_NAME}==\"%s\", KERNEL==\"nc-*\", NAME=\"$kernel\", "
			 "RUN+=\"%s $env{IFINDEX} %s\", GOTO=\"slate_end\"\n",
			 name, helper, name);
		text_add(t, "ENV{.SLATE_NAME}==\"%s\", NAME=\"nc-%s\", GOTO=\"slate_end\"\n",
			 name, name);
	}
}

/* "eth0|wlan0|nc-*": what other cards must not be called. */
static void add_wanted(struct text *t, const struct rule *v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (name_of_kernel(v[i].name))
			text_add(t, "%s|", v[i].name);
	text_add(t, "nc-*");
}

/*
 * Cards that no name is wanted for must leave the names that are wanted; one that has
 * neither a path nor an address to be named by gets a number.
 */
static void add_strangers(struct text *t, const struct rule *v, size_t n, bool keep)
{
	text_add(t, "# Other cards leave these names.\nKERNEL!=\"");
	if (keep)
		add_wanted(t, v, n);
	else
		text_add(t, "eth*|wlan*|nc-*");
	text_add(t, "\", GOTO=\"slate_end\"\n"
		    "IMPORT{builtin}=\"net_id\"\n"
		    "ENV{ID_NET_NAME_PATH}==\"?*\", NAME=\"$env{ID_NET_NAME_PATH}\", "
		    "GOTO=\"slate_end\"\n"
		    "ENV{ID_NET_NAME_MAC}==\"?*\", NAME=\"$env{ID_NET_NAME_MAC}\", "
		    "GOTO=\"slate_end\"\n"
		    "KERNEL==\"");
	add_wanted(t, v, n);
	text_add(t, "\", NAME=\"other$env{IFINDEX}\"\n"
		    "LABEL=\"slate_end\"\n");
}

static void add_rules(struct text *t, const struct rule *v, size_t n, bool keep,
		      const char *helper)
{
	add_head(t, v, n, helper);
	add_matches(t, v, n);
	add_phases(t, v, n, helper);
	add_strangers(t, v, n, keep);
}

static void match_address(const struct mac *m, char *to, size_t n)
{
	char text[MAC_TEXT_MAX];

	snprintf(to, n, "ATTR{address}==\"%s\", ", mac_text(m, text));
}

/* All that is compared with a parent (ATTRS, DRIVERS) must hold for the same parent. */
static void match_mark(const struct mark *m, char *to, size_t n)
{
	const struct nic *nic = m->nic;
	size_t at;

	if (m->pin == PIN_MAC)
		match_address(&nic->perm, to, n);
	else if (m->pin == PIN_PATH)
		snprintf(to, n, "ENV{ID_PATH}==\"%s\", ", nic->path);
	else
		snprintf(to, n, "SUBSYSTEMS==\"pci\", ATTRS{%s}==\"%u\", ",
			 nic->onboard_by == ONBOARD_ACPI ? "acpi_index" : "index",
			 nic->onboard);
	at = strlen(to);
	if (m->driver)
		snprintf(to + at, n - at, "DRIVERS==\"%s\", ", nic->driver);
	at = strlen(to);
	if (m->port)
		snprintf(to + at, n - at, "ATTR{dev_port}==\"%u\", ATTR{dev_id}==\"0x%x\", ",
			 nic->dev_port, nic->dev_id);
}

static int rule_of(const struct choice *c, struct rule *ret, struct err *e)
{
	struct mark mark;
	char said[MARK_SAID_MAX];
	int r = mark_name(c->want->name, e);

	if (r)
		return r;
	memcpy(ret->name, c->want->name, sizeof(ret->name));
	snprintf(said, sizeof(said), "%s%s%s%s%s", c->nic ? c->nic->address : "",
		 c->nic ? " " : "", c->nic ? c->nic->driver : "", c->nic ? ", " : "",
		 c->reason);
	mark_comment(ret->said, sizeof(ret->said), said);
	if (!c->nic)
		return 0;
	r = mark_choose(c, &mark, e);
	if (r)
		return r;
	match_mark(&mark, ret->match, sizeof(ret->match));
	ret->present = true;
	return 0;
}

static int check_helper(const char *helper, struct err *e)
{
	if (mark_plain_path(helper))
		return 0;
	return err_set(e, -EINVAL, "%s cannot stand in a udev rule: install slate elsewhere",
		       helper);
}

bool rules_needed(const struct plan *plan)
{
	for (size_t i = 0; i < plan->n; i++)
		if (name_of_kernel(plan->v[i].want->name))
			return true;
	return false;
}

int render_rules(const struct render *r, struct files *ret, struct err *e)
{
	const struct plan *plan = r->plan;
	struct text t = { 0 };
	struct rule *v;
	int code;

	if (!rules_needed(plan))
		return 0;
	code = check_helper(r->helper, e);
	if (code)
		return code;
	v = calloc(plan->n, sizeof(*v));
	if (!v)
		return err_nomem(e);
	for (size_t i = 0; i < plan->n && !code; i++)
		code = rule_of(&plan->v[i], &v[i], e);
	if (!code) {
		add_rules(&t, v, plan->n, plan->policy->strangers == STRANGERS_KEEP, r->helper);
		code = files_add(ret, RULES_FILE, 0644, &t, e);
	}
	text_free(&t);
	free(v);
	return code;
}

int render_static_rules(const struct static_name *v, size_t n, const char *helper,
			struct text *ret, struct err *e)
{
	struct rule *rules;
	int r = check_helper(helper, e);

	for (size_t i = 0; i < n && !r; i++)
		r = mark_name(v[i].name, e);
	if (r)
		return r;
	rules = calloc(n + 1, sizeof(*rules));
	if (!rules)
		return err_nomem(e);
	for (size_t i = 0; i < n; i++) {
		memcpy(rules[i].name, v[i].name, sizeof(rules[i].name));
		rules[i].present = true;
		match_address(&v[i].mac, rules[i].match, sizeof(rules[i].match));
		memcpy(rules[i].said, "by its address", sizeof("by its address"));
	}
	add_rules(ret, rules, n, false, helper);
	free(rules);
	return 0;
}
