// SPDX-License-Identifier: GPL-3.0-or-later
/* What clients and administrators send as JSON: what is taken, what is refused. */
#include "pxe/http/messages.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* No message takes these. */
static const struct {
	const char *text;
	size_t n;
} no_objects[] = {
#define BODY(s)                                                                                \
	{                                                                                      \
		s, sizeof(s) - 1                                                               \
	}
	BODY(""),
	BODY("{"),
	BODY("[]"),
	BODY("null"),
	BODY("{} {}"),
	BODY("{}\0"),
	BODY("{\"a\":1"),
	BODY("\0{}"),
	BODY("{\"a\":1,\"a\":2}"),
	BODY("{\"a\":\"\\u0000\"}"),
	BODY("{\"a\":\"\xff\"}"),
	BODY("{\"a\":\"\xed\xa0\x80\"}"),
	BODY("{\"a\":\"\\ud800\"}"),
	BODY("{\"a\":1e999}"),
	BODY("{\"a\":99999999999999999999}"),
	BODY("{\"a\":\"\n\"}"),
	BODY("{'a':1}"),
};

static void test_no_objects(void **state)
{
	struct job_question q;
	struct job_end end;
	char text[256];
	struct job_order order;
	int64_t id;

	(void)state;
	for (size_t i = 0; i < sizeof(no_objects) / sizeof(no_objects[0]); i++) {
		const char *b = no_objects[i].text;
		size_t n = no_objects[i].n;
		struct err e = { "" };

		print_message("%s\n", b);
		assert_int_equal(message_job(b, n, &q, &e), -EINVAL);
		assert_string_equal(e.msg, "a JSON object is wanted");
		assert_int_equal(message_progress(b, n, text, sizeof(text), &e), -EINVAL);
		assert_int_equal(message_end(b, n, &end, &e), -EINVAL);
		assert_int_equal(message_admin_job(b, n, &order, &e), -EINVAL);
		assert_int_equal(message_cancel(b, n, &id, &e), -EINVAL);
	}
}

/* A receipt is as large as a body may be: so deep must be no harm. */
static void test_deep(void **state)
{
	const size_t depth = 100000, begin = 5;
	char *body = malloc(2 * depth + 2 * begin), text[256];
	struct err e = { "" };

	(void)state;
	assert_non_null(body);
	memcpy(body, "{\"a\":", begin);
	memset(body + begin, '[', depth);
	memset(body + begin + depth, ']', depth);
	body[begin + 2 * depth] = '}';
	assert_int_equal(message_progress(body, begin + 2 * depth + 1, text, sizeof(text), &e),
			 -EINVAL);
	free(body);
}

#define TAKE(f, s, ...) f(s, strlen(s), __VA_ARGS__, &e)

static void test_job(void **state)
{
	struct job_question q;
	struct err e = { "" };
	char body[256];

	(void)state;
	assert_int_equal(TAKE(message_job, "{\"mac\":\"52-54-00-77-00-A1\"}", &q), 0);
	assert_int_equal(q.mac.b[5], 0xa1);
	assert_string_equal(q.uuid, "");
	/* What is shown later is plain and fits, and no character is cut in two. */
	snprintf(body, sizeof(body),
		 "{\"mac\":\"52:54:00:77:00:a1\",\"uuid\":\"%037d\\u001b\xc3\xa4\","
		 "\"more\":{}}",
		 0);
	assert_int_equal(TAKE(message_job, body, &q), 0);
	assert_int_equal(strlen(q.uuid), 38);
	assert_string_equal(q.uuid + 36, "0?");
	assert_int_equal(TAKE(message_job, "{}", &q), -EINVAL);
	assert_int_equal(TAKE(message_job, "{\"mac\":5}", &q), -EINVAL);
	assert_int_equal(TAKE(message_job, "{\"mac\":\"00:00:00:00:00:00\"}", &q), -EINVAL);
	assert_int_equal(TAKE(message_job, "{\"mac\":\"01:00:5e:00:00:01\"}", &q), -EINVAL);
	assert_int_equal(TAKE(message_job, "{\"mac\":\"52:54:00:77:00:a1 \"}", &q), -EINVAL);
}

static void test_progress(void **state)
{
	struct err e = { "" };
	char text[16];

	(void)state;
	assert_int_equal(TAKE(message_progress, " { \"done\" : 3 } ", text, sizeof(text)), 0);
	assert_string_equal(text, "{\"done\":3}");
	assert_int_equal(TAKE(message_progress, "{\"done\":3456789}", text, sizeof(text)),
			 -EMSGSIZE);
	assert_string_equal(e.msg, "at most 15 bytes");
}

static void test_end(void **state)
{
	struct err e = { "" };
	struct job_end end;
	char body[512];

	(void)state;
	assert_int_equal(TAKE(message_end, "{\"status\":0}", &end), 0);
	assert_int_equal(end.status, 0);
	assert_string_equal(end.error, "");
	/* 254 bytes, and then one of two: the whole character goes. */
	snprintf(body, sizeof(body), "{\"status\":255,\"error\":\"%0254d\xc3\xa4\"}", 0);
	assert_int_equal(TAKE(message_end, body, &end), 0);
	assert_int_equal(end.status, 255);
	assert_int_equal(strlen(end.error), 254);
	assert_int_equal(TAKE(message_end, "{\"status\":256}", &end), -EINVAL);
	assert_int_equal(TAKE(message_end, "{\"status\":-1}", &end), -EINVAL);
	assert_int_equal(TAKE(message_end, "{\"status\":1.5}", &end), -EINVAL);
	assert_int_equal(TAKE(message_end, "{\"status\":\"0\"}", &end), -EINVAL);
	assert_int_equal(TAKE(message_end, "{\"error\":\"none\"}", &end), -EINVAL);
}

/* No order of an administrator's. */
static const char *const refused[] = {
	"{}",
	"{\"verb\":\"restore\",\"image\":\"a\"}",
	"{\"who\":\"\",\"verb\":\"restore\",\"image\":\"a\"}",
	"{\"who\":7,\"verb\":\"restore\",\"image\":\"a\"}",
	"{\"who\":\"all\",\"verb\":\"eject\"}",
	"{\"who\":\"all\",\"verb\":\"restore\"}",
	"{\"who\":\"all\",\"verb\":\"restore\",\"image\":\"../a\"}",
	"{\"who\":\"all\",\"verb\":\"restore\",\"image\":\"/a\"}",
	"{\"who\":\"all\",\"verb\":\"restore\",\"image\":\"a\\u000ab\"}",
	"{\"who\":\"all\",\"verb\":\"restore\",\"image\":\"a\",\"then\":\"explode\"}",
	"{\"who\":\"all\",\"verb\":\"restore\",\"image\":\"a\",\"at\":-1}",
	"{\"who\":\"all\",\"verb\":\"restore\",\"image\":\"a\",\"at\":\"noon\"}",
	"{\"who\":\"all\",\"verb\":\"restore\",\"image\":\"a\",\"at\":null}",
	"{\"who\":\"all\",\"verb\":\"restore\",\"image\":\"a\","
	"\"verify\":\"some\"}",
	"{\"who\":\"all\",\"verb\":\"restore\",\"image\":\"a\","
	"\"verify\":\"sampled!\"}",
	"{\"who\":\"all\",\"verb\":\"restore\",\"image\":\"a\","
	"\"personalise\":1}",
	"{\"who\":\"all\",\"verb\":\"save\",\"image\":\"a\",\"personalise\":false}",
	"{\"who\":\"all\",\"verb\":\"shell\",\"password\":\"secret\"}",
	"{\"who\":\"all\",\"verb\":\"local\",\"password\":true}",
	"{\"who\":\"all\",\"verb\":\"wipe\"}",
	"{\"who\":\"pc01\",\"verb\":\"wipe\",\"confirm\":\"pc02\"}",
	"{\"who\":\"pc01\",\"verb\":\"wipe\",\"confirm\":true}",
};

static void test_admin(void **state)
{
	struct err e = { "" };
	char body[512];
	struct job_order order;
	struct job *job = &order.job;
	int64_t id;

	(void)state;
	assert_int_equal(TAKE(message_admin_job,
			      "{\"who\":\"room1\",\"verb\":\"restore\",\"image\":\"a/b\","
			      "\"disk\":\"first\",\"then\":\"reboot\",\"at\":1800000000}",
			      &order),
			 0);
	assert_string_equal(order.who, "room1");
	assert_string_equal(job->image, "a/b");
	assert_string_equal(job->disk, "first");
	assert_int_equal(job->at, 1800000000);
	assert_true(job->personalise && !order.password);
	assert_string_equal(job->verify, "sample");
	assert_int_equal(TAKE(message_admin_job,
			      "{\"who\":\"pc01\",\"verb\":\"restore\",\"image\":\"a\","
			      "\"verify\":\"full\",\"personalise\":false}",
			      &order),
			 0);
	assert_true(!job->personalise);
	assert_string_equal(job->verify, "full");
	assert_int_equal(TAKE(message_admin_job,
			      "{\"who\":\"pc01\",\"verb\":\"wipe\",\"confirm\":\"pc01\"}",
			      &order),
			 0);
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		print_message("%s\n", refused[i]);
		assert_int_equal(TAKE(message_admin_job, refused[i], &order), -EINVAL);
	}
	snprintf(body, sizeof(body), "{\"who\":\"all\",\"verb\":\"save\",\"image\":\"%0128d\"}",
		 0);
	assert_int_equal(TAKE(message_admin_job, body, &order), -EINVAL);
	assert_int_equal(TAKE(message_cancel, "{\"id\":7}", &id), 0);
	assert_int_equal(id, 7);
	assert_int_equal(TAKE(message_cancel, "{}", &id), -EINVAL);
	assert_int_equal(TAKE(message_cancel, "{\"id\":\"7\"}", &id), -EINVAL);
	assert_int_equal(TAKE(message_cancel, "{\"id\":-7}", &id), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_no_objects), cmocka_unit_test(test_deep),
		cmocka_unit_test(test_job),        cmocka_unit_test(test_progress),
		cmocka_unit_test(test_end),        cmocka_unit_test(test_admin),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
