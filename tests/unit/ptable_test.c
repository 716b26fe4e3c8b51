// SPDX-License-Identifier: GPL-3.0-or-later
/* Partition tables as sfdisk, sgdisk and parted make them, good and bad. */
#include "tests/unit/ptable_place.h"

#include <libdeflate.h>

static void assert_refused(struct disk *k, int code, const char *words)
{
	int r = ptable_read(&k->d, &k->t, &k->e);

	if (r != code || (r < 0 && !strstr(k->e.msg, words)))
		fail_msg("%d, \"%s\", expected %d, \"%s\"", r, r < 0 ? k->e.msg : "", code,
			 words);
	close_disk(k);
}

static void assert_part(const struct disk *k, size_t i, unsigned number, uint64_t start,
			uint64_t sectors, const char *type, const char *name)
{
	const struct part *p = &k->t.v[i];

	assert_true(i < k->t.n);
	assert_int_equal(p->number, number);
	assert_int_equal(p->off, start * k->t.sector);
	assert_int_equal(p->size, sectors * k->t.sector);
	assert_string_equal(p->type, type);
	assert_string_equal(p->name, name);
}

static void assert_own(const struct extents *own, size_t i, uint64_t off, uint64_t len)
{
	assert_true(i < own->n);
	assert_int_equal(own->v[i].off, off);
	assert_int_equal(own->v[i].len, len);
}

static void test_gpt(void **state)
{
	struct scratch *s = *state;
	struct disk k;

	make_gpt(&k, s, "disk");
	read_disk(&k);
	assert_string_equal(k.t.type, "gpt");
	assert_string_equal(k.t.id, "11111111-2222-3333-4444-555555555555");
	assert_string_equal(k.t.notice, "");
	assert_int_equal(k.t.sector, 512);
	assert_int_equal(k.t.n, 4);
	assert_part(&k, 0, 2, 2048, 20480, "EFI System", "ESP");
	assert_part(&k, 1, 3, 22528, 20480, "Linux filesystem", "");
	assert_part(&k, 2, 5, 60001, 4001, "Linux swap", "sw\xc3\xa4p");
	assert_part(&k, 3, 130, 70000, 8, "unknown", "");
	assert_string_equal(k.t.v[0].uuid, "aaaaaaaa-0000-0000-0000-000000000002");
	assert_string_equal(k.t.v[0].type_id, "C12A7328-F81F-11D2-BA4B-00A0C93EC93B");
	assert_string_equal(k.t.v[3].type_id, "12345678-1234-1234-1234-123456789012");
	assert_true(k.t.v[1].boot);
	assert_false(k.t.v[0].boot || k.t.v[0].logical);
	/* 130 entries of 128 bytes are 33 sectors. */
	assert_int_equal(k.t.own.n, 2);
	assert_own(&k.t.own, 0, 0, UINT64_C(35) * 512);
	assert_own(&k.t.own, 1, 64 * MIB - UINT64_C(34) * 512, UINT64_C(34) * 512);
	close_disk(&k);
}

/* A copy of a disk with sectors of 4096 bytes, as such a disk and as a file. */
static void test_gpt_4096(void **state)
{
	struct scratch *s = *state;
	struct disk k;
	char path[160], loop[32];

	scratch_need_root();
	scratch_file(s, "disk", 64 << 20);
	scratch_join(path, s, "disk");
	snprintf(loop, sizeof(loop), "%s", scratch_loop(s, path, "-b 4096"));
	assert_int_equal(scratch_run("printf 'label: gpt\n,10M\n,,swap\n' | sfdisk -q %s && "
				     "sync -f %s",
				     loop, path),
			 0);
	open_disk(&k, loop);
	for (int i = 0; i < 2; i++) {
		read_disk(&k);
		assert_int_equal(k.t.sector, 4096);
		assert_int_equal(k.t.n, 2);
		assert_part(&k, 0, 1, 256, 2560, "Linux filesystem", "");
		assert_int_equal(k.t.own.n, 2);
		assert_own(&k.t.own, 0, 0, 6 * 4096);
		assert_own(&k.t.own, 1, 64 * MIB - UINT64_C(5) * 4096, UINT64_C(5) * 4096);
		close_disk(&k);
		open_disk(&k, path);
	}
	close_disk(&k);

	/* The same on a disk with other sectors cannot be read by anybody. */
	open_disk(&k, scratch_loop(s, path, ""));
	assert_refused(&k, -EUCLEAN, "made for sectors of 4096 bytes");
}

static void test_gpt_4096_over_512(void **state)
{
	struct scratch *s = *state;
	struct disk k;
	char path[160];

	scratch_need_root();
	make_gpt(&k, s, "disk");
	close_disk(&k);
	scratch_join(path, s, "disk");
	assert_int_equal(scratch_run("printf 'label: gpt\n,10M\n' | sfdisk -q -w never %s",
				     scratch_loop(s, path, "-b 4096")),
			 0);
	open_disk(&k, path);
	read_disk(&k);
	assert_int_equal(k.t.sector, 4096);
	assert_int_equal(k.t.n, 1);
	close_disk(&k);
	/* And back. */
	assert_int_equal(
		scratch_run("printf 'label: gpt\n,10M\n,1M\n' | sfdisk -q -w never %s", path),
		0);
	open_disk(&k, path);
	read_disk(&k);
	assert_int_equal(k.t.sector, 512);
	assert_int_equal(k.t.n, 2);
	close_disk(&k);
}

static void test_dos(void **state)
{
	struct scratch *s = *state;
	struct disk k;

	make_dos(&k, s, "disk");
	read_disk(&k);
	assert_string_equal(k.t.type, "dos");
	assert_string_equal(k.t.id, "0x1234abcd");
	assert_int_equal(k.t.n, 5);
	assert_part(&k, 0, 1, 2048, 20480, "HPFS/NTFS/exFAT", "");
	assert_part(&k, 1, 3, 22601, 1001, "Linux swap / Solaris", "");
	assert_part(&k, 2, 5, 26048, 10000, "Linux", "");
	assert_part(&k, 3, 6, 40001, 777, "W95 FAT32", "");
	assert_part(&k, 4, 7, 60000, 20000, "Linux", "");
	assert_string_equal(k.t.v[0].uuid, "1234abcd-01");
	assert_string_equal(k.t.v[4].uuid, "1234abcd-07");
	assert_string_equal(k.t.v[0].type_id, "0x07");
	assert_true(k.t.v[1].boot && !k.t.v[0].boot);
	assert_true(k.t.v[2].logical && !k.t.v[1].logical);
	assert_int_equal(k.t.own.n, 4);
	assert_own(&k.t.own, 0, 0, 512);
	assert_own(&k.t.own, 1, 24000 * 512, 512);
	close_disk(&k);
}

/* With the first and a middle logical partition gone, the chain has empty links. */
static void test_dos_chain_with_holes(void **state)
{
	struct scratch *s = *state;
	struct disk k;

	make_disk(&k, s, "disk", 256 * MIB,
		  "parted -s $D mklabel msdos mkpart extended 1MiB 200MiB "
		  "mkpart logical 2MiB 10MiB mkpart logical 12MiB 20MiB "
		  "mkpart logical 22MiB 30MiB mkpart logical 40MiB 50MiB rm 5 rm 6");
	read_disk(&k);
	assert_int_equal(k.t.n, 2);
	assert_int_equal(k.t.v[0].number, 5);
	assert_int_equal(k.t.v[0].off, 12 * MIB);
	assert_int_equal(k.t.v[1].number, 6);
	assert_int_equal(k.t.v[1].off, 40 * MIB);
	close_disk(&k);
}

static void test_dos_many_logical(void **state)
{
	struct scratch *s = *state;
	struct disk k;

	make_disk(&k, s, "disk", 256 * MIB,
		  "{ printf 'label: dos\n,,E\n'; for i in $(seq 56); do echo ',2M'; done; } | "
		  "sfdisk -q $D");
	read_disk(&k);
	assert_int_equal(k.t.n, 56);
	assert_int_equal(k.t.v[55].number, 60);
	assert_int_equal(k.t.own.n, 57);
	close_disk(&k);
	make_disk(
		&k, s, "disk", 256 * MIB,
		"parted -s $D mklabel msdos mkpart extended 1MiB 100% "
		"$(for i in $(seq 2 2 116); do echo mkpart logical ${i}MiB $((i+1))MiB; done)");
	assert_refused(&k, -EOPNOTSUPP, "more than 56");
}

static void test_empty(void **state)
{
	struct scratch *s = *state;
	struct disk k;

	make_disk(&k, s, "zeros", 8 * MIB, "true");
	assert_refused(&k, 0, "");
	make_disk(&k, s, "tiny", 100, "true");
	assert_refused(&k, 0, "");
	make_disk(&k, s, "small", 700,
		  "printf '\\125\\252' | dd of=$D bs=1 seek=510 conv=notrunc");
	assert_refused(&k, 0, "");
	make_disk(&k, s, "dos", 8 * MIB, "echo label: dos | sfdisk -q $D");
	assert_refused(&k, 0, "");
	make_disk(&k, s, "gpt", 8 * MIB, "echo label: gpt | sfdisk -q $D");
	read_disk(&k);
	assert_int_equal(k.t.n, 0);
	assert_int_equal(ptable_min_disk(&k.t), (UINT64_C(2048) + 1 + 33) * 512);
	close_disk(&k);
}

static void test_bare_filesystems(void **state)
{
	static const char *const mkfs[] = {
		"mkfs.vfat -F 16 $D", "mkfs.vfat -F 32 $D", "mkfs.ntfs -q -F -f $D",
		"mkfs.ext4 -q $D",    "mkfs.exfat $D",      "mkswap $D",
		"mkfs.minix $D",
	};
	struct scratch *s = *state;
	struct disk k;

	for (size_t i = 0; i < sizeof(mkfs) / sizeof(*mkfs); i++) {
		make_disk(&k, s, "disk", 40 * MIB, mkfs[i]);
		assert_refused(&k, 0, "");
	}
	/* GRUB's first stage on a bare filesystem: signed, but without partitions. */
	make_disk(&k, s, "disk", 40 * MIB,
		  "mkfs.ext4 -q $D; printf '\\125\\252' | dd of=$D bs=1 seek=510 conv=notrunc");
	assert_refused(&k, 0, "");
	/* Either may be the old one. */
	make_disk(&k, s, "disk", 40 * MIB,
		  "mkfs.ext4 -q $D; "
		  "printf 'label: dos\n,10M\n' | sfdisk -q -w never -W never $D");
	assert_refused(&k, -EOPNOTSUPP, "\"ext4\"");
}

/* What libblkid sees on the whole disk may be in a partition, or be the first sector. */
static void test_whole_disk_signatures(void **state)
{
	struct scratch *s = *state;
	struct disk k;

	make_disk(&k, s, "inside", 40 * MIB,
		  "printf 'label: dos\nstart=63\n' | sfdisk -q $D && "
		  "printf '\\1CD001\\1' | dd of=$D bs=1 seek=32768 conv=notrunc");
	read_disk(&k);
	assert_int_equal(k.t.n, 1);
	close_disk(&k);
	make_disk(&k, s, "before", 40 * MIB,
		  "printf 'label: dos\nstart=80\n' | sfdisk -q $D && "
		  "printf '\\1CD001\\1' | dd of=$D bs=1 seek=32768 conv=notrunc");
	assert_refused(&k, -EOPNOTSUPP, "\"iso9660\"");
	make_disk(&k, s, "luks", 40 * MIB,
		  "printf 'label: dos\nstart=2048\n' | sfdisk -q $D && "
		  "printf 'LUKS\\272\\276\\0\\1' | dd of=$D bs=1 conv=notrunc");
	assert_refused(&k, 0, "");
}

static void test_other_kinds(void **state)
{
	struct scratch *s = *state;
	struct disk k;

	make_disk(&k, s, "sun", 40 * MIB, "echo label: sun | sfdisk -q $D");
	assert_refused(&k, -EOPNOTSUPP, "\"sun\"");
	make_disk(&k, s, "sgi", 40 * MIB, "echo label: sgi | sfdisk -q $D");
	assert_refused(&k, -EOPNOTSUPP, "\"sgi\"");
	make_disk(&k, s, "mac", 40 * MIB, "parted -s $D mklabel mac");
	assert_refused(&k, -EOPNOTSUPP, "\"mac\"");
}

static void test_bad_dos(void **state)
{
	struct scratch *s = *state;
	struct disk k;

	make_dos(&k, s, "disk");
	close_disk(&k);
	assert_int_equal(scratch_run("truncate -s 30M %s", k.path), 0);
	open_disk(&k, k.path);
	assert_refused(&k, -EUCLEAN, "beyond the end");

	make_disk(&k, s, "overlap", 64 * MIB,
		  "printf 'label: dos\nstart=2048, size=4096\nstart=6144\n' | sfdisk -q $D && "
		  "printf '\\1\\20' | dd of=$D bs=1 seek=458 conv=notrunc");
	assert_refused(&k, -EUCLEAN, "1 and 2 overlap");

	/* The second EBR's link leads to the first. */
	make_dos(&k, s, "loop");
	close_disk(&k);
	assert_int_equal(scratch_run("printf '\\0\\0\\0\\5\\0\\0\\0\\0\\0\\0\\0\\1\\0\\0\\0' | "
				     "dd of=%s bs=1 seek=$((37953 * 512 + 463)) conv=notrunc",
				     k.path),
			 0);
	open_disk(&k, k.path);
	assert_refused(&k, -EUCLEAN, "leads back");

	make_disk(&k, s, "hybrid-cd", 64 * MIB,
		  "printf 'label: dos\nstart=0, size=40960\n' | sfdisk -q -f $D || "
		  "{ printf 'label: dos\nstart=2048, size=40960\n' | sfdisk -q $D && "
		  "printf '\\0\\0' | dd of=$D bs=1 seek=454 conv=notrunc; }");
	assert_refused(&k, -EOPNOTSUPP, "covers the partition table itself");
}

static void test_bad_gpt(void **state)
{
	struct scratch *s = *state;
	struct disk k;

	make_gpt(&k, s, "disk");
	close_disk(&k);
	assert_int_equal(scratch_run("printf x | dd of=%s bs=1 seek=600 conv=notrunc", k.path),
			 0);
	open_disk(&k, k.path);
	read_disk(&k);
	assert_non_null(strstr(k.t.notice, "first copy"));
	assert_int_equal(k.t.n, 4);
	assert_int_equal(k.t.own.n, 2);
	assert_own(&k.t.own, 0, 0, 512);
	close_disk(&k);

	assert_int_equal(scratch_run("printf x | dd of=%s bs=1 seek=$((65536 * 1024 - 500)) "
				     "conv=notrunc",
				     k.path),
			 0);
	open_disk(&k, k.path);
	assert_refused(&k, -EUCLEAN, "both copies");

	/* The entries are as good a reason as the header. */
	make_gpt(&k, s, "disk");
	close_disk(&k);
	assert_int_equal(scratch_run("printf x | dd of=%s bs=1 seek=$((65536 * 1024 - 4000)) "
				     "conv=notrunc",
				     k.path),
			 0);
	open_disk(&k, k.path);
	read_disk(&k);
	assert_non_null(strstr(k.t.notice, "at the end"));
	assert_int_equal(k.t.own.n, 1);
	close_disk(&k);

	assert_int_equal(scratch_run("truncate -s 60M %s", k.path), 0);
	open_disk(&k, k.path);
	assert_refused(&k, -EUCLEAN, "smaller");

	make_disk(&k, s, "protective", 64 * MIB,
		  "echo label: gpt | sfdisk -q $D && "
		  "dd if=/dev/zero of=$D bs=512 seek=1 count=1 conv=notrunc && "
		  "dd if=/dev/zero of=$D bs=512 seek=131071 count=1 conv=notrunc");
	assert_refused(&k, -EUCLEAN, "both copies");
}

/* Copied to a larger disk as it is: the second copy is not at the end. */
static void test_gpt_on_larger_disk(void **state)
{
	struct scratch *s = *state;
	struct disk k;

	make_gpt(&k, s, "disk");
	close_disk(&k);
	assert_int_equal(scratch_run("truncate -s 90M %s", k.path), 0);
	open_disk(&k, k.path);
	read_disk(&k);
	assert_non_null(strstr(k.t.notice, "not at the end"));
	assert_int_equal(k.t.own.n, 2);
	assert_own(&k.t.own, 1, 64 * MIB - UINT64_C(34) * 512, UINT64_C(34) * 512);
	close_disk(&k);
}

static void put(uint8_t *p, uint64_t v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		p[i] = (uint8_t)(v >> 8 * i);
}

/* Changes entry bytes or header fields of the first copy and makes it valid again. */
static void forge_gpt(const char *path, size_t off, uint64_t value, size_t n)
{
	uint8_t head[512], table[130 * 128];
	int fd = open(path, O_RDWR | O_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(io_pread(fd, head, sizeof(head), 512), sizeof(head));
	assert_int_equal(io_pread(fd, table, sizeof(table), 1024), sizeof(table));
	if (off < 512)
		put(head + off, value, n);
	else
		put(table + off - 512, value, n);
	put(head + 88, libdeflate_crc32(0, table, sizeof(table)), 4);
	put(head + 16, 0, 4);
	put(head + 16, libdeflate_crc32(0, head, 92), 4);
	assert_int_equal(io_pwrite(fd, head, sizeof(head), 512), 0);
	assert_int_equal(io_pwrite(fd, table, sizeof(table), 1024), 0);
	close(fd);
}

/* Right checksums do not make numbers right. */
static void test_forged_gpt(void **state)
{
	static const struct {
		size_t off;
		uint64_t value;
		size_t n;
		int code;
		const char *words;
	} forged[] = {
		{ 512 + 128 + 40, 30000, 8, -EUCLEAN, "overlap" },
		{ 512 + 128 + 40, 2047, 8, -EUCLEAN, "outside" },
		{ 512 + 128 + 40, UINT64_MAX, 8, -EUCLEAN, "outside" },
		{ 512 + 128 + 32, 1, 8, -EUCLEAN, "outside" },
		/* These make the first copy a bad one. */
		{ 80, UINT32_MAX, 4, 1, "first copy" },
		{ 84, 1, 4, 1, "first copy" },
		{ 84, UINT32_MAX, 4, 1, "first copy" },
		{ 72, UINT64_MAX, 8, 1, "first copy" },
		{ 72, 1, 8, 1, "first copy" },
		{ 48, 131072, 8, 1, "first copy" },
		{ 40, 131071, 8, 1, "first copy" },
		{ 24, 2, 8, 1, "first copy" },
		{ 12, 91, 4, 1, "first copy" },
		{ 12, 513, 4, 1, "first copy" },
		/* And this one leads nowhere. */
		{ 32, UINT64_MAX, 8, 1, "at the end" },
	};
	struct scratch *s = *state;
	struct disk k;

	for (size_t i = 0; i < sizeof(forged) / sizeof(*forged); i++) {
		make_gpt(&k, s, "disk");
		forge_gpt(k.path, forged[i].off, forged[i].value, forged[i].n);
		if (forged[i].code < 0) {
			assert_refused(&k, forged[i].code, forged[i].words);
			continue;
		}
		read_disk(&k);
		if (!strstr(k.t.notice, forged[i].words))
			fail_msg("%zu: \"%s\"", i, k.t.notice);
		assert_int_equal(k.t.n, 4);
		close_disk(&k);
	}
}

static void test_names(void **state)
{
	struct scratch *s = *state;
	struct disk k;

	make_gpt(&k, s, "disk");
	/* ESC, half a surrogate pair, a whole one. */
	forge_gpt(k.path, 512 + 128 + 56, 0xd800001b, 4);
	forge_gpt(k.path, 512 + 128 + 60, 0xde00d83d, 4);
	read_disk(&k);
	assert_string_equal(k.t.v[0].name, "??\xf0\x9f\x98\x80");
	close_disk(&k);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, scratch_setup, scratch_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_gpt),
		TEST(test_gpt_4096),
		TEST(test_gpt_4096_over_512),
		TEST(test_dos),
		TEST(test_dos_chain_with_holes),
		TEST(test_dos_many_logical),
		TEST(test_empty),
		TEST(test_bare_filesystems),
		TEST(test_whole_disk_signatures),
		TEST(test_other_kinds),
		TEST(test_bad_dos),
		TEST(test_bad_gpt),
		TEST(test_gpt_on_larger_disk),
		TEST(test_forged_gpt),
		TEST(test_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
