// SPDX-License-Identifier: GPL-3.0-or-later
#include "imager/ui/pace.h"

bool pace_due(struct pace *p, double elapsed, bool last)
{
	/* The time went back: a new phase, and the one before had no last snapshot. */
	if (elapsed + p->every < p->next)
		p->next = p->first;
	if (last) {
		p->next = p->first;
		return true;
	}
	if (elapsed < p->next)
		return false;
	p->next = elapsed + p->every;
	return true;
}
