// SPDX-License-Identifier: GPL-3.0-or-later
#include "pxe/cmd/host.h"

#include "common/io.h"
#include "pxe/import/hostlist.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char *read_list(const char *file, size_t *ret_len, struct err *e)
{
	int fd = strcmp(file, "-") ? open(file, O_RDONLY | O_CLOEXEC) : STDIN_FILENO;
	char *text;

	if (fd < 0) {
		err_sys(e, "%s", file);
		return NULL;
	}
	text = io_slurp_fd(fd, HOSTLIST_FILE_MAX, ret_len);
	if (!text)
		err_sys(e, "%s", file);
	if (fd != STDIN_FILENO)
		close(fd);
	return text;
}

struct counts {
	unsigned added, changed, same;
};

static int put(struct store *s, const struct hostlist_row *row, struct counts *n, struct err *e)
{
	struct host h, old;
	int r = store_host_by_mac(s, &row->host.mac, &old, e);
	bool is_new = r == -ENOENT || (!r && !old.known);

	if (r && r != -ENOENT)
		return r;
	h = row->host;
	/* What the list does not speak of stays. */
	if (!is_new && !row->has_group)
		memcpy(h.group, old.group, sizeof(h.group));
	if (!is_new && !row->has_address)
		h.addr = old.addr;
	if (!is_new && !strcmp(h.name, old.name) && !strcmp(h.group, old.group) &&
	    h.addr == old.addr) {
		n->same++;
		return 0;
	}
	n->added += is_new;
	n->changed += !is_new;
	return store_host_put(s, &h, e);
}

int host_import(struct place *p, int argc, char **argv, struct err *e)
{
	struct counts n = { 0 };
	struct hostlist_row *rows = NULL;
	size_t n_rows = 0, len, i = 0;
	char *text = read_list(argv[0], &len, e);
	int r;

	(void)argc;
	if (!text)
		return -EIO;
	r = hostlist_parse(argv[0], text, len, &rows, &n_rows, e);
	free(text);
	if (r == -EINVAL)
		return err_wrap(e, -ECANCELED, "nothing was imported");
	for (; !r && i < n_rows; i++)
		r = put(p->store, &rows[i], &n, e);
	if (r)
		err_wrap(e, r, "nothing was imported: %s:%u", argv[0],
			 i ? rows[i - 1].line : 0);
	else
		printf("%zu machine%s: %u new, %u changed, %u as before\n", n_rows,
		       n_rows == 1 ? "" : "s", n.added, n.changed, n.same);
	free(rows);
	return r;
}
