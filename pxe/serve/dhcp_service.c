// SPDX-License-Identifier: GPL-3.0-or-later
#include "pxe/serve/dhcp_service.h"

#include "common/clock.h"
#include "pxe/serve/boot_choice.h"
#include "pxe/serve/lease_store.h"
#include "pxe/serve/sockets.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define COMPLAIN_EVERY 10000 /* ms; for as long as the database cannot be written */
#define AGAIN_MS       50    /* when it could not be: the next attempt */

struct port {
	struct watch watch; /* first: the loop gives it back */
	struct dhcp_service *service;
	uint16_t number;
};

struct dhcp_service {
	struct port server, proxy, ping;
	struct timer timer;
	struct loop *loop;
	struct dhcp *dhcp;
	struct boot_choice choice;
	struct inbox inbox;
	struct reply replies[SOCKETS_BATCH];
	unsigned n_replies;
	int64_t complain_at;
	int64_t again_at; /* nothing is listened to until then; 0: it is */
};

static struct now now_of(int64_t ms)
{
	return (struct now){ ms, time(NULL) };
}

static void send_one(struct dhcp_service *s, const struct reply *r)
{
	struct port *p = r->from_port == s->proxy.number ? &s->proxy : &s->server;
	char addr[ADDR_TEXT_MAX];
	int status = socket_send(p->watch.fd, r);

	if (status)
		journal_say(s->choice.journal, SAY_ERROR, "send",
			    "an answer to %s cannot be sent: %s", addr_text(r->to.addr, addr),
			    strerror(-status));
}

static void ping(struct dhcp_service *s, uint32_t addr)
{
	/* One that cannot be asked does not answer: the offer goes out when its time has come.
	 */
	if (addr && s->ping.watch.fd >= 0)
		(void)socket_ping_send(s->ping.watch.fd, addr);
}

static void complain(struct dhcp_service *s, const struct err *e)
{
	int64_t now = clock_ms();

	if (now < s->complain_at)
		return;
	s->complain_at = now + COMPLAIN_EVERY;
	journal_say(s->choice.journal, SAY_ERROR, NULL, "no DHCP client is answered: %s",
		    e->msg);
}

static int listen_to(struct dhcp_service *s, struct port *p, struct err *e)
{
	return p->watch.fd < 0 ? 0 : loop_add(s->loop, &p->watch, e);
}

static int listen_to_all(struct dhcp_service *s, struct err *e)
{
	int r = listen_to(s, &s->server, e);

	if (!r)
		r = listen_to(s, &s->proxy, e);
	return r ? r : listen_to(s, &s->ping, e);
}

static void listen_to_none(struct dhcp_service *s)
{
	loop_remove(s->loop, &s->server.watch);
	loop_remove(s->loop, &s->proxy.watch);
	if (s->ping.watch.fd >= 0)
		loop_remove(s->loop, &s->ping.watch);
}

/* What was done to the database must be on the disk before anybody hears of it: end() sends. */
static int begin(struct dhcp_service *s)
{
	struct err e = { "" };
	int r = store_begin(s->choice.store, &e);

	s->n_replies = 0;
	if (r)
		complain(s, &e);
	/* Another program writes to it: what has come waits where it is, others go on. */
	if (r == -EBUSY) {
		listen_to_none(s);
		s->again_at = clock_ms() + AGAIN_MS;
	}
	return r;
}

static void end(struct dhcp_service *s)
{
	struct err e = { "" };

	if (store_commit(s->choice.store, &e)) {
		complain(s, &e);
		return;
	}
	for (unsigned i = 0; i < s->n_replies; i++)
		send_one(s, &s->replies[i]);
}

static void requests_ready(struct watch *w, int64_t ms)
{
	struct port *p = (struct port *)w;
	struct dhcp_service *s = p->service;
	struct now now = now_of(ms);
	uint32_t addr;
	int r = begin(s);
	unsigned n;

	if (r == -EBUSY)
		return;
	n = socket_take(w->fd, p->number, &s->inbox);
	if (r)
		return;
	for (unsigned i = 0; i < n; i++) {
		addr = 0;
		if (dhcp_take(s->dhcp, &s->inbox.got[i], &now, &s->replies[s->n_replies],
			      &addr))
			s->n_replies++;
		ping(s, addr);
	}
	end(s);
}

static void pongs_ready(struct watch *w, int64_t ms)
{
	struct dhcp_service *s = ((struct port *)w)->service;
	struct now now = now_of(ms);
	uint32_t addr, next;
	int r = begin(s);

	if (r == -EBUSY)
		return;
	while (s->n_replies < SOCKETS_BATCH && socket_ping_take(w->fd, &addr)) {
		if (r)
			continue;
		next = 0;
		if (dhcp_ponged(s->dhcp, addr, &now, &s->replies[s->n_replies], &next))
			s->n_replies++;
		ping(s, next);
	}
	if (!r)
		end(s);
}

static int64_t tick(struct timer *timer, int64_t ms)
{
	struct dhcp_service *s =
		(struct dhcp_service *)((char *)timer - offsetof(struct dhcp_service, timer));
	int64_t first = dhcp_deadline(s->dhcp);
	struct now now = now_of(ms);

	if (ms < s->again_at)
		return s->again_at;
	if (s->again_at && listen_to_all(s, NULL))
		return ms + AGAIN_MS;
	s->again_at = 0;
	if (first < 0 || first > ms)
		return first;
	if (begin(s))
		return ms + AGAIN_MS;
	while (s->n_replies < SOCKETS_BATCH &&
	       dhcp_tick(s->dhcp, &now, &s->replies[s->n_replies]))
		s->n_replies++;
	end(s);
	return dhcp_deadline(s->dhcp);
}

/* A state machine for this configuration. */
static int make(struct dhcp_service *s, const struct lab *lab, struct dhcp **ret, struct err *e)
{
	struct dhcp_config c = { .proxy = lab->dhcp == DHCP_PROXY,
				 .self = lab->address.addr,
				 .mask = ~UINT32_C(0) << (32 - lab->address.prefix),
				 .first = lab->first,
				 .last = lab->last,
				 .lease = lab->lease,
				 .router = lab->router,
				 .n_dns = lab->n_dns,
				 .probe = lab->probe && s->ping.watch.fd >= 0,
				 .known_hosts_only = lab->known_hosts_only,
				 .store = lease_store(s->choice.store),
				 .boot = boot_choice,
				 .boot_ctx = &s->choice,
				 .journal = s->choice.journal };

	memcpy(c.dns, lab->dns, sizeof(c.dns));
	memcpy(c.domain, lab->domain, sizeof(c.domain));
	return dhcp_new(&c, ret, e);
}

int dhcp_service_reload(struct dhcp_service *s, const struct lab *lab, struct err *e)
{
	struct dhcp *dhcp;
	int r = make(s, lab, &dhcp, e);

	if (r)
		return r;
	dhcp_free(s->dhcp);
	s->dhcp = dhcp;
	s->choice.lab = lab;
	return 0;
}

int dhcp_service_start(struct loop *l, const struct dhcp_sockets *fds, const struct lab *lab,
		       struct store *store, struct journal *journal, struct dhcp_service **ret,
		       struct err *e)
{
	struct dhcp_service *s = calloc(1, sizeof(*s));
	int r;

	if (!s)
		return err_nomem(e);
	s->loop = l;
	s->server = (struct port){ { fds->server, requests_ready }, s, 67 };
	s->proxy = (struct port){ { fds->proxy, requests_ready }, s, 4011 };
	s->ping = (struct port){ { fds->ping, pongs_ready }, s, 0 };
	s->choice = (struct boot_choice){ lab, store, journal };
	s->timer.tick = tick;
	r = make(s, lab, &s->dhcp, e);
	if (!r)
		r = listen_to_all(s, e);
	if (r) {
		dhcp_service_stop(s);
		return r;
	}
	loop_add_timer(l, &s->timer);
	*ret = s;
	return 0;
}

void dhcp_service_stop(struct dhcp_service *s)
{
	if (!s)
		return;
	listen_to_none(s);
	dhcp_free(s->dhcp);
	free(s);
}
