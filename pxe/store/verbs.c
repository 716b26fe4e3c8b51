// SPDX-License-Identifier: GPL-3.0-or-later
/* Which jobs there are, and what they need. */
#include "pxe/store/store.h"

#include <errno.h>
#include <string.h>

enum needs { NO_IMAGE, IMAGE };

static const struct {
	const char *name;
	enum needs needs;
} verbs[] = {
	{ "restore", IMAGE },  { "save", IMAGE },        { "verify", IMAGE },
	{ "shell", NO_IMAGE }, { "poweroff", NO_IMAGE }, { "local", NO_IMAGE },
	{ "wipe", NO_IMAGE },
};

/* A path below images/ that shows no hidden file and leads nowhere else. */
static bool image_ok(const char *name)
{
	if (!*name || *name == '/' || *name == '.' || strstr(name, "/.") || strstr(name, "//"))
		return false;
	for (const char *p = name; *p; p++)
		if ((unsigned char)*p < 0x20 || *p == 0x7f || *p == '\\')
			return false;
	return name[strlen(name) - 1] != '/';
}

static int check_image(const struct job *j, enum needs needs, struct err *e)
{
	if (needs == NO_IMAGE && j->image[0])
		return err_set(e, -EINVAL, "%s takes no image", j->verb);
	if (needs == IMAGE && !j->image[0])
		return err_set(e, -EINVAL, "%s needs the name of an image", j->verb);
	if (needs == IMAGE && !image_ok(j->image))
		return err_set(e, -EINVAL,
			       "\"%s\" is no name of an image, as it stands in the folder of "
			       "images (room1/lynx.slate)",
			       j->image);
	return 0;
}

static int check_then(const struct job *j, struct err *e)
{
	static const char *const known[] = { "", "reboot", "poweroff", "local" };

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (!strcmp(j->then, known[i]))
			return 0;
	return err_set(e, -EINVAL, "\"%s\" is none of reboot, poweroff, local", j->then);
}

int store_job_check(const struct job *j, struct err *e)
{
	int r;

	for (const char *p = j->disk; *p; p++)
		if ((unsigned char)*p < 0x20 || *p == 0x7f)
			return err_set(e, -EINVAL, "the rule for the disk is no plain text");
	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++) {
		if (strcmp(j->verb, verbs[i].name) != 0)
			continue;
		r = check_image(j, verbs[i].needs, e);
		return r ? r : check_then(j, e);
	}
	return err_set(e, -EINVAL,
		       "there is no job \"%s\"; there are restore, save, verify, wipe, shell, "
		       "poweroff, local",
		       j->verb);
}
