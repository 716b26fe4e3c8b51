// SPDX-License-Identifier: GPL-3.0-or-later
#include "pxe/config/interfaces.h"

#include "common/netlink.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_addr.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#define INTERFACES_MAX 4096

static int add(struct interfaces *to, const struct interface *one, struct err *e)
{
	struct interface *v;

	if (to->n == INTERFACES_MAX)
		return err_set(e, -E2BIG, "more than %d addresses", INTERFACES_MAX);
	v = realloc(to->v, (to->n + 1) * sizeof(*v));
	if (!v)
		return err_nomem(e);
	v[to->n] = *one;
	to->v = v;
	to->n++;
	return 0;
}

/* struct ifaddrmsg and its attributes. */
static int take_address(struct rd r, struct interfaces *to, struct err *e)
{
	struct interface one = { .name = "" };
	uint8_t family = rd_u8(&r);
	struct netlink_attribute a;
	uint32_t flags;

	one.prefix = rd_u8(&r);
	flags = rd_u8(&r);
	rd_skip(&r, 1);
	one.index = rd_host32(&r);
	if (!rd_ok(&r) || family != AF_INET || one.prefix > 32)
		return 0;
	while (netlink_attribute(&r, &a)) {
		if (a.type == IFA_LOCAL)
			one.addr = rd_be32(&a.value);
		else if (a.type == IFA_FLAGS)
			flags = rd_host32(&a.value);
		else if (a.type == IFA_LABEL)
			snprintf(one.name, sizeof(one.name), "%.*s", (int)rd_left(&a.value),
				 (const char *)a.value.buf);
	}
	one.permanent = flags & IFA_F_PERMANENT;
	one.secondary = flags & IFA_F_SECONDARY;
	one.name[strcspn(one.name, ":")] = '\0'; /* "eth0:1" is an address of eth0 */
	if (!one.addr || !one.name[0] || !strcmp(one.name, "lo"))
		return 0;
	return add(to, &one, e);
}

int interfaces_parse(const void *data, size_t len, struct interfaces *to, bool *ret_done,
		     struct err *e)
{
	struct rd r = rd_init(data, len);
	struct netlink_message m;
	int status = 0;

	*ret_done = false;
	while (!status && netlink_message(&r, &m)) {
		if (m.type == NLMSG_DONE)
			*ret_done = true;
		else if (m.type == NLMSG_ERROR)
			status = err_set(e, -EIO, "the kernel does not tell its addresses");
		else if (m.type == RTM_NEWADDR)
			status = take_address(m.body, to, e);
	}
	return status;
}

static int ask(int fd, struct interfaces *to, struct err *e)
{
	struct {
		struct nlmsghdr header;
		struct ifaddrmsg body;
	} request = { { .nlmsg_len = sizeof(request),
			.nlmsg_type = RTM_GETADDR,
			.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP },
		      { .ifa_family = AF_INET } };
	uint8_t buf[32768];
	bool done = false;
	int r = 0;

	if (send(fd, &request, sizeof(request), 0) < 0)
		return err_sys(e, "asking the kernel for its addresses");
	while (!r && !done) {
		ssize_t n = recv(fd, buf, sizeof(buf), 0);

		if (n <= 0)
			return err_sys(e, "asking the kernel for its addresses");
		r = interfaces_parse(buf, (size_t)n, to, &done, e);
	}
	return r;
}

int interfaces_list(struct interface **ret, size_t *n, struct err *e)
{
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE), r;
	struct interfaces list = { NULL, 0 };

	if (fd < 0)
		return err_sys(e, "rtnetlink");
	r = ask(fd, &list, e);
	close(fd);
	if (r) {
		free(list.v);
		return r;
	}
	*ret = list.v;
	*n = list.n;
	return 0;
}
