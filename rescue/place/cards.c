// SPDX-License-Identifier: GPL-3.0-or-later
#include "rescue/place/cards.h"

#include "common/io.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

static char *attribute(const char *dir, const char *name)
{
	char path[PATH_MAX + 32], *text;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	text = io_slurp(path, 256);
	if (text)
		text[strcspn(text, "\n")] = '\0';
	return text;
}

static bool has(const char *dir, const char *name)
{
	char path[PATH_MAX + 32];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	return !access(path, F_OK);
}

static bool is(const char *dir, const char *name, const char *want)
{
	char *text = attribute(dir, name);
	bool same = text && !strcmp(text, want);

	free(text);
	return same;
}

static bool read_card(const char *dir, struct card *c)
{
	char *address = attribute(dir, "address");
	bool good = address && !mac_parse(address, &c->mac, NULL) && mac_valid(&c->mac) &&
		    is(dir, "type", "1") && !has(dir, "wireless") && !has(dir, "phy80211") &&
		    !has(dir, "bridge") && !has(dir, "bonding");

	free(address);
	c->hardware = has(dir, "device");
	c->carrier = is(dir, "carrier", "1");
	return good;
}

static int by_name(const void *a, const void *b)
{
	return strverscmp(((const struct card *)a)->name, ((const struct card *)b)->name);
}

void cards_read(const char *sys, struct cards *ret)
{
	char net[PATH_MAX - CARD_NAME_MAX], dir[PATH_MAX];
	struct dirent *de;
	DIR *d;

	ret->n = 0;
	snprintf(net, sizeof(net), "%s/class/net", sys);
	d = opendir(net);
	while (d && ret->n < CARDS_MAX && (de = readdir(d))) {
		struct card *c = &ret->v[ret->n];
		size_t n = strlen(de->d_name);

		if (de->d_name[0] == '.' || n >= sizeof(c->name))
			continue;
		snprintf(dir, sizeof(dir), "%s/%s", net, de->d_name);
		memcpy(c->name, de->d_name, n + 1);
		ret->n += read_card(dir, c);
	}
	if (d)
		closedir(d);
	qsort(ret->v, ret->n, sizeof(ret->v[0]), by_name);
}

static bool wanted(const struct card *c, const struct mac *boot, bool boot_there, bool others)
{
	if (boot_there && !others)
		return mac_equal(&c->mac, boot);
	return c->hardware && (!boot || others);
}

void cards_choose(struct cards *c, const struct mac *boot, bool others)
{
	bool there = false;
	unsigned kept = 0;

	for (unsigned i = 0; boot && i < c->n; i++)
		there |= mac_equal(&c->v[i].mac, boot);
	others = others && !there;
	for (unsigned i = 0; i < c->n; i++)
		if (wanted(&c->v[i], boot, there, others))
			c->v[kept++] = c->v[i];
	c->n = kept;
}

int card_up(const char *name, struct err *e)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), r = 0;
	struct ifreq q = { 0 };

	if (fd < 0)
		return err_sys(e, "%s", name);
	memcpy(q.ifr_name, name, strnlen(name, IFNAMSIZ - 1));
	if (ioctl(fd, SIOCGIFFLAGS, &q) < 0) {
		r = err_sys(e, "cannot look at the card %s", name);
	} else if (!(q.ifr_flags & IFF_UP)) {
		q.ifr_flags |= IFF_UP;
		if (ioctl(fd, SIOCSIFFLAGS, &q) < 0)
			r = err_sys(e, "cannot switch on the card %s", name);
	}
	close(fd);
	return r;
}
