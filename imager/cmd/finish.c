// SPDX-License-Identifier: GPL-3.0-or-later
#include "imager/cmd/finish.h"

#include "imager/cmd/status.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int finish(unsigned how, FILE *err)
{
	static const char *const programs[] = { NULL, "poweroff", "reboot", NULL };

	if (how >= sizeof(programs) / sizeof(programs[0]) || !programs[how])
		return STATUS_DONE;
	sync();
	execlp(programs[how], programs[how], (char *)NULL);
	fprintf(err, "slate: all is done, but %s does not run: %s\n", programs[how],
		strerror(errno));
	return STATUS_FAILED;
}
