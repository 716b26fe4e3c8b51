// SPDX-License-Identifier: GPL-3.0-or-later
#include "pxe/serve/health.h"

#include "pxe/serve/fetch.h"
#include "pxe/serve/probe.h"
#include "pxe/store/store.h"
#include "pxe/wire/datagram.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct look {
	const struct lab *lab;
	struct findings *to;
	bool no_memory;
};

static void say(struct look *l, bool good, const char *fmt, ...) PRINTF(3, 4);

static void say(struct look *l, bool good, const char *fmt, ...)
{
	struct finding *v = realloc(l->to->v, (l->to->n + 1) * sizeof(*v));
	va_list ap;

	if (!v) {
		l->no_memory = true;
		return;
	}
	l->to->v = v;
	v[l->to->n].good = good;
	va_start(ap, fmt);
	vsnprintf(v[l->to->n].what, sizeof(v->what), fmt, ap);
	va_end(ap);
	l->to->n++;
	l->to->bad += !good;
}

static void look_interface(struct look *l)
{
	char path[64], addr[ADDR_TEXT_MAX];
	FILE *f;
	int up = 0;

	addr_text(l->lab->address.addr, addr);
	snprintf(path, sizeof(path), "/sys/class/net/%s/carrier", l->lab->interface);
	f = fopen(path, "re");
	if (f) {
		up = fgetc(f) == '1';
		fclose(f);
	}
	if (up)
		say(l, true, "%s is up, %s/%u", l->lab->interface, addr,
		    l->lab->address.prefix);
	else
		say(l, false,
		    "%s has no link: is the cable in, the switch on, the interface up "
		    "(\"ip link set %s up\")?",
		    l->lab->interface, l->lab->interface);
}

static void look_dhcp(struct look *l)
{
	char addr[ADDR_TEXT_MAX];
	struct err e = { "" };
	uint32_t other;

	if (l->lab->dhcp == DHCP_OFF) {
		say(l, true,
		    "DHCP is off here: another server must name this one (slate-pxe "
		    "export prints how)");
		return;
	}
	if (probe_dhcp(l->lab->interface, l->lab->address.addr, &other, &e)) {
		say(l, false, "whether another DHCP server answers is not known: %s", e.msg);
		return;
	}
	addr_text(other, addr);
	if (l->lab->dhcp == DHCP_SERVER && other)
		say(l, false,
		    "%s gives addresses on %s, too: two DHCP servers fight; switch that one "
		    "off, or write \"mode = proxy\" into [dhcp]",
		    addr, l->lab->interface);
	else if (l->lab->dhcp == DHCP_SERVER)
		say(l, true, "no other DHCP server answers on %s", l->lab->interface);
	else if (other)
		say(l, true, "%s gives addresses on %s", addr, l->lab->interface);
	else
		say(l, false,
		    "nobody gives addresses on %s: start that server, or write \"mode = "
		    "server\" into [dhcp]",
		    l->lab->interface);
}

static void look_folder(struct look *l, const char *path, const char *what, int access_wanted)
{
	struct stat st;

	if (stat(path, &st))
		say(l, false, "%s (%s): %s", path, what, strerror(errno));
	else if (!S_ISDIR(st.st_mode))
		say(l, false, "%s (%s) is no folder", path, what);
	else if (access(path, access_wanted))
		say(l, false, "%s (%s): %s", path, what, strerror(errno));
	else
		say(l, true, "%s (%s) is there", path, what);
}

/* By the server's user, as far as we may try that: uploads go there. */
static bool is_writable(const struct lab *l, const char *path)
{
	const struct passwd *pw = geteuid() ? NULL : getpwnam(l->user);
	bool is;

	if (!pw)
		return true;
	is = !setegid(pw->pw_gid) && !seteuid(pw->pw_uid) &&
	     !faccessat(AT_FDCWD, path, W_OK | X_OK, AT_EACCESS);
	(void)!seteuid(0);
	(void)!setegid(0);
	return is;
}

static void look_images(struct look *l)
{
	const char *path = l->lab->images;

	if (access(path, F_OK) || is_writable(l->lab, path))
		look_folder(l, path, "images", R_OK | X_OK);
	else
		say(l, false,
		    "%s (images) cannot be written by %s: no PC can be saved (\"chown %s %s\")",
		    path, l->lab->user, l->lab->user, path);
}

static void look_user(struct look *l)
{
	if (getpwnam(l->lab->user))
		say(l, true, "the user %s is there", l->lab->user);
	else
		say(l, false,
		    "there is no user %s: \"adduser --system --group --no-create-home %s\" "
		    "makes it%s",
		    l->lab->user, l->lab->user,
		    strcmp(l->lab->user, "slate-pxe") ? "" : ", or \"systemd-sysusers\"");
}

static void look_database(struct look *l)
{
	struct store *s = NULL;
	struct err e = { "" };
	struct stat st;
	int r;

	if (stat(l->lab->state, &st) && errno == ENOENT) {
		say(l, true, "%s is not there yet: the server makes it", l->lab->state);
		return;
	}
	r = store_open(l->lab->state, &s, &e);
	if (!r)
		r = store_check(s, &e);
	store_close(s);
	if (r)
		say(l, false, "%s", e.msg);
	else
		say(l, true, "%s/lab.db is whole", l->lab->state);
}

/* Whether the files are there, and whether a client gets them. */
static void look_files(struct look *l)
{
	static const struct {
		const char *name, *why;
	} files[] = {
		{ "lpxelinux.0", "PCs with BIOS" },
		{ "ldlinux.c32", "PCs with BIOS" },
		{ "bootx64.efi", "PCs with UEFI" },
		{ "grubx64.efi", "PCs with UEFI" },
		{ "http/bootx64.efi", "PCs with UEFI HTTP boot" },
		{ "slate/vmlinuz", "the rescue system" },
		{ "slate/initrd.img", "the rescue system" },
	};
	char path[512];
	struct err e;

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", l->lab->boot, files[i].name);
		e.msg[0] = '\0';
		if (access(path, R_OK))
			say(l, false, "%s is missing: %s do not boot", path, files[i].why);
		else if (!fetch_runs(l->lab))
			say(l, true, "%s is there", path);
		else if (fetch_same(l->lab, files[i].name, path, &e))
			say(l, false, "%s cannot be fetched: %s", files[i].name, e.msg);
		else
			say(l, true, "%s can be fetched, by TFTP and HTTP", files[i].name);
	}
}

int health_look(const struct lab *lab, struct findings *ret, struct err *e)
{
	struct look l = { .lab = lab, .to = ret };

	*ret = (struct findings){ 0 };
	look_interface(&l);
	look_dhcp(&l);
	look_user(&l);
	look_images(&l);
	look_folder(&l, lab->boot, "boot files", R_OK | X_OK);
	look_database(&l);
	if (!fetch_runs(lab))
		say(&l, true, "the server does not run now: what clients get is not tried");
	look_files(&l);
	return l.no_memory ? err_nomem(e) : 0;
}

void health_free(struct findings *f)
{
	free(f->v);
	*f = (struct findings){ 0 };
}
