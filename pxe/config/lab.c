// SPDX-License-Identifier: GPL-3.0-or-later
#include "pxe/config/lab.h"

#include "common/conf.h"
#include "common/opt.h"
#include "pxe/wire/datagram.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

void lab_defaults(struct lab *l)
{
	*l = (struct lab){
		.images = "/srv/slate/images",
		.boot = "/srv/slate/boot",
		.state = "/var/lib/slate/pxe",
		.user = "slate-pxe",
		.lease = 3600,
		.probe = true,
		.tftp = true,
		.block_max = 1428, /* what tunnels and VLANs leave of a frame */
		.transfers_max = 512,
		.per_client_max = 16,
		.http_port = 80,
		.lost_after = 180,
	};
}

/* ---- one kind of value each: from the words of a line into a field -------------- */

static int take_text(void *field, size_t size, const struct conf_entry *at, struct err *e)
{
	if (strlen(at->value) >= size)
		return conf_error(at, NULL, e, "at most %zu characters", size - 1);
	snprintf(field, size, "%s", at->value);
	return 0;
}

static int take_folder(void *field, size_t size, const struct conf_entry *at, struct err *e)
{
	if (at->value[0] != '/')
		return conf_error(at, NULL, e, "a folder is written from /, as /srv/slate");
	return take_text(field, size, at, e);
}

/* They go through three loaders' languages: nothing that means something in one of them. */
static int take_kernel_options(void *field, size_t size, const struct conf_entry *at,
			       struct err *e)
{
	static const char harmless[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				       "0123456789 -_.,:=/+@%";
	size_t n = strspn(at->value, harmless);

	if (at->value[n])
		return conf_error(at, at->value + n, e,
				  "'%c' cannot be passed through all boot loaders",
				  at->value[n]);
	return take_text(field, size, at, e);
}

static int take_switch(void *field, size_t size, const struct conf_entry *at, struct err *e)
{
	(void)size;
	if (strcmp(at->value, "yes") && strcmp(at->value, "no"))
		return conf_error(at, NULL, e, "\"%s\" is neither yes nor no", at->value);
	*(bool *)field = !strcmp(at->value, "yes");
	return 0;
}

static int take_addr(void *field, size_t size, const struct conf_entry *at, struct err *e)
{
	struct err why = { "" };

	(void)size;
	if (addr_parse(at->value, field, &why))
		return conf_error(at, NULL, e, "%s", why.msg);
	return 0;
}

static int take_mode(void *field, size_t size, const struct conf_entry *at, struct err *e)
{
	static const char *const names[] = { [DHCP_AUTO] = "auto",
					     [DHCP_SERVER] = "server",
					     [DHCP_PROXY] = "proxy",
					     [DHCP_OFF] = "off" };

	(void)size;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (!strcmp(at->value, names[i])) {
			*(enum dhcp_mode *)field = (enum dhcp_mode)i;
			return 0;
		}
	}
	return conf_error(at, NULL, e, "\"%s\" is not one of auto, server, proxy, off",
			  at->value);
}

static int take_known(void *field, size_t size, const struct conf_entry *at, struct err *e)
{
	(void)size;
	if (strcmp(at->value, "only") && strcmp(at->value, "all"))
		return conf_error(at, NULL, e, "\"%s\" is neither only nor all", at->value);
	*(bool *)field = !strcmp(at->value, "only");
	return 0;
}

static int take_ipxe(void *field, size_t size, const struct conf_entry *at, struct err *e)
{
	(void)size;
	if (strcmp(at->value, "script") != 0 && strcmp(at->value, "loader") != 0)
		return conf_error(at, NULL, e, "\"%s\" is neither script nor loader",
				  at->value);
	*(bool *)field = !strcmp(at->value, "loader");
	return 0;
}

/* "1h", "20m", "90": seconds. */
static int take_seconds(void *field, size_t size, const struct conf_entry *at, struct err *e)
{
	static const struct {
		char letter;
		unsigned seconds;
	} units[] = { { 's', 1 }, { 'm', 60 }, { 'h', 3600 }, { 'd', 86400 } };
	char digits[12] = "";
	size_t n = strspn(at->value, "0123456789");
	uint64_t v, unit = 1;

	(void)size;
	for (size_t i = 0; i < 4 && at->value[n]; i++)
		if (at->value[n] == units[i].letter && !at->value[n + 1])
			unit = units[i].seconds;
	if (!n || n >= sizeof(digits) || (at->value[n] && unit == 1 && at->value[n] != 's'))
		return conf_error(at, NULL, e, "\"%s\" is no time such as 90, 20m, 1h, 2d",
				  at->value);
	memcpy(digits, at->value, n);
	if (opt_number(digits, 1, 30 * 86400 / unit, &v, NULL))
		return conf_error(at, NULL, e, "a time of one second to 30 days is meant");
	*(unsigned *)field = (unsigned)(v * unit);
	return 0;
}

static int take_quota(void *field, size_t size, const struct conf_entry *at, struct err *e)
{
	struct err why = { "" };

	(void)size;
	if (opt_bytes(at->value, 1, field, &why))
		return conf_error(at, NULL, e, "%s", why.msg);
	return 0;
}

/* A whole number within the limits of its field. */
static int number(const struct conf_entry *at, uint64_t min, uint64_t max, uint64_t *ret,
		  struct err *e)
{
	struct err why = { "" };

	if (opt_number(at->value, min, max, ret, &why))
		return conf_error(at, NULL, e, "%s", why.msg);
	return 0;
}

static int take_block(void *field, size_t size, const struct conf_entry *at, struct err *e)
{
	uint64_t v;
	int r = number(at, 512, 1468, &v, e);

	(void)size;
	if (!r)
		*(unsigned *)field = (unsigned)v;
	return r;
}

static int take_count(void *field, size_t size, const struct conf_entry *at, struct err *e)
{
	uint64_t v;
	int r = number(at, 1, 4096, &v, e);

	(void)size;
	if (!r)
		*(unsigned *)field = (unsigned)v;
	return r;
}

static int take_port(void *field, size_t size, const struct conf_entry *at, struct err *e)
{
	uint64_t v;
	int r = number(at, 1, 65535, &v, e);

	(void)size;
	if (!r)
		*(uint16_t *)field = (uint16_t)v;
	return r;
}

/* ---- lists ------------------------------------------------------------------- */

/* The next word of a list with commas or spaces; false behind the last. */
static bool next_word(const char **at, char *word, size_t size)
{
	const char *start = *at + strspn(*at, ", \t");
	size_t n = strcspn(start, ", \t");

	*at = start + n;
	snprintf(word, size, "%.*s", (int)n, start);
	return n > 0;
}

static int take_range(void *field, size_t size, const struct conf_entry *at, struct err *e)
{
	struct lab *l = field;
	char first[32];
	const char *dash = strchr(at->value, '-');
	struct err why = { "" };

	(void)size;
	if (!dash || (size_t)(dash - at->value) >= sizeof(first))
		return conf_error(at, NULL, e,
				  "a range is FIRST-LAST, as "
				  "192.168.67.100-192.168.67.199");
	snprintf(first, sizeof(first), "%.*s", (int)(dash - at->value), at->value);
	first[strcspn(first, " \t")] = '\0';
	dash++;
	dash += strspn(dash, " \t");
	if (addr_parse(first, &l->first, &why) || addr_parse(dash, &l->last, &why))
		return conf_error(at, NULL, e, "%s", why.msg);
	if (l->first > l->last)
		return conf_error(at, NULL, e, "the first address stands behind the last");
	if (l->last - l->first >= 65536)
		return conf_error(at, NULL, e, "a range has at most 65536 addresses");
	return 0;
}

static int take_dns(void *field, size_t size, const struct conf_entry *at, struct err *e)
{
	struct lab *l = field;
	const char *next = at->value;
	char word[32];
	struct err why = { "" };

	(void)size;
	for (l->n_dns = 0; next_word(&next, word, sizeof(word)); l->n_dns++) {
		if (l->n_dns == LAB_DNS_MAX)
			return conf_error(at, NULL, e, "at most %d servers", LAB_DNS_MAX);
		if (addr_parse(word, &l->dns[l->n_dns], &why))
			return conf_error(at, NULL, e, "%s", why.msg);
	}
	return 0;
}

static int parse_network(const char *word, struct network *ret, struct err *e)
{
	const char *slash = strchr(word, '/');
	char addr[32];
	uint64_t prefix = 32;
	int r;

	snprintf(addr, sizeof(addr), "%.*s", (int)strcspn(word, "/"), word);
	r = addr_parse(addr, &ret->addr, e);
	if (!r && slash)
		r = opt_number(slash + 1, 0, 32, &prefix, e);
	ret->prefix = (unsigned)prefix;
	return r;
}

static int take_networks(void *field, size_t size, const struct conf_entry *at, struct err *e)
{
	struct lab *l = field;
	const char *next = at->value;
	char word[32];
	struct err why = { "" };

	(void)size;
	for (l->n_admin = 0; next_word(&next, word, sizeof(word)); l->n_admin++) {
		if (l->n_admin == LAB_NETWORKS_MAX)
			return conf_error(at, NULL, e, "at most %d networks", LAB_NETWORKS_MAX);
		if (parse_network(word, &l->admin[l->n_admin], &why))
			return conf_error(at, NULL, e, "%s", why.msg);
	}
	return 0;
}

/* ---- the table ---------------------------------------------------------------- */

struct key {
	const char *section, *name;
	int (*take)(void *field, size_t size, const struct conf_entry *at, struct err *e);
	size_t offset, size;
};

#define FIELD(f) offsetof(struct lab, f), sizeof(((struct lab *)0)->f)
#define WHOLE    0, sizeof(struct lab)

static const struct key keys[] = {
	{ "lab", "interface", take_text, FIELD(interface) },
	{ "lab", "images", take_folder, FIELD(images) },
	{ "lab", "boot", take_folder, FIELD(boot) },
	{ "lab", "state", take_folder, FIELD(state) },
	{ "lab", "user", take_text, FIELD(user) },
	{ "dhcp", "mode", take_mode, FIELD(dhcp) },
	{ "dhcp", "range", take_range, WHOLE },
	{ "dhcp", "lease", take_seconds, FIELD(lease) },
	{ "dhcp", "router", take_addr, FIELD(router) },
	{ "dhcp", "dns", take_dns, WHOLE },
	{ "dhcp", "domain", take_text, FIELD(domain) },
	{ "dhcp", "probe", take_switch, FIELD(probe) },
	{ "dhcp", "known-hosts", take_known, FIELD(known_hosts_only) },
	{ "dhcp", "ipxe", take_ipxe, FIELD(ipxe_loader) },
	{ "tftp", "enabled", take_switch, FIELD(tftp) },
	{ "tftp", "block-max", take_block, FIELD(block_max) },
	{ "tftp", "transfers-max", take_count, FIELD(transfers_max) },
	{ "tftp", "per-client-max", take_count, FIELD(per_client_max) },
	{ "http", "port", take_port, FIELD(http_port) },
	{ "http", "listen-port", take_port, FIELD(http_listen) },
	{ "http", "admin", take_networks, WHOLE },
	{ "http", "quota", take_quota, FIELD(quota) },
	{ "jobs", "lost-after", take_seconds, FIELD(lost_after) },
	{ "jobs", "kernel-options", take_kernel_options, FIELD(kernel_options) },
};

#define N_KEYS (sizeof(keys) / sizeof(keys[0]))

/* "one of a, b, c": the names of a section, or with @section NULL the sections. */
static int not_known(const struct conf_entry *at, const char *section, struct err *e)
{
	char list[512] = "";
	const char *last = "";
	size_t n = 0;

	for (size_t i = 0; i < N_KEYS; i++) {
		const char *word = section ? keys[i].name : keys[i].section;

		if ((section && strcmp(keys[i].section, section)) || !strcmp(word, last))
			continue;
		n += (size_t)snprintf(list + n, sizeof(list) - n, "%s%s", n ? ", " : "", word);
		last = word;
	}
	if (!section)
		return conf_error(at, NULL, e, "there is no section [%s]; there are %s",
				  at->section, list);
	return conf_error(at, NULL, e, "[%s] has no \"%s\"; it has %s", section, at->name,
			  list);
}

struct reading {
	struct lab lab;
	uint64_t given; /* bit i: keys[i] */
};

static int take_entry(void *ctx, const struct conf_entry *at, struct err *e)
{
	struct reading *r = ctx;
	bool section = false;

	for (size_t i = 0; i < N_KEYS; i++) {
		const struct key *k = &keys[i];

		if (strcmp(k->section, at->section))
			continue;
		section = true;
		if (!at->name)
			return 0;
		if (strcmp(k->name, at->name))
			continue;
		if (r->given >> i & 1)
			return conf_error(at, NULL, e, "%s is given twice", k->name);
		r->given |= UINT64_C(1) << i;
		return k->take((char *)&r->lab + k->offset, k->size, at, e);
	}
	return not_known(at, section ? at->section : NULL, e);
}

int lab_parse(const char *file, const char *text, size_t len, struct lab *ret, struct err *e)
{
	struct reading reading = { .given = 0 };
	int r;

	lab_defaults(&reading.lab);
	r = conf_parse(file, text, len, take_entry, &reading, e);
	if (!r)
		*ret = reading.lab;
	return r;
}

int lab_read(const char *file, struct lab *ret, bool *ret_found, struct err *e)
{
	struct reading reading = { .given = 0 };
	int r;

	lab_defaults(&reading.lab);
	r = conf_read(file ? file : LAB_CONF, take_entry, &reading, e);
	*ret_found = !r;
	if (r == -ENOENT && !file)
		r = 0;
	if (!r)
		*ret = reading.lab;
	return r;
}

bool network_has(const struct network *n, uint32_t addr)
{
	uint32_t mask = n->prefix ? ~UINT32_C(0) << (32 - n->prefix) : 0;

	return (n->addr & mask) == (addr & mask);
}
