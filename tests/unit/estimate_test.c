// SPDX-License-Identifier: GPL-3.0-or-later
/* An estimate against what packing gives in truth. */
#include "imager/engine/estimate.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define MIB (UINT64_C(1) << 20)

/* A quarter noise, a quarter one text over and over, the rest zeros and holes. */
static void test_sizes(void **state)
{
	char path[] = "/tmp/slate-estimate-XXXXXX", line[512];
	struct estimate v[] = { { "none", 0 }, { "zstd:3", 0 }, { "gzip", 0 } };
	uint64_t used = 0;
	int fd = mkstemp(path);

	(void)state;
	assert_true(fd >= 0);
	close(fd);
	snprintf(line, sizeof(line),
		 "(head -c 16M /dev/urandom; yes text | head -c 16M; head -c 16M /dev/zero) "
		 "> %s && truncate -s 64M %s",
		 path, path);
	assert_int_equal(system(line), 0);
	assert_int_equal(estimate_run(path, v, 3, &used, NULL, NULL), 0);
	assert_true(used >= 48 * MIB && used <= 64 * MIB);
	/* 48 samples of chunks that are all or nothing: within a fifth. */
	assert_in_range(v[0].bytes, 26 * MIB, 39 * MIB);
	assert_in_range(v[1].bytes, 13 * MIB, 20 * MIB);
	assert_in_range(v[2].bytes, 13 * MIB, 20 * MIB);
	unlink(path);
}

static void test_fails(void **state)
{
	struct estimate v[] = { { "zstd", 7 } };
	uint64_t used = 0;
	struct err e = { "" };

	(void)state;
	assert_true(estimate_run("/nonexistent", v, 1, &used, NULL, &e) < 0);
	assert_non_null(strstr(e.msg, "/nonexistent"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sizes),
		cmocka_unit_test(test_fails),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
