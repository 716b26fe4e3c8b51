// SPDX-License-Identifier: GPL-3.0-or-later
/* Frames: docs/FORMAT.md, "Frames". */
#include "tests/unit/refuse.h"

static const struct {
	const char *tag;
	uint64_t max; /* as docs/FORMAT.md has it */
} kinds[FRAME_KINDS] = {
	[FRAME_HEADER] = { "SLATEIMG", 4194304 }, [FRAME_MAP] = { "SLATEMAP", 67108864 },
	[FRAME_RECORD] = { "SLATEREC", 131184 },  [FRAME_INDEX] = { "SLATEIDX", 4294967303 },
	[FRAME_TRAILER] = { "SLATEEND", 256 },
};

static void make(uint8_t buf[16], uint32_t magic, uint32_t size, const char *tag)
{
	poke(buf, 0, 4, magic);
	poke(buf, 4, 4, size);
	memcpy(buf + 8, tag, 8);
}

static void test_peek(void **state)
{
	uint64_t len;
	uint8_t b[16];

	(void)state;
	for (int k = 0; k < FRAME_KINDS; k++) {
		make(b, 0x184D2A57, 8, kinds[k].tag);
		len = 0;
		assert_int_equal(frame_peek(b, sizeof(b), &len), k);
		assert_int_equal(len, 16);
		for (size_t n = 0; n < sizeof(b); n++)
			assert_int_equal(frame_peek(b, n, &len), -EBADMSG);
		make(b, 0x184D2A57, 7, kinds[k].tag);
		assert_int_equal(frame_peek(b, sizeof(b), &len), -EBADMSG);
		make(b, 0x184D2A57, (uint32_t)(kinds[k].max - 8), kinds[k].tag);
		assert_int_equal(frame_peek(b, sizeof(b), &len), k);
		assert_true(len == kinds[k].max);
		make(b, 0x184D2A57, (uint32_t)(kinds[k].max - 7), kinds[k].tag);
		assert_int_equal(frame_peek(b, sizeof(b), &len), -EBADMSG);
		make(b, 0x184D2A58, 8, kinds[k].tag);
		assert_int_equal(frame_peek(b, sizeof(b), &len), -EBADMSG);
	}
	make(b, 0x184D2A57, 8, "SLATEXXX");
	assert_int_equal(frame_peek(b, sizeof(b), &len), -EBADMSG);
}

static void test_open_wants_one_whole_frame(void **state)
{
	uint8_t b[17] = { 0 };
	struct err e;
	struct rd r;

	(void)state;
	make(b, 0x184D2A57, 8, "SLATEMAP");
	assert_int_equal(frame_open(b, 16, FRAME_MAP, &r, &e), 0);
	assert_int_equal(rd_left(&r), 0);
	assert_int_equal(frame_open(b, 16, FRAME_HEADER, &r, &e), -EBADMSG);
	assert_non_null(strstr(e.msg, "header"));
	assert_int_equal(frame_open(b, 17, FRAME_MAP, &r, &e), -EBADMSG);
	assert_int_equal(frame_open(b, 15, FRAME_MAP, &r, &e), -EBADMSG);
}

static void test_seal(void **state)
{
	uint8_t b[64], sum[32];
	struct wr w = wr_init(b, sizeof(b));
	struct hash *h;
	struct err e;

	(void)state;
	assert_int_equal(hash_new(&h, &e), 0);
	frame_begin(&w, FRAME_MAP);
	wr_le32(&w, 0x01020304);
	assert_int_equal(frame_seal(&w, 0, 32, h), 0);
	assert_int_equal(w.pos, 52);
	assert_int_equal(peek(b, 4, 4), 44);
	sum_to(b, 20, sum, 32);
	assert_memory_equal(b + 20, sum, 32);
	assert_int_equal(frame_check_seal(b, 52, 32, h, "map", &e), 0);
	assert_int_equal(frame_check_seal(b, 51, 32, h, "map", &e), -EBADMSG);
	assert_int_equal(frame_check_seal(b, 31, 32, h, "map", &e), -EBADMSG);
	assert_string_equal(e.msg, "map: too short");
	w = wr_init(b, 51); /* no room for the seal's last byte */
	frame_begin(&w, FRAME_MAP);
	wr_le32(&w, 0);
	assert_int_equal(frame_seal(&w, 0, 32, h), -ENOBUFS);
	hash_free(h);
}

/* A frame is found wherever it begins, and none is made up at the edges. */
static void test_find(void **state)
{
	static const uint8_t id[IMAGE_ID_SIZE] = "0123456789abcdef";
	uint8_t buf[100];

	(void)state;
	for (size_t at = 0; at + 32 <= sizeof(buf); at++) {
		memset(buf, 'S', sizeof(buf));
		make(buf + at, FRAME_MAGIC, 24, "SLATEREC");
		memcpy(buf + at + 16, id, IMAGE_ID_SIZE);
		assert_ptr_equal(frame_find(buf, sizeof(buf), FRAME_RECORD, id), buf + at);
		assert_ptr_equal(frame_find(buf, at + 32, FRAME_RECORD, id), buf + at);
		assert_null(frame_find(buf, at + 31, FRAME_RECORD, id));
		assert_null(frame_find(buf + at + 1, sizeof(buf) - at - 1, FRAME_RECORD, id));
		assert_null(frame_find(buf, sizeof(buf), FRAME_INDEX, id));
		buf[at + 31] ^= 1; /* another image */
		assert_null(frame_find(buf, sizeof(buf), FRAME_RECORD, id));
	}
	/* A tag of another image in front does not hide the right one. */
	memset(buf, 0, sizeof(buf));
	make(buf + 10, FRAME_MAGIC, 24, "SLATEREC");
	make(buf + 40, FRAME_MAGIC, 24, "SLATEREC");
	memcpy(buf + 56, id, IMAGE_ID_SIZE);
	assert_ptr_equal(frame_find(buf, sizeof(buf), FRAME_RECORD, id), buf + 40);
	assert_null(frame_find(buf, 0, FRAME_RECORD, id));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_peek),
		cmocka_unit_test(test_open_wants_one_whole_frame),
		cmocka_unit_test(test_seal),
		cmocka_unit_test(test_find),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
