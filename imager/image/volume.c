// SPDX-License-Identifier: GPL-3.0-or-later
#include "imager/image/volume.h"

#include <stdio.h>
#include <string.h>

#define FIRST ".000"

char *volume_name(const char *base, unsigned number)
{
	char *name;

	return asprintf(&name, "%s.%03u", base, number) < 0 ? NULL : name;
}

bool volume_is_first(const char *path)
{
	size_t n = strlen(path);

	return n > strlen(FIRST) && !strcmp(path + n - strlen(FIRST), FIRST);
}

char *volume_base(const char *path)
{
	size_t n = strlen(path);

	return strndup(path, volume_is_first(path) ? n - strlen(FIRST) : n);
}
