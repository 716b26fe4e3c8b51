// SPDX-License-Identifier: GPL-3.0-or-later
#include "netconf/render/port.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define METRIC_STEP 100

static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";

static int check_wireless(const struct port *p, struct err *e)
{
	if (!p->role->ssid[0])
		return 0;
	if (!p->wireless)
		return err_set(e, -EINVAL, "%s has an SSID, but its card is not wireless",
			       p->name);
	if (p->role->psk_file[0] && !p->psk[0])
		return err_set(e, -EINVAL, "%s: there is no passphrase in %s", p->name,
			       p->role->psk_file);
	return p->psk[0] ? psk_check(p->name, p->psk, p->role->psk_file, e) : 0;
}

static int check(const struct port *p, struct err *e)
{
	if (strspn(p->name, plain) != strlen(p->name))
		return err_set(e, -EINVAL,
			       "\"%s\": the name of an interface with an address may have "
			       "only letters, digits, '.', '_' and '-'",
			       p->name);
	if (p->role->how == ADDRESS_STATIC && !p->role->address.family)
		return err_set(e, -EINVAL, "%s is static, but has no address", p->name);
	if (p->role->dhcp_server && p->role->how != ADDRESS_STATIC)
		return err_set(e, -EINVAL, "%s: a DHCP server needs a static address", p->name);
	return check_wireless(p, e);
}

static bool has_default_route(const struct role *role)
{
	if (role->dhcp_server)
		return false;
	return role->how == ADDRESS_DHCP ||
	       (role->how == ADDRESS_STATIC && role->gateway.family);
}

static int family(const struct role *role)
{
	return role->how == ADDRESS_STATIC ? role->gateway.family : AF_INET;
}

static const struct port *with_metric(const struct port *v, size_t n, unsigned metric)
{
	for (size_t i = 0; i < n; i++)
		if (v[i].metric == metric)
			return &v[i];
	return NULL;
}

/* The kernel takes only one default route of a metric, so the second would fail. */
static int check_metrics(const struct port *v, size_t n, struct err *e)
{
	for (size_t i = 0; i < n; i++) {
		const struct port *first = with_metric(v, i, v[i].metric);

		if (v[i].metric && first && family(first->role) == family(v[i].role))
			return err_set(e, -EINVAL,
				       "%s and %s: both default routes have the metric %u; "
				       "give one another number, the lower is preferred",
				       first->name, v[i].name, v[i].metric);
	}
	return 0;
}

static int give_metrics(struct port *v, size_t n, struct err *e)
{
	unsigned next = 0;
	size_t routes = 0;

	for (size_t i = 0; i < n; i++) {
		v[i].default_route = has_default_route(v[i].role);
		v[i].metric = v[i].default_route ? v[i].role->metric : 0;
		routes += v[i].default_route;
	}
	for (size_t i = 0; i < n && routes > 1; i++) {
		if (!v[i].default_route || v[i].metric)
			continue;
		do
			next += METRIC_STEP;
		while (with_metric(v, n, next));
		v[i].metric = next;
	}
	return check_metrics(v, n, e);
}

/* The secrets stand in the policy's order. */
static const char *psk_of(const struct render *r, const struct want *want)
{
	size_t i = (size_t)(want - r->plan->policy->v);

	return r->secrets && i < r->secrets->n ? r->secrets->psk[i] : "";
}

void ports_free(struct port *v, size_t n)
{
	if (v)
		explicit_bzero(v, n * sizeof(*v));
	free(v);
}

int ports_make(const struct render *r, struct port **ret, size_t *n, struct err *e)
{
	const struct plan *plan = r->plan;
	struct port *v = calloc(plan->n + 1, sizeof(*v));
	size_t count = 0;
	int rc = 0;

	if (!v)
		return err_nomem(e);
	for (size_t i = 0; i < plan->n && !rc; i++) {
		const struct choice *c = &plan->v[i];

		if (!c->nic)
			continue;
		v[count] = (struct port){ .name = c->want->name,
					  .role = &c->want->role,
					  .wireless = c->nic->wireless };
		snprintf(v[count].psk, sizeof(v[count].psk), "%s", psk_of(r, c->want));
		rc = check(&v[count], e);
		if (!rc && !wpa_can_quote(v[count].psk))
			rc = psk_to_key(v[count].psk, v[count].role->ssid, e);
		count++;
	}
	if (!rc)
		rc = give_metrics(v, count, e);
	if (rc) {
		ports_free(v, count);
		return rc;
	}
	*ret = v;
	*n = count;
	return 0;
}
