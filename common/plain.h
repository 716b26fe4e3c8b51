// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * plain.h - foreign text made fit to be shown.
 *
 * Labels, descriptions and file names come from disks and images we did not
 * write.  On a terminal their control characters could rewrite what stands
 * there, and in JSON only valid UTF-8 may stand.
 */
#ifndef COMMON_PLAIN_H
#define COMMON_PLAIN_H

#include <stddef.h>

/*
 * Copies @src to @dst of @n (> 0) bytes, with '?' for each control character
 * that is not in @keep (as "\n") and each byte that is not valid UTF-8.  Cut
 * between characters where it does not fit.  Returns @dst.
 */
char *plain_text(char *dst, size_t n, const char *src, const char *keep);

#endif
