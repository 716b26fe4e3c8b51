// SPDX-License-Identifier: GPL-3.0-or-later
#include "imager/engine/state.h"

#include "common/io.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FORMAT    1
#define BYTES_MAX (8 << 20) /* of the file: chunks / 4 and some words */

struct state {
	char *path, *temporary;
	json_t *key; /* all members but "done" */
	uint8_t *done;
	uint64_t chunks;
};

static size_t map_bytes(uint64_t chunks)
{
	return (size_t)(chunks + 7) / 8;
}

static json_t *make_key(const struct state_key *k)
{
	char root[2 * HASH_SIZE + 1];

	hash_hex(k->root, HASH_SIZE, root);
	return json_pack("{si ss ss ss ss sI sI}", "slate_state", FORMAT, "image", root,
			 "device", k->device, "model", k->ident->model, "serial",
			 k->ident->serial, "size", (json_int_t)k->size, "chunks",
			 (json_int_t)k->chunks);
}

static int digit(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Hexadecimal digits, just as many as there are bytes. */
static bool parse_map(const char *text, size_t len, uint8_t *map, size_t n)
{
	bool good = len == 2 * n;

	for (size_t i = 0; i < n && good; i++) {
		int high = digit(text[2 * i]), low = digit(text[2 * i + 1]);

		good = high >= 0 && low >= 0;
		if (good)
			map[i] = (uint8_t)(high << 4 | low);
	}
	return good;
}

/* 1: the file is about the same thing, and s->done is filled. */
static int parse(struct state *s, const char *text, struct err *e)
{
	json_t *o = json_loads(text, JSON_REJECT_DUPLICATES, NULL), *done;
	bool same = false;

	if (!json_is_integer(json_object_get(o, "slate_state"))) {
		json_decref(o);
		return err_set(e, -ECANCELED,
			       "%s: is not a file that --state has made; it is left alone",
			       s->path);
	}
	done = json_incref(json_object_get(o, "done"));
	json_object_del(o, "done");
	if (json_is_string(done) && json_equal(o, s->key))
		same = parse_map(json_string_value(done), json_string_length(done), s->done,
				 map_bytes(s->chunks));
	if (!same)
		state_clear(s);
	json_decref(done);
	json_decref(o);
	return same;
}

static int load(struct state *s, bool *ret_fits, struct err *e)
{
	char *text = io_slurp(s->path, BYTES_MAX);
	int r;

	if (!text && errno == ENOENT)
		return 0;
	if (!text)
		return err_sys(e, "%s: cannot read the state", s->path);
	r = *text ? parse(s, text, e) : 0;
	free(text);
	*ret_fits = r == 1;
	return r < 0 ? r : 0;
}

int state_open(struct state **ret, const char *path, const struct state_key *key,
	       bool *ret_fits, struct err *e)
{
	struct state *s = calloc(1, sizeof(*s));
	int r = 0;

	*ret = NULL;
	*ret_fits = false;
	if (!s)
		return err_nomem(e);
	s->chunks = key->chunks;
	s->path = strdup(path);
	s->done = calloc(map_bytes(key->chunks) + 1, 1);
	s->key = make_key(key);
	if (!s->path || !s->done || !s->key || asprintf(&s->temporary, "%s.new", path) < 0) {
		s->temporary = NULL;
		r = err_nomem(e);
	}
	if (!r)
		r = load(s, ret_fits, e);
	if (r < 0)
		state_free(s);
	else
		*ret = s;
	return r;
}

void state_free(struct state *s)
{
	if (!s)
		return;
	json_decref(s->key);
	free(s->done);
	free(s->path);
	free(s->temporary);
	free(s);
}

bool state_has(const struct state *s, uint64_t ordinal)
{
	return s->done[ordinal / 8] >> ordinal % 8 & 1;
}

void state_add(struct state *s, uint64_t ordinal)
{
	s->done[ordinal / 8] |= (uint8_t)(1 << ordinal % 8);
}

void state_clear(struct state *s)
{
	memset(s->done, 0, map_bytes(s->chunks));
}

static char *render(const struct state *s)
{
	size_t n = map_bytes(s->chunks);
	char *hex = malloc(2 * n + 1), *text = NULL;
	json_t *o = json_copy(s->key);

	if (hex && o) {
		hex[0] = '\0';
		hash_hex(s->done, n, hex);
		json_object_set_new(o, "done", json_string(hex));
		text = json_dumps(o, JSON_COMPACT);
	}
	json_decref(o);
	free(hex);
	return text;
}

static int write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600), r;

	if (fd < 0)
		return -errno;
	r = io_write(fd, text, strlen(text));
	if (!r && fsync(fd))
		r = -errno;
	if (close(fd) && !r)
		r = -errno;
	return r;
}

int state_save(const struct state *s, struct err *e)
{
	char *text = render(s);
	int r = text ? write_file(s->temporary, text) : -ENOMEM;

	free(text);
	if (!r && rename(s->temporary, s->path))
		r = -errno;
	if (!r)
		return 0;
	(void)unlink(s->temporary);
	errno = -r;
	return err_sys(e, "%s: cannot write the state", s->path);
}

int state_remove(const struct state *s, struct err *e)
{
	if (unlink(s->path) && errno != ENOENT)
		return err_sys(e, "%s: cannot remove the state of a restore that is complete",
			       s->path);
	return 0;
}
