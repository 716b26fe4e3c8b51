// SPDX-License-Identifier: GPL-3.0-or-later
#include "imager/image/sink.h"

#include "imager/image/volume.h"

#include <errno.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Refuses to replace what is not an image file, or what may not be replaced. */
static int check_name(const char *name, const struct sink_options *opt, struct err *e)
{
	struct stat st;

	if (lstat(name, &st) < 0)
		return errno == ENOENT ? 0 : err_sys(e, "%s", name);
	if (stat(name, &st) == 0 && !S_ISREG(st.st_mode))
		return err_set(e, -ECANCELED, "%s: exists and is no regular file", name);
	if (!opt->overwrite)
		return err_set(e, -ECANCELED,
			       "%s: exists already; -o (--overwrite) replaces it", name);
	return 0;
}

static int check_directory(const char *path, struct err *e)
{
	char *copy = strdup(path);
	struct stat st;
	const char *dir;
	int r = 0;

	if (!copy)
		return err_nomem(e);
	dir = dirname(copy);
	if (stat(dir, &st) < 0)
		r = err_set(e, -ECANCELED, "%s: no such directory: %s", path, dir);
	else if (!S_ISDIR(st.st_mode))
		r = err_set(e, -ECANCELED, "%s: %s is no directory", path, dir);
	free(copy);
	return r;
}

bool sink_taken(const char *path)
{
	char *base = volume_base(path), *first = base ? volume_name(base, 0) : NULL;
	bool taken = base && first && !remote_is_url(path) &&
		     (!access(base, F_OK) || !access(first, F_OK));

	free(base);
	free(first);
	return taken;
}

int sink_open(struct sink **ret, const char *path, const struct sink_options *opt,
	      struct err *e)
{
	char *base, *first;
	int r;

	if (!strcmp(path, "-"))
		return sink_pipe_open(ret, STDOUT_FILENO, opt, e);
	if (remote_is_url(path))
		return sink_url_open(ret, path, opt, e);
	r = check_directory(path, e);
	if (r < 0)
		return r;
	base = volume_base(path);
	first = base ? volume_name(base, 0) : NULL;
	if (!first)
		r = err_nomem(e);
	/* NAME and NAME.000 side by side would hide one another from readers. */
	if (!r)
		r = check_name(first, opt, e);
	if (!r)
		r = check_name(base, opt, e);
	free(base);
	free(first);
	return r ? r : sink_file_open(ret, path, opt, e);
}
