// SPDX-License-Identifier: GPL-3.0-or-later
/* slate-pxe - boots a classroom from the network and gives it its jobs. */
#include "pxe/cmd/command.h"

int main(int argc, char **argv)
{
	static const struct pxe_command commands[] = {
		{ "serve", "", "the server", 0, 0, PXE_SERVE, pxe_serve },
		{ "check", "", "what stands in its way", 0, 0, PXE_CHECK, pxe_check },
		{ 0 },
	};

	return pxe_command_run(commands, argc, argv);
}
