// SPDX-License-Identifier: GPL-3.0-or-later
/* rules.c - prints udev rules for names and addresses as given: no policy, no hardware. */
#include "netconf/cmd/command.h"
#include "netconf/render/render.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* "eth0=52:54:00:12:34:56" */
static int parse_pair(const char *text, struct static_name *ret, struct err *e)
{
	const char *sign = strchr(text, '=');
	size_t n = sign ? (size_t)(sign - text) : 0;
	int r;

	if (!sign)
		return err_set(e, -EINVAL,
			       "\"%.64s\" is no NAME=MAC, as in "
			       "eth0=52:54:00:12:34:56",
			       text);
	if (n >= sizeof(ret->name))
		return err_set(e, -EINVAL, "\"%.64s\": a name has at most 15 characters", text);
	memcpy(ret->name, text, n);
	ret->name[n] = '\0';
	r = name_check(ret->name, e);
	if (!r)
		r = mac_parse(sign + 1, &ret->mac, e);
	if (!r && !mac_valid(&ret->mac))
		r = err_set(e, -EINVAL, "%s: no card has this address", sign + 1);
	return r;
}

static int refuse_twice(const struct static_name *v, size_t n, struct err *e)
{
	const struct static_name *last = v + n;
	char text[MAC_TEXT_MAX];

	for (size_t i = 0; i < n; i++) {
		if (!strcmp(v[i].name, last->name))
			return err_set(e, -EINVAL, "%s is given to two cards", last->name);
		if (mac_equal(&v[i].mac, &last->mac))
			return err_set(e, -EINVAL, "%s is given two names, %s and %s",
				       mac_text(&last->mac, text), v[i].name, last->name);
	}
	return 0;
}

static void print_rules(const char *rules, int argc, char **argv)
{
	printf("# slate-netconf rules");
	for (int i = 0; i < argc; i++)
		printf(" %s", argv[i]);
	printf("\n# Goes to /etc/udev/rules.d/70-slate-netconf.rules; then run "
	       "update-initramfs -u and reboot.\n%s",
	       rules);
}

int nc_rules(const struct nc_options *o, int argc, char **argv)
{
	struct static_name v[POLICY_WANTS_MAX];
	struct text t = { 0 };
	struct err e = { "" };
	char *rules;
	int r = 0;

	(void)o;
	if (argc > POLICY_WANTS_MAX)
		r = err_set(&e, -EINVAL, "at most %d names", POLICY_WANTS_MAX);
	for (int i = 0; i < argc && !r; i++) {
		r = parse_pair(argv[i], &v[i], &e);
		if (!r)
			r = refuse_twice(v, (size_t)i, &e);
	}
	if (!r)
		r = render_static_rules(v, (size_t)argc, LIBDIR "/net-rename", &t, &e);
	if (!r)
		r = text_take(&t, &rules, &e);
	text_free(&t);
	if (r) {
		nc_fail(r, &e);
		return r == -EINVAL ? NC_STATUS_USAGE : NC_STATUS_FAILED;
	}
	print_rules(rules, argc, argv);
	free(rules);
	return fflush(stdout) ? NC_STATUS_FAILED : NC_STATUS_DONE;
}
