// SPDX-License-Identifier: GPL-3.0-or-later
#include "netconf/apply/initramfs.h"

#include "netconf/apply/generate.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#define PATH_ROOM sizeof(((struct initramfs *)0)->image)

/* Who makes them: Debian and its kin; Fedora and its kin. */
static const struct {
	const char *pattern, *program;
	const char *command[INITRAMFS_WORDS];
} makers[] = {
	{ "initrd.img-*",
	  "/usr/sbin/update-initramfs",
	  { "update-initramfs", "-u", "-k", "all" } },
	{ "initramfs-*.img", "/usr/bin/dracut", { "dracut", "-f", "--regenerate-all" } },
};

static const struct {
	const char *dir, *pattern;
} sources[] = {
	{ "/etc/udev/rules.d", "70-slate-netconf.rules" },
	{ "/etc/udev/rules.d", "70-persistent-net.rules" },
	{ "/etc/systemd/network", "*.link" },
	{ "/etc/initramfs-tools/hooks", "slate-netconf" },
	{ "/etc/dracut.conf.d", "slate-netconf.conf" },
};

/* The newest of what goes into it. */
static int newest(const struct root *r, struct timespec *when, char name[PATH_ROOM],
		  struct err *e)
{
	int code = 0;

	for (size_t i = 0; i < sizeof(sources) / sizeof(sources[0]) && !code; i++) {
		struct names found;

		code = root_list(r, sources[i].dir, sources[i].pattern, &found, e);
		for (size_t k = 0; !code && k < found.n; k++) {
			char path[PATH_ROOM];
			struct stat st;

			snprintf(path, sizeof(path), "%s/%s", sources[i].dir, found.v[k]);
			if (root_stat(r, path, true, &st, NULL) ||
			    st.st_mtim.tv_sec < when->tv_sec ||
			    (st.st_mtim.tv_sec == when->tv_sec &&
			     st.st_mtim.tv_nsec <= when->tv_nsec))
				continue;
			*when = st.st_mtim;
			memcpy(name, path, sizeof(path));
		}
		names_free(&found);
	}
	return code;
}

static int look_at(const struct root *r, const char *pattern, const struct timespec *when,
		   char ret[PATH_ROOM], struct err *e)
{
	struct names found;
	int code = root_list(r, "/boot", pattern, &found, e);

	for (size_t i = 0; !code && i < found.n && !*ret; i++) {
		char path[PATH_ROOM];
		struct stat st;

		snprintf(path, sizeof(path), "/boot/%s", found.v[i]);
		if (!root_stat(r, path, true, &st, NULL) && S_ISREG(st.st_mode) &&
		    st.st_mtim.tv_sec < when->tv_sec)
			memcpy(ret, path, sizeof(path));
	}
	names_free(&found);
	return code;
}

int initramfs_look(const struct root *r, struct initramfs *ret, struct err *e)
{
	struct timespec when = { 0 };
	int code;

	*ret = (struct initramfs){ 0 };
	code = newest(r, &when, ret->newer, e);
	for (size_t i = 0; i < sizeof(makers) / sizeof(makers[0]) && !code; i++) {
		if (ret->image[0] || !root_has(r, makers[i].program))
			continue;
		code = look_at(r, makers[i].pattern, &when, ret->image, e);
		memcpy(ret->command, makers[i].command, sizeof(ret->command));
	}
	return code;
}

char *initramfs_command(const struct root *r, const struct initramfs *i, char *buf, size_t n)
{
	size_t used = 0;

	*buf = '\0';
	if (!root_is_running(r))
		used = (size_t)snprintf(buf, n, "chroot %s ", root_name(r));
	for (const char *const *w = i->command; *w && used < n; w++)
		used += (size_t)snprintf(buf + used, n - used, "%s%s", *w, w[1] ? " " : "");
	return buf;
}
