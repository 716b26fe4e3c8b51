// SPDX-License-Identifier: GPL-3.0-or-later
/* ptable_place.h - disks with partition tables, made by the usual programs. */
#ifndef TESTS_UNIT_PTABLE_PLACE_H
#define TESTS_UNIT_PTABLE_PLACE_H

#include "tests/unit/scratch.h"

#include "common/io.h"
#include "imager/disk/ptable.h"

#include <errno.h>

#define MIB (UINT64_C(1) << 20)

/* One disk of a test: a file, or a loop device over it. */
struct disk {
	char path[160];
	struct dev d;
	struct ptable t;
	struct err e;
};

/* @path may be that of @k itself. */
static inline void open_disk(struct disk *k, const char *path)
{
	char copy[sizeof(k->path)];

	snprintf(copy, sizeof(copy), "%s", path);
	*k = (struct disk){ .d.fd = -1 };
	memcpy(k->path, copy, sizeof(copy));
	assert_int_equal(dev_open_source(&k->d, k->path, &k->e), 0);
}

/* Makes @name of @size bytes by @cmd, a shell command in which %s is its path. */
static inline void make_disk(struct disk *k, const struct scratch *s, const char *name,
			     uint64_t size, const char *cmd)
{
	char path[160], line[1000];

	scratch_file(s, name, (off_t)size);
	scratch_join(path, s, name);
	snprintf(line, sizeof(line), "D=%s; %s", path, cmd);
	assert_int_equal(scratch_run("%s", line), 0);
	open_disk(k, path);
}

static inline void close_disk(struct disk *k)
{
	ptable_free(&k->t);
	dev_close(&k->d);
}

static inline void read_disk(struct disk *k)
{
	int r = ptable_read(&k->d, &k->t, &k->e);

	if (r != 1)
		fail_msg("%s: %d, \"%s\"", k->path, r, r < 0 ? k->e.msg : "");
}

#define GPT_LAB                                                                                \
	"printf 'label: gpt\nlabel-id: 11111111-2222-3333-4444-555555555555\n"                 \
	"2: start=2048, size=20480, type=uefi, name=ESP,"                                      \
	" uuid=AAAAAAAA-0000-0000-0000-000000000002\n"                                         \
	"5: start=60001, size=4001, type=swap, name=\"sw\xc3\xa4p\","                          \
	" uuid=AAAAAAAA-0000-0000-0000-000000000005\n"                                         \
	"3: start=22528, size=20480, type=linux, attrs=\"LegacyBIOSBootable\","                \
	" uuid=AAAAAAAA-0000-0000-0000-000000000003\n"                                         \
	"130: start=70000, size=8, type=12345678-1234-1234-1234-123456789012,"                 \
	" uuid=AAAAAAAA-0000-0000-0000-000000000130\n' |"

static inline void make_gpt(struct disk *k, const struct scratch *s, const char *name)
{
	make_disk(k, s, name, 64 * MIB,
		  GPT_LAB "sed '/^label-id/a table-length: 130' | sfdisk -q $D && "
			  "printf 'boot code' | dd of=$D conv=notrunc");
}

#define DOS_LAB                                                                                \
	"printf 'label: dos\nlabel-id: 0x1234abcd\n"                                           \
	"1: start=2048, size=20480, type=7\n2: start=24000, size=80000, type=f\n"              \
	"3: start=22601, size=1001, type=82, bootable\n"                                       \
	"5: start=26048, size=10000, type=83\n6: start=40001, size=777, type=b\n"              \
	"7: start=60000, size=20000, type=83\n' |"

static inline void make_dos(struct disk *k, const struct scratch *s, const char *name)
{
	make_disk(k, s, name, 64 * MIB,
		  DOS_LAB "sfdisk -q $D && printf 'boot code' | dd of=$D conv=notrunc");
}

#endif
