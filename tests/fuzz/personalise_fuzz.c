// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Files of a system that personalise changes (hosts, profiles of NetworkManager, fstab,
 * resume): what is done once is done, and nothing is lost that is not meant.
 */
#include "tests/fuzz/fuzz.h"

#include "netconf/personalise/fstab.h"
#include "netconf/personalise/hosts.h"
#include "netconf/personalise/keyfile.h"
#include "netconf/personalise/macs.h"

static const struct machine machine = { .cards = { { { 0, 0x11, 0x22, 0x33, 0x44, 0x55 } } },
					.n_cards = 1 };

static bool knows(void *ctx, const char *uuid)
{
	(void)ctx;
	return uuid[0] == 'a';
}

static void hosts(const char *text, size_t n)
{
	char *once = NULL, *twice = NULL, *line = NULL;

	if (hosts_rename(text, n, "old", "pc7", &once, NULL))
		return;
	MUST(hosts_rename(once, strlen(once), "pc7", "pc7", &twice, NULL) == 0);
	MUST(strcmp(once, twice) == 0);
	MUST(hosts_line(once, strlen(once), &line, NULL) == 0 && line);
	MUST(strstr(line, "pc7"));
	free(once);
	free(twice);
	free(line);
}

static void profile(const char *text, size_t n)
{
	char *once = NULL, *twice = NULL;
	size_t removed;

	MUST(keyfile_unbind(text, n, &machine, &once, &removed, NULL) == 0);
	MUST(strlen(once) <= n);
	MUST(keyfile_unbind(once, strlen(once), &machine, &twice, &removed, NULL) == 0);
	MUST(memchr(text, '\0', n) || (!removed && !strcmp(once, twice)));
	free(once);
	free(twice);
}

typedef int mend(const char *text, has_uuid *has, void *ctx, char **ret, size_t *changed,
		 struct err *e);

static void mended(const char *text, mend *how)
{
	char *once = NULL, *twice = NULL;
	size_t changed;

	MUST(how(text, knows, NULL, &once, &changed, NULL) == 0);
	MUST(changed || !strcmp(text, once));
	MUST(how(once, knows, NULL, &twice, &changed, NULL) == 0);
	MUST(changed == 0 && !strcmp(once, twice));
	free(once);
	free(twice);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	char *text = malloc(n + 1), uuid[UUID_MAX];
	size_t absent;

	MUST(text);
	if (n)
		memcpy(text, data, n);
	text[n] = '\0';
	hosts(text, n);
	profile(text, n);
	mended(text, fstab_swap);
	mended(text, resume_mend);
	fstab_root(text, uuid);
	MUST(macs_count(text, &machine, &absent) >= absent);
	free(text);
	return 0;
}
