// SPDX-License-Identifier: GPL-3.0-or-later
/* What the server is told at the end, also when slate has a lot to say. */
#include "tests/unit/scratch.h"

#include "rescue/work/receipt.h"

/* The receipt of a verify with @n ranges that differ, and a text of @more bytes. */
static json_t *told(size_t n, size_t more)
{
	struct agent *a = calloc(1, sizeof(*a));
	struct outcome o = { .status = WORK_DIFFERS, .e = { "it differs" } };
	json_t *ranges = json_array(), *back;
	char *text, *padding = calloc(1, more + 1);

	assert_non_null(a);
	assert_non_null(padding);
	memset(padding, 'x', more);
	snprintf(a->job.verb, sizeof(a->job.verb), "verify");
	a->steps = json_pack("[s]", "a step");
	log_add(&a->log, "a line");
	for (size_t i = 0; i < n; i++)
		json_array_append_new(ranges, json_pack("{s:I s:i}", "offset",
							(json_int_t)i << 30, "length", 4096));
	o.receipt = json_pack("{s:s s:s s:b s:{s:I s:o}}", "verb", "verify", "padding", padding,
			      "complete", 1, "different", "chunks", (json_int_t)n, "ranges",
			      ranges);
	text = receipt_text(a, &o);
	assert_non_null(text);
	assert_true(strlen(text) <= RECEIPT_MAX);
	assert_int_equal(json_array_size(ranges), n);
	back = json_loads(text, 0, NULL);
	assert_string_equal(json_string_value(json_object_get(back, "error")), "it differs");
	assert_int_equal(json_integer_value(json_object_get(back, "status")), WORK_DIFFERS);
	assert_int_equal(json_array_size(json_object_get(back, "log")), 1);
	assert_int_equal(json_array_size(json_object_get(back, "steps")), 1);
	json_decref(o.receipt);
	json_decref(a->steps);
	free(padding);
	free(text);
	free(a);
	return back;
}

static void expect(json_t *back, bool complete, long long chunks, size_t ranges)
{
	const json_t *different = json_object_get(back, "different");

	assert_int_equal(json_is_true(json_object_get(back, "complete")), complete);
	assert_int_equal(json_integer_value(json_object_get(different, "chunks")), chunks);
	assert_int_equal(json_array_size(json_object_get(different, "ranges")), ranges);
	json_decref(back);
}

static void lists(void **state)
{
	(void)state;
	expect(told(0, 0), true, 0, 0);
	expect(told(3000, 0), true, 3000, 3000);
	/* The numbers stay when the list does not fit. */
	expect(told(10000, 0), true, 10000, 100);
	/* No list is to blame. */
	expect(told(1, RECEIPT_MAX), false, 0, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(lists) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
