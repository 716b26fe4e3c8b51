// SPDX-License-Identifier: GPL-3.0-or-later
#include "netconf/personalise/machine.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

/* The lower, the more a card belongs to the machine. */
static unsigned rank(const struct nic *nic)
{
	unsigned base = UINT_MAX / 4;

	if (!strcmp(nic->bus, "usb"))
		return 3 * base;
	if (nic->wireless)
		return 2 * base;
	if (nic->onboard_by == ONBOARD_UNKNOWN)
		return base;
	return nic->onboard < base ? nic->onboard : base - 1;
}

bool machine_has(const struct machine *m, const struct mac *mac)
{
	for (size_t i = 0; i < m->n_cards; i++)
		if (mac_equal(&m->cards[i], mac))
			return true;
	return false;
}

void machine_sort(struct machine *m)
{
	unsigned ranks[MACHINE_CARDS_MAX];

	m->n_cards = 0;
	for (size_t i = 0; i < m->nics.n && m->n_cards < MACHINE_CARDS_MAX; i++) {
		const struct nic *nic = &m->nics.v[i];
		size_t at = m->n_cards;

		if (nic->random_mac || !mac_valid(&nic->perm) || machine_has(m, &nic->perm))
			continue;
		for (; at && ranks[at - 1] > rank(nic); at--) {
			ranks[at] = ranks[at - 1];
			m->cards[at] = m->cards[at - 1];
		}
		ranks[at] = rank(nic);
		m->cards[at] = nic->perm;
		m->n_cards++;
	}
}

int machine_load(const char *sys, struct machine *ret, struct err *e)
{
	int r;

	*ret = (struct machine){ 0 };
	r = nics_scan(sys, &ret->nics, e);
	if (r < 0)
		return r;
	dmi_read(sys, &ret->dmi);
	machine_sort(ret);
	return 0;
}

void machine_free(struct machine *m)
{
	nics_free(&m->nics);
}

char *machine_text(const struct machine *m, char *buf, size_t n)
{
	char mac[MAC_TEXT_MAX];
	size_t at = 0;

	snprintf(buf, n, "no network card");
	for (size_t i = 0; i < m->n_cards && at < n; i++)
		at += (size_t)snprintf(buf + at, n - at, "%s%s", i ? ", " : "",
				       mac_text(&m->cards[i], mac));
	if (m->dmi.serial[0] && strlen(buf) + 1 < n)
		snprintf(buf + strlen(buf), n - strlen(buf), ", serial number %s",
			 m->dmi.serial);
	return buf;
}
