// SPDX-License-Identifier: GPL-3.0-or-later
#include "pxe/store/query.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define COLUMNS "mac, name, grp, addr, known, kind, uuid, first_seen, last_seen, last_addr"

static void fill(const struct query *q, struct host *ret)
{
	*ret = (struct host){ .addr = (uint32_t)query_get_int(q, 3),
			      .known = query_get_int(q, 4) != 0,
			      .first_seen = query_get_int(q, 7),
			      .last_seen = query_get_int(q, 8),
			      .last_addr = (uint32_t)query_get_int(q, 9) };
	query_get_mac(q, 0, &ret->mac);
	query_get_text(q, 1, ret->name, sizeof(ret->name));
	query_get_text(q, 2, ret->group, sizeof(ret->group));
	query_get_text(q, 5, ret->kind, sizeof(ret->kind));
	query_get_text(q, 6, ret->uuid, sizeof(ret->uuid));
}

bool store_name_ok(const char *name)
{
	size_t n = strlen(name);

	if (!n || n > 63 || name[0] == '-' || name[n - 1] == '-')
		return false;
	return strspn(name, "abcdefghijklmnopqrstuvwxyz"
			    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-") == n;
}

bool store_host_name_ok(const char *name)
{
	return store_name_ok(name) && name[strspn(name, "0123456789")];
}

static int check(const struct host *h, struct err *e)
{
	if (!mac_valid(&h->mac))
		return err_set(e, -EINVAL, "no machine can have that MAC");
	if (!store_host_name_ok(h->name))
		return err_set(e, -EINVAL,
			       "\"%s\" is no name of a host: 1 to 63 letters, digits and '-', "
			       "not digits alone",
			       h->name);
	if (h->group[0] && !store_name_ok(h->group))
		return err_set(e, -EINVAL,
			       "\"%s\" is no name of a group: 1 to 63 letters, digits and '-'",
			       h->group);
	if (!strcmp(h->name, "all") || !strcmp(h->group, "all"))
		return err_set(e, -EINVAL, "\"all\" means all machines");
	return 0;
}

/* What another machine has already, in words. */
static int taken(struct store *s, const struct host *h, struct err *e)
{
	struct query q = query(s, "SELECT " COLUMNS " FROM hosts WHERE mac != ? AND "
				  "(name = ? OR (addr != 0 AND addr = ?))");
	char mac[MAC_TEXT_MAX];
	struct host other;
	int r;

	query_mac(&q, &h->mac);
	query_text(&q, h->name);
	query_int(&q, h->addr);
	r = query_row(&q, e);
	if (r > 0) {
		fill(&q, &other);
		mac_text(&other.mac, mac);
		r = !strcmp(other.name, h->name)
			    ? err_set(e, -EEXIST, "%s is the name of %s already", h->name, mac)
			    : err_set(e, -EEXIST, "%s (%s) has that address already",
				      other.name, mac);
	}
	query_end(&q);
	return r;
}

int store_host_put(struct store *s, const struct host *h, struct err *e)
{
	struct query q;
	int r = check(h, e);

	if (!r)
		r = taken(s, h, e);
	if (r)
		return r;
	q = query(s, "INSERT INTO hosts (mac, name, grp, addr, known) VALUES (?, ?, ?, ?, 1) "
		     "ON CONFLICT (mac) DO UPDATE SET name = excluded.name, "
		     "grp = excluded.grp, addr = excluded.addr, known = 1");
	query_mac(&q, &h->mac);
	query_text(&q, h->name);
	query_text(&q, h->group);
	query_int(&q, h->addr);
	return query_run(&q, e);
}

int store_host_yield(struct store *s, const struct mac *mac, struct err *e)
{
	struct query q = query(s, "UPDATE hosts SET name = '', addr = 0 WHERE mac = ?");

	query_mac(&q, mac);
	return query_run(&q, e);
}

int store_host_remove(struct store *s, const struct mac *mac, struct err *e)
{
	struct query q = query(s, "DELETE FROM hosts WHERE mac = ?");
	int r;

	query_mac(&q, mac);
	r = query_run(&q, e);
	if (!r && !sqlite3_changes(s->db))
		return err_set(e, -ENOENT, "no such machine");
	return r;
}

/* The one row of a query, or -ENOENT. */
static int one(struct query *q, struct host *ret, struct err *e)
{
	int r = query_row(q, e);

	if (r > 0)
		fill(q, ret);
	query_end(q);
	if (!r)
		return err_set(e, -ENOENT, "no such machine");
	return r < 0 ? r : 0;
}

int store_host_by_mac(struct store *s, const struct mac *mac, struct host *ret, struct err *e)
{
	struct query q = query(s, "SELECT " COLUMNS " FROM hosts WHERE mac = ?");

	query_mac(&q, mac);
	return one(&q, ret, e);
}

int store_host_by_name(struct store *s, const char *name, struct host *ret, struct err *e)
{
	struct query q =
		query(s, "SELECT " COLUMNS " FROM hosts WHERE name = ? AND name != ''");

	query_text(&q, name);
	return one(&q, ret, e);
}

int store_host_by_addr(struct store *s, uint32_t addr, struct host *ret, struct err *e)
{
	struct query q = query(s, "SELECT " COLUMNS " FROM hosts WHERE addr = ? AND known");

	query_int(&q, addr);
	return one(&q, ret, e);
}

int store_host_seen(struct store *s, const struct mac *mac, const char *kind, const char *uuid,
		    uint32_t addr, int64_t now, struct err *e)
{
	struct query q =
		query(s, "INSERT INTO hosts (mac, name, kind, uuid, first_seen, last_seen, "
			 "last_addr) VALUES (?1, '', ?2, ?3, ?4, ?4, ?5) "
			 "ON CONFLICT (mac) DO UPDATE SET kind = ?2, "
			 "uuid = CASE WHEN ?3 = '' THEN uuid ELSE ?3 END, last_seen = ?4, "
			 "first_seen = CASE WHEN first_seen = 0 THEN ?4 ELSE first_seen END, "
			 "last_addr = CASE WHEN ?5 = 0 THEN last_addr ELSE ?5 END");

	query_mac(&q, mac);
	query_text(&q, kind);
	query_text(&q, uuid);
	query_int(&q, now);
	query_int(&q, addr);
	return query_run(&q, e);
}

int store_hosts_forget(struct store *s, unsigned keep, struct err *e)
{
	struct query q = query(s, "DELETE FROM hosts WHERE known = 0 AND mac IN (SELECT mac "
				  "FROM hosts WHERE known = 0 ORDER BY last_seen DESC, mac "
				  "LIMIT -1 OFFSET ?)");

	query_int(&q, keep);
	return query_run(&q, e);
}

static int call_each(struct query *q, host_each *each, void *ctx, unsigned *ret_n,
		     struct err *e)
{
	struct host h;
	int r;

	*ret_n = 0;
	while ((r = query_row(q, e)) > 0) {
		fill(q, &h);
		++*ret_n;
		r = each(ctx, &h, e);
		if (r)
			break;
	}
	query_end(q);
	return r;
}

int store_hosts(struct store *s, const char *who, bool also_seen, host_each *each, void *ctx,
		struct err *e)
{
	struct query q =
		query(s, "SELECT " COLUMNS " FROM hosts WHERE (known OR ?1) AND "
			 "(?2 = 'all' OR name = ?2 OR (grp = ?2 AND grp != '') OR mac = ?2) "
			 "ORDER BY known DESC, name, mac");
	struct mac mac;
	char text[MAC_TEXT_MAX];
	unsigned n;
	int r;

	/* A MAC names any machine that was seen; it may be written in other ways. */
	if (!mac_parse(who, &mac, NULL)) {
		who = mac_text(&mac, text);
		also_seen = true;
	}
	query_int(&q, also_seen);
	query_text(&q, who);
	r = call_each(&q, each, ctx, &n, e);
	if (!r && !n && strcmp(who, "all") != 0)
		return err_set(e, -ENOENT,
			       "there is no machine and no group \"%s\"; slate-pxe host list "
			       "shows all",
			       who);
	return r;
}
