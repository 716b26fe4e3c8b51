// SPDX-License-Identifier: GPL-3.0-or-later
#include "pxe/cmd/remark.h"

#include <stdio.h>

const char *job_remark(const struct job *j, char buf[JOB_REMARK_MAX])
{
	int n;

	if (job_resumes(j))
		n = snprintf(buf, JOB_REMARK_MAX, "%s; goes on when the machine comes back",
			     j->error);
	else
		n = snprintf(buf, JOB_REMARK_MAX, "%s", j->error);
	if (j->attempts > 1 && n >= 0 && n < JOB_REMARK_MAX)
		snprintf(buf + n, JOB_REMARK_MAX - (size_t)n, "%sbegun %u times", n ? "; " : "",
			 j->attempts);
	return buf;
}
