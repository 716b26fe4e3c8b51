// SPDX-License-Identifier: GPL-3.0-or-later
#include "pxe/serve/tftp_service.h"

#include "pxe/serve/sockets.h"
#include "pxe/serve/tftp_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define RETRIES                                                                                \
	6 /* 1 + 2 + 4 + 8 + 8 + 8 seconds: a switch that learns its ports is waited for */
#define OUTGOING (60 << 10) /* bytes of a window that are sent by one call */
#define SEGMENTS 60         /* the kernel takes 64 */

/* One transfer, with its socket. */
struct transfer {
	struct watch watch; /* first: the loop gives it back */
	struct tftp_service *service;
	struct tftp *tftp;
	struct transfer *next, *prev;
	struct endpoint client;
	char name[256];
};

struct tftp_service {
	struct watch watch; /* port 69 */
	struct timer timer;
	struct loop *loop;
	const struct lab *lab;
	const struct menus *menus;
	int boot; /* the folder */
	struct transfer *transfers;
	unsigned n;
	int64_t first; /* no deadline lies before this */
	struct inbox inbox;
	/* What the transfer that is worked on has sent: datagrams of one size, end to end. */
	uint8_t out[OUTGOING];
	size_t out_n, out_size;
	int out_fd;
};

/* ---- sending ------------------------------------------------------------------- */

static void flush(struct tftp_service *s)
{
	if (s->out_n)
		(void)socket_transfer_send(s->out_fd, s->out, s->out_n, s->out_size);
	s->out_n = 0;
}

/* Datagrams of one size are collected, up to one that is shorter. */
static void send_later(void *ctx, const uint8_t *data, size_t len)
{
	struct tftp_service *s = ctx;

	if (s->out_n && (len > s->out_size || s->out_n + len > sizeof(s->out) ||
			 s->out_n / s->out_size >= SEGMENTS))
		flush(s);
	if (!s->out_n)
		s->out_size = len;
	memcpy(s->out + s->out_n, data, len);
	s->out_n += len;
	if (len < s->out_size)
		flush(s);
}

/* An ERROR packet from a socket of its own, as a transfer would come. */
static void refuse(struct tftp_service *s, const struct endpoint *client, int code,
		   const char *text)
{
	uint8_t packet[256];
	size_t n = tftp_error(packet, sizeof(packet), code, text);
	int fd;

	if (socket_transfer(s->lab->address.addr, client, &fd, NULL))
		return;
	(void)socket_transfer_send(fd, packet, n, n);
	close(fd);
}

/* ---- the end ------------------------------------------------------------------- */

static void drop(struct transfer *t)
{
	struct tftp_service *s = t->service;

	loop_remove(s->loop, &t->watch);
	close(t->watch.fd);
	if (t->prev)
		t->prev->next = t->next;
	else
		s->transfers = t->next;
	if (t->next)
		t->next->prev = t->prev;
	s->n--;
	tftp_free(t->tftp);
	free(t);
}

static void say_end(const struct transfer *t, enum tftp_end end)
{
	struct journal *j = t->service->menus->journal;
	char addr[ADDR_TEXT_MAX];

	addr_text(t->client.addr, addr);
	if (end == TFTP_DONE)
		journal_say(j, SAY_INFO, addr, "%s has got %s, %llu bytes", addr, t->name,
			    (unsigned long long)tftp_sent(t->tftp));
	else if (end == TFTP_FAILED)
		journal_say(j, SAY_WARNING, addr, "%s did not get all of %s: %s", addr, t->name,
			    tftp_reason(t->tftp));
	else
		journal_say(j, SAY_DEBUG, addr, "%s asked for %s: %s", addr, t->name,
			    tftp_reason(t->tftp));
}

static void settle(struct transfer *t, enum tftp_end end)
{
	struct tftp_service *s = t->service;

	flush(s);
	if (end == TFTP_RUNS) {
		if (tftp_deadline(t->tftp) < s->first)
			s->first = tftp_deadline(t->tftp);
		return;
	}
	say_end(t, end);
	drop(t);
}

static void transfer_ready(struct watch *w, int64_t now)
{
	struct transfer *t = (struct transfer *)w;
	enum tftp_end end = TFTP_RUNS;
	uint8_t packet[600];
	ssize_t n;

	t->service->out_fd = w->fd;
	/* One packet a call: in lock-step a look for the next would find nothing each time. */
	n = socket_transfer_take(w->fd, packet, sizeof(packet));
	if (n > 0)
		end = tftp_take(t->tftp, packet, (size_t)n, now);
	if (n < 0) {
		struct journal *j = t->service->menus->journal;
		char addr[ADDR_TEXT_MAX];

		addr_text(t->client.addr, addr);
		journal_say(j, SAY_INFO, addr, "%s does not want the rest of %s", addr,
			    t->name);
		drop(t);
		return;
	}
	settle(t, end);
}

static int64_t tick(struct timer *timer, int64_t now)
{
	struct tftp_service *s =
		(struct tftp_service *)((char *)timer - offsetof(struct tftp_service, timer));
	struct transfer *t, *next;

	if (!s->n)
		return -1;
	if (now < s->first)
		return s->first;
	s->first = INT64_MAX;
	for (t = s->transfers; t; t = next) {
		next = t->next;
		s->out_fd = t->watch.fd;
		settle(t, tftp_tick(t->tftp, now));
	}
	return s->n ? s->first : -1;
}

/* ---- the begin ----------------------------------------------------------------- */

static unsigned count_of(const struct tftp_service *s, uint32_t addr)
{
	unsigned n = 0;

	for (const struct transfer *t = s->transfers; t; t = t->next)
		n += t->client.addr == addr;
	return n;
}

/* A request that is repeated, as its answer was lost or slow, is no second transfer. */
static bool is_repeated(const struct tftp_service *s, const struct endpoint *client,
			const char *name)
{
	for (const struct transfer *t = s->transfers; t; t = t->next)
		if (t->client.addr == client->addr && t->client.port == client->port &&
		    !strcmp(t->name, name) && !tftp_sent(t->tftp))
			return true;
	return false;
}

/* A menu, or a file of the boot tree. */
static int open_file(struct tftp_service *s, const char *name, struct tftp_file *ret)
{
	struct text t = { 0 };

	if (menu_file(s->menus, name, time(NULL), &t))
		return tftp_file_text(&t, ret, NULL);
	text_free(&t);
	return tftp_file_open(s->boot, name, ret);
}

static int start(struct tftp_service *s, const struct tftp_request *q, struct tftp_file *file,
		 const struct endpoint *client, int64_t now, struct err *e)
{
	const struct tftp_limits limits = { .block_max = s->lab->block_max,
					    .window_max = TFTP_WINDOW_MAX,
					    .retries = RETRIES };
	struct transfer *t = calloc(1, sizeof(*t));
	int r = t ? 0 : err_nomem(e);

	if (!r)
		r = socket_transfer(s->lab->address.addr, client, &t->watch.fd, e);
	if (r) {
		file->close(file->ctx);
		free(t);
		return r;
	}
	t->service = s;
	t->client = *client;
	t->watch.ready = transfer_ready;
	snprintf(t->name, sizeof(t->name), "%s", q->name);
	s->out_fd = t->watch.fd;
	r = tftp_start(q, file, &limits, now, send_later, s, &t->tftp, e);
	flush(s);
	if (!r)
		r = loop_add(s->loop, &t->watch, e);
	if (r) {
		tftp_free(t->tftp);
		close(t->watch.fd);
		free(t);
		return r;
	}
	t->next = s->transfers;
	if (t->next)
		t->next->prev = t;
	s->transfers = t;
	s->n++;
	if (tftp_deadline(t->tftp) < s->first)
		s->first = tftp_deadline(t->tftp);
	return 0;
}

static void take_request(struct tftp_service *s, const struct datagram *in, int64_t now)
{
	struct journal *j = s->menus->journal;
	char addr[ADDR_TEXT_MAX];
	struct tftp_request q;
	struct tftp_file file;
	struct err e = { "" };
	int code, r;

	addr_text(in->from.addr, addr);
	r = tftp_parse_request(in->data, in->len, &q, &code, &e);
	if (r == -EPROTO) {
		journal_say(j, SAY_WARNING, addr, "%s is refused by TFTP: %s", addr, e.msg);
		refuse(s, &in->from, code, e.msg);
	}
	if (r || is_repeated(s, &in->from, q.name))
		return;
	if (s->n >= s->lab->transfers_max ||
	    count_of(s, in->from.addr) >= s->lab->per_client_max) {
		journal_say(j, SAY_WARNING, addr, "%s has to wait for %s: %u transfers run",
			    addr, q.name, s->n);
		refuse(s, &in->from, TFTP_UNDEFINED, "too many transfers, try again");
		return;
	}
	r = open_file(s, q.name, &file);
	if (r) {
		/* Loaders try many names before the one that is there: no reason to warn. */
		journal_say(j, SAY_INFO, addr, "%s asked for %s: %s", addr, q.name,
			    strerror(-r));
		refuse(s, &in->from, r == -EACCES ? TFTP_ACCESS : TFTP_NOT_FOUND,
		       r == -EACCES ? "the server may not read it" : "no such file");
		return;
	}
	if (start(s, &q, &file, &in->from, now, &e)) {
		journal_say(j, SAY_ERROR, addr, "%s does not get %s: %s", addr, q.name, e.msg);
		refuse(s, &in->from, TFTP_UNDEFINED, e.msg);
	}
}

static void requests_ready(struct watch *w, int64_t now)
{
	struct tftp_service *s = (struct tftp_service *)w;
	unsigned n = socket_take(w->fd, 69, &s->inbox);

	for (unsigned i = 0; i < n; i++)
		take_request(s, &s->inbox.got[i], now);
}

int tftp_service_start(struct loop *l, int fd, const struct lab *lab, const struct menus *menus,
		       struct tftp_service **ret, struct err *e)
{
	struct tftp_service *s = calloc(1, sizeof(*s));
	int r = 0;

	if (!s)
		return err_nomem(e);
	s->loop = l;
	s->lab = lab;
	s->menus = menus;
	s->first = INT64_MAX;
	s->watch = (struct watch){ fd, requests_ready };
	s->timer.tick = tick;
	s->boot = open(lab->boot, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (s->boot < 0)
		r = err_sys(e, "%s", lab->boot);
	else
		r = loop_add(l, &s->watch, e);
	if (r) {
		tftp_service_stop(s);
		return r;
	}
	loop_add_timer(l, &s->timer);
	*ret = s;
	return 0;
}

void tftp_service_reload(struct tftp_service *s, const struct lab *lab)
{
	s->lab = lab;
}

void tftp_service_stop(struct tftp_service *s)
{
	if (!s)
		return;
	while (s->transfers)
		drop(s->transfers);
	loop_remove(s->loop, &s->watch);
	if (s->boot >= 0)
		close(s->boot);
	free(s);
}
