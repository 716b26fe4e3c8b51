// SPDX-License-Identifier: GPL-3.0-or-later
#include "netconf/cmd/resolve.h"

#include "common/conf.h"
#include "common/io.h"
#include "netconf/plan/bootif.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CMDLINE "/proc/cmdline"

/* A file of the running system, by a path from the current folder. */
static int read_here(const char *path, char **ret, size_t *ret_len, struct err *e)
{
	/* O_NONBLOCK: a FIFO must not hold us up. */
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	struct stat st;
	int r = 0;

	if (fd < 0)
		return err_sys(e, "%s", path);
	if (fstat(fd, &st))
		r = err_sys(e, "%s", path);
	else if (!S_ISREG(st.st_mode))
		r = err_set(e, -EINVAL, "%s: not a file with a policy in it", path);
	if (!r)
		*ret = io_slurp_fd(fd, CONF_FILE_MAX, ret_len);
	if (!r && !*ret)
		r = err_sys(e, "%s", path);
	close(fd);
	return r;
}

static int sum_policy(const char *text, size_t len, struct resolved *ret, struct err *e)
{
	uint8_t sum[HASH_SIZE];
	struct hash *h;
	int r = hash_new(&h, e);

	if (r)
		return r;
	r = hash_buf(h, text, len, sum);
	hash_free(h);
	if (r)
		return err_set(e, r, "the sum of the policy cannot be computed");
	hash_hex(sum, sizeof(sum), ret->policy_sum);
	return 0;
}

static int read_policy(const struct nc_options *o, struct resolved *ret, struct err *e)
{
	const char *path = ret->policy_file;
	bool within = path[0] == '/';
	char shown[4096];
	char *text = NULL;
	size_t len = 0;
	int r;

	snprintf(shown, sizeof(shown), "%s%s",
		 within && !root_is_running(ret->root) ? root_name(ret->root) : "", path);
	r = within ? root_read(ret->root, path, CONF_FILE_MAX, &text, &len, e)
		   : read_here(path, &text, &len, e);
	if (r == -ENOENT && !o->policy)
		err_set(e, r,
			"%s: there is no policy yet: begin with the example in the "
			"documentation folder (share/doc/slate/examples/netconf.conf), or make "
			"one from files of older tools by \"slate-netconf import\"",
			shown);
	if (!r)
		r = sum_policy(text, len, ret, e);
	if (!r)
		r = policy_parse(shown, text, len, &ret->policy, e);
	free(text);
	return r;
}

/* A machine that did not boot from the network has no BOOTIF=, which is no failure. */
static void find_boot(const struct nc_options *o, struct resolved *ret)
{
	char *cmdline;

	ret->boot = o->boot_nic;
	ret->has_boot = o->has_boot_nic;
	if (ret->has_boot || strcmp(o->sys, "/sys") != 0)
		return;
	cmdline = io_slurp(CMDLINE, BOOTIF_CMDLINE_MAX);
	ret->has_boot = cmdline && bootif_find(cmdline, &ret->boot);
	free(cmdline);
}

int nc_resolve(const struct nc_options *o, struct resolved *ret, struct err *e)
{
	struct plan_request req = { .policy = &ret->policy, .nics = &ret->nics };
	int r;

	*ret = (struct resolved){ .policy_file = o->policy ? o->policy : POLICY_FILE };
	r = root_open(o->root, &ret->root, e);
	if (!r)
		r = read_policy(o, ret, e);
	if (!r)
		r = nics_scan(o->sys, &ret->nics, e);
	if (r)
		return r;
	find_boot(o, ret);
	req.boot = ret->has_boot ? &ret->boot : NULL;
	return plan_make(&req, &ret->plan, e);
}

void nc_resolve_free(struct resolved *r)
{
	plan_free(&r->plan);
	nics_free(&r->nics);
	policy_free(&r->policy);
	root_close(r->root);
	*r = (struct resolved){ 0 };
}
