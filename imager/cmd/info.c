// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/plain.h"
#include "imager/cmd/command.h"
#include "imager/cmd/session.h"
#include "imager/cmd/status.h"
#include "imager/engine/inspect.h"
#include "imager/ui/size.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

/* What is shown of an object's members, in this order. */
struct row {
	const char *member, *label;
};

static void show_row(FILE *out, const json_t *o, const struct row *row)
{
	const json_t *v = json_object_get(o, row->member);
	char text[4096], size[SIZE_TEXT_MAX];
	json_int_t n = json_integer_value(v);

	if (json_is_string(v) && json_string_length(v))
		fprintf(out, "%-18s%s\n", row->label,
			plain_text(text, sizeof(text), json_string_value(v), ""));
	else if (json_is_boolean(v))
		fprintf(out, "%-18s%s\n", row->label, json_is_true(v) ? "yes" : "NO");
	else if (json_is_integer(v) && n >= 65536 && strncmp(row->member, "chunks", 6))
		fprintf(out, "%-18s%s (%" JSON_INTEGER_FORMAT ")\n", row->label,
			size_text(size, (uint64_t)n), n);
	else if (json_is_integer(v))
		fprintf(out, "%-18s%" JSON_INTEGER_FORMAT "\n", row->label, n);
}

static void show_rows(FILE *out, const json_t *o, const struct row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++)
		show_row(out, o, &rows[i]);
}

#define SHOW(out, o, rows) show_rows(out, o, rows, sizeof(rows) / sizeof((rows)[0]))

static bool is_disk(const json_t *regions)
{
	size_t i;
	const json_t *g;
	bool yes = false;

	json_array_foreach (regions, i, g)
		yes = yes || json_object_get(g, "table");
	return yes;
}

/* What the table says of partition @number; NULL: nothing. */
static const json_t *find_partition(const json_t *table, json_int_t number)
{
	const json_t *list = json_object_get(table, "partitions"), *p;
	size_t i;

	json_array_foreach (list, i, p)
		if (json_integer_value(json_object_get(p, "number")) == number)
			return p;
	return NULL;
}

/* A member's text, fit for a terminal, or "-". */
static const char *text_of(const json_t *o, const char *member, char *buf, size_t n)
{
	const char *text = json_string_value(json_object_get(o, member));

	return plain_text(buf, n, text && *text ? text : "-", "");
}

static void show_partition(FILE *out, const json_t *g, const json_t *table)
{
	json_int_t number = json_integer_value(json_object_get(g, "part"));
	const json_t *p = find_partition(table, number);
	char size[SIZE_TEXT_MAX], used[SIZE_TEXT_MAX], fs[64], label[256], type[256];

	fprintf(out, "  %3" JSON_INTEGER_FORMAT " %10s %10s  %-10s %-16s %s\n", number,
		size_text(size, (uint64_t)json_integer_value(json_object_get(g, "size"))),
		size_text(used, (uint64_t)json_integer_value(json_object_get(g, "used"))),
		text_of(g, "fs", fs, sizeof(fs)), text_of(g, "label", label, sizeof(label)),
		text_of(p, "type", type, sizeof(type)));
}

static void show_partitions(FILE *out, const json_t *regions, const json_t *table)
{
	const json_t *g;
	size_t i;

	fprintf(out, "  %3s %10s %10s  %-10s %-16s %s\n", "Nr", "Size", "Used", "Filesystem",
		"Label", "Type");
	json_array_foreach (regions, i, g)
		if (json_object_get(g, "part"))
			show_partition(out, g, table);
}

static void show(FILE *out, const json_t *o)
{
	static const struct row of_source[] = {
		{ "description", "Description:" },
		{ "created", "Made:" },
		{ "tool", "By:" },
		{ "host", "On:" },
		{ "device", "From:" },
		{ "model", "Disk model:" },
		{ "serial", "Disk serial:" },
	};
	static const struct row of_table[] = { { "type", "Partition table:" },
					       { "id", "Disk id:" } };
	static const struct row of_fs[] = { { "fs", "Filesystem:" },
					    { "label", "Label:" },
					    { "uuid", "UUID:" } };
	static const struct row of_image[] = {
		{ "device_bytes", "Device size:" },
		{ "used_bytes", "Used:" },
		{ "image_bytes", "Image size:" },
		{ "volumes", "Volumes:" },
		{ "codec", "Compression:" },
		{ "chunk_size", "Chunk size:" },
		{ "chunks", "Chunks:" },
		{ "chunks_zero", "  only zeros:" },
		{ "chunks_same", "  repeated:" },
		{ "unreadable_bytes", "Unreadable:" },
		{ "sector", "Sector size:" },
		{ "image_id", "Image id:" },
		{ "root", "Root hash:" },
		{ "complete", "Complete:" },
		{ "damage", "Damage:" },
	};
	const json_t *meta = json_object_get(o, "metadata");
	const json_t *regions = json_object_get(o, "regions");

	SHOW(out, meta, of_source);
	if (is_disk(regions)) {
		SHOW(out, json_object_get(meta, "table"), of_table);
		show_partitions(out, regions, json_object_get(meta, "table"));
	} else {
		SHOW(out, json_array_get(regions, 0), of_fs);
	}
	SHOW(out, o, of_image);
}

int cmd_info(const struct face *f, const struct options *o, int argc, char **argv)
{
	const char *image = strcmp(argv[0], "stdin") ? argv[0] : "-";
	char text[ERR_MSG_MAX];
	struct err e = { "" };
	struct session s;
	json_t *info = NULL;
	int r;

	(void)argc;
	/* Notices would spoil what is on standard output. */
	session_begin(&s, f, o, "info", true);
	session_image(&s, image);
	r = inspect_run(image, &o->remote, &s.w, &info, &e);
	if (info && o->json) {
		json_dumpf(info, f->out, JSON_INDENT(2) | JSON_PRESERVE_ORDER);
		fputc('\n', f->out);
	} else if (info) {
		show(f->out, info);
	}
	json_decref(info);
	if (fflush(f->out) == EOF && !r)
		r = err_sys(&e, "standard output");
	r = r ? r : 0;
	if (r < 0)
		fprintf(f->err, "slate: %s\n", plain_text(text, sizeof(text), e.msg, "\n"));
	report_free(&s.rep);
	return status_of(r, false, 0);
}
