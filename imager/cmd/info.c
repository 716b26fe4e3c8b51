// SPDX-License-Identifier: GPL-3.0-or-later
#include "imager/cmd/command.h"
#include "imager/cmd/session.h"
#include "imager/cmd/status.h"
#include "imager/engine/inspect.h"
#include "imager/ui/plain.h"
#include "imager/ui/size.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

/* What is shown of an object's members, in this order. */
struct row {
	const char *member, *label;
};

static void show_row(const json_t *o, const struct row *row)
{
	const json_t *v = json_object_get(o, row->member);
	char text[4096], size[SIZE_TEXT_MAX];
	json_int_t n = json_integer_value(v);

	if (json_is_string(v) && json_string_length(v))
		printf("%-18s%s\n", row->label,
		       plain_text(text, sizeof(text), json_string_value(v), ""));
	else if (json_is_boolean(v))
		printf("%-18s%s\n", row->label, json_is_true(v) ? "yes" : "NO");
	else if (json_is_integer(v) && n >= 65536 && strncmp(row->member, "chunks", 6))
		printf("%-18s%s (%" JSON_INTEGER_FORMAT ")\n", row->label,
		       size_text(size, (uint64_t)n), n);
	else if (json_is_integer(v))
		printf("%-18s%" JSON_INTEGER_FORMAT "\n", row->label, n);
}

static void show_rows(const json_t *o, const struct row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++)
		show_row(o, &rows[i]);
}

#define SHOW(o, rows) show_rows(o, rows, sizeof(rows) / sizeof((rows)[0]))

static void show(const json_t *o)
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

	SHOW(meta, of_source);
	SHOW(json_array_get(json_object_get(meta, "regions"), 0), of_fs);
	SHOW(o, of_image);
}

int cmd_info(const struct options *o, int argc, char **argv)
{
	const char *image = strcmp(argv[0], "stdin") ? argv[0] : "-";
	char text[ERR_MSG_MAX];
	struct err e = { "" };
	struct session s;
	json_t *info = NULL;
	int r;

	(void)argc;
	/* Notices would spoil what is on standard output. */
	session_begin(&s, o, "info", true);
	s.rep.image = image;
	r = inspect_run(image, &s.w, &info, &e);
	if (info && o->json) {
		json_dumpf(info, stdout, JSON_INDENT(2) | JSON_PRESERVE_ORDER);
		putchar('\n');
	} else if (info) {
		show(info);
	}
	json_decref(info);
	if (fflush(stdout) == EOF && !r)
		r = err_sys(&e, "standard output");
	r = r ? r : 0;
	if (r < 0)
		fprintf(stderr, "slate: %s\n", plain_text(text, sizeof(text), e.msg, "\n"));
	report_free(&s.rep);
	return status_of(r, false, 0);
}
