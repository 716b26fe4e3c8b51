// SPDX-License-Identifier: GPL-3.0-or-later
/* What the web server takes from strangers: bodies, Range headers, names of menus. */
#include "common/plain.h"
#include "pxe/boot/boot.h"
#include "pxe/http/messages.h"
#include "pxe/http/range.h"
#include "tests/fuzz/fuzz.h"

#include <errno.h>

/* What has been taken can be shown as it is. */
static void must_be_plain(const char *text)
{
	char plain[512];

	MUST(strlen(text) < sizeof(plain));
	MUST(!strcmp(plain_text(plain, sizeof(plain), text, ""), text));
}

static void bodies(const char *body, size_t n)
{
	char progress[256], again[256];
	struct job_question q;
	struct err e = { "" };
	struct job_end end;
	struct job_order order;
	struct job *job = &order.job;
	int64_t id;

	if (!message_job(body, n, &q, &e)) {
		MUST(mac_valid(&q.mac));
		must_be_plain(q.uuid);
	}
	if (!message_end(body, n, &end, &e)) {
		MUST(end.status >= 0 && end.status <= 255);
		must_be_plain(end.error);
	}
	if (!message_admin_job(body, n, &order, &e)) {
		MUST(order.who[0] && job->at >= 0 && job->image[0] != '/');
		MUST(!strstr(job->image, "/."));
		MUST(!store_job_check(job, NULL));
		MUST(strcmp(job->verb, "wipe") || !strcmp(order.who, order.confirm));
	}
	if (!message_cancel(body, n, &id, &e))
		MUST(id >= 0);
	/* What is kept is an object again. */
	if (!message_progress(body, n, progress, sizeof(progress), &e)) {
		MUST(!message_progress(progress, strlen(progress), again, sizeof(again), &e));
		MUST(!strcmp(progress, again));
	}
}

static void header(const char *text, uint64_t size)
{
	uint64_t off, len;
	enum range r = range_parse(text, size, &off, &len);

	if (r == RANGE_OK)
		MUST(len && off < size && len <= size - off);
	else
		MUST(off == 0 && len == size);
}

static void menu(const char *name)
{
	struct boot_request q = { .http_port = 80, .kernel_options = "", .host = "" };
	enum boot_menu m = boot_menu_of(name, &q.mac, &q.has_mac);
	struct text t = { 0 };

	MUST(m != MENU_NONE || !q.has_mac);
	q.what = q.has_mac ? BOOT_RESCUE : BOOT_LOCAL;
	if (m != MENU_NONE)
		MUST(!boot_render(m, &q, &t, NULL) && t.len);
	text_free(&t);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	char *text = (char *)fuzz_copy(data, n);
	char *name = calloc(1, n + 1);

	MUST(name);
	if (n)
		memcpy(name, data, n);
	bodies(text, n);
	header(name, n);
	header(name, UINT64_MAX);
	menu(name);
	free(name);
	free(text);
	return 0;
}
