// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/unit/scratch.h"

#include "netconf/apply/generate.h"
#include "netconf/apply/state.h"
#include "netconf/root/owned.h"

#include <errno.h>

#define RULES_DIR "/etc/udev/rules.d"

struct tree {
	struct scratch *s;
	struct root *r;
	struct err e;
};

static void plant(struct tree *t, void **state)
{
	char path[160];

	*t = (struct tree){ .s = *state };
	assert_int_equal(scratch_run("mkdir -p %s/root/etc", t->s->dir), 0);
	assert_int_equal(root_open(scratch_join(path, t->s, "root"), &t->r, &t->e), 0);
}

static char helper[] = NETCONF_HELPER, elf[] = "\177ELF\0x", rules[] = NETCONF_RULES;
static char rule[] = "rule 1\nrule 2\n", yaml[] = "/etc/netplan/90-slate.yaml";
static char psk[] = "psk: hush\n", other_rule[] = "rule 3\n";
static char link_path[] = "/etc/systemd/system/sysinit.target.wants/slate-netconf.service";
static char link_text[] = "../slate-netconf.service";

/* A program with a NUL in it, rules, a secret and a link: one of each kind. */
static struct file wanted[] = {
	{ .path = helper, .content = elf, .len = 6, .mode = 0755 },
	{ .path = rules, .content = rule, .mode = 0644, .owned = true },
	{ .path = yaml, .content = psk, .mode = 0600, .owned = true },
	{ .path = link_path, .link = link_text },
};
static const struct files all = { wanted, 4 };

static void find(struct tree *t, const struct files *f, bool force, struct changes *ret)
{
	int code = changes_find(t->r, f, force, ret, &t->e);

	if (code)
		print_error("%s\n", t->e.msg);
	assert_int_equal(code, 0);
}

static void make(struct tree *t, const struct changes *c)
{
	int code = changes_make(t->r, c, &t->e);

	if (code)
		print_error("%s\n", t->e.msg);
	assert_int_equal(code, 0);
}

static void generate(struct tree *t, const struct files *f, bool force, size_t pending,
		     size_t kept)
{
	struct changes c;

	find(t, f, force, &c);
	assert_int_equal(c.pending, pending);
	assert_int_equal(c.kept, kept);
	make(t, &c);
	changes_free(&c);
}

static void assert_file(struct tree *t, const char *path, const char *want)
{
	char *text = NULL;
	int code = root_read(t->r, path, 4096, &text, NULL, &t->e);

	assert_int_equal(code, 0);
	assert_non_null(strstr(text, want));
	free(text);
}

static void put(struct tree *t, const char *path, const char *text)
{
	assert_int_equal(root_write(t->r, path, text, strlen(text), 0644, &t->e), 0);
}

static void test_new_then_nothing(void **state)
{
	struct tree t;
	struct stat st;
	size_t len;
	char *text;

	plant(&t, state);
	generate(&t, &all, false, 4, 0);
	assert_file(&t, NETCONF_RULES, "\nrule 1\nrule 2\n");
	assert_int_equal(root_stat(t.r, "/etc/netplan/90-slate.yaml", false, &st, &t.e), 0);
	assert_int_equal(st.st_mode, S_IFREG | 0600);
	assert_int_equal(root_read(t.r, NETCONF_HELPER, 99, &text, &len, &t.e), 0);
	assert_int_equal(len, 6);
	assert_memory_equal(text, "\177ELF\0x", 6);
	free(text);
	assert_int_equal(root_readlink(t.r, wanted[3].path, &text, &t.e), 0);
	assert_string_equal(text, "../slate-netconf.service");
	free(text);
	generate(&t, &all, false, 0, 0);
	assert_false(root_has(t.r, NETCONF_STATE "/previous"));
	root_close(t.r);
}

static void test_replace_keeps_previous(void **state)
{
	struct file newer = { .path = rules, .content = other_rule, .owned = true };
	struct files one = { &newer, 1 };
	struct tree t;
	struct stat st;

	plant(&t, state);
	generate(&t, &all, false, 4, 0);
	newer.mode = 0644;
	/* The others are orphans now, but for the helper, which carries no mark. */
	generate(&t, &one, false, 3, 0);
	assert_file(&t, NETCONF_RULES, "\nrule 3\n");
	assert_file(&t, NETCONF_STATE "/previous" NETCONF_RULES, "\nrule 1\nrule 2\n");
	assert_file(&t, NETCONF_STATE "/previous/etc/netplan/90-slate.yaml", "hush");
	assert_int_equal(root_stat(t.r, NETCONF_STATE "/previous/etc/netplan/90-slate.yaml",
				   false, &st, &t.e),
			 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_false(root_has(t.r, "/etc/netplan/90-slate.yaml"));
	assert_int_equal(root_stat(t.r, wanted[3].path, false, &st, &t.e), -ENOENT);
	assert_true(root_has(t.r, NETCONF_HELPER));
	generate(&t, &one, false, 0, 0);
	root_close(t.r);
}

static void test_mode_alone(void **state)
{
	struct tree t;
	struct stat st;

	plant(&t, state);
	generate(&t, &all, false, 4, 0);
	assert_int_equal(scratch_run("chmod 644 %s/root/etc/netplan/90-slate.yaml", t.s->dir),
			 0);
	generate(&t, &all, false, 1, 0);
	assert_int_equal(root_stat(t.r, "/etc/netplan/90-slate.yaml", false, &st, &t.e), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	root_close(t.r);
}

static const struct change *change_of(const struct changes *c, const char *path)
{
	for (size_t i = 0; i < c->n; i++)
		if (!strcmp(c->v[i].path, path))
			return &c->v[i];
	fail_msg("no change for %s", path);
	return NULL;
}

static void test_hand_edits(void **state)
{
	struct tree t;
	struct changes c;

	plant(&t, state);
	generate(&t, &all, false, 4, 0);
	assert_int_equal(scratch_run("echo mine >> %s/root" NETCONF_RULES, t.s->dir), 0);
	put(&t, "/etc/netplan/90-slate.yaml", "foreign\n");
	find(&t, &all, false, &c);
	assert_string_equal(change_of(&c, NETCONF_RULES)->why, "edited by hand");
	assert_string_equal(change_of(&c, "/etc/netplan/90-slate.yaml")->why,
			    "not made by slate-netconf");
	assert_int_equal(change_of(&c, NETCONF_RULES)->kind, CHANGE_KEPT);
	changes_free(&c);
	generate(&t, &all, false, 0, 2);
	assert_file(&t, NETCONF_RULES, "mine");
	assert_file(&t, "/etc/netplan/90-slate.yaml", "foreign");
	generate(&t, &all, true, 2, 0);
	assert_file(&t, NETCONF_RULES, "\nrule 1\nrule 2\n");
	assert_file(&t, NETCONF_STATE "/previous" NETCONF_RULES, "mine");
	assert_file(&t, NETCONF_STATE "/previous/etc/netplan/90-slate.yaml", "foreign");
	root_close(t.r);
}

static void test_orphans(void **state)
{
	static const struct files none = { NULL, 0 };
	struct tree t;
	char *marked;

	plant(&t, state);
	assert_int_equal(owned_mark("[Match]\n", &marked, &t.e), 0);
	put(&t, "/etc/systemd/network/10-slate-lan0.link", marked);
	put(&t, "/etc/systemd/network/10-slate-lan0.network", marked);
	put(&t, "/etc/systemd/network/10-other.link", marked);
	put(&t, "/etc/network/interfaces.d/slate", marked);
	put(&t, "/etc/NetworkManager/system-connections/slate-x.nmconnection", marked);
	put(&t, "/etc/systemd/network/10-slate-mine.link", "[Match]\n");
	put(&t, "/etc/wpa_supplicant/wpa_supplicant-wlan0.conf", marked);
	put(&t, "/etc/wpa_supplicant/wpa_supplicant-wlan1.conf", "network={}\n");
	assert_int_equal(scratch_run("cd %s/root/etc/systemd && mkdir -p "
				     "system/multi-user.target.wants && cd system/multi* && "
				     "for i in 0 1; do ln -s "
				     "/lib/systemd/system/wpa_supplicant@.service "
				     "wpa_supplicant@wlan$i.service; done",
				     t.s->dir),
			 0);
	marked[strlen(marked) - 2] = 'x';
	put(&t, "/etc/systemd/network/10-slate-edited.link", marked);
	free(marked);
	/* Our five, and the service of wlan0; what was edited is kept, foreign files are not
	 * told.
	 */
	generate(&t, &none, false, 6, 1);
	assert_false(root_has(t.r, "/etc/systemd/network/10-slate-lan0.link"));
	assert_false(root_has(t.r, "/etc/systemd/network/10-slate-lan0.network"));
	assert_true(root_has(t.r, "/etc/systemd/network/10-other.link"));
	assert_true(root_has(t.r, "/etc/systemd/network/10-slate-mine.link"));
	assert_true(root_has(t.r, "/etc/systemd/network/10-slate-edited.link"));
	assert_true(root_has(t.r, "/etc/wpa_supplicant/wpa_supplicant-wlan1.conf"));
	assert_int_equal(scratch_run("cd %s/root/etc/systemd/system/multi*; "
				     "! test -L wpa*0.service && test -L wpa*1.service && "
				     "! ls -A %s/root/etc/network/interfaces.d | grep .",
				     t.s->dir, t.s->dir),
			 0);
	root_close(t.r);
}

static void test_links(void **state)
{
	struct tree t;
	struct changes c;

	plant(&t, state);
	/* Masked by the administrator: not ours to undo. */
	assert_int_equal(root_symlink(t.r, NETCONF_RULES, "/dev/null", &t.e), 0);
	assert_int_equal(root_symlink(t.r, wanted[3].path, "/elsewhere", &t.e), 0);
	find(&t, &all, false, &c);
	assert_int_equal(c.kept, 2);
	assert_string_equal(change_of(&c, NETCONF_RULES)->why,
			    "a symbolic link that slate-netconf did not make");
	changes_free(&c);
	generate(&t, &all, true, 4, 0);
	assert_file(&t, NETCONF_RULES, "rule 1");
	assert_int_equal(root_symlink(t.r, NETCONF_RULES, "/dev/null", &t.e), 0);
	root_close(t.r);
}

static void test_folder_in_the_way(void **state)
{
	struct tree t;
	struct changes c;

	plant(&t, state);
	assert_int_equal(scratch_run("mkdir -p %s/root" NETCONF_RULES, t.s->dir), 0);
	assert_int_equal(changes_find(t.r, &all, true, &c, &t.e), -EINVAL);
	assert_non_null(strstr(t.e.msg, "is no file, but a file has to be there"));
	changes_free(&c);
	root_close(t.r);
}

/* The third of four fails: the first two are as they were. */
static void test_rollback(void **state)
{
	struct tree t;
	struct changes c;

	scratch_need_root();
	plant(&t, state);
	put(&t, NETCONF_HELPER, "old helper");
	assert_int_equal(scratch_run("mkdir -p %s/root/etc/netplan", t.s->dir), 0);
	find(&t, &all, false, &c);
	/* Comes between finding and making, and where no check sees it. */
	assert_int_equal(scratch_run("mkdir %s/root/etc/netplan/90-slate.yaml", t.s->dir), 0);
	assert_int_equal(changes_make(t.r, &c, &t.e), -EINVAL);
	changes_free(&c);
	assert_non_null(strstr(t.e.msg, "nothing was changed: "));
	assert_non_null(strstr(t.e.msg, "90-slate.yaml is a folder"));
	assert_file(&t, NETCONF_HELPER, "old helper");
	assert_false(root_has(t.r, NETCONF_RULES));
	assert_int_equal(scratch_run("! find %s/root -name '.slate-*' | grep .", t.s->dir), 0);
	root_close(t.r);
}

static void test_full_disk(void **state)
{
	struct tree t = { .s = *state };
	struct changes c;
	char path[160];

	scratch_need_root();
	scratch_mount(t.s, "full", "none", "tmpfs", 0);
	assert_int_equal(scratch_run("mount -o remount,size=16k %s/full", t.s->dir), 0);
	assert_int_equal(root_open(scratch_join(path, t.s, "full"), &t.r, &t.e), 0);
	find(&t, &all, false, &c);
	assert_int_equal(changes_make(t.r, &c, &t.e), -ENOSPC);
	assert_non_null(strstr(t.e.msg, "nothing was changed: "));
	assert_non_null(strstr(t.e.msg, "the disk is full"));
	changes_free(&c);
	assert_int_equal(scratch_run("! find %s/full -mindepth 1 | grep .", t.s->dir), 0);
	root_close(t.r);
}

static void test_state(void **state)
{
	struct tree t;
	struct state st;

	plant(&t, state);
	assert_int_equal(state_read(t.r, &st, &t.e), 0);
	assert_string_equal(st.fingerprint, "");
	assert_int_equal(state_write(t.r, "0123abcd", &t.e), 0);
	assert_int_equal(state_read(t.r, &st, &t.e), 0);
	assert_string_equal(st.fingerprint, "0123abcd");
	assert_int_equal(strlen(st.time), strlen("2026-11-26T21:30:00Z"));
	put(&t, NETCONF_STATE "/state.json", "{\"fingerprint\": 7, \"time\": [");
	assert_int_equal(state_read(t.r, &st, &t.e), 0);
	assert_string_equal(st.fingerprint, "");
	root_close(t.r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_new_then_nothing, scratch_setup,
						scratch_teardown),
		cmocka_unit_test_setup_teardown(test_replace_keeps_previous, scratch_setup,
						scratch_teardown),
		cmocka_unit_test_setup_teardown(test_mode_alone, scratch_setup,
						scratch_teardown),
		cmocka_unit_test_setup_teardown(test_hand_edits, scratch_setup,
						scratch_teardown),
		cmocka_unit_test_setup_teardown(test_orphans, scratch_setup, scratch_teardown),
		cmocka_unit_test_setup_teardown(test_links, scratch_setup, scratch_teardown),
		cmocka_unit_test_setup_teardown(test_folder_in_the_way, scratch_setup,
						scratch_teardown),
		cmocka_unit_test_setup_teardown(test_rollback, scratch_setup, scratch_teardown),
		cmocka_unit_test_setup_teardown(test_full_disk, scratch_setup,
						scratch_teardown),
		cmocka_unit_test_setup_teardown(test_state, scratch_setup, scratch_teardown),
	};

	scratch_isolate();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
