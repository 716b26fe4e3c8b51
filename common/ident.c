// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/ident.h"

#include "common/bytes.h"
#include "common/io.h"

#include <ctype.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <unistd.h>

/*
 * Copies @len bytes up to the first NUL, without blanks around.  The text
 * comes from the hardware, perhaps from a hostile USB stick, and ends on a
 * terminal: only printable ASCII stays.
 */
static void clean_copy(char *out, size_t size, const char *text, size_t len)
{
	size_t n;

	len = strnlen(text, len);
	while (len && isspace((unsigned char)*text)) {
		text++;
		len--;
	}
	while (len && isspace((unsigned char)text[len - 1]))
		len--;
	n = len < size - 1 ? len : size - 1;
	for (size_t i = 0; i < n; i++)
		out[i] = text[i] >= ' ' && text[i] <= '~' ? text[i] : '?';
	out[n] = '\0';
}

static void read_text(const char *path, char *out, size_t size)
{
	char *text = io_slurp(path, 4096);

	if (text)
		clean_copy(out, size, text, strlen(text));
	free(text);
}

/* SCSI vital product data, unit serial number page (SPC-4 §7.8.15). */
static void read_vpd80(const char *path, char *out, size_t size)
{
	uint8_t page[4 + 255];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t got = fd < 0 ? -1 : io_read(fd, page, sizeof(page));
	struct rd r = rd_init(page, got > 0 ? (size_t)got : 0);
	const uint8_t *text;
	size_t len;

	if (fd >= 0)
		close(fd);
	rd_skip(&r, 1); /* device type */
	if (rd_u8(&r) != 0x80)
		return;
	len = rd_be16(&r);
	text = rd_bytes(&r, len);
	if (text)
		clean_copy(out, size, (const char *)text, len);
}

struct place {
	const char *attribute; /* below the disk's folder */
	void (*read)(const char *path, char *out, size_t size);
};

/* The first place that says something wins. */
static const struct place models[] = {
	{ "device/model", read_text }, /* SCSI, ATA, NVMe */
	{ "device/name", read_text },  /* MMC, SD */
	{ NULL, NULL },
};

static const struct place serials[] = {
	{ "device/serial", read_text }, /* NVMe, MMC */
	{ "serial", read_text },        /* virtio */
	{ "device/vpd_pg80", read_vpd80 },
	{ NULL, NULL },
};

/* Reads into @out what the first of @places says below @folder. */
static void look(const char *folder, const struct place *places, char *out, size_t size)
{
	out[0] = '\0';
	for (; places->read && !out[0]; places++) {
		char path[PATH_MAX];

		snprintf(path, sizeof(path), "%s/%s", folder, places->attribute);
		places->read(path, out, size);
	}
}

void ident_read_folder(const char *folder, struct ident *ret)
{
	*ret = (struct ident){ 0 };
	look(folder, models, ret->model, sizeof(ret->model));
	look(folder, serials, ret->serial, sizeof(ret->serial));
}

void ident_read_at(const char *sys, dev_t id, struct ident *ret)
{
	char folder[PATH_MAX], path[PATH_MAX];
	const char *up = "";
	bool partition;

	snprintf(path, sizeof(path), "%s/dev/block/%u:%u/partition", sys, major(id), minor(id));
	partition = !access(path, F_OK);
	if (partition)
		up = "/.."; /* the folder of a partition lies in that of its disk */
	snprintf(folder, sizeof(folder), "%s/dev/block/%u:%u%s", sys, major(id), minor(id), up);
	ident_read_folder(folder, ret);
	ret->partition = partition;
}
