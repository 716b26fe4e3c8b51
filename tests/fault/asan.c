// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * asan.c - goes into the programs of "make asan": what holds where ASAN_OPTIONS is not set.
 *
 * That is where slate-pxe starts "slate verify".  The sandbox forbids ptrace(), by which the
 * search for leaks stops all threads, and without it the search ends the program as failed.
 * All else is looked for there, too; and tests/run.sh asks for leaks everywhere else.
 */
const char *__asan_default_options(void);

const char *__asan_default_options(void)
{
	return "detect_leaks=0";
}
