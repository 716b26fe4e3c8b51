// SPDX-License-Identifier: GPL-3.0-or-later
/* A vault: saved, found, loaded; damaged entries, hostile names and links. */
#include "tests/unit/scratch.h"

#include "netconf/personalise/manifest.h"
#include "netconf/personalise/vault.h"

#include <errno.h>

static const struct machine machine = {
	.cards = { { { 0x52, 0x54, 0, 0x12, 0x34, 0x56 } },
		   { { 0x52, 0x54, 0, 0xab, 0xcd, 0xef } } },
	.n_cards = 2,
	.dmi = { .serial = "../AB=C" },
};

#define ID "0123456789abcdef0123456789abcdef\n"

static void put(struct identity *id, const char *name, const char *content, mode_t mode)
{
	assert_int_equal(identity_add(id, name, strdup(content), strlen(content), mode, NULL),
			 0);
}

static void fill(struct identity *id)
{
	*id = (struct identity){ 0 };
	put(id, "hostname", "pc07\n", 0644);
	put(id, "machine-id", ID, 0444);
	put(id, "hosts-line", "127.0.1.1 pc07", 0644);
	put(id, "ssh_host_rsa_key", "-----BEGIN secret\n", 0600);
}

/* <dir>/vault with the entry of the machine's first card. */
static void save(const struct scratch *s, char vault[160])
{
	struct identity id;
	char key[VAULT_KEY_MAX];

	scratch_join(vault, s, "vault");
	assert_int_equal(scratch_run("mkdir -p -m 700 %s", vault), 0);
	fill(&id);
	assert_true(vault_find(vault, &machine, key, NULL) >= 0);
	assert_string_equal(key, "mac-525400123456");
	assert_int_equal(vault_save(vault, key, &id, NULL), 0);
	identity_free(&id);
}

static void test_round(void **state)
{
	char vault[160], key[VAULT_KEY_MAX];
	struct identity want, got;
	struct stat st;

	save(*state, vault);
	save(*state, vault); /* replaced */
	assert_int_equal(vault_find(vault, &machine, key, NULL), 1);
	assert_int_equal(vault_load(vault, key, &got, NULL), 0);
	fill(&want);
	assert_true(identity_equal(&want, &got));
	assert_true(identity_equal(&got, &want));
	got.v[3].mode = 0640;
	assert_false(identity_equal(&want, &got));
	identity_free(&want);
	identity_free(&got);
	snprintf(key, sizeof(key), "%s/mac-525400123456", vault);
	assert_int_equal(stat(key, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
	/* Nothing else is left there, and nobody else may read a file of it. */
	assert_int_equal(scratch_run("test \"$(ls -A %s)\" = mac-525400123456", vault), 0);
	assert_int_equal(scratch_run("test -z \"$(find %s -type f -perm /077)\"", vault), 0);
}

static void test_keys(void **state)
{
	struct machine other = machine;
	char vault[160], key[VAULT_KEY_MAX];
	struct err e = { "" };

	save(*state, vault);
	/* By the second card, when the first is another now. */
	other.cards[0].b[5] = 1;
	assert_int_equal(vault_find(vault, &other, key, NULL), 0);
	assert_string_equal(key, "mac-525400123401");
	other.cards[1] = machine.cards[0];
	assert_int_equal(vault_find(vault, &other, key, NULL), 1);
	assert_string_equal(key, "mac-525400123456");
	/* A serial number leads nowhere else. */
	other.n_cards = 0;
	assert_int_equal(vault_find(vault, &other, key, NULL), 0);
	assert_string_equal(key, "serial-=2e=2e=2fAB=3dC");
	other.dmi.serial[0] = '\0';
	assert_int_equal(vault_find(vault, &other, key, &e), -ENODATA);
	assert_int_equal(vault_find("/nowhere/at/all", &machine, key, &e), -ENOENT);
	assert_non_null(strstr(e.msg, "/nowhere/at/all, the vault"));
}

static void refuses(const char *vault, const char *what, const char *want)
{
	struct identity id;
	struct err e = { "" };

	assert_int_equal(scratch_run("cd %s/mac-525400123456 && %s", vault, what), 0);
	assert_true(vault_load(vault, "mac-525400123456", &id, &e) < 0);
	identity_free(&id);
	if (!strstr(e.msg, want))
		print_error("%s: %s\n", what, e.msg);
	assert_non_null(strstr(e.msg, want));
}

static void test_damage(void **state)
{
	static const struct {
		const char *what, *want;
	} cases[] = {
		{ "echo x >> machine-id", "machine-id is not what was saved" },
		{ "rm ssh_host_rsa_key", "ssh_host_rsa_key: No such file" },
		{ "rm hostname && mkfifo hostname", "hostname is a FIFO" },
		{ "rm hostname && ln -s /etc/hostname hostname", "hostname: No such file" },
		{ "sed -i s/0600/0644/ manifest", "it was changed, or is damaged" },
		{ "sed -i 3d manifest", "it was changed, or is damaged" },
		{ "sed -i '$d' manifest", "cut short" },
		{ ": > manifest", "no manifest" },
		{ "rm manifest", "manifest: No such file" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char vault[160];

		save(*state, vault);
		refuses(vault, cases[i].what, cases[i].want);
	}
}

/* Content that fits its sums but is not what a system may get. */
static void test_wrong_kind(void **state)
{
	char vault[160];
	struct identity id, got;

	save(*state, vault);
	for (int i = 0; i < 2; i++) {
		id = (struct identity){ 0 };
		put(&id, i ? "hosts-line" : "machine-id",
		    i ? "127.0.1.1 a\n1.2.3.4 bank" : "none", 0644);
		assert_int_equal(vault_save(vault, "k", &id, NULL), 0);
		assert_int_equal(vault_load(vault, "k", &got, NULL), -EBADMSG);
		identity_free(&id);
		identity_free(&got);
	}
}

/* A crash between the two renames of a save; and what it leaves before. */
static void test_crash(void **state)
{
	char vault[160], key[VAULT_KEY_MAX];
	struct identity got;

	save(*state, vault);
	assert_int_equal(scratch_run("cd %s && mv mac-525400123456 .mac-525400123456.old && "
				     "mkdir .mac-525400123456.new && "
				     "echo half > .mac-525400123456.new/hostname",
				     vault),
			 0);
	assert_int_equal(vault_find(vault, &machine, key, NULL), 1);
	assert_int_equal(vault_load(vault, key, &got, NULL), 0);
	assert_int_equal(got.n, 4);
	identity_free(&got);
	test_round(state);
}

/* No room: what the vault had stays. */
static void test_full(void **state)
{
	struct scratch *s = *state;
	char vault[160], key[VAULT_KEY_MAX];
	struct identity id, got;
	struct err e = { "" };
	char *big;

	scratch_need_root();
	scratch_mount(s, "vault", "none", "tmpfs", 0);
	assert_int_equal(scratch_run("mount -o remount,size=64k %s/vault", s->dir), 0);
	save(s, vault);
	fill(&id);
	big = calloc(1, 60000);
	assert_non_null(big);
	assert_int_equal(identity_add(&id, "ssh_host_big_key", big, 60000, 0600, NULL), 0);
	assert_int_equal(vault_save(vault, "mac-525400123456", &id, &e), -ENOSPC);
	assert_non_null(strstr(e.msg, "what it had is kept"));
	identity_free(&id);
	assert_int_equal(vault_find(vault, &machine, key, NULL), 1);
	assert_int_equal(vault_load(vault, key, &got, NULL), 0);
	assert_int_equal(got.n, 4);
	identity_free(&got);
	assert_int_equal(scratch_run("test \"$(ls -A %s)\" = mac-525400123456", vault), 0);
}

static void test_manifest(void **state)
{
	static const char *const lines[] = {
		"%s 0600 5 ../passwd\n", "%s 0600 5 .hidden\n", "%s 0600 99999 a\n",
		"%s 1777 5 a\n",         "%s 0600 5\n",         "%s 0600 -1 a\n",
		"%.63s 0600 5 a\n",      "%s 0600 5 a/b\n",     "%s 0600 5 a b\n",
	};
	char sum[65] = "", hex[65];
	struct manifest m;

	(void)state;
	memset(sum, 'a', 64);
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		char text[512];
		uint8_t out[HASH_SIZE];
		struct hash *h;
		struct err e = { "" };
		size_t n = (size_t)snprintf(text, sizeof(text), "slate-netconf vault 1\n");

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
		n += (size_t)snprintf(text + n, sizeof(text) - n, lines[i], sum);
#pragma GCC diagnostic pop
		assert_int_equal(hash_new(&h, NULL), 0);
		assert_int_equal(hash_buf(h, text, n, out), 0);
		hash_free(h);
		hash_hex(out, HASH_SIZE, hex);
		n += (size_t)snprintf(text + n, sizeof(text) - n, "end %s\n", hex);
		assert_int_equal(manifest_parse(text, n, &m, &e), -EBADMSG);
		assert_string_equal(e.msg, "line 2: not \"SHA256 MODE SIZE NAME\"");
	}
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, scratch_setup, scratch_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_round), TEST(test_keys), TEST(test_damage),   TEST(test_wrong_kind),
		TEST(test_crash), TEST(test_full), TEST(test_manifest),
	};

	scratch_isolate();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
