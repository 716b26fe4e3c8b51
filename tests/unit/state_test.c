// SPDX-License-Identifier: GPL-3.0-or-later
/* Files of --state: what was written is read, only about the same, and nothing else is hurt. */
#include "imager/engine/state.h"

#include "tests/unit/scratch.h"

#include <errno.h>

#define CHUNKS 77

static const uint8_t root[HASH_SIZE] = { 1, 2, 3 }, other_root[HASH_SIZE] = { 1, 2, 4 };
static const struct ident disk = { .model = "M", .serial = "S" };
static const struct ident other_disk = { .model = "M", .serial = "T" };

static const struct state_key key = {
	.root = root, .device = "/dev/sda", .ident = &disk, .size = 1 << 20, .chunks = CHUNKS
};

static int open_state(const struct scratch *s, const struct state_key *k, struct state **ret,
		      bool *ret_fits)
{
	char path[160];
	struct err e;

	return state_open(ret, scratch_join(path, s, "state"), k, ret_fits, &e);
}

static void write_text(const struct scratch *s, const char *text)
{
	char path[160];
	FILE *f = fopen(scratch_join(path, s, "state"), "w");

	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

static bool chosen(uint64_t i)
{
	return i % 3 == 0 || i == CHUNKS - 1;
}

static void write_some(const struct scratch *s)
{
	struct state *a;
	bool fits;

	assert_int_equal(open_state(s, &key, &a, &fits), 0);
	for (uint64_t i = 0; i < CHUNKS; i++)
		if (chosen(i))
			state_add(a, i);
	assert_int_equal(state_save(a, NULL), 0);
	state_free(a);
}

static void test_there_and_back(void **state)
{
	const struct scratch *s = *state;
	struct state *a;
	bool fits = true;

	assert_int_equal(open_state(s, &key, &a, &fits), 0);
	assert_false(fits);
	state_free(a);
	write_some(s);
	assert_int_equal(open_state(s, &key, &a, &fits), 0);
	assert_true(fits);
	for (uint64_t i = 0; i < CHUNKS; i++)
		assert_int_equal(state_has(a, i), chosen(i));
	state_clear(a);
	for (uint64_t i = 0; i < CHUNKS; i++)
		assert_false(state_has(a, i));
	assert_int_equal(state_remove(a, NULL), 0);
	assert_int_equal(state_remove(a, NULL), 0); /* that it is gone is no failure */
	state_free(a);
	assert_int_equal(scratch_run("test -z \"$(ls %s)\"", s->dir), 0);
}

/* Each about something else than what was written. */
static void test_others(void **state)
{
	struct state_key keys[5] = { key, key, key, key, key };

	keys[0].root = other_root;
	keys[1].device = "/dev/sdb";
	keys[2].ident = &other_disk;
	keys[3].size++;
	keys[4].chunks++;
	for (size_t i = 0; i < 5; i++) {
		struct state *a;
		bool fits = true;

		write_some(*state);
		assert_int_equal(open_state(*state, &keys[i], &a, &fits), 0);
		assert_false(fits);
		for (uint64_t k = 0; k < CHUNKS; k++)
			assert_false(state_has(a, k));
		state_free(a);
	}
}

static void test_not_ours(void **state)
{
	static const char *const texts[] = {
		"precious", "{}", "[]", "{\"slate_state\":\"1\"}", "{\"slate_state\":1", "null"
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct state *a = NULL;
		bool fits;

		write_text(*state, texts[i]);
		assert_int_equal(open_state(*state, &key, &a, &fits), -ECANCELED);
		assert_null(a);
	}
}

/* Ours, but damaged: it does not count, and can be written anew. */
static void test_damaged(void **state)
{
	static const char *const cuts[] = { "s/\"done\":\"../\"done\":\"/",
					    "s/\"done\":\".*\"/\"done\":7/",
					    "s/\"done\":\"../\"done\":\"zz/",
					    "s/\"done\":/\"gone\":/" };

	for (size_t i = 0; i < sizeof(cuts) / sizeof(cuts[0]); i++) {
		const struct scratch *s = *state;
		struct state *a;
		bool fits = true;

		write_some(s);
		assert_int_equal(scratch_run("sed -i '%s' %s/state", cuts[i], s->dir), 0);
		assert_int_equal(open_state(s, &key, &a, &fits), 0);
		assert_false(fits);
		for (uint64_t k = 0; k < CHUNKS; k++)
			assert_false(state_has(a, k));
		state_free(a);
	}
}

static void test_cannot_be_written(void **state)
{
	struct scratch *s = *state;
	struct state_key far = key;
	struct state *a;
	struct err e;
	char path[160];
	bool fits;

	assert_int_equal(
		state_open(&a, scratch_join(path, s, "no/such/folder"), &far, &fits, &e), 0);
	assert_int_equal(state_save(a, &e), -ENOENT);
	assert_non_null(strstr(e.msg, "cannot write the state"));
	state_free(a);
	assert_int_equal(scratch_run("truncate -s 20M %s/state", s->dir), 0);
	assert_int_equal(open_state(s, &key, &a, &fits), -EFBIG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, scratch_setup, scratch_teardown)
		TEST(test_there_and_back),    TEST(test_others),
		TEST(test_not_ours),          TEST(test_damaged),
		TEST(test_cannot_be_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
