// SPDX-License-Identifier: GPL-3.0-or-later
#include "pxe/serve/server.h"

#include "pxe/http/http.h"
#include "pxe/serve/dhcp_service.h"
#include "pxe/serve/loop.h"
#include "pxe/serve/privileges.h"
#include "pxe/serve/probe.h"
#include "pxe/serve/sockets.h"
#include "pxe/serve/tftp_service.h"
#include "pxe/serve/token.h"
#include "pxe/wire/datagram.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

#define SEEN_MOST   4096  /* machines without a name that are remembered */
#define FILES_MOST  16384 /* descriptors: connections, transfers, what they read */
#define TEND_MS     10000 /* how often silent jobs are looked for */
#define PATIENCE_MS 10    /* of this thread with the database: transfers go on meanwhile */

/* What was read from the configuration; each reload makes one more, none goes before the end.
 */
struct generation {
	struct lab lab;
	struct generation *before;
};

struct server {
	const struct server_request *req;
	struct journal *journal;
	struct generation *now;
	struct dhcp_sockets dhcp_fds;
	int tftp_fd, http_fd, slate_fd;
	char token[TOKEN_MAX], slate[32];
	struct loop *loop;
	struct store *store;
	struct menus menus;
	struct dhcp_service *dhcp;
	struct tftp_service *tftp;
	struct http *http;
	struct watch signals;
	struct timer timer;
	int64_t tend_at, begun_at; /* milliseconds, as the loop has them; 0: not yet */
	unsigned interface;        /* the kernel's number of it */
	bool interface_gone;
};

static int add_generation(struct server *s, const struct lab *lab, struct err *e)
{
	struct generation *g = malloc(sizeof(*g));

	if (!g)
		return err_nomem(e);
	g->lab = *lab;
	g->before = s->now;
	s->now = g;
	return 0;
}

/* ---- the start ------------------------------------------------------------------ */

/* "auto": beside a server that gives addresses, a proxy; else somebody has to decide. */
static int decide_mode(struct server *s, struct err *e)
{
	struct lab *l = &s->now->lab;
	char addr[ADDR_TEXT_MAX];
	uint32_t other;
	int r;

	if (l->dhcp != DHCP_AUTO)
		return 0;
	r = probe_dhcp(l->interface, l->address.addr, &other, e);
	if (r)
		return r;
	if (!other)
		return err_set(e, -ECANCELED,
			       "nobody gives addresses on %s.  If this machine shall: write "
			       "\"mode = server\" into [dhcp] of " LAB_CONF
			       "; else start the other server first, or write \"mode = off\"",
			       l->interface);
	l->dhcp = DHCP_PROXY;
	journal_say(s->journal, SAY_NOTICE, NULL,
		    "%s gives addresses on %s: this server only says what to boot (proxyDHCP)",
		    addr_text(other, addr), l->interface);
	return 0;
}

static int open_sockets(struct server *s, struct err *e)
{
	const struct lab *l = &s->now->lab;
	int r = 0;

	s->interface = socket_interface(l->interface);
	if (l->dhcp != DHCP_OFF) {
		r = socket_udp(67, l->interface, &s->dhcp_fds.server, e);
		if (!r)
			r = socket_udp(4011, l->interface, &s->dhcp_fds.proxy, e);
	}
	if (!r && l->dhcp == DHCP_SERVER && l->probe)
		r = socket_ping(l->interface, &s->dhcp_fds.ping, e);
	if (!r && l->tftp)
		r = socket_udp(69, l->interface, &s->tftp_fd, e);
	if (!r)
		r = socket_listen(l->http_listen,
				  l->http_listen ? l->http_listen : l->http_port, &s->http_fd,
				  e);
	return r;
}

/* Opens it while we may come everywhere: the server's user need not, if the program is built in
 * somebody's home. */
static bool hold_slate(struct server *s, const char *path)
{
	s->slate_fd = access(path, X_OK) ? -1 : open(path, O_PATH | O_CLOEXEC);
	if (s->slate_fd < 0)
		return false;
	snprintf(s->slate, sizeof(s->slate), "/proc/self/fd/%d", s->slate_fd);
	return true;
}

/* The imager: beside this program, or where programs are. */
static const char *find_slate(struct server *s)
{
	static const char *const places[] = { "/usr/local/sbin/slate", "/usr/sbin/slate" };
	char beside[512];
	ssize_t n = readlink("/proc/self/exe", beside, sizeof(beside) - 8);
	char *name;

	beside[n > 0 ? n : 0] = '\0';
	name = strrchr(beside, '/');
	if (name)
		memcpy(name + 1, "slate", sizeof("slate"));
	if (name && hold_slate(s, beside))
		return s->slate;
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++)
		if (hold_slate(s, places[i]))
			return s->slate;
	journal_say(s->journal, SAY_WARNING, NULL,
		    "the program slate is not there: uploads are not verified");
	return NULL;
}

static int start_services(struct server *s, const char *slate, struct err *e)
{
	const struct lab *l = &s->now->lab;
	struct http_config http = { .lab = l,
				    .journal = s->journal,
				    .listen_fd = s->http_fd,
				    .admin_token = s->token,
				    .slate = slate };
	int r = store_open(l->state, &s->store, e);

	if (!r)
		r = store_check(s->store, e);
	if (!r)
		store_set_patience(s->store, PATIENCE_MS);
	if (!r)
		r = token_load(l->state, s->token, e);
	if (r)
		return r;
	s->menus = (struct menus){ l, s->store, s->journal };
	if (s->dhcp_fds.server >= 0)
		r = dhcp_service_start(s->loop, &s->dhcp_fds, l, s->store, s->journal, &s->dhcp,
				       e);
	if (!r && s->tftp_fd >= 0)
		r = tftp_service_start(s->loop, s->tftp_fd, l, &s->menus, &s->tftp, e);
	if (r)
		return r;
	s->http_fd = -1; /* http_start() takes it over */
	return http_start(&http, &s->http, e);
}

static void say_ready(const struct server *s)
{
	static const char *const modes[] = { [DHCP_AUTO] = "auto",
					     [DHCP_SERVER] = "server",
					     [DHCP_PROXY] = "proxy",
					     [DHCP_OFF] = "off" };
	const struct lab *l = &s->now->lab;
	char addr[ADDR_TEXT_MAX];

	journal_say(s->journal, SAY_NOTICE, NULL,
		    "ready on %s, %s/%u: DHCP %s, TFTP %s, HTTP on port %u, images in %s",
		    l->interface, addr_text(l->address.addr, addr), l->address.prefix,
		    modes[l->dhcp], l->tftp ? "on" : "off", l->http_port, l->images);
}

/* ---- while it runs ---------------------------------------------------------------- */

static void reload(struct server *s)
{
	const struct lab *old = &s->now->lab;
	struct lab lab;
	struct err e = { "" };
	bool found;
	int r = lab_read(s->req->config, &lab, &found, &e);

	if (!r)
		r = lab_resolve(&lab, &e);
	if (!r && lab.dhcp == DHCP_AUTO)
		lab.dhcp = old->dhcp;
	if (!r && (strcmp(lab.interface, old->interface) != 0 || lab.dhcp != old->dhcp ||
		   lab.http_port != old->http_port || lab.http_listen != old->http_listen ||
		   lab.tftp != old->tftp || lab.address.addr != old->address.addr ||
		   strcmp(lab.images, old->images) != 0 || strcmp(lab.boot, old->boot) != 0 ||
		   strcmp(lab.state, old->state) != 0))
		r = err_set(
			&e, -ECANCELED,
			"interface, address, folders, ports and the kind of DHCP change only "
			"by a restart");
	if (!r)
		r = add_generation(s, &lab, &e);
	if (!r && s->dhcp)
		r = dhcp_service_reload(s->dhcp, &s->now->lab, &e);
	if (r) {
		journal_say(s->journal, SAY_ERROR, NULL,
			    "the configuration stays as it was: %s", e.msg);
		return;
	}
	s->menus.lab = &s->now->lab;
	http_reload(s->http, &s->now->lab);
	if (s->tftp)
		tftp_service_reload(s->tftp, &s->now->lab);
	journal_say(s->journal, SAY_NOTICE, NULL, "the configuration was read again");
}

static void signals_ready(struct watch *w, int64_t now)
{
	struct server *s = (struct server *)((char *)w - offsetof(struct server, signals));
	struct signalfd_siginfo info;

	(void)now;
	while (read(w->fd, &info, sizeof(info)) == sizeof(info)) {
		if (info.ssi_signo == SIGHUP) {
			reload(s);
			continue;
		}
		journal_say(s->journal, SAY_NOTICE, NULL, "ends, as asked to by signal %u",
			    info.ssi_signo);
		loop_stop(s->loop);
	}
}

/* What is bound to an interface hears nothing of a new one with the same name. */
static void look_at_interface(struct server *s)
{
	s->interface_gone = socket_interface(s->now->lab.interface) != s->interface;
	if (s->interface_gone)
		loop_stop(s->loop);
}

/* Machines that fell silent in the middle of their job. */
static int64_t tend(struct timer *t, int64_t now)
{
	struct server *s = (struct server *)((char *)t - offsetof(struct server, timer));
	int64_t wall = time(NULL);
	struct err e = { "" };
	int n;

	if (now < s->tend_at)
		return s->tend_at;
	look_at_interface(s);
	if (!s->begun_at)
		s->begun_at = now;
	/* Nobody could be heard while there was no server. */
	n = now - s->begun_at < (int64_t)s->now->lab.lost_after * 1000
		    ? 0
		    : store_jobs_lost(s->store, wall - s->now->lab.lost_after, wall, &e);
	if (n > 0)
		journal_say(s->journal, SAY_WARNING, NULL,
			    "%d job%s lost: the machine was not heard of for %u seconds", n,
			    n == 1 ? " is" : "s are", s->now->lab.lost_after);
	else if (n < 0)
		journal_say(s->journal, SAY_ERROR, "db", "jobs cannot be looked after: %s",
			    e.msg);
	(void)store_hosts_forget(s->store, SEEN_MOST, NULL); /* or the next time */
	s->tend_at = now + TEND_MS;
	return s->tend_at;
}

static int watch_signals(struct server *s, struct err *e)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	if (sigprocmask(SIG_BLOCK, &set, NULL))
		return err_sys(e, "signals");
	s->signals =
		(struct watch){ signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC), signals_ready };
	if (s->signals.fd < 0)
		return err_sys(e, "signals");
	signal(SIGPIPE, SIG_IGN);
	return loop_add(s->loop, &s->signals, e);
}

/* ---- all of it -------------------------------------------------------------------- */

static void stop(struct server *s)
{
	const int fds[] = { s->dhcp_fds.server, s->dhcp_fds.proxy, s->dhcp_fds.ping, s->tftp_fd,
			    s->http_fd,         s->slate_fd,       s->signals.fd };

	http_stop(s->http);
	tftp_service_stop(s->tftp);
	dhcp_service_stop(s->dhcp);
	store_close(s->store);
	loop_free(s->loop);
	for (size_t i = 0; i < sizeof(fds) / sizeof(fds[0]); i++)
		if (fds[i] >= 0)
			close(fds[i]);
	while (s->now) {
		struct generation *before = s->now->before;

		free(s->now);
		s->now = before;
	}
}

/* As many descriptors as the system allows, if that is less. */
static void allow_files(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit))
		return;
	limit.rlim_cur = limit.rlim_max < FILES_MOST ? limit.rlim_max : FILES_MOST;
	(void)setrlimit(RLIMIT_NOFILE, &limit);
}

static int start(struct server *s, struct err *e)
{
	const char *slate;
	int r = add_generation(s, &s->req->lab, e);

	allow_files();

	if (!r)
		r = decide_mode(s, e);
	if (!r)
		r = open_sockets(s, e);
	if (!r)
		r = privileges_prepare(&s->now->lab, e);
	if (r)
		return r;
	slate = find_slate(s);
	r = loop_new(&s->loop, e);
	if (!r)
		r = watch_signals(s, e);
	if (!r)
		r = privileges_drop(&s->now->lab, slate,
				    s->req->config ? s->req->config : LAB_CONF, s->journal, e);
	return r ? r : start_services(s, slate, e);
}

int server_run(const struct server_request *req, struct err *e)
{
	struct server s = { .req = req,
			    .journal = req->journal,
			    .dhcp_fds = { -1, -1, -1 },
			    .tftp_fd = -1,
			    .http_fd = -1,
			    .slate_fd = -1,
			    .signals.fd = -1,
			    .timer.tick = tend };
	int r = start(&s, e);

	if (!r) {
		loop_add_timer(s.loop, &s.timer);
		say_ready(&s);
		socket_notify("READY=1");
		r = loop_run(s.loop, e);
		if (!r && s.interface_gone)
			r = err_set(e, -ENODEV,
				    "%s was taken away, and nobody can be served on it. Start "
				    "the server again when it is back",
				    s.now->lab.interface);
		socket_notify("STOPPING=1");
	}
	stop(&s);
	return r;
}
