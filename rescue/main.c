// SPDX-License-Identifier: GPL-3.0-or-later
/* slate-agent - what the rescue system does for its server, or by itself. */
#include <stdio.h>

int main(void)
{
	fputs("slate-agent: nothing to do yet\n", stderr);
	return 2;
}
