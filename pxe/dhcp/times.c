// SPDX-License-Identifier: GPL-3.0-or-later
#include "pxe/dhcp/times.h"

#define LEAP_LEAST 5 /* seconds; less is what NTP does in passing */

int64_t dhcp_times_judge(struct dhcp_times *t, const struct now *now, unsigned lease)
{
	int64_t base = now->wall - now->ms / 1000;
	int64_t drift = base - t->base;

	if (!t->begun) {
		t->begun = true;
		t->base = base;
		drift = 0;
	}
	if (now->ms >= t->until_ms)
		t->leap = 0;
	if (drift >= LEAP_LEAST || drift <= -LEAP_LEAST) {
		t->base = base;
		t->leap += drift;
		if (t->leap < 0)
			t->leap = 0;
		t->until_ms = now->ms + (int64_t)lease * 1000;
	}
	return now->wall - t->leap;
}
