// SPDX-License-Identifier: GPL-3.0-or-later
#include "pxe/serve/privileges.h"

#include "pxe/serve/sandbox.h"
#include "pxe/store/vault.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

static int find_user(const struct lab *l, const struct passwd **ret, struct err *e)
{
	errno = 0;
	*ret = getpwnam(l->user);
	if (*ret)
		return 0;
	return err_set(e, -ECANCELED,
		       "there is no user %s for the server to be: \"adduser --system --group "
		       "--no-create-home %s\" makes it",
		       l->user, l->user);
}

/* Those above it, which are everybody's to look into. */
static int make_parents(const char *path, struct err *e)
{
	char part[512];

	if ((size_t)snprintf(part, sizeof(part), "%s", path) >= sizeof(part))
		return err_set(e, -ENAMETOOLONG, "%s: too long a name", path);
	for (char *slash = strchr(part + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (mkdir(part, 0755) && errno != EEXIST)
			return err_sys(e, "%s", part);
		*slash = '/';
	}
	return 0;
}

/* A folder that is there stays whose it is. */
static int make_folder(const char *path, mode_t mode, const struct passwd *pw, struct err *e)
{
	int r = make_parents(path, e);

	if (r)
		return r;
	if (mkdir(path, mode))
		return errno == EEXIST ? 0 : err_sys(e, "%s", path);
	if (pw && chown(path, pw->pw_uid, pw->pw_gid))
		return err_sys(e, "%s", path);
	return 0;
}

int privileges_prepare(const struct lab *l, struct err *e)
{
	const struct passwd *pw = NULL;
	int r = geteuid() == 0 ? find_user(l, &pw, e) : 0;

	if (!r)
		r = make_folder(l->state, 0700, pw, e);
	if (!r)
		r = make_folder(l->images, 0755, pw, e); /* uploads go there */
	return r ? r : make_folder(l->boot, 0755, NULL, e);
}

static int become(const struct lab *l, struct err *e)
{
	const struct passwd *pw;
	int r = find_user(l, &pw, e);

	if (r)
		return r;
	if (pw->pw_uid == 0)
		return err_set(e, -ECANCELED,
			       "\"user = %s\" is root: the server must be somebody else",
			       l->user);
	if (setgroups(0, NULL) || setresgid(pw->pw_gid, pw->pw_gid, pw->pw_gid) ||
	    setresuid(pw->pw_uid, pw->pw_uid, pw->pw_uid))
		return err_sys(e, "becoming the user %s", l->user);
	/* Where we were root before, core dumps and /proc would be root's. */
	prctl(PR_SET_DUMPABLE, 1);
	return 0;
}

/* By the server's user: root alone, without its other rights, cannot look into the state
 * folder. */
static int make_vault(const struct lab *l, struct err *e)
{
	char path[sizeof(l->state) + sizeof(STORED_VAULT_FOLDER)];

	snprintf(path, sizeof(path), "%s/" STORED_VAULT_FOLDER, l->state);
	return make_folder(path, 0700, NULL, e);
}

int privileges_drop(const struct lab *l, const char *slate, const char *config,
		    struct journal *j, struct err *e)
{
	int r = geteuid() == 0 ? become(l, e) : 0;

	/* The sandbox makes no folders. */
	if (!r)
		r = make_vault(l, e);
	if (r)
		return r;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return err_sys(e, "no_new_privs");
	r = sandbox_folders(l, slate, config, j, e);
	return r ? r : sandbox_calls(e);
}
