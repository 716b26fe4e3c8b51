// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * fs_place.h - a folder with one filesystem image at a time, and how fs_scan()
 * is asked about it.  For fs_test.c and ext_test.c.
 */
#ifndef TESTS_UNIT_FS_PLACE_H
#define TESTS_UNIT_FS_PLACE_H

#include "common/bytes.h"
#include "common/io.h"
#include "imager/fs/fs.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#define MATRIX "tests/fixtures/ext-matrix.sh"
#define MIB    (UINT64_C(1) << 20)

static const struct fs_options plain;

struct place {
	char dir[64], image[96], files[96];
};

static inline int PRINTF(1, 2) sh(const char *fmt, ...)
{
	char *cmd = NULL;
	va_list ap;
	int r;

	va_start(ap, fmt);
	r = vasprintf(&cmd, fmt, ap);
	va_end(ap);
	assert_true(r >= 0);
	r = system(cmd);
	free(cmd);
	return WIFEXITED(r) ? WEXITSTATUS(r) : -1;
}

/* Files from one byte to 300 kB, so that they end in the middle of blocks. */
static inline int setup(void **state)
{
	struct place *p = calloc(1, sizeof(*p));
	const char *path = getenv("PATH");
	char with_sbin[4096];

	assert_non_null(p);
	snprintf(with_sbin, sizeof(with_sbin), "%s:/usr/sbin:/sbin", path ? path : "/bin");
	assert_int_equal(0, setenv("PATH", with_sbin, 1)); /* mkfs and its like */
	/* Memory, where there is some: the kernel syncs at every umount. */
	snprintf(p->dir, sizeof(p->dir), "%s/fs_test.XXXXXX",
		 access("/dev/shm", W_OK) ? "/tmp" : "/dev/shm");
	assert_non_null(mkdtemp(p->dir));
	snprintf(p->image, sizeof(p->image), "%s/image", p->dir);
	snprintf(p->files, sizeof(p->files), "%s/files", p->dir);
	assert_int_equal(0, sh("mkdir -p %s/sub && cd %s && for i in $(seq 1 40); do"
			       " head -c $((i * i * 190 + 1)) /dev/urandom >f$i; done &&"
			       " ln -s f1 link && cp f7 sub/",
			       p->files, p->files));
	*state = p;
	return 0;
}

static inline int teardown(void **state)
{
	struct place *p = *state;
	int r = sh("rm -rf %s", p->dir);

	free(p);
	return r;
}

static inline void make(const struct place *p, const char *name)
{
	assert_int_equal(0, sh("%s make %s %s %s", MATRIX, name, p->image, p->files));
}

static inline void debugfs(const struct place *p, const char *request)
{
	assert_int_equal(0, sh("debugfs -w -R '%s' %s >/dev/null 2>&1", request, p->image));
}

static inline void poke(const struct place *p, uint64_t off, const void *bytes, size_t n)
{
	int fd = open(p->image, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(0, io_pwrite(fd, bytes, n, off));
	close(fd);
}

static inline void peek(const struct place *p, uint64_t off, void *buf, size_t n)
{
	int fd = open(p->image, O_RDONLY | O_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(n, io_pread(fd, buf, n, off));
	close(fd);
}

static inline uint64_t number(const struct place *p, uint64_t off, size_t n)
{
	uint8_t b[8] = { 0 };
	struct rd r = rd_init(b, sizeof(b));

	peek(p, off, b, n);
	return rd_le64(&r);
}

static inline void poke_number(const struct place *p, uint64_t off, size_t n, uint64_t v)
{
	uint8_t b[8];
	struct wr w = wr_init(b, sizeof(b));

	wr_le64(&w, v);
	poke(p, off, b, n);
}

static inline void flip(const struct place *p, uint64_t off)
{
	int fd = open(p->image, O_RDWR | O_CLOEXEC);
	uint8_t b;

	assert_true(fd >= 0);
	assert_int_equal(1, io_pread(fd, &b, 1, off));
	b ^= 0x10;
	assert_int_equal(0, io_pwrite(fd, &b, 1, off));
	close(fd);
}

/* Scans @size bytes from @off on; @size 0: all that follows. */
static inline int scan_at(const struct place *p, uint64_t off, uint64_t size,
			  const struct fs_options *opt, struct fs_scan *ret, struct err *e)
{
	struct dev d;
	struct area a = { &d, off, size };
	int r;

	*e = (struct err){ 0 };
	assert_int_equal(0, dev_open_source(&d, p->image, e));
	if (!size)
		a.size = d.size - off;
	r = fs_scan(&a, opt, ret, e);
	dev_close(&d);
	return r;
}

static inline int scan(const struct place *p, const struct fs_options *opt, struct fs_scan *ret,
		       struct err *e)
{
	return scan_at(p, 0, 0, opt, ret, e);
}

static inline void assert_text(const char *text, const char *part)
{
	if (!strstr(text, part))
		fail_msg("\"%s\" does not say \"%s\"", text, part);
}

static inline void assert_refused(const struct place *p, const struct fs_options *opt,
				  const char *part)
{
	struct fs_scan s;
	struct err e;

	assert_int_equal(-ECANCELED, scan(p, opt, &s, &e));
	assert_text(e.msg, part);
	assert_null(s.used.v);
}

/* As a filesystem of @ops, with a notice that has @part in it; with none when that is "". */
static inline void assert_passes_as(const struct place *p, const struct fs_ops *ops,
				    const struct fs_options *opt, const char *part)
{
	struct fs_scan s;
	struct err e;

	if (scan(p, opt, &s, &e))
		fail_msg("refused: %s", e.msg);
	assert_ptr_equal(ops, s.ops);
	assert_string_equal("", s.info.problem);
	assert_text(s.info.notice, part);
	if (!*part)
		assert_string_equal("", s.info.notice);
	assert_true(s.used.n > 0);
	fs_scan_free(&s);
}

static inline void assert_passes(const struct place *p, const struct fs_options *opt,
				 const char *part)
{
	assert_passes_as(p, &fs_ext, opt, part);
}

static inline void assert_raw(const struct place *p, const char *type, const char *part)
{
	struct fs_scan s;
	struct err e;

	if (scan(p, &plain, &s, &e))
		fail_msg("refused: %s", e.msg);
	assert_null(s.ops);
	assert_string_equal(type, s.type);
	assert_text(s.info.notice, "imaged byte by byte");
	assert_text(s.info.notice, part);
	fs_scan_free(&s);
}

static inline void assert_extents(const struct extents *x, size_t n, const struct extent *want)
{
	assert_int_equal(n, x->n);
	for (size_t i = 0; i < n; i++) {
		assert_int_equal(want[i].off, x->v[i].off);
		assert_int_equal(want[i].len, x->v[i].len);
	}
}

#endif
