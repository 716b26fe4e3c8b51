// SPDX-License-Identifier: GPL-3.0-or-later
/* Lists of machines: CSV and ethers(5). */
#include "tests/fuzz/fuzz.h"

#include "pxe/import/hostlist.h"

static void check(const struct hostlist_row *row, const struct hostlist_row *before)
{
	MUST(mac_valid(&row->host.mac));
	MUST(store_host_name_ok(row->host.name));
	MUST(!row->host.group[0] || store_name_ok(row->host.group));
	MUST(row->has_group || !row->host.group[0]);
	MUST(row->has_address || !row->host.addr);
	MUST(row->host.addr >> 28 < 14);
	MUST(!before || before->line < row->line);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	uint8_t *text = fuzz_copy(data, n);
	struct hostlist_row *rows = NULL;
	struct err e = { "" };
	size_t n_rows = 0;
	int r = hostlist_parse("list", (const char *)text, n, &rows, &n_rows, &e);

	MUST(r <= 0 && (r == 0) == (e.msg[0] == '\0'));
	MUST(!r || (!rows && !n_rows));
	for (size_t i = 0; i < n_rows; i++)
		check(&rows[i], i ? &rows[i - 1] : NULL);
	free(rows);
	free(text);
	return 0;
}
