// SPDX-License-Identifier: GPL-3.0-or-later
#include "imager/screen/keys.h"

#include <curses.h>

/* Those that have names in terminfo. */
static const struct {
	unsigned code;
	enum key key;
} functions[] = {
	{ KEY_UP, K_UP },         { KEY_DOWN, K_DOWN },        { KEY_LEFT, K_LEFT },
	{ KEY_RIGHT, K_RIGHT },   { KEY_PPAGE, K_PAGE_UP },    { KEY_NPAGE, K_PAGE_DOWN },
	{ KEY_HOME, K_HOME },     { KEY_FIND, K_HOME },  /* vt220 */
	{ KEY_END, K_END },       { KEY_SELECT, K_END }, /* vt220 */
	{ KEY_BTAB, K_PREVIOUS }, { KEY_ENTER, K_ENTER },      { KEY_F(1), K_HELP },
	{ KEY_HELP, K_HELP },     { KEY_BACKSPACE, K_RUBOUT }, { KEY_DC, K_DELETE },
};

/* Control characters mean the same everywhere, letters only where none are typed. */
static const struct {
	wchar_t ch;
	enum key key;
	bool letter;
} characters[] = {
	{ '\t', K_NEXT, false },        { '\r', K_ENTER, false },
	{ '\n', K_ENTER, false },       { 27, K_BACK, false },
	{ 127, K_RUBOUT, false },       { '\b', K_RUBOUT, false },
	{ 'C' & 31, K_STOP, false },    { 'Z' & 31, K_SUSPEND, false },
	{ 'L' & 31, K_REDRAW, false },  { 'U' & 31, K_CLEAR, false },
	{ 'B' & 31, K_PAGE_UP, false }, { 'F' & 31, K_PAGE_DOWN, false },
	{ 'A' & 31, K_HOME, false },    { 'E' & 31, K_END, false },
	{ 'D' & 31, K_DELETE, false },  { 'k', K_UP, true },
	{ 'j', K_DOWN, true },          { 'h', K_LEFT, true },
	{ 'l', K_RIGHT, true },         { 'g', K_HOME, true },
	{ 'G', K_END, true },           { 'q', K_BACK, true },
	{ '?', K_HELP, true },          { ' ', K_SPACE, true },
};

void hint(struct hints *h, const char *key, enum text_id does)
{
	if (h->n == HINTS)
		return;
	h->hint[h->n].key = key;
	h->hint[h->n].does = does;
	h->n++;
}

static struct event function_event(unsigned code)
{
	for (size_t i = 0; i < sizeof(functions) / sizeof(functions[0]); i++)
		if (functions[i].code == code)
			return (struct event){ functions[i].key, 0 };
	return (struct event){ K_NONE, 0 };
}

struct event key_event(bool function, unsigned code, bool typing)
{
	wchar_t ch = (wchar_t)code;

	if (function)
		return function_event(code);
	for (size_t i = 0; i < sizeof(characters) / sizeof(characters[0]); i++)
		if (characters[i].ch == ch && !(typing && characters[i].letter))
			return (struct event){ characters[i].key,
					       characters[i].letter ? ch : 0 };
	if (code < 32 || (code >= 127 && code < 160))
		return (struct event){ K_NONE, 0 };
	return (struct event){ K_CHAR, ch };
}
