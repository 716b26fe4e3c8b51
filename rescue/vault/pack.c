// SPDX-License-Identifier: GPL-3.0-or-later
#include "rescue/vault/tar.h"

#include "common/bytes.h"
#include "common/io.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define BLOCK     512
#define NAME_ROOM 100 /* the header's field; our names are far shorter */
#define DEPTH_MAX 4

struct packing {
	struct wr w;
	unsigned files;
};

/* @n bytes: octal digits and a NUL. */
static void put_octal(struct wr *w, size_t n, uint64_t v)
{
	char text[24];

	snprintf(text, sizeof(text), "%0*llo", (int)n - 1, (unsigned long long)v);
	wr_bytes(w, text, n);
}

static void put_text(struct wr *w, size_t n, const char *text)
{
	size_t len = strnlen(text, n);

	wr_bytes(w, text, len);
	wr_zero(w, n - len);
}

/* Owner and time say nothing here: equal folders make equal bytes. */
static void put_header(struct wr *out, const char *name, bool folder, size_t size)
{
	uint8_t head[BLOCK];
	struct wr w = wr_init(head, sizeof(head));
	unsigned sum = 0;

	put_text(&w, NAME_ROOM, name);
	put_octal(&w, 8, folder ? 0700 : 0600);
	put_octal(&w, 8, 0);
	put_octal(&w, 8, 0);
	put_octal(&w, 12, size);
	put_octal(&w, 12, 0);
	wr_bytes(&w, "        ", 8);
	wr_u8(&w, folder ? '5' : '0');
	put_text(&w, 100, "");
	wr_bytes(&w,
		 "ustar\0"
		 "00",
		 8);
	wr_zero(&w, sizeof(head) - w.pos);
	for (size_t i = 0; i < sizeof(head); i++)
		sum += head[i];
	w = wr_init(head + 148, 8);
	put_octal(&w, 7, sum);
	wr_bytes(&w, " ", 1);
	wr_bytes(out, head, sizeof(head));
}

static int pack_folder(struct packing *k, int dir, const char *prefix, unsigned depth,
		       struct err *e);

static int pack_file(struct packing *k, int fd, const char *name, struct err *e)
{
	size_t len;
	char *text = io_slurp_fd(fd, TAR_MAX, &len);

	if (!text)
		return err_sys(e, "the vault's file %s", name);
	put_header(&k->w, name, false, len);
	wr_bytes(&k->w, text, len);
	wr_zero(&k->w, (BLOCK - len % BLOCK) % BLOCK);
	k->files++;
	free(text);
	return 0;
}

static int pack_one(struct packing *k, int dir, const char *prefix, const char *own,
		    unsigned depth, struct err *e)
{
	int fd = openat(dir, own, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC), r;
	char name[NAME_ROOM];
	struct stat st;

	if (fd < 0 || fstat(fd, &st)) {
		r = err_sys(e, "the vault's file %s", own);
	} else if (snprintf(name, sizeof(name), "%s%s", prefix, own) >= (int)sizeof(name) - 1) {
		r = err_set(e, -ENAMETOOLONG, "the vault's file %s: the name is too long", own);
	} else if (S_ISDIR(st.st_mode)) {
		memcpy(name + strlen(name), "/", 2);
		put_header(&k->w, name, true, 0);
		r = pack_folder(k, fd, name, depth + 1, e);
	} else if (S_ISREG(st.st_mode)) {
		r = pack_file(k, fd, name, e);
	} else {
		r = err_set(e, -EINVAL, "the vault has %s, which is no file", own);
	}
	if (fd >= 0)
		close(fd);
	return r;
}

static int not_dots(const struct dirent *de)
{
	return strcmp(de->d_name, ".") != 0 && strcmp(de->d_name, "..") != 0;
}

static int pack_folder(struct packing *k, int dir, const char *prefix, unsigned depth,
		       struct err *e)
{
	struct dirent **list = NULL;
	int n, r = 0;

	if (depth > DEPTH_MAX)
		return err_set(e, -ELOOP, "the vault has folders within folders");
	n = scandirat(dir, ".", &list, not_dots, alphasort);
	if (n < 0)
		return err_sys(e, "the vault's folder %s", prefix);
	for (int i = 0; i < n; i++) {
		if (!r)
			r = pack_one(k, dir, prefix, list[i]->d_name, depth, e);
		free(list[i]);
	}
	free(list);
	return r;
}

int tar_pack(const char *dir, void **ret, size_t *ret_n, struct err *e)
{
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC), r;
	struct packing k = { 0 };
	uint8_t *buf = malloc(TAR_MAX);

	*ret = NULL;
	*ret_n = 0;
	if (!buf)
		r = err_nomem(e);
	else if (fd < 0)
		r = err_sys(e, "the vault %s", dir);
	else {
		k.w = wr_init(buf, TAR_MAX);
		r = pack_folder(&k, fd, "", 0, e);
	}
	if (!r) {
		wr_zero(&k.w, 2 * BLOCK);
		if (!wr_ok(&k.w))
			r = err_set(e, -EFBIG, "the vault is larger than %u KiB",
				    TAR_MAX >> 10);
	}
	if (!r && k.files) {
		*ret = buf;
		*ret_n = k.w.pos;
		buf = NULL;
	}
	free(buf);
	if (fd >= 0)
		close(fd);
	return r;
}
