// SPDX-License-Identifier: GPL-3.0-or-later
#include "rescue/vault/tar.h"

#include "common/bytes.h"
#include "common/io.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define BLOCK 512

static int bad(struct err *e, const char *what)
{
	return err_set(e, -EBADMSG,
		       "the vault that the server keeps is damaged: %s; \"slate-pxe host "
		       "forget\" there throws it away, and then the identity on the disk "
		       "counts",
		       what);
}

/* A number in octal digits, perhaps with spaces around. */
static bool octal(struct rd *r, size_t n, uint64_t *ret)
{
	const uint8_t *p = rd_bytes(r, n);
	bool any = false;
	size_t i = 0;

	*ret = 0;
	while (p && i < n && p[i] == ' ')
		i++;
	for (; p && i < n && p[i] >= '0' && p[i] <= '7'; i++, any = true)
		*ret = *ret << 3 | (p[i] & 7U);
	return any && (i == n || !p[i] || p[i] == ' ');
}

/* The sum over the header with its own field as spaces. */
static uint64_t header_sum(const uint8_t *p)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < BLOCK; i++)
		sum += i >= 148 && i < 156 ? ' ' : p[i];
	return sum;
}

/* Relative, without empty parts, "." and "..", printable. */
static bool good_name(char *name)
{
	size_t n = strlen(name);
	char *at = name;

	if (!strncmp(name, "./", 2))
		memmove(name, name + 2, n - 1);
	n = strlen(name);
	if (n && name[n - 1] == '/')
		name[--n] = '\0';
	for (size_t i = 0; i < n; i++)
		if ((unsigned char)name[i] <= ' ' || (unsigned char)name[i] >= 0x7f)
			return false;
	for (;;) {
		size_t part = strcspn(at, "/");

		if (!part || (part <= 2 && strspn(at, ".") >= part))
			return false;
		if (!at[part])
			return true;
		at += part + 1;
	}
}

/* The folder itself: tar has it as "./". */
static bool is_top(const char *name)
{
	return !strcmp(name, ".") || !strcmp(name, "./");
}

static void take_text(struct rd *r, size_t n, char *out)
{
	const uint8_t *p = rd_bytes(r, n);

	if (p)
		memcpy(out, p, n);
	out[p ? n : 0] = '\0';
}

/* Fills @m from the header @p; the content follows. */
static int read_header(const uint8_t *p, struct tar_member *m, bool *top, struct err *e)
{
	struct rd r = rd_init(p, BLOCK);
	char name[101], prefix[156];
	uint64_t size, sum;
	uint8_t kind;

	take_text(&r, 100, name);
	rd_skip(&r, 24);
	if (!octal(&r, 12, &size))
		return bad(e, "a size is no number");
	rd_skip(&r, 12);
	if (!octal(&r, 8, &sum) || sum != header_sum(p))
		return bad(e, "a sum is wrong");
	kind = rd_u8(&r);
	rd_skip(&r, 100 + 8 + 80);
	take_text(&r, 155, prefix);
	if (kind != '0' && kind != 0 && kind != '5')
		return bad(e, "it has more than files and folders");
	*m = (struct tar_member){ .folder = kind == '5', .len = (size_t)size };
	if (size > TAR_MAX || (m->folder && size))
		return bad(e, "a size is too large");
	snprintf(m->name, sizeof(m->name), "%s%s%s", prefix, prefix[0] ? "/" : "", name);
	*top = m->folder && is_top(m->name);
	return *top || good_name(m->name) ? 0 : bad(e, "a name leads out of it");
}

int tar_read(const void *p, size_t n, tar_take *take, void *ctx, struct err *e)
{
	static const uint8_t zeros[BLOCK];
	struct rd r = rd_init(p, n);
	struct tar_member m;
	bool top = false;
	int code = 0;

	while (!code) {
		const uint8_t *head = rd_bytes(&r, BLOCK);

		if (!head)
			return bad(e, "its end is missing");
		if (!memcmp(head, zeros, BLOCK))
			return 0;
		code = read_header(head, &m, &top, e);
		if (code)
			break;
		m.content = rd_bytes(&r, m.len);
		rd_skip(&r, (BLOCK - m.len % BLOCK) % BLOCK);
		if (!rd_ok(&r))
			return bad(e, "its end is missing");
		code = top ? 0 : take(ctx, &m, e);
	}
	return code;
}

struct place {
	int dir;
};

/* O_EXCL and O_NOFOLLOW: what is there twice, or goes through a link, is refused. */
static int unpack_one(void *ctx, const struct tar_member *m, struct err *e)
{
	const struct place *at = ctx;
	int fd, r;

	if (m->folder)
		return mkdirat(at->dir, m->name, 0700)
			       ? err_sys(e, "the vault's folder %s", m->name)
			       : 0;
	fd = openat(at->dir, m->name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
		    0600);
	if (fd < 0)
		return err_sys(e, "the vault's file %s", m->name);
	r = io_write(fd, m->content, m->len);
	if (close(fd) && !r)
		r = -errno;
	return r ? err_set(e, r, "the vault's file %s: %s", m->name, strerror(-r)) : 0;
}

static int count(void *ctx, const struct tar_member *m, struct err *e)
{
	unsigned *n = ctx;

	(void)m;
	(void)e;
	++*n;
	return 0;
}

int tar_unpack(const void *p, size_t n, const char *dir, struct err *e)
{
	struct place at;
	unsigned members = 0;
	int r = tar_read(p, n, count, &members, e); /* all is checked before anything is made */

	if (r)
		return r;
	at.dir = open(dir, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (at.dir < 0)
		return err_sys(e, "%s", dir);
	r = tar_read(p, n, unpack_one, &at, e);
	close(at.dir);
	return r;
}
