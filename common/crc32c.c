// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/crc32c.h"

/*
 * Eight bytes a step: table[k][b] is what byte b leaves behind when k zero
 * bytes follow it.  As a CRC is linear, the 256 entries of a table are the
 * sums of those for its eight single bits, which are written out here.
 */
#define T1(x, a)                   (x), (x) ^ (a)
#define T2(x, a, b)                T1(x, a), T1((x) ^ (b), a)
#define T3(x, a, b, c)             T2(x, a, b), T2((x) ^ (c), a, b)
#define T4(x, a, b, c, d)          T3(x, a, b, c), T3((x) ^ (d), a, b, c)
#define T5(x, a, b, c, d, e)       T4(x, a, b, c, d), T4((x) ^ (e), a, b, c, d)
#define T6(x, a, b, c, d, e, f)    T5(x, a, b, c, d, e), T5((x) ^ (f), a, b, c, d, e)
#define T7(x, a, b, c, d, e, f, g) T6(x, a, b, c, d, e, f), T6((x) ^ (g), a, b, c, d, e, f)
#define T8(x, a, b, c, d, e, f, g, h)                                                          \
	T7(x, a, b, c, d, e, f, g), T7((x) ^ (h), a, b, c, d, e, f, g)
#define TABLE(...)                                                                             \
	{                                                                                      \
		T8(0U, __VA_ARGS__)                                                            \
	}

static const uint32_t table[8][256] = {
	TABLE(0xf26b8303, 0xe13b70f7, 0xc79a971f, 0x8ad958cf, 0x105ec76f, 0x20bd8ede,
	      0x417b1dbc, 0x82f63b78),
	TABLE(0x13a29877, 0x274530ee, 0x4e8a61dc, 0x9d14c3b8, 0x3fc5f181, 0x7f8be302,
	      0xff17c604, 0xfbc3faf9),
	TABLE(0xa541927e, 0x4f6f520d, 0x9edea41a, 0x38513ec5, 0x70a27d8a, 0xe144fb14,
	      0xc76580d9, 0x8b277743),
	TABLE(0xdd45aab8, 0xbf672381, 0x7b2231f3, 0xf64463e6, 0xe964b13d, 0xd725148b,
	      0xaba65fe7, 0x52a0c93f),
	TABLE(0x38116fac, 0x7022df58, 0xe045beb0, 0xc5670b91, 0x8f2261d3, 0x1ba8b557,
	      0x37516aae, 0x6ea2d55c),
	TABLE(0xef306b19, 0xdb8ca0c3, 0xb2f53777, 0x6006181f, 0xc00c303e, 0x85f4168d,
	      0x0e045beb, 0x1c08b7d6),
	TABLE(0x68032cc8, 0xd0065990, 0xa5e0c5d1, 0x4e2dfd53, 0x9c5bfaa6, 0x3d5b83bd,
	      0x7ab7077a, 0xf56e0ef4),
	TABLE(0x493c7d27, 0x9278fa4e, 0x211d826d, 0x423b04da, 0x847609b4, 0x0d006599,
	      0x1a00cb32, 0x34019664),
};

static uint32_t eight_bytes(uint32_t crc, const uint8_t *p)
{
	return table[7][(crc & 0xff) ^ p[0]] ^ table[6][(crc >> 8 & 0xff) ^ p[1]] ^
	       table[5][(crc >> 16 & 0xff) ^ p[2]] ^ table[4][(crc >> 24) ^ p[3]] ^
	       table[3][p[4]] ^ table[2][p[5]] ^ table[1][p[6]] ^ table[0][p[7]];
}

uint32_t crc32c(uint32_t crc, const void *p, size_t n)
{
	const uint8_t *at = p;

	for (; n >= 8; n -= 8, at += 8)
		crc = eight_bytes(crc, at);
	for (; n; n--, at++)
		crc = crc >> 8 ^ table[0][(crc ^ *at) & 0xff];
	return crc;
}
