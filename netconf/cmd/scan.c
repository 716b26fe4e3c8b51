// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * scan.c - the cards of this machine, as a table or as one JSON object:
 *
 *	nics[]		name, ifindex (0: the tree has none), mac (now), permanent_mac,
 *			random_mac (made up at every boot), driver, bus, address (on that bus),
 *			pci (the function it is or hangs on), path (ID_PATH of udev), ids
 *			("8086:15bb"), onboard ({"by": "acpi" or "smbios", "index": N}), label
 *			(by the firmware), port (dev_port), dev_id, slot (it is in one),
 *			wireless, up, carrier, speed (Mbit/s)
 *	left_out[]	name, reason
 *
 * null is what the machine does not tell.
 */
#include "netconf/cmd/command.h"

#include "netconf/hardware/nic.h"

#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { COLUMNS = 9 };

struct row {
	char cell[COLUMNS][64];
};

static const char *or_dash(const char *text)
{
	return text[0] ? text : "-";
}

static void fill_row(const struct nic *c, struct row *row)
{
	static const char *const by[] = { "", " (SMBIOS)", " (ACPI)" };
	const char *link = !c->up ? "down" : c->carrier ? "yes" : "no cable";
	size_t n = 0, size = sizeof(row->cell[0]);

	if (c->up && !c->carrier && c->wireless)
		link = "no";
	snprintf(row->cell[n++], size, "%s", c->name);
	mac_text(&c->perm, row->cell[n++]);
	snprintf(row->cell[n++], size, "%s", or_dash(c->driver));
	snprintf(row->cell[n++], size, "%s", or_dash(c->address));
	snprintf(row->cell[n], size, "-");
	if (c->onboard_by != ONBOARD_UNKNOWN)
		snprintf(row->cell[n], size, "%u%s", c->onboard, by[c->onboard_by]);
	n++;
	snprintf(row->cell[n++], size, "%u", c->dev_port);
	snprintf(row->cell[n++], size, "%s", c->wireless ? "wireless" : "wired");
	snprintf(row->cell[n++], size, "%s", link);
	snprintf(row->cell[n], size, "-");
	if (c->speed > 0)
		snprintf(row->cell[n], size, "%d Mbit/s", c->speed);
}

static void show_rows(const struct row *rows, size_t n)
{
	int width[COLUMNS] = { 0 };

	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < COLUMNS; k++) {
			int w = (int)strlen(rows[i].cell[k]);

			width[k] = w > width[k] ? w : width[k];
		}
	for (size_t i = 0; i < n; i++) {
		for (size_t k = 0; k + 1 < COLUMNS; k++)
			printf("%-*s  ", width[k], rows[i].cell[k]);
		printf("%s\n", rows[i].cell[COLUMNS - 1]);
	}
}

/* What has no room in a column. */
static void show_remarks(const struct nics *nics)
{
	char now[MAC_TEXT_MAX];

	for (size_t i = 0; i < nics->n; i++) {
		const struct nic *c = &nics->v[i];

		if (!mac_equal(&c->mac, &c->perm))
			printf("%s: its address is %s now, not its own\n", c->name,
			       mac_text(&c->mac, now));
		if (c->random_mac)
			printf("%s: its address is made up at every boot\n", c->name);
	}
}

static int show_table(const struct nics *nics, bool verbose, struct err *e)
{
	static const struct row head = { { "Name", "MAC", "Driver", "Address", "Onboard",
					   "Port", "Kind", "Link", "Speed" } };
	struct row *rows = calloc(nics->n + 1, sizeof(*rows));

	if (!rows)
		return err_nomem(e);
	rows[0] = head;
	for (size_t i = 0; i < nics->n; i++)
		fill_row(&nics->v[i], &rows[i + 1]);
	if (nics->n)
		show_rows(rows, nics->n + 1);
	else
		printf("no network card was found%s\n",
		       verbose || !nics->n_skipped ? "" : "; -v tells what was left out");
	free(rows);
	show_remarks(nics);
	if (verbose && nics->n_skipped) {
		printf("\nLeft out:\n");
		for (size_t i = 0; i < nics->n_skipped; i++)
			printf("%-15s  %s\n", nics->skipped[i].name, nics->skipped[i].why);
	}
	return 0;
}

/* jansson's "s?" makes null of a NULL. */
static const char *or_null(const char *text)
{
	return text[0] ? text : NULL;
}

static json_t *onboard_json(const struct nic *c)
{
	if (c->onboard_by == ONBOARD_UNKNOWN)
		return json_null();
	return json_pack("{ss si}", "by", c->onboard_by == ONBOARD_ACPI ? "acpi" : "smbios",
			 "index", (int)c->onboard);
}

static json_t *nic_json(const struct nic *c)
{
	char mac[MAC_TEXT_MAX], perm[MAC_TEXT_MAX], ids[16] = "";

	if (c->vendor || c->device)
		snprintf(ids, sizeof(ids), "%04x:%04x", c->vendor, c->device);
	return json_pack("{ss si ss ss sb ss? ss? ss? ss? ss? ss? so ss? si si sb sb sb sb so}",
			 "name", c->name, "ifindex", c->ifindex, "mac", mac_text(&c->mac, mac),
			 "permanent_mac", mac_text(&c->perm, perm), "random_mac", c->random_mac,
			 "driver", or_null(c->driver), "bus", or_null(c->bus), "address",
			 or_null(c->address), "pci", or_null(c->pci), "path", or_null(c->path),
			 "ids", or_null(ids), "onboard", onboard_json(c), "label",
			 or_null(c->label), "port", (int)c->dev_port, "dev_id", (int)c->dev_id,
			 "slot", c->in_slot, "wireless", c->wireless, "up", c->up, "carrier",
			 c->carrier, "speed",
			 c->speed > 0 ? json_integer(c->speed) : json_null());
}

static int show_json(const struct nics *nics, struct err *e)
{
	json_t *cards = json_array(), *left_out = json_array(), *all;
	int bad = !cards || !left_out;

	for (size_t i = 0; !bad && i < nics->n; i++)
		bad = json_array_append_new(cards, nic_json(&nics->v[i]));
	for (size_t i = 0; !bad && i < nics->n_skipped; i++)
		bad = json_array_append_new(left_out,
					    json_pack("{ss ss}", "name", nics->skipped[i].name,
						      "reason", nics->skipped[i].why));
	all = json_pack("{so so}", "nics", cards, "left_out", left_out);
	bad = bad || !all;
	if (!bad) {
		bad = json_dumpf(all, stdout, JSON_INDENT(2) | JSON_PRESERVE_ORDER);
		putchar('\n');
	}
	json_decref(all);
	return bad ? err_nomem(e) : 0;
}

int nc_scan(const struct nc_options *o, int argc, char **argv)
{
	struct err e = { "" };
	struct nics nics;
	int r;

	(void)argc;
	(void)argv;
	r = nics_scan(o->sys, &nics, &e);
	if (!r)
		r = o->json ? show_json(&nics, &e) : show_table(&nics, o->verbose, &e);
	nics_free(&nics);
	if (!r && (fflush(stdout) || ferror(stdout)))
		r = err_sys(&e, "standard output: cannot be written");
	return r ? nc_fail(r, &e) : NC_STATUS_DONE;
}
