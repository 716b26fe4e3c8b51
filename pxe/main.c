// SPDX-License-Identifier: GPL-3.0-or-later
/* slate-pxe - boots a classroom from the network and gives it its jobs. */
#include "pxe/cmd/command.h"

int main(int argc, char **argv)
{
	static const struct pxe_command commands[] = {
		{ { "serve", "", "the server", 0, 0, PXE_SERVE }, pxe_serve },
		{ { "check", "", "what stands in its way", 0, 0, PXE_CHECK }, pxe_check },
		{ { "host", "add|list|set|remove|import ...", "the machines", 1, -1, PXE_HOST },
		  pxe_host },
		{ { "job", "add|list|cancel ...", "what they are to do", 1, -1, PXE_JOB },
		  pxe_job },
		{ { "status", "", "what they do now", 0, 0, PXE_STATUS }, pxe_status },
		{ { "results", "[HOST]", "what they did", 0, 1, PXE_RESULTS }, pxe_results },
		{ { "wake", "HOST|GROUP|all", "switches them on", 1, 1, PXE_WAKE }, pxe_wake },
		{ { "export", "dnsmasq|isc-dhcp|kea|nginx", "configurations for others", 1, 1,
		    PXE_EXPORT },
		  pxe_export },
		{ .run = NULL },
	};

	return pxe_command_run(commands, argc, argv);
}
