// SPDX-License-Identifier: GPL-3.0-or-later
#include "imager/cmd/options.h"

#include "imager/ui/ask.h"

#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>

#define JOBS_MAX   256
#define MEBIBYTE   (UINT64_C(1) << 20)
#define VOLUME_MIN MEBIBYTE

/* Those that have an IMAGE, which may be a URL. */
#define VERBS_IMAGE                                                                            \
	(VERB_SAVE | VERB_RESTORE | VERB_VERIFY | VERB_DIFF | VERB_INFO | VERB_RESTMBR)

static int parse_compress(void *field, const char *text, struct err *e)
{
	struct compress *c = field;

	return codec_parse(text, &c->codec, &c->level, e);
}

static int parse_number(void *field, const char *text, uint64_t max, struct err *e)
{
	uint64_t v = 0;
	int r = opt_number(text, 0, max, &v, e);

	*(unsigned *)field = (unsigned)v;
	return r;
}

static int parse_jobs(void *field, const char *text, struct err *e)
{
	return parse_number(field, text, JOBS_MAX, e);
}

static int parse_finish(void *field, const char *text, struct err *e)
{
	return parse_number(field, text, 3, e);
}

static int parse_debug(void *field, const char *text, struct err *e)
{
	return parse_number(field, text, 10, e);
}

static int parse_description(void *field, const char *text, struct err *e)
{
	json_t *s = json_string(text); /* that is how it is kept */

	if (!s)
		return err_set(e, -EINVAL, "the text is not UTF-8");
	json_decref(s);
	*(const char **)field = text;
	return 0;
}

static int parse_volume(void *field, const char *text, struct err *e)
{
	uint64_t *v = field;
	int r = opt_bytes(text, MEBIBYTE, v, e);

	if (!r && *v && *v < VOLUME_MIN)
		r = err_set(e, -EINVAL, "\"%s\": volumes have at least 1 MiB", text);
	return r;
}

static int parse_chunk_size(void *field, const char *text, struct err *e)
{
	uint64_t *v = field;
	int r = opt_bytes(text, 1, v, e);

	if (!r && (*v & (*v - 1) || *v < 1u << CHUNK_SHIFT_MIN || *v > 1u << CHUNK_SHIFT_MAX))
		r = err_set(e, -EINVAL, "\"%s\" is not a power of two from 64k to 4M", text);
	return r;
}

/* 2 or 1,3,5 */
static int parse_parts(void *field, const char *text, struct err *e)
{
	struct parts *p = field;
	int r = 0;

	p->n = 0;
	do {
		size_t n = strcspn(text, ",");
		char word[16];
		uint64_t v = 0;

		if (p->n == PARTS_MAX)
			return err_set(e, -EINVAL, "at most %d partitions", PARTS_MAX);
		snprintf(word, sizeof(word), "%.*s", (int)(n < 15 ? n : 15), text);
		r = opt_number(word, 1, UINT16_MAX, &v, e);
		p->v[p->n++] = (unsigned)v;
		text += n;
	} while (!r && *text++ == ',');
	return r;
}

static int parse_grow(void *field, const char *text, struct err *e)
{
	struct grow *g = field;

	g->wanted = true;
	return text ? parse_number(&g->part, text, UINT16_MAX, e) : 0;
}

static int parse_verify(void *field, const char *text, struct err *e)
{
	enum verify *v = field;

	*v = text && !strcmp(text, "sample") ? VERIFY_SAMPLE : VERIFY_FULL;
	if (text && *v == VERIFY_FULL && strcmp(text, "full") != 0)
		return err_set(e, -EINVAL, "\"%s\" is neither full nor sample", text);
	return 0;
}

static int parse_answers(void *field, const char *text, struct err *e)
{
	*(const char **)field = text;
	return ask_check_answers(text, e);
}

static int parse_port(void *field, const char *text, struct err *e)
{
	uint64_t v = 0;
	int r = opt_number(text, 1, UINT16_MAX, &v, e);

	*(unsigned *)field = (unsigned)v;
	return r;
}

#define FIELD(name) offsetof(struct options, name)

const struct opt option_table[] = {
	{ 'z', "compress", "NAME[:LEVEL]",
	  "none, gzip, bzip2, zstd, lz4 or xz (default zstd:3); 0, 1, 2 mean none, gzip, bzip2",
	  parse_compress, FIELD(compress), 0 },
	{ 'o', "overwrite", NULL, "replace an existing image", opt_flag, FIELD(overwrite), 0 },
	{ 'd', "nodesc", NULL, "do not ask for a description", opt_flag, FIELD(nodesc), 0 },
	{ 0, "description", "TEXT", "description to keep in the image", parse_description,
	  FIELD(description), VERB_SAVE },
	{ 'V', "volume", "MIB",
	  "cut the image into NAME.000, NAME.001 ... of so many MiB (or k M G); 0: one file",
	  parse_volume, FIELD(volume), 0 },
	{ 'w', "waitvol", NULL, "wait for Enter between two volumes", opt_flag, FIELD(waitvol),
	  0 },
	{ 'c', "nocheck", NULL,
	  "save all the same a filesystem that is flagged with errors or whose counts disagree",
	  opt_flag, FIELD(nocheck), 0 },
	{ 'm', "allowmnt", NULL, "save a source all the same that is in use", opt_flag,
	  FIELD(allow_mounted), 0 },
	{ 'M', "nombr", NULL, "accepted: the image of a partition has no MBR", opt_flag,
	  FIELD(nombr), 0 },
	{ 0, "part", "N[,N...]",
	  "only these partitions of a disk's image; one may go into a partition", parse_parts,
	  FIELD(parts), VERB_RESTORE | VERB_VERIFY | VERB_DIFF },
	{ 0, "grow", "[=N]",
	  "grow the last (or that) partition and its filesystem to fill the disk", parse_grow,
	  FIELD(grow), VERB_RESTORE | VERB_CLONE },
	{ 0, "shrink", NULL,
	  "shrink the last filesystem, in a copy, so that the image fits smaller disks",
	  opt_flag, FIELD(shrink), VERB_SAVE | VERB_CLONE },
	{ 0, "delta", NULL,
	  "read the target first and write only what differs, also where that promises little",
	  opt_flag, FIELD(delta), VERB_RESTORE },
	{ 0, "no-delta", NULL, "write everything without reading the target first", opt_flag,
	  FIELD(no_delta), VERB_RESTORE },
	{ 0, "seed", "FILE|DEVICE",
	  "take chunks from this older image, or disk, before they are fetched", opt_string,
	  FIELD(seed), VERB_RESTORE },
	{ 0, "state", "FILE",
	  "remember there what is done, so that an interrupted restore can go on", opt_string,
	  FIELD(state), VERB_RESTORE },
	{ 0, "new-uuids", NULL, "give the restored disk and its filesystems new UUIDs",
	  opt_flag, FIELD(new_uuids), VERB_RESTORE | VERB_CLONE },
	{ 0, "boot-code", NULL, "only the boot code, not the table", opt_flag, FIELD(boot_code),
	  VERB_RESTMBR },
	{ 0, "table", NULL, "only the partition table, not the boot code", opt_flag,
	  FIELD(table), VERB_RESTMBR },
	{ 0, "raw", NULL, "save every byte, used or not", opt_flag, FIELD(raw),
	  VERB_SAVE | VERB_CLONE },
	{ 0, "rescue", NULL, "go on at bad sectors and record them", opt_flag, FIELD(rescue),
	  VERB_SAVE | VERB_CLONE },
	{ 0, "chunk-size", "SIZE", "64k to 4M (default 256k, more for very large sources)",
	  parse_chunk_size, FIELD(chunk_size), VERB_SAVE },
	{ 'e', "erase", NULL, "fill free space with zeros", opt_flag, FIELD(erase), 0 },
	{ 0, "discard", NULL, "discard (trim) free space", opt_flag, FIELD(discard),
	  VERB_RESTORE | VERB_CLONE },
	{ 0, "verify", "[=full|sample]",
	  "read back what was written and compare: all of it, or a part drawn by lot",
	  parse_verify, FIELD(verify), VERB_SAVE | VERB_RESTORE | VERB_CLONE },
	{ 'S', "simulate", NULL, "check everything, write nothing", opt_flag, FIELD(simulate),
	  0 },
	{ 0, "dry-run", NULL, "the same as --simulate", opt_flag, FIELD(simulate),
	  VERB_SAVE | VERB_RESTORE | VERB_CLONE | VERB_RESTMBR },
	{ 0, "expect-serial", "TEXT", "refuse a disk with another serial number", opt_string,
	  FIELD(expect_serial), VERB_RESTORE | VERB_CLONE | VERB_RESTMBR },
	{ 0, "expect-model", "TEXT", "refuse a disk of another model", opt_string,
	  FIELD(expect_model), VERB_RESTORE | VERB_CLONE | VERB_RESTMBR },
	{ 0, "force", NULL,
	  "save a filesystem that is not clean; restore what a damaged image still has",
	  opt_flag, FIELD(force), VERB_SAVE | VERB_RESTORE | VERB_CLONE },
	{ 'y', "nosync", NULL, "do not wait until everything is on the disk", opt_flag,
	  FIELD(nosync), 0 },
	{ 'b', "batch", NULL, "never ask", opt_flag, FIELD(batch), 0 },
	{ 'B', "fully-batch", "GLOB=ANSWER;...",
	  "like -b, and answer what would be asked by \"title/message\"", parse_answers,
	  FIELD(answers), 0 },
	{ 0, "yes", NULL, "do not ask before overwriting", opt_flag, FIELD(yes),
	  VERB_SAVE | VERB_RESTORE | VERB_CLONE | VERB_RESTMBR },
	{ 'j', "jobs", "N", "worker threads, 0: none (default: one a CPU, to restore one more)",
	  parse_jobs, FIELD(jobs), 0 },
	{ 0, "json", NULL, "progress and result as one JSON object a line", opt_flag,
	  FIELD(json), 0 },
	{ 0, "report", "FILE", "write one JSON object about the run", opt_string, FIELD(report),
	  VERB_SAVE | VERB_RESTORE | VERB_VERIFY | VERB_CLONE | VERB_RESTMBR | VERB_DIFF },
	{ 's', "server", "HOST", "IMAGE is a name on this server", opt_string, FIELD(server),
	  0 },
	{ 'p', "port", "N", "the server's port (default 80)", parse_port, FIELD(port), 0 },
	{ 0, "cacert", "FILE", "certificates to trust (PEM) instead of the system's",
	  opt_string, FIELD(remote.cacert), VERBS_IMAGE },
	{ 0, "token-file", "FILE",
	  "its first line is shown to the server (default: SLATE_TOKEN of the environment)",
	  opt_string, FIELD(token_file), VERBS_IMAGE },
	{ 'f', "finish", "N", "after success: 0 nothing, 1 halt, 2 reboot, 3 nothing",
	  parse_finish, FIELD(finish), 0 },
	{ 'g', "debug", "N", "0 no remarks, 1 usual, from 2 on the whole report", parse_debug,
	  FIELD(debug), 0 },
	{ 'h', "help", NULL, "show this text", opt_flag, FIELD(help), 0 },
	{ 'v', "version", NULL, "show the version", opt_flag, FIELD(version), 0 },
	{ 'i', "compilinfo", NULL, "show what the program was built with", opt_flag,
	  FIELD(compilinfo), 0 },
	{ 0 },
};

/* As many as may really run, also inside a container. */
static unsigned cpus(void)
{
	cpu_set_t set;
	int n = sched_getaffinity(0, sizeof(set), &set) == 0 ? CPU_COUNT(&set) : 1;

	return n > JOBS_MAX ? JOBS_MAX : (unsigned)n;
}

unsigned options_jobs(const struct options *o, unsigned waiting)
{
	return o->jobs == JOBS_DEFAULT ? cpus() + waiting : o->jobs;
}

int options_defaults(struct options *o, struct err *e)
{
	*o = (struct options){ .jobs = JOBS_DEFAULT, .debug = 1 };
	return codec_parse("zstd", &o->compress.codec, &o->compress.level, e);
}
