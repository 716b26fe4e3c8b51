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

/* Before the transaction: who waits for a slow pipe must not keep others from the database. */
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

/* What the list does not speak of stays. */
static int merge(struct store *s, struct hostlist_row *row, struct counts *n, struct err *e)
{
	struct host *h = &row->host, old;
	int r = store_host_by_mac(s, &h->mac, &old, e);

	if (r == -ENOENT || (!r && !old.known)) {
		n->added++;
		return 0;
	}
	if (r)
		return r;
	if (!row->has_group)
		memcpy(h->group, old.group, sizeof(h->group));
	if (!row->has_address)
		h->addr = old.addr;
	if (!strcmp(h->name, old.name) && !strcmp(h->group, old.group) && h->addr == old.addr) {
		n->same++;
		return 0;
	}
	n->changed++;
	/* Two machines of a list may change places. */
	return store_host_yield(s, &h->mac, e);
}

/* All of them or none. */
static int put_all(struct store *s, const char *file, struct hostlist_row *rows, size_t n_rows,
		   struct counts *n, struct err *e)
{
	size_t i = 0;
	int r = store_begin(s, e);

	if (r)
		return r;
	for (size_t k = 0; !r && k < n_rows; k++)
		r = merge(s, &rows[k], n, e);
	for (; !r && i < n_rows; i++)
		r = store_host_put(s, &rows[i].host, e);
	if (!r)
		return store_commit(s, e);
	store_rollback(s);
	return err_wrap(e, r, "nothing was imported: %s:%u", file, i ? rows[i - 1].line : 0);
}

int host_import(struct place *p, int argc, char **argv, struct err *e)
{
	struct counts n = { 0 };
	struct hostlist_row *rows = NULL;
	size_t n_rows = 0, len;
	char *text = read_list(argv[0], &len, e);
	int r;

	(void)argc;
	if (!text)
		return -EIO;
	r = hostlist_parse(argv[0], text, len, &rows, &n_rows, e);
	free(text);
	if (r == -EINVAL)
		return err_wrap(e, -ECANCELED, "nothing was imported");
	if (!r)
		r = put_all(p->store, argv[0], rows, n_rows, &n, e);
	if (!r)
		printf("%zu machine%s: %u new, %u changed, %u as before\n", n_rows,
		       n_rows == 1 ? "" : "s", n.added, n.changed, n.same);
	free(rows);
	return r;
}
