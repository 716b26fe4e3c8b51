// SPDX-License-Identifier: GPL-3.0-or-later
#include "netconf/hardware/fingerprint.h"

#include "netconf/hardware/sysfs.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

/* One character all over: "0000000", "........", also of a UUID "ffffffff-ffff-...". */
static bool is_monotonous(const char *text)
{
	for (const char *p = text; *p; p++)
		if (*p != text[0] && *p != '-')
			return false;
	return true;
}

/* What firmware has when nobody filled it in: the same on many machines. */
static bool is_placeholder(const char *text)
{
	static const char *const known[] = {
		"To be filled by O.E.M.",
		"To be filled by OEM",
		"Default string",
		"System manufacturer",
		"System Product Name",
		"System Serial Number",
		"Base Board Serial Number",
		"SerNum",
		"Not Specified",
		"Not Available",
		"Not Applicable",
		"None",
		"N/A",
		"Unknown",
		"Invalid",
		"O.E.M.",
		"OEM",
		"Empty",
		"0123456789",
		"123456789",
		"1234567890",
		"03000200-0400-0500-0006-000700080009",
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (!strcasecmp(text, known[i]))
			return true;
	return is_monotonous(text);
}

void dmi_read(const char *sys, struct dmi *ret)
{
	/* The first that says something counts: many boards know their own number only. */
	static const struct {
		const char *file;
		size_t at, size;
	} fields[] = {
#define FIELD(name) offsetof(struct dmi, name), sizeof(((struct dmi *)0)->name)
		{ "sys_vendor", FIELD(vendor) },     { "board_vendor", FIELD(vendor) },
		{ "product_name", FIELD(product) },  { "board_name", FIELD(board) },
		{ "product_serial", FIELD(serial) }, { "board_serial", FIELD(serial) },
		{ "product_uuid", FIELD(uuid) },
#undef FIELD
	};
	char dir[PATH_MAX];

	*ret = (struct dmi){ .vendor = "" };
	if ((size_t)snprintf(dir, sizeof(dir), "%s/class/dmi/id", sys) >= sizeof(dir))
		return;
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		char *to = (char *)ret + fields[i].at;

		if (!to[0])
			sysfs_text(dir, fields[i].file, to, fields[i].size);
		if (is_placeholder(to))
			to[0] = '\0';
	}
}
