// SPDX-License-Identifier: GPL-3.0-or-later
#include "imager/disk/inuse.h"

#include "common/io.h"
#include "imager/disk/related.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#define PROC_MAX (64u << 20) /* a container host has tens of thousands of mounts */
#define TOLD_MAX 3

struct search {
	const char *sys, *proc;
	const struct dev *d;
	struct related related;
	struct inuse *ret;
	unsigned uses;
	bool read_only;
};

static void append(struct inuse *u, const char *fmt, ...) PRINTF(2, 3);

static void append(struct inuse *u, const char *fmt, ...)
{
	size_t n = strlen(u->what);
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(u->what + n, sizeof(u->what) - n, fmt, ap);
	va_end(ap);
	for (char *c = u->what + n; *c; c++) {
		if (iscntrl((unsigned char)*c))
			*c = '?'; /* a mount point may be named to upset a terminal */
	}
}

static void append_name(struct search *s, dev_t id)
{
	char path[PATH_MAX], target[PATH_MAX];
	ssize_t n;

	snprintf(path, sizeof(path), "%s/dev/block/%u:%u", s->sys, major(id), minor(id));
	n = readlink(path, target, sizeof(target) - 1);
	if (n < 0)
		n = snprintf(target, sizeof(target), "%u:%u", major(id), minor(id));
	target[n] = '\0';
	append(s->ret, "%s ", basename(target));
}

/*
 * Notes one use of the device @id (0: of the file itself): the first few in
 * words, the others by their number.
 */
static void add_use(struct search *s, dev_t id, const char *how, const char *where)
{
	bool itself = !id || (s->d->block && id == s->d->id);

	if (s->uses++ >= TOLD_MAX)
		return;
	append(s->ret, "%s", s->uses > 1 ? ", " : "");
	if (!itself)
		append_name(s, id);
	append(s->ret, "%s%s", how, where);
}

/* Mounts and swaps write blanks and the like as \040; undone in place. */
static void unescape(char *text)
{
	char *out = text;

	while (*text) {
		if (*text == '\\' && strspn(text + 1, "01234567") >= 3) {
			*out++ = (char)((text[1] - '0') << 6 | (text[2] - '0') << 3 |
					(text[3] - '0'));
			text += 4;
		} else {
			*out++ = *text++;
		}
	}
	*out = '\0';
}

/* One line of mountinfo, see proc(5). */
struct mount {
	dev_t id;
	char *point, *source, *super;
};

static bool parse_mount(char *line, struct mount *m)
{
	char *word[5], *rest = strstr(line, " - "), *type;
	unsigned maj, min;

	if (!rest)
		return false;
	*rest = '\0';
	rest += 3;
	for (size_t i = 0; i < 5; i++)
		word[i] = strsep(&line, " ");
	type = strsep(&rest, " ");
	m->point = word[4];
	m->source = strsep(&rest, " ");
	m->super = rest;
	if (!word[2] || !m->point || !type || !m->source || !m->super ||
	    sscanf(word[2], "%u:%u", &maj, &min) != 2)
		return false;
	m->id = makedev(maj, min);
	unescape(m->point);
	unescape(m->source);
	return true;
}

static void look_at_mount(struct search *s, char *line)
{
	struct mount m;
	struct stat st;
	bool writable;

	if (!parse_mount(line, &m))
		return;
	/* Btrfs and its like mount under numbers of their own, with major 0. */
	if (major(m.id) == 0 && m.source[0] == '/' && !stat(m.source, &st) &&
	    S_ISBLK(st.st_mode))
		m.id = st.st_rdev;
	if (!related_has(&s->related, m.id))
		return;
	/*
	 * The options of the superblock come last.  Those of the single mount do
	 * not count: a read-only bind mount shows a filesystem that still writes.
	 */
	writable = !strncmp(m.super, "rw", 2);
	add_use(s, m.id, writable ? "mounted read-write on " : "mounted read-only on ",
		m.point);
	if (writable)
		s->ret->busy = true;
	else
		s->read_only = true;
}

static void look_at_swap(struct search *s, char *line)
{
	const struct dev *d = s->d;
	char *name = strsep(&line, " \t");
	struct stat st;
	bool block;

	unescape(name);
	if (stat(name, &st))
		return; /* the heading, or a file that was removed */
	block = S_ISBLK(st.st_mode);
	if (block ? !related_has(&s->related, st.st_rdev)
		  : d->block || st.st_dev != d->id || st.st_ino != d->ino)
		return;
	add_use(s, block ? st.st_rdev : 0, "active swap", "");
	s->ret->busy = true;
}

static int each_line(const char *dir, const char *file, void (*look)(struct search *, char *),
		     struct search *s, struct err *e)
{
	char path[PATH_MAX], *text, *rest, *line;

	snprintf(path, sizeof(path), "%s/%s", dir, file);
	text = io_slurp(path, PROC_MAX);
	if (!text)
		return err_sys(e, "cannot read %s, which tells who uses %s", path, s->d->path);
	rest = text;
	while ((line = strsep(&rest, "\n")) != NULL) {
		if (*line)
			look(s, line);
	}
	free(text);
	return 0;
}

static void add_holder(struct search *s, dev_t id, const char *holder)
{
	char path[PATH_MAX], *name;

	snprintf(path, sizeof(path), "%s/block/%s/dm/name", s->sys, holder);
	name = io_slurp(path, 4096);
	if (name)
		name[strcspn(name, "\n")] = '\0';
	add_use(s, id, "held by ", name ? name : holder);
	free(name);
	s->ret->busy = true;
}

/* Device-mapper, md and bcache leave links in "holders" of the devices they use. */
static void look_at_holders(struct search *s, dev_t id)
{
	const struct dirent *ent;
	char path[PATH_MAX];
	DIR *dir;

	snprintf(path, sizeof(path), "%s/dev/block/%u:%u/holders", s->sys, major(id),
		 minor(id));
	dir = opendir(path);
	if (!dir)
		return;
	while ((ent = readdir(dir)) != NULL) {
		if (ent->d_name[0] != '.')
			add_holder(s, id, ent->d_name);
	}
	closedir(dir);
}

static void finish(struct search *s)
{
	const struct dev *d = s->d;

	if (s->uses > TOLD_MAX)
		append(s->ret, " and %u more", s->uses - TOLD_MAX);
	if (!s->uses && d->block && !d->exclusive) {
		s->ret->busy = true;
		append(s->ret, "held by another program or driver that does not show itself");
	}
	s->ret->read_only = s->read_only && !s->ret->busy;
}

int inuse_find_at(const char *sys, const char *proc, const struct dev *d, struct inuse *ret,
		  struct err *e)
{
	struct search s = { .sys = sys, .proc = proc, .d = d, .ret = ret };
	int r;

	*ret = (struct inuse){ 0 };
	r = related_find(sys, d, &s.related, e);
	if (!r)
		r = each_line(proc, "self/mountinfo", look_at_mount, &s, e);
	if (!r) {
		r = each_line(proc, "swaps", look_at_swap, &s, e);
		if (r == -ENOENT)
			r = 0; /* a kernel without swap */
	}
	for (size_t i = 0; i < s.related.n && !r; i++)
		look_at_holders(&s, s.related.v[i]);
	if (!r)
		finish(&s);
	related_free(&s.related);
	return r;
}

int inuse_find(const struct dev *d, struct inuse *ret, struct err *e)
{
	return inuse_find_at("/sys", "/proc", d, ret, e);
}
