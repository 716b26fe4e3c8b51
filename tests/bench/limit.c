// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * limit.c - the yardstick: what this machine could do at best.
 *
 *   limit save    SOURCE FREE OUT CODEC LEVEL THREADS CHUNK_KIB
 *   limit restore TARGET FREE OUT CODEC LEVEL THREADS CHUNK_KIB
 *
 * The same work as slate's, in a bare loop: THREADS threads take windows of
 * CHUNK_KIB of the device in turn; the used bytes of a window are hashed
 * (SHA-256) and packed as one chunk.  No image format, no order, no progress,
 * no questions.  FREE lists the free ranges, one "OFFSET LENGTH" a line, in
 * bytes, ascending.  CODEC is none, gzip or zstd.  OUT holds an index of fixed
 * size, then the chunks in the order in which they were done; it is good only
 * for this program on this machine.  A restore ends with fsync() of TARGET.
 */
#define _GNU_SOURCE 1
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <libdeflate.h>
#include <openssl/evp.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zstd.h>

enum { MAX_THREADS = 64, HASH_LEN = 32 };

/* Used bytes in a row; never crosses a window's end. */
struct piece {
	uint64_t off, len;
};

/* The used bytes of one window, perhaps none. */
struct chunk {
	size_t first, count; /* pieces */
	size_t raw;          /* bytes in them */
};

/* Where it is in OUT; packed == raw: as it was. */
struct stored {
	uint64_t off, packed;
	uint8_t hash[HASH_LEN];
};

struct job {
	bool saving;
	int dev, out;
	enum { NONE, GZIP, ZSTD } codec;
	int level;
	size_t window, bound; /* bytes of a chunk: before packing, after it at most */
	struct piece *pieces;
	struct chunk *chunks; /* one a window */
	struct stored *index; /* as many */
	size_t n_pieces, room, n_chunks;
	atomic_size_t next;       /* chunk that nobody has taken yet */
	_Atomic uint64_t out_end; /* place in OUT that nobody has taken yet */
};

/* What each thread has for itself. */
struct worker {
	uint8_t *raw, *packed;
	ZSTD_CCtx *zstd_c;
	ZSTD_DCtx *zstd_d;
	struct libdeflate_compressor *gzip_c;
	struct libdeflate_decompressor *gzip_d;
	EVP_MD *sha256;
	EVP_MD_CTX *md;
};

static _Noreturn void die(const char *what)
{
	fprintf(stderr, "limit: %s: %s\n", what, errno ? strerror(errno) : "wrong");
	exit(1);
}

static void *must(void *p)
{
	if (!p)
		die("cannot allocate");
	return p;
}

/* --- one chunk ----------------------------------------------------------- */

static void move(int fd, bool in, uint8_t *p, size_t n, uint64_t off)
{
	while (n) {
		ssize_t r = in ? pread(fd, p, n, (off_t)off) : pwrite(fd, p, n, (off_t)off);

		if (r <= 0)
			die(in ? "read" : "write");
		p += r;
		n -= (size_t)r;
		off += (size_t)r;
	}
}

/* Between w->raw and the device. */
static void move_pieces(const struct job *j, const struct chunk *c, uint8_t *p)
{
	for (size_t i = c->first; i < c->first + c->count; i++) {
		move(j->dev, j->saving, p, j->pieces[i].len, j->pieces[i].off);
		p += j->pieces[i].len;
	}
}

static void hash(struct worker *w, size_t n, uint8_t *ret)
{
	if (!EVP_DigestInit_ex(w->md, w->sha256, NULL) || !EVP_DigestUpdate(w->md, w->raw, n) ||
	    !EVP_DigestFinal_ex(w->md, ret, NULL))
		die("hash");
}

/* Returns the packed size, or 0 if packing does not pay. */
static size_t pack(const struct job *j, struct worker *w, size_t n)
{
	size_t r = 0;

	if (j->codec == ZSTD)
		r = ZSTD_compressCCtx(w->zstd_c, w->packed, j->bound, w->raw, n, j->level);
	else if (j->codec == GZIP)
		r = libdeflate_gzip_compress(w->gzip_c, w->raw, n, w->packed, j->bound);
	return r < n ? r : 0; /* an error of zstd's is a huge number */
}

static bool unpack(const struct job *j, struct worker *w, size_t packed, size_t n)
{
	if (j->codec == ZSTD)
		return ZSTD_decompressDCtx(w->zstd_d, w->raw, n, w->packed, packed) == n;
	return j->codec == GZIP &&
	       !libdeflate_gzip_decompress(w->gzip_d, w->packed, packed, w->raw, n, NULL);
}

static void save_chunk(struct job *j, struct worker *w, size_t i)
{
	struct stored *s = &j->index[i];
	size_t raw = j->chunks[i].raw, n;

	move_pieces(j, &j->chunks[i], w->raw);
	hash(w, raw, s->hash);
	n = pack(j, w, raw);
	s->packed = n ? n : raw;
	s->off = atomic_fetch_add(&j->out_end, s->packed);
	move(j->out, false, n ? w->packed : w->raw, s->packed, s->off);
}

static void restore_chunk(struct job *j, struct worker *w, size_t i)
{
	const struct stored *s = &j->index[i];
	size_t raw = j->chunks[i].raw;
	bool plain = s->packed == raw;
	uint8_t sum[HASH_LEN];

	if (s->packed > raw)
		die("index");
	move(j->out, true, plain ? w->raw : w->packed, s->packed, s->off);
	if (!plain && !unpack(j, w, s->packed, raw))
		die("chunk");
	hash(w, raw, sum);
	if (memcmp(sum, s->hash, HASH_LEN) != 0)
		die("hash");
	move_pieces(j, &j->chunks[i], w->raw);
}

static void *work(void *arg)
{
	struct job *j = arg;
	struct worker w = {
		.raw = must(malloc(j->window)),
		.packed = must(malloc(j->bound)),
		.zstd_c = must(ZSTD_createCCtx()),
		.zstd_d = must(ZSTD_createDCtx()),
		.gzip_c = must(libdeflate_alloc_compressor(j->codec == GZIP ? j->level : 1)),
		.gzip_d = must(libdeflate_alloc_decompressor()),
		.sha256 = must(EVP_MD_fetch(NULL, "SHA256", NULL)),
		.md = must(EVP_MD_CTX_new()),
	};
	size_t i;

	while ((i = atomic_fetch_add(&j->next, 1)) < j->n_chunks) {
		if (j->chunks[i].raw)
			(j->saving ? save_chunk : restore_chunk)(j, &w, i);
	}
	EVP_MD_CTX_free(w.md);
	EVP_MD_free(w.sha256);
	libdeflate_free_decompressor(w.gzip_d);
	libdeflate_free_compressor(w.gzip_c);
	ZSTD_freeDCtx(w.zstd_d);
	ZSTD_freeCCtx(w.zstd_c);
	free(w.packed);
	free(w.raw);
	return NULL;
}

/* --- the whole ----------------------------------------------------------- */

/* Cuts a used range at the windows' ends. */
static void add_used(struct job *j, uint64_t off, uint64_t end)
{
	while (off < end) {
		struct chunk *c = &j->chunks[off / j->window];
		uint64_t left = j->window - off % j->window;
		struct piece p = { off, end - off < left ? end - off : left };

		if (j->n_pieces == j->room) {
			j->room = j->room * 2 + 1024;
			j->pieces = must(reallocarray(j->pieces, j->room, sizeof p));
		}
		if (!c->count++)
			c->first = j->n_pieces;
		j->pieces[j->n_pieces++] = p;
		c->raw += p.len;
		off += p.len;
	}
}

/* All of the device but the free ranges is used. */
static void read_free(struct job *j, const char *path)
{
	off_t end = lseek(j->dev, 0, SEEK_END);
	uint64_t size = end < 0 ? 0 : (uint64_t)end;
	uint64_t off, len, at = 0;
	FILE *f = fopen(path, "r");

	if (!f)
		die(path);
	j->n_chunks = size / j->window + 1;
	j->chunks = must(calloc(j->n_chunks, sizeof *j->chunks));
	j->index = must(calloc(j->n_chunks, sizeof *j->index));
	errno = 0;
	while (fscanf(f, "%" SCNu64 " %" SCNu64, &off, &len) == 2) {
		if (off < at || off > size || len > size - off)
			die(path);
		add_used(j, at, off);
		at = off + len;
	}
	if (!feof(f))
		die(path);
	add_used(j, at, size);
	fclose(f);
}

int main(int argc, char **argv)
{
	long threads = argc == 9 ? strtol(argv[7], NULL, 10) : 0;
	long kib = argc == 9 ? strtol(argv[8], NULL, 10) : 0;
	pthread_t t[MAX_THREADS];
	size_t index_len;
	struct job j = { .saving = argc == 9 && !strcmp(argv[1], "save") };

	if (threads < 1 || threads > MAX_THREADS || kib < 4 || kib > 1L << 20) {
		fputs("usage: limit save|restore DEVICE FREE OUT CODEC LEVEL THREADS KIB\n",
		      stderr);
		return 2;
	}
	j.codec = !strcmp(argv[5], "zstd") ? ZSTD : !strcmp(argv[5], "gzip") ? GZIP : NONE;
	if (j.codec == NONE && strcmp(argv[5], "none") != 0)
		die(argv[5]);
	j.level = (int)strtol(argv[6], NULL, 10);
	j.window = (size_t)kib << 10;
	j.bound = j.window + j.window / 8 + 4096;
	j.dev = open(argv[2], j.saving ? O_RDONLY : O_RDWR);
	j.out = open(argv[4], j.saving ? O_RDWR | O_CREAT | O_TRUNC : O_RDONLY, 0600);
	if (j.dev < 0 || j.out < 0)
		die("open");
	read_free(&j, argv[3]);
	index_len = j.n_chunks * sizeof *j.index;
	j.out_end = index_len;
	if (!j.saving)
		move(j.out, true, (uint8_t *)j.index, index_len, 0);
	for (long i = 0; i < threads; i++) {
		if (pthread_create(&t[i], NULL, work, &j))
			die("thread");
	}
	for (long i = 0; i < threads; i++)
		pthread_join(t[i], NULL);
	if (j.saving)
		move(j.out, false, (uint8_t *)j.index, index_len, 0);
	else if (fsync(j.dev))
		die("fsync");
	free(j.index);
	free(j.chunks);
	free(j.pieces);
	return 0;
}
