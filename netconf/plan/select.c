// SPDX-License-Identifier: GPL-3.0-or-later
/* Selectors on the cards of this machine. */
#include "netconf/plan/planner.h"

#include <stdio.h>
#include <string.h>

bool want_wireless(const struct want *w)
{
	for (size_t i = 0; i < w->n_selectors; i++)
		if (w->selectors[i].kind == SELECT_WLAN)
			return true;
	return w->role.ssid[0] || !strncmp(w->name, "wl", 2);
}

/* Does @nic fit the selector @s of @w? */
typedef bool fits(const struct planner *p, const struct want *w, const struct selector *s,
		  const struct nic *nic);

/* All that fit, in their order. */
struct found {
	size_t n, n_free;
	const struct nic *first_free, *second_free;
	const struct nic *numbered; /* the Nth of all; NULL: there are not so many */
	const struct nic *any;
};

static struct found find(const struct planner *p, const struct want *w,
			 const struct selector *s, fits *f)
{
	struct found r = { 0 };

	for (size_t i = 0; i < p->n; i++) {
		const struct nic *nic = p->cards[i];

		if (!f(p, w, s, nic))
			continue;
		r.any = nic;
		if (++r.n == s->number)
			r.numbered = nic;
		if (planner_holder(p, nic))
			continue;
		if (++r.n_free == 1)
			r.first_free = nic;
		else if (r.n_free == 2)
			r.second_free = nic;
	}
	return r;
}

static bool fits_mac(const struct planner *p, const struct want *w, const struct selector *s,
		     const struct nic *nic)
{
	(void)p, (void)w;
	return mac_equal(&nic->perm, &s->mac);
}

/* The whole, or an end that begins with a part of its own. */
static bool ends_with(const char *path, const char *end)
{
	size_t n = strlen(path), m = strlen(end);

	if (!m || m > n || strcmp(path + n - m, end) != 0)
		return false;
	return m == n || strchr(":-.", path[n - m - 1]);
}

static bool fits_path(const struct planner *p, const struct want *w, const struct selector *s,
		      const struct nic *nic)
{
	(void)p, (void)w;
	return ends_with(nic->path, s->text) || ends_with(nic->address, s->text) ||
	       (!planner_on_usb(nic) && ends_with(nic->pci, s->text));
}

static bool fits_driver(const struct planner *p, const struct want *w, const struct selector *s,
			const struct nic *nic)
{
	(void)p;
	return !strcmp(nic->driver, s->text) && nic->wireless == want_wireless(w);
}

static bool fits_usb(const struct planner *p, const struct want *w, const struct selector *s,
		     const struct nic *nic)
{
	(void)p, (void)s;
	return planner_on_usb(nic) && nic->wireless == want_wireless(w);
}

static bool fits_boot(const struct planner *p, const struct want *w, const struct selector *s,
		      const struct nic *nic)
{
	const struct mac *boot = p->req->boot;

	(void)w, (void)s;
	return !nic->wireless && (mac_equal(&nic->perm, boot) || mac_equal(&nic->mac, boot));
}

static bool fits_pci(const struct planner *p, const struct want *w, const struct selector *s,
		     const struct nic *nic)
{
	(void)p, (void)w, (void)s;
	return !nic->wireless && nic->pci[0] && !planner_on_usb(nic);
}

static bool fits_wired(const struct planner *p, const struct want *w, const struct selector *s,
		       const struct nic *nic)
{
	(void)p, (void)w, (void)s;
	return !nic->wireless;
}

static bool fits_wlan(const struct planner *p, const struct want *w, const struct selector *s,
		      const struct nic *nic)
{
	(void)p, (void)w, (void)s;
	return nic->wireless;
}

static const struct rule {
	fits *fits;
	const char *what; /* "no WHAT" */
} rules[] = {
	[SELECT_BOOT_NIC] = { fits_boot, "card that this machine booted from" },
	[SELECT_MAC] = { fits_mac, "card with this MAC" },
	[SELECT_PATH] = { fits_path, "card at this path" },
	[SELECT_DRIVER] = { fits_driver, "card with this driver" },
	[SELECT_PCI_ORDER] = { fits_pci, "wired PCI card" },
	[SELECT_WIRED_NEXT] = { fits_wired, "wired card" },
	[SELECT_WLAN] = { fits_wlan, "wireless card" },
	[SELECT_USB] = { fits_usb, "USB card" },
};

static void none(struct pick *ret, const struct planner *p, const struct rule *rule,
		 const struct nic *taken)
{
	char card[PLAN_CARD_MAX];

	if (taken)
		snprintf(ret->reason, sizeof(ret->reason), "%.90s is %s already",
			 plan_card_text(taken, card), planner_holder(p, taken));
	else
		snprintf(ret->reason, sizeof(ret->reason), "no %s", rule->what);
}

/* Those that count: pci-order:2. */
static void take_numbered(struct planner *p, const struct selector *s, const struct found *f,
			  struct pick *ret)
{
	const struct rule *rule = &rules[s->kind];

	if (!f->numbered && f->n) {
		snprintf(ret->reason, sizeof(ret->reason), "only %zu %s%s", f->n, rule->what,
			 f->n == 1 ? "" : "s");
		return;
	}
	if (!f->numbered || planner_holder(p, f->numbered)) {
		none(ret, p, rule, f->numbered);
		return;
	}
	ret->nic = f->numbered;
	snprintf(ret->reason, sizeof(ret->reason), "%s %u%s", rule->what, s->number,
		 s->kind == SELECT_PCI_ORDER ? " by PCI address" : "");
}

static void tell_two(struct planner *p, const struct want *w, const struct selector *s,
		     const struct found *f, struct pick *ret)
{
	char a[PLAN_CARD_MAX], b[PLAN_CARD_MAX];

	ret->refused = true;
	snprintf(ret->reason, sizeof(ret->reason), "it fits %zu cards", f->n_free);
	planner_problem(p,
			"%s: %s fits %zu cards: %s and %s%s; tell them apart with path: or "
			"mac:",
			w->name, s->shown, f->n_free, plan_card_text(f->first_free, a),
			plan_card_text(f->second_free, b), f->n_free > 2 ? " and others" : "");
}

/* Those that mean one card. */
static void take_only(struct planner *p, const struct want *w, const struct selector *s,
		      const struct found *f, struct pick *ret)
{
	if (f->n_free > 1) {
		tell_two(p, w, s, f, ret);
		return;
	}
	if (!f->n_free) {
		none(ret, p, &rules[s->kind], f->any);
		return;
	}
	ret->nic = f->first_free;
	if (s->kind == SELECT_BOOT_NIC)
		snprintf(ret->reason, sizeof(ret->reason), "this machine booted from it");
	else if (s->kind == SELECT_MAC || s->kind == SELECT_PATH)
		snprintf(ret->reason, sizeof(ret->reason), "%s", s->shown);
	else
		snprintf(ret->reason, sizeof(ret->reason), "the only %s%s",
			 f->n > 1 ? "free " : "", rules[s->kind].what);
}

static void take_next(const struct selector *s, const struct found *f, struct pick *ret)
{
	ret->nic = f->first_free;
	if (ret->nic)
		snprintf(ret->reason, sizeof(ret->reason),
			 "the next wired card that nobody has");
	else if (f->n)
		snprintf(ret->reason, sizeof(ret->reason), "all wired cards have names");
	else
		snprintf(ret->reason, sizeof(ret->reason), "no %s", rules[s->kind].what);
}

/* False: there is nothing to look for, and @ret says why. */
static bool boot_known(struct planner *p, const struct want *w, struct pick *ret)
{
	char mac[MAC_TEXT_MAX];

	if (!p->req->boot) {
		snprintf(ret->reason, sizeof(ret->reason),
			 "not known, as this machine did not boot from the network");
		return false;
	}
	for (size_t i = 0; i < p->n; i++)
		if (fits_boot(p, w, NULL, p->cards[i]))
			return true;
	ret->refused = true;
	snprintf(ret->reason, sizeof(ret->reason), "no card has the MAC %s",
		 mac_text(p->req->boot, mac));
	planner_problem(p,
			"%s: this machine booted from the card %s (BOOTIF= or --boot-nic), "
			"which is not among its wired cards: is its driver loaded?",
			w->name, mac);
	return false;
}

/* A MAC that the driver makes up names nothing. */
static void refuse_random(struct planner *p, const struct want *w, const struct selector *s,
			  struct pick *ret)
{
	char card[PLAN_CARD_MAX];

	if (s->kind != SELECT_MAC || !ret->nic || !ret->nic->random_mac)
		return;
	planner_problem(p,
			"%s: %s is made up anew at each boot by the driver of %s: use path: or "
			"usb instead",
			w->name, s->shown, plan_card_text(ret->nic, card));
	ret->nic = NULL;
	ret->refused = true;
}

void planner_select(struct planner *p, const struct want *w, const struct selector *s,
		    struct pick *ret)
{
	struct found f;

	*ret = (struct pick){ 0 };
	if (s->kind == SELECT_ONBOARD) {
		planner_onboard(p, w, s, ret);
		return;
	}
	if (s->kind == SELECT_BOOT_NIC && !boot_known(p, w, ret))
		return;
	f = find(p, w, s, rules[s->kind].fits);
	if (s->kind == SELECT_WIRED_NEXT)
		take_next(s, &f, ret);
	else if (s->number)
		take_numbered(p, s, &f, ret);
	else
		take_only(p, w, s, &f, ret);
	refuse_random(p, w, s, ret);
}
