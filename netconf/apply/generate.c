// SPDX-License-Identifier: GPL-3.0-or-later
#include "netconf/apply/generate.h"

#include "common/io.h"
#include "netconf/apply/secrets.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define HELPER_MAX (16 << 20) /* bytes */

typedef int renderer(const struct render *r, struct files *ret, struct err *e);

/* By enum style; NULL: addresses are somebody else's business. */
static renderer *const address_renderers[] = {
	[STYLE_AUTO] = NULL,
	[STYLE_NONE] = NULL,
	[STYLE_IFUPDOWN] = render_ifupdown,
	[STYLE_NETWORKD] = render_networkd,
	[STYLE_NETPLAN] = render_netplan,
	[STYLE_NM] = render_nm,
};

/* The helper of this system: beside this program, or where it is installed. */
static char *read_helper(size_t *len)
{
	char path[PATH_MAX] = "";
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - 1);
	char *slash, *content;
	int fd = -1;

	path[n > 0 ? n : 0] = '\0';
	slash = strrchr(path, '/');
	if (slash && (size_t)(slash - path) + sizeof("/net-rename") <= sizeof(path)) {
		memcpy(slash, "/net-rename", sizeof("/net-rename"));
		fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	}
	if (fd < 0)
		fd = open(NETCONF_HELPER, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return NULL;
	content = io_slurp_fd(fd, HELPER_MAX, len);
	close(fd);
	return content;
}

/* The helper goes before the rules that call it. */
static void put_first(struct files *f)
{
	struct file last = f->v[f->n - 1];

	memmove(f->v + 1, f->v, (f->n - 1) * sizeof(*f->v));
	f->v[0] = last;
}

static int add_helper(const struct root *r, struct files *ret, struct err *e)
{
	struct text t = { 0 };
	size_t len = 0;
	char *content = read_helper(&len);
	int code;

	if (!content || !len) {
		free(content);
		if (root_has(r, NETCONF_HELPER))
			return 0;
		return err_set(e, -ENOENT,
			       "the program net-rename, which udev needs to give the names, is "
			       "not in %s: install slate as a whole",
			       LIBDIR);
	}
	text_add_bytes(&t, content, len);
	free(content);
	code = files_add(ret, NETCONF_HELPER, 0755, &t, e);
	if (code)
		return code;
	ret->v[ret->n - 1].owned = false;
	ret->v[ret->n - 1].len = len;
	put_first(ret);
	return 0;
}

static bool has_rules(const struct files *f)
{
	for (size_t i = 0; i < f->n; i++)
		if (!strcmp(f->v[i].path, NETCONF_RULES))
			return true;
	return false;
}

static int render_all(const struct render *ctx, enum style style, struct files *ret,
		      struct err *e)
{
	renderer *const all[] = { render_rules, render_links, render_boot,
				  address_renderers[style] };

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		int code = all[i] ? all[i](ctx, ret, e) : 0;

		if (code)
			return code;
	}
	return 0;
}

int generate_files(const struct root *r, const struct plan *plan, struct files *ret,
		   struct generated *g, struct err *e)
{
	struct secrets secrets = { 0 };
	struct render ctx = { .plan = plan,
			      .secrets = &secrets,
			      .helper = NETCONF_HELPER,
			      .program = NETCONF_PROGRAM };
	int code;

	*ret = (struct files){ 0 };
	*g = (struct generated){ .style = plan->policy->style };
	snprintf(g->why, sizeof(g->why), "the policy says so");
	if (g->style == STYLE_AUTO)
		g->style = style_find(r, g->why, sizeof(g->why));
	code = secrets_read(r, plan->policy, &secrets, g->warning, sizeof(g->warning), e);
	if (!code)
		code = render_all(&ctx, g->style, ret, e);
	if (!code && has_rules(ret))
		code = add_helper(r, ret, e);
	secrets_free(&secrets);
	return code;
}
