// SPDX-License-Identifier: GPL-3.0-or-later
/* Files of --state: read, and where they count, written and read again. */
#include "tests/fuzz/fuzz.h"

#include "common/io.h"
#include "imager/engine/state.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#define CHUNKS 100

static struct state *open_state(const char *path, bool *ret_fits)
{
	static const uint8_t root[HASH_SIZE] = { 0x12, 0x34 };
	static const struct ident ident = { .model = "m", .serial = "s" };
	struct state_key key = {
		.root = root, .device = "d", .ident = &ident, .size = 4096, .chunks = CHUNKS
	};
	struct state *s = NULL;

	if (state_open(&s, path, &key, ret_fits, NULL) < 0)
		return NULL;
	return s;
}

static void check(struct state *a)
{
	struct state *b;
	char path[64];
	bool fits;

	snprintf(path, sizeof(path), "/dev/shm/slate-state-fuzz.%d", (int)getpid());
	b = open_state(path, &fits);
	MUST(b);
	for (uint64_t i = 0; i < CHUNKS; i++)
		if (state_has(a, i))
			state_add(b, i);
	MUST(state_save(b, NULL) == 0);
	state_free(b);
	b = open_state(path, &fits);
	MUST(b && fits);
	for (uint64_t i = 0; i < CHUNKS; i++)
		MUST(state_has(a, i) == state_has(b, i));
	MUST(state_remove(b, NULL) == 0);
	state_free(b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	int fd = memfd_create("state", MFD_CLOEXEC);
	char path[64];
	struct state *s;
	bool fits;

	MUST(fd >= 0 && io_write(fd, data, n) == 0);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	s = open_state(path, &fits);
	if (s && fits)
		check(s);
	state_free(s);
	close(fd);
	return 0;
}
