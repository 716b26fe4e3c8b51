// SPDX-License-Identifier: GPL-3.0-or-later
#include "imager/screen/receipt.h"

#include "common/plain.h"
#include "imager/cmd/status.h"
#include "imager/screen/facts.h"
#include "imager/screen/wide.h"
#include "imager/screen/work.h"
#include "imager/ui/size.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

/* Figures of the report: a member, or one of a member; 0 is not worth a line. */
static const struct {
	const char *object, *member;
	enum text_id what;
	bool count; /* else bytes */
} figures[] = {
	{ NULL, "used_bytes", T_FIG_USED, false },
	{ NULL, "image_bytes", T_FIG_IMAGE, false },
	{ NULL, "chunks", T_FIG_CHUNKS, true },
	{ NULL, "chunks_wanted", T_FIG_WANTED, true },
	{ "bytes", "read", T_FIG_READ, false },
	{ "bytes", "fetched", T_FIG_FETCHED, false },
	{ "bytes", "local", T_FIG_LOCAL, false },
	{ "bytes", "written", T_FIG_WRITTEN, false },
	{ "bytes", "trimmed", T_FIG_TRIMMED, false },
	{ NULL, "chunks_read_back", T_FIG_READ_BACK, true },
	{ NULL, "unreadable_bytes", T_FIG_UNREADABLE, false },
	{ "lost", "bytes", T_FIG_LOST, false },
	{ "different", "bytes", T_FIG_DIFFERENT, false },
};

static void add_figures(struct text *t, const json_t *report)
{
	for (size_t i = 0; i < sizeof(figures) / sizeof(figures[0]); i++) {
		const json_t *o =
			figures[i].object ? json_object_get(report, figures[i].object) : report;
		json_int_t v = json_integer_value(json_object_get(o, figures[i].member));
		char number[24];

		if (v <= 0)
			continue;
		snprintf(number, sizeof(number), "%" JSON_INTEGER_FORMAT, v);
		if (figures[i].count)
			facts_add(t, figures[i].what, number);
		else
			facts_size(t, figures[i].what, (uint64_t)v);
	}
}

/* How long each step took, and all of it. */
static void add_times(struct text *t, json_t *report, double elapsed)
{
	json_t *all = json_object_get(report, "seconds");
	char time[SIZE_TEXT_MAX];

	for (void *i = json_object_iter(all); i; i = json_object_iter_next(all, i))
		text_add(t, "  %s: %s\n", work_step(json_object_iter_key(i)),
			 time_text(time, json_number_value(json_object_iter_value(i))));
	facts_add(t, T_PROG_ELAPSED, time_text(time, elapsed));
}

static void add_notices(struct text *t, const struct task_view *v)
{
	for (unsigned i = 0; i < v->n_notices; i++)
		text_add(t, "%s%s\n", i ? "" : "\n", v->notices[i]);
}

/* Columns of the table of diff; the first is as wide as its text, up to that. */
enum { PART_W = 30, NUMBER_W = 12 };

static void add_right(struct text *t, const char *value)
{
	size_t w = wide_columns(value);

	text_add(t, "%*s%s", w < NUMBER_W ? (int)(NUMBER_W - w) : 0, "", value);
}

static void add_row(struct text *t, const char *const cells[4])
{
	size_t w = wide_columns(cells[0]);

	text_add(t, "%s%*s", cells[0], w < PART_W ? (int)(PART_W - w) : 0, "");
	for (int i = 1; i < 4; i++)
		add_right(t, cells[i]);
	text_add(t, "\n");
}

/* "2 (ext4)"; of a device without partitions "ext4" */
static void name_part(char *buf, size_t size, const json_t *report, size_t region)
{
	const json_t *g = json_array_get(json_object_get(report, "regions"), region);
	const char *fs = json_string_value(json_object_get(g ? g : report, "fs"));
	json_int_t part = json_integer_value(json_object_get(g, "part"));
	char number[24], clean[64];

	plain_text(clean, sizeof(clean), fs ? fs : "", "");
	snprintf(number, sizeof(number), "%" JSON_INTEGER_FORMAT, part);
	if (part)
		tr_print(buf, size, clean[0] ? T_DIFF_PART_FS : T_DIFF_PART, number, clean);
	else
		snprintf(buf, size, "%s", g ? tr(T_DIFF_OUTSIDE) : clean);
}

/* What differs, by region. */
static void add_differences(struct text *t, const json_t *report)
{
	const json_t *rows = json_object_get(report, "different_regions"), *row;
	const char *const heads[] = { tr(T_DIFF_WHERE), tr(T_DIFF_CHUNKS), tr(T_DIFF_OF),
				      tr(T_DIFF_SIZE) };
	char name[128], chunks[24], of[24], size[SIZE_TEXT_MAX];
	const char *const cells[] = { name, chunks, of, size };
	size_t i;

	if (!json_array_size(rows))
		return;
	add_row(t, heads);
	json_array_foreach (rows, i, row) {
		json_int_t n = json_integer_value(json_object_get(row, "of"));

		if (!n)
			continue;
		name_part(name, sizeof(name), report,
			  (size_t)json_integer_value(json_object_get(row, "region")));
		snprintf(chunks, sizeof(chunks), "%" JSON_INTEGER_FORMAT,
			 json_integer_value(json_object_get(row, "chunks")));
		snprintf(of, sizeof(of), "%" JSON_INTEGER_FORMAT, n);
		size_text(size, (uint64_t)json_integer_value(json_object_get(row, "bytes")));
		add_row(t, cells);
	}
	text_add(t, "\n");
}

char *end_text(const struct app *a, const struct task_view *v, enum text_id advice)
{
	const struct outcome *o = task_outcome(a->task);
	char *line = work_line(a), *text = NULL;
	struct text t = { .s = NULL };

	/* Whoever has stopped it needs no telling that a signal did. */
	if (o->status < STATUS_SIGNAL)
		text_add(&t, "%s\n\n", o->text);
	if (advice != T_NONE && !(o->half && o->status > STATUS_SIGNAL))
		text_add(&t, "%s\n\n", tr(advice));
	add_differences(&t, o->report);
	if (o->status != STATUS_REFUSED)
		add_figures(&t, o->report);
	add_times(&t, o->report, v->elapsed);
	add_notices(&t, v);
	text_add(&t, "\n%s\n", line ? line : "");
	free(line);
	(void)text_take(&t, &text, NULL);
	text_free(&t);
	return text;
}
