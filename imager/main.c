// SPDX-License-Identifier: GPL-3.0-or-later
/* slate - saves partitions and disks to images and restores them. */
#include "imager/cmd/command.h"
#include "imager/screen/screen.h"

int main(int argc, char **argv)
{
	static const struct command commands[] = {
		{ { "save", "DEVICE IMAGE", "a device to an image", 2, 2, VERB_SAVE },
		  cmd_save },
		{ { "restore", "DEVICE IMAGE", "an image to a device", 2, 2, VERB_RESTORE },
		  cmd_restore },
		{ { "verify", "IMAGE [DEVICE]", "checks IMAGE, or DEVICE against it", 1, 2,
		    VERB_VERIFY },
		  cmd_verify },
		{ { "clone", "SOURCE TARGET", "a device to another device", 2, 2, VERB_CLONE },
		  cmd_clone },
		{ { "restmbr", "DEVICE IMAGE", "an image's boot code and table", 2, 2,
		    VERB_RESTMBR },
		  cmd_restmbr },
		{ { "diff", "IMAGE DEVICE", "what of DEVICE is not as in IMAGE", 2, 2,
		    VERB_DIFF },
		  cmd_diff },
		{ { "info", "IMAGE", "what is in an image", 1, 1, VERB_INFO }, cmd_info },
		{ .run = NULL },
	};
	const char *root;

	if (screen_wanted(argc, argv, &root))
		return screen_run(commands, root);
	return command_run(commands, argc, argv);
}
