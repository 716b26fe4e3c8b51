// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/unit/scratch.h"

#include "netconf/root/root.h"

#include <dirent.h>
#include <errno.h>
#include <sys/sysmacros.h>

struct tree {
	struct scratch *s;
	struct root *r;
	struct err e;
};

/* <dir>/root with etc/ in it, and <dir>/outside/ with a secret beside it. */
static void plant(struct tree *t, void **state)
{
	char path[160];

	*t = (struct tree){ .s = *state };
	assert_int_equal(scratch_run("mkdir -p %s/root/etc %s/outside && "
				     "echo secret > %s/outside/secret",
				     t->s->dir, t->s->dir, t->s->dir),
			 0);
	assert_int_equal(root_open(scratch_join(path, t->s, "root"), &t->r, &t->e), 0);
}

static void said(struct tree *t, const char *text)
{
	if (!strstr(t->e.msg, text))
		print_error("%s\n", t->e.msg);
	assert_non_null(strstr(t->e.msg, text));
}

/* What root_read() gives, as a text to free; NULL and @code for a failure. */
static char *content(struct tree *t, const char *path, int *code)
{
	char *text = NULL;

	*code = root_read(t->r, path, 4096, &text, NULL, &t->e);
	return text;
}

static void assert_content(struct tree *t, const char *path, const char *want)
{
	int code;
	char *text = content(t, path, &code);

	assert_int_equal(code, 0);
	assert_string_equal(text, want);
	free(text);
}

/* The number of names in <dir>/@name, hidden ones too, with their kinds unseen. */
static int count(const struct scratch *s, const char *name)
{
	char path[160];
	DIR *d = opendir(scratch_join(path, s, name));
	int n = -2;

	assert_non_null(d);
	while (readdir(d))
		n++;
	closedir(d);
	return n;
}

static void test_round(void **state)
{
	struct tree t;
	struct stat st;

	plant(&t, state);
	assert_int_equal(root_write(t.r, "/etc/a/b/file", "one", 3, 0640, &t.e), 0);
	assert_content(&t, "/etc/a/b/file", "one");
	assert_int_equal(root_write(t.r, "/etc/a/b/file", "second", 6, 0600, &t.e), 0);
	assert_content(&t, "/etc/a/b/file", "second");
	assert_int_equal(root_stat(t.r, "/etc/a/b/file", true, &st, &t.e), 0);
	assert_int_equal(st.st_mode, S_IFREG | 0600);
	assert_int_equal(root_stat(t.r, "/etc/a", true, &st, &t.e), 0);
	assert_int_equal(st.st_mode & S_IFMT, S_IFDIR);
	assert_int_equal(count(t.s, "root/etc/a/b"), 1);
	assert_true(root_has(t.r, "/etc/a/b/file"));
	assert_int_equal(root_remove(t.r, "/etc/a/b/file", &t.e), 0);
	assert_false(root_has(t.r, "/etc/a/b/file"));
	assert_int_equal(root_remove(t.r, "/etc/a/b/file", &t.e), 0);
	assert_int_equal(root_remove(t.r, "/no/such/folder/file", &t.e), 0);
	assert_false(root_is_running(t.r));
	root_close(t.r);
}

static void test_missing_root(void **state)
{
	struct tree t = { .s = *state };
	char path[160];

	assert_int_equal(root_open(scratch_join(path, t.s, "none"), &t.r, &t.e), -ENOENT);
	said(&t, "the root to work on");
	scratch_file(t.s, "file", 1);
	assert_int_equal(root_open(scratch_join(path, t.s, "file"), &t.r, &t.e), -ENOTDIR);
	assert_int_equal(root_open("//", &t.r, &t.e), 0);
	assert_true(root_is_running(t.r));
	assert_string_equal(root_name(t.r), "/");
	root_close(t.r);
}

static void test_too_large(void **state)
{
	struct tree t;
	char *text = NULL;
	size_t len;

	plant(&t, state);
	assert_int_equal(root_write(t.r, "/etc/f", "0123456789", 10, 0644, &t.e), 0);
	assert_int_equal(root_read(t.r, "/etc/f", 9, &text, &len, &t.e), -EFBIG);
	said(&t, "/root/etc/f: too large");
	assert_int_equal(root_read(t.r, "/etc/f", 10, &text, &len, &t.e), 0);
	assert_int_equal(len, 10);
	free(text);
	scratch_file(t.s, "root/etc/huge", (off_t)1 << 40);
	assert_int_equal(root_read(t.r, "/etc/huge", 1 << 20, &text, &len, &t.e), -EFBIG);
	root_close(t.r);
}

/* Links to the outside by every way: what they name is looked for inside. */
static void test_links_stay_inside(void **state)
{
	struct tree t;
	int code;

	plant(&t, state);
	assert_int_equal(scratch_run("cd %s/root && ln -s ../outside etc/up && "
				     "ln -s ../../../../../../../..%s/outside etc/climb && "
				     "ln -s %s/outside etc/absolute && ln -s / etc/top && "
				     "ln -s /proc/self/root etc/magic && mkdir -p inside && "
				     "echo mine > inside/secret && ln -s /inside etc/in",
				     t.s->dir, t.s->dir, t.s->dir),
			 0);
	assert_null(content(&t, "/etc/up/secret", &code));
	assert_int_equal(code, -ENOENT);
	assert_null(content(&t, "/etc/climb/secret", &code));
	assert_int_equal(code, -ENOENT);
	assert_null(content(&t, "/etc/absolute/secret", &code));
	assert_int_equal(code, -ENOENT);
	assert_null(content(&t, "/../outside/secret", &code));
	assert_int_equal(code, -ENOENT);
	assert_null(content(&t, "/etc/magic/etc/passwd", &code));
	assert_int_equal(code, -ENOENT);
	assert_content(&t, "/etc/in/secret", "mine\n");
	assert_content(&t, "/etc/top/inside/secret", "mine\n");
	/* What is written through such a link ends inside, or nowhere. */
	assert_int_equal(root_write(t.r, "/etc/absolute/new", "x", 1, 0644, &t.e), -ENOENT);
	said(&t, "/etc/absolute is a symbolic link that leads nowhere");
	assert_int_equal(root_write(t.r, "/etc/../../outside/new", "x", 1, 0644, &t.e), 0);
	assert_content(&t, "/outside/new", "x");
	assert_int_equal(count(t.s, "outside"), 1);
	root_close(t.r);
}

/* A link in the last place is replaced; the file it names stays as it is. */
static void test_last_link_replaced(void **state)
{
	struct tree t;
	struct stat st;
	char *to = NULL;

	plant(&t, state);
	assert_int_equal(root_write(t.r, "/etc/real", "real", 4, 0644, &t.e), 0);
	assert_int_equal(root_symlink(t.r, "/etc/link", "real", &t.e), 0);
	assert_content(&t, "/etc/link", "real");
	assert_int_equal(root_readlink(t.r, "/etc/link", &to, &t.e), 0);
	assert_string_equal(to, "real");
	free(to);
	assert_int_equal(root_readlink(t.r, "/etc/real", &to, &t.e), -EINVAL);
	assert_int_equal(root_stat(t.r, "/etc/link", false, &st, &t.e), 0);
	assert_true(S_ISLNK(st.st_mode));
	assert_int_equal(root_write(t.r, "/etc/link", "new", 3, 0644, &t.e), 0);
	assert_content(&t, "/etc/real", "real");
	assert_content(&t, "/etc/link", "new");
	assert_int_equal(root_symlink(t.r, "/etc/link", "/nowhere", &t.e), 0);
	assert_int_equal(root_remove(t.r, "/etc/link", &t.e), 0);
	assert_int_equal(count(t.s, "root/etc"), 1);
	root_close(t.r);
}

/* Nothing here may wait for the other end of a FIFO, nor open a device. */
static void test_odd_files(void **state)
{
	static const struct {
		const char *path, *text;
	} odd[] = { { "/etc/fifo", "is a FIFO" },
		    { "/etc/tofifo", "is a FIFO" },
		    { "/etc/device", "is a device node" },
		    { "/etc/folder", "is a folder" } };
	struct tree t;
	char *text = NULL;

	scratch_need_root();
	plant(&t, state);
	assert_int_equal(scratch_run("cd %s/root/etc && mkfifo fifo && ln -s fifo tofifo && "
				     "mknod device c 1 5 && mkdir folder && ln -s loop loop",
				     t.s->dir),
			 0);
	alarm(20);
	for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]); i++) {
		assert_int_equal(root_read(t.r, odd[i].path, 99, &text, NULL, &t.e), -EINVAL);
		said(&t, odd[i].text);
	}
	assert_int_equal(root_read(t.r, "/etc/loop", 99, &text, NULL, &t.e), -ELOOP);
	said(&t, "in a circle");
	assert_int_equal(root_read(t.r, "/etc/fifo/x", 99, &text, NULL, &t.e), -ENOTDIR);
	assert_int_equal(root_write(t.r, "/etc/fifo", "x", 1, 0644, &t.e), -EINVAL);
	said(&t, "/etc/fifo is a FIFO, where a file is expected");
	assert_int_equal(root_write(t.r, "/etc/folder", "x", 1, 0644, &t.e), -EINVAL);
	assert_int_equal(root_write(t.r, "/etc/device/x", "x", 1, 0644, &t.e), -ENOTDIR);
	assert_int_equal(root_write(t.r, "/etc/loop/x", "x", 1, 0644, &t.e), -ELOOP);
	assert_int_equal(root_remove(t.r, "/etc/folder", &t.e), -EINVAL);
	assert_int_equal(root_remove(t.r, "/etc/fifo", &t.e), -EINVAL);
	alarm(0);
	assert_int_equal(count(t.s, "root/etc"), 5);
	root_close(t.r);
}

static void test_bad_paths(void **state)
{
	static const char *const paths[] = { "etc/x", "", "/", "/etc/", "/etc/.", "/etc/.." };
	struct tree t;

	plant(&t, state);
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
		assert_int_equal(root_write(t.r, paths[i], "x", 1, 0644, &t.e), -EINVAL);
	assert_int_equal(count(t.s, "root"), 1);
	root_close(t.r);
}

static void test_owner_stays(void **state)
{
	struct tree t;
	struct stat st;

	scratch_need_root();
	plant(&t, state);
	assert_int_equal(root_write(t.r, "/etc/f", "x", 1, 0644, &t.e), 0);
	assert_int_equal(scratch_run("chown 1234:4321 %s/root/etc/f", t.s->dir), 0);
	assert_int_equal(root_write(t.r, "/etc/f", "y", 1, 0640, &t.e), 0);
	assert_int_equal(root_stat(t.r, "/etc/f", true, &st, &t.e), 0);
	assert_int_equal(st.st_uid, 1234);
	assert_int_equal(st.st_gid, 4321);
	assert_int_equal(st.st_mode & 07777, 0640);
	root_close(t.r);
}

static void test_read_only(void **state)
{
	struct tree t;

	scratch_need_root();
	plant(&t, state);
	assert_int_equal(root_write(t.r, "/etc/f", "old", 3, 0644, &t.e), 0);
	assert_int_equal(scratch_run("mount --bind %s/root %s/root && "
				     "mount -o remount,bind,ro %s/root",
				     t.s->dir, t.s->dir, t.s->dir),
			 0);
	root_close(t.r);
	char path[160];
	assert_int_equal(root_open(scratch_join(path, t.s, "root"), &t.r, &t.e), 0);
	assert_int_equal(root_can_write(t.r, "/etc/f", 3, &t.e), -EROFS);
	said(&t, "/root/etc/f: it is mounted read-only");
	assert_int_equal(root_write(t.r, "/etc/f", "new", 3, 0644, &t.e), -EROFS);
	said(&t, "/root/etc/f: it is mounted read-only");
	assert_int_equal(root_write(t.r, "/etc/a/b/f", "new", 3, 0644, &t.e), -EROFS);
	assert_int_equal(root_remove(t.r, "/etc/f", &t.e), -EROFS);
	assert_int_equal(root_symlink(t.r, "/etc/l", "f", &t.e), -EROFS);
	assert_content(&t, "/etc/f", "old");
	assert_int_equal(count(t.s, "root/etc"), 1);
	root_close(t.r);
	assert_int_equal(scratch_run("umount %s/root", t.s->dir), 0);
}

static void test_full_disk(void **state)
{
	struct tree t = { .s = *state };
	static char big[1 << 16];
	char path[160];

	scratch_need_root();
	memset(big, 'x', sizeof(big));
	scratch_mount(t.s, "full", "none", "tmpfs", 0);
	assert_int_equal(scratch_run("mount -o remount,size=32k %s/full", t.s->dir), 0);
	assert_int_equal(root_open(scratch_join(path, t.s, "full"), &t.r, &t.e), 0);
	assert_int_equal(root_write(t.r, "/etc/f", "old", 3, 0644, &t.e), 0);
	assert_int_equal(root_can_write(t.r, "/etc/f", sizeof(big), &t.e), -ENOSPC);
	said(&t, "/full/etc/f: the disk is full");
	assert_int_equal(root_can_write(t.r, "/new/folder/f", 3, &t.e), 0);
	assert_int_equal(root_write(t.r, "/etc/f", big, sizeof(big), 0644, &t.e), -ENOSPC);
	said(&t, "/full/etc/f: the disk is full");
	assert_int_equal(root_write(t.r, "/a/b/f", big, sizeof(big), 0644, &t.e), -ENOSPC);
	assert_content(&t, "/etc/f", "old");
	assert_int_equal(count(t.s, "full/etc"), 1);
	/* No folders for a file that did not come. */
	assert_int_equal(count(t.s, "full"), 1);
	root_close(t.r);
}

static void test_list(void **state)
{
	struct tree t;
	struct names n;

	plant(&t, state);
	assert_int_equal(scratch_run("cd %s/root/etc && touch 10-b.link 10-a.link .10-c.link "
				     "x.conf && mkdir d.link && touch file",
				     t.s->dir),
			 0);
	assert_int_equal(root_list(t.r, "/etc", "*.link", &n, &t.e), 0);
	assert_int_equal(n.n, 3);
	assert_string_equal(n.v[0], "10-a.link");
	assert_string_equal(n.v[1], "10-b.link");
	assert_string_equal(n.v[2], "d.link");
	names_free(&n);
	assert_int_equal(scratch_run("cd %s/root && mkdir many && cd many && "
				     "for i in $(seq 10 60 | sort -R); do touch $i; done",
				     t.s->dir),
			 0);
	assert_int_equal(root_list(t.r, "/many", "*", &n, &t.e), 0);
	assert_int_equal(n.n, 51);
	for (size_t i = 0; i + 1 < n.n; i++)
		assert_true(strcmp(n.v[i], n.v[i + 1]) < 0);
	names_free(&n);
	assert_int_equal(root_list(t.r, "/none", "*", &n, &t.e), 0);
	assert_int_equal(n.n, 0);
	assert_int_equal(root_list(t.r, "/etc/file", "*", &n, &t.e), -ENOTDIR);
	said(&t, "a file stands where a folder should be");
	root_close(t.r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_round, scratch_setup, scratch_teardown),
		cmocka_unit_test_setup_teardown(test_missing_root, scratch_setup,
						scratch_teardown),
		cmocka_unit_test_setup_teardown(test_too_large, scratch_setup,
						scratch_teardown),
		cmocka_unit_test_setup_teardown(test_links_stay_inside, scratch_setup,
						scratch_teardown),
		cmocka_unit_test_setup_teardown(test_last_link_replaced, scratch_setup,
						scratch_teardown),
		cmocka_unit_test_setup_teardown(test_odd_files, scratch_setup,
						scratch_teardown),
		cmocka_unit_test_setup_teardown(test_bad_paths, scratch_setup,
						scratch_teardown),
		cmocka_unit_test_setup_teardown(test_owner_stays, scratch_setup,
						scratch_teardown),
		cmocka_unit_test_setup_teardown(test_read_only, scratch_setup,
						scratch_teardown),
		cmocka_unit_test_setup_teardown(test_full_disk, scratch_setup,
						scratch_teardown),
		cmocka_unit_test_setup_teardown(test_list, scratch_setup, scratch_teardown),
	};

	scratch_isolate();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
