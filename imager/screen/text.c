// SPDX-License-Identifier: GPL-3.0-or-later
#include "imager/screen/text.h"

#include <langinfo.h>
#include <libintl.h>
#include <locale.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

/* clang-format off */
static const struct {
	const char *one, *many;
	unsigned columns;
} texts[TEXTS] = {
	[T_NONE] = { "", NULL, 0 },
#define T(id, columns, text)      [id] = { text, NULL, columns },
#define P(id, columns, one, many) [id] = { one, many, columns },
#include "imager/screen/text_look.h"
#include "imager/screen/text_dialogue.h"
#include "imager/screen/text_work.h"
};
/* clang-format on */

/* What the environment says for a category of locales, or "". */
static const char *wanted(const char *category)
{
	const char *const names[] = { "LC_ALL", category, "LANG" };

	for (size_t i = 0; i < 3; i++) {
		const char *v = getenv(names[i]);

		if (v && v[0])
			return v;
	}
	return "";
}

/*
 * A rescue system or a minimal one has no locales but C and C.UTF-8.  There
 * the language comes by LANGUAGE, and the name of the locale tells about UTF-8.
 */
static void make_do(void)
{
	const char *chars = wanted("LC_CTYPE"), *language = wanted("LC_MESSAGES");

	if (!setlocale(LC_CTYPE, "") &&
	    (strcasestr(chars, "utf-8") || strcasestr(chars, "utf8")))
		setlocale(LC_CTYPE, "C.UTF-8");
	if (!setlocale(LC_MESSAGES, "") && language[0]) {
		setlocale(LC_MESSAGES, "C.UTF-8");
		setenv("LANGUAGE", language, 0);
	}
}

/* Translations beside the program, when it runs where it was built. */
static const char *folder(char *buf, size_t n)
{
	ssize_t len = readlink("/proc/self/exe", buf, n - sizeof("/locale"));
	char *slash;

	if (len <= 0)
		return LOCALEDIR;
	buf[len] = 0;
	slash = strrchr(buf, '/');
	if (!slash)
		return LOCALEDIR;
	memcpy(slash, "/locale", sizeof("/locale"));
	return access(buf, X_OK) == 0 ? buf : LOCALEDIR;
}

bool text_begin(void)
{
	char buf[4096];

	make_do();
	bindtextdomain("slate", folder(buf, sizeof(buf)));
	bind_textdomain_codeset("slate", "UTF-8");
	return strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
}

const char *tr(enum text_id id)
{
	/* The empty one is the header of a translation. */
	return texts[id].one[0] ? dgettext("slate", texts[id].one) : "";
}

const char *tr_n(enum text_id id, unsigned long n)
{
	return texts[id].many ? dngettext("slate", texts[id].one, texts[id].many, n) : tr(id);
}

/* The table's formats are checked by msgfmt and text_test: the compiler cannot. */
static char *print(char *buf, size_t size, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	vsnprintf(buf, size, format, ap);
	va_end(ap);
	return buf;
}

char *tr_print(char *buf, size_t size, enum text_id id, ...)
{
	va_list ap;

	va_start(ap, id);
	vsnprintf(buf, size, tr(id), ap);
	va_end(ap);
	return buf;
}

char *tr_print_n(char *buf, size_t size, enum text_id id, unsigned long n)
{
	return print(buf, size, tr_n(id, n), n);
}

unsigned text_columns(enum text_id id)
{
	return texts[id].columns;
}
