// SPDX-License-Identifier: GPL-3.0-or-later
/* /etc/hostname (hostname(5)) and the line of /etc/hosts that goes with it. */
#include "netconf/personalise/hosts.h"
#include "netconf/personalise/step.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HOSTS_FILE "/etc/hosts"

static int plan_hosts(const struct task *t, const char *old, struct edits *ret, struct err *e)
{
	const struct item *line =
		t->hostname_kept ? identity_find(t->kept, "hosts-line") : NULL;
	char *text = NULL, *changed = NULL;
	size_t len = 0;
	int r = root_read(t->root, HOSTS_FILE, HOSTS_MAX, &text, &len, e);

	if (r == -ENOENT) {
		text = strdup("127.0.0.1\tlocalhost\n");
		r = text ? 0 : err_nomem(e);
		len = text ? strlen(text) : 0;
	}
	if (!r && line)
		r = hosts_put_line(text, len, line->content, &changed, e);
	else if (!r)
		r = hosts_rename(text, len, old, t->hostname, &changed, e);
	if (!r)
		r = edits_write(ret, t->root, HOSTS_FILE, changed, strlen(changed), 0, e);
	free(changed);
	free(text);
	return r;
}

static int plan(const struct task *t, struct edits *ret, struct err *e)
{
	char old[HOSTNAME_MAX], content[HOSTNAME_MAX + 1];
	const struct item *kept = t->hostname_kept ? identity_find(t->kept, "hostname") : NULL;
	int r;

	if (!t->hostname[0]) {
		text_add(&ret->notes, "%s; the name stays\n", t->hostname_why);
		return 0;
	}
	r = hostname_read(t->root, old, e);
	if (r)
		return r;
	r = plan_hosts(t, old, ret, e);
	if (r)
		return r;
	snprintf(content, sizeof(content), "%s\n", t->hostname);
	r = kept ? edits_write(ret, t->root, HOSTNAME_FILE, kept->content, kept->len,
			       kept->mode, e)
		 : edits_write(ret, t->root, HOSTNAME_FILE, content, strlen(content), 0, e);
	if (!r)
		text_add(&ret->notes, "%s, by %s\n", t->hostname, t->hostname_why);
	return r;
}

const struct step step_hostname = { "hostname",
				    "/etc/hostname, and its line 127.0.1.1 in /etc/hosts",
				    plan };
