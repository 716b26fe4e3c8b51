// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * times.h - judges by a clock that somebody may set.
 *
 * Leases are kept in wall-clock time, as they must outlive a restart. When the clock is set
 * forward (a server without a battery learns the time only after its start) all of them
 * would seem to have ended, and their addresses would be given a second time. So for as long
 * as a lease that is older than the leap can last, ends are judged by the clock as it was.
 * A clock set back makes leases last as much longer: nobody loses an address by that.
 */
#ifndef PXE_DHCP_TIMES_H
#define PXE_DHCP_TIMES_H

#include "pxe/dhcp/dhcp.h"

struct dhcp_times {
	bool begun;
	int64_t base;     /* wall-clock seconds when the monotonic clock was 0 */
	int64_t leap;     /* seconds that ends are judged late */
	int64_t until_ms; /* and how long */
};

/* Looks at @now; returns the seconds since 1970 by which the end of a lease is judged. */
int64_t dhcp_times_judge(struct dhcp_times *t, const struct now *now, unsigned lease);

#endif
