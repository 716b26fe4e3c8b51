// SPDX-License-Identifier: GPL-3.0-or-later
/* Vaults as a server sends them: as they are, and with right sums in their headers. */
#include "tests/fuzz/fuzz.h"

#include "rescue/vault/tar.h"

#include <stdio.h>

static int take(void *ctx, const struct tar_member *m, struct err *e)
{
	unsigned char *sum = ctx;

	(void)e;
	MUST(m->name[0] && m->name[0] != '/' && !strstr(m->name, "/../"));
	MUST(strncmp(m->name, "../", 3) != 0 && strcmp(m->name, "..") != 0);
	MUST(!m->folder || !m->len);
	for (size_t i = 0; i < m->len; i++)
		*sum ^= m->content[i];
	return 0;
}

static void mend_sum(uint8_t *head)
{
	char text[8];
	unsigned sum = 0;

	memset(head + 148, ' ', 8);
	for (size_t i = 0; i < 512; i++)
		sum += head[i];
	snprintf(text, sizeof(text), "%06o", sum);
	memcpy(head + 148, text, 7);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	uint8_t *copy = fuzz_copy(data, n);
	unsigned char sum = 0;

	(void)tar_read(copy, n, take, &sum, NULL);
	for (size_t at = 0; at + 512 <= n; at += 512)
		if (copy[at])
			mend_sum(copy + at);
	(void)tar_read(copy, n, take, &sum, NULL);
	free(copy);
	return 0;
}
