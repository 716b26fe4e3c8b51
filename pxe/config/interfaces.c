// SPDX-License-Identifier: GPL-3.0-or-later
#include "pxe/config/interfaces.h"

#include "common/bytes.h"

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

/* The kernel's own byte order is that of this machine. */
static uint32_t native32(struct rd *r)
{
	uint32_t v = 0;
	const uint8_t *p = rd_bytes(r, sizeof(v));

	if (p)
		memcpy(&v, p, sizeof(v));
	return v;
}

static uint16_t native16(struct rd *r)
{
	uint16_t v = 0;
	const uint8_t *p = rd_bytes(r, sizeof(v));

	if (p)
		memcpy(&v, p, sizeof(v));
	return v;
}

/* An attribute and its value; false at the end. */
static bool next_attribute(struct rd *r, uint16_t *type, struct rd *value)
{
	uint16_t len;

	if (rd_left(r) < 4)
		return false;
	len = native16(r);
	*type = native16(r);
	if (len < 4)
		return false;
	*value = rd_sub(r, len - 4u);
	if (!rd_ok(value))
		return false;
	if (rd_left(r))
		rd_skip(r,
			(4u - len % 4u) % 4u < rd_left(r) ? (4u - len % 4u) % 4u : rd_left(r));
	return true;
}

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
	uint32_t flags;
	uint16_t type;
	struct rd value;

	one.prefix = rd_u8(&r);
	flags = rd_u8(&r);
	rd_skip(&r, 1);
	one.index = native32(&r);
	if (!rd_ok(&r) || family != AF_INET || one.prefix > 32)
		return 0;
	while (next_attribute(&r, &type, &value)) {
		if (type == IFA_LOCAL)
			one.addr = rd_be32(&value);
		else if (type == IFA_FLAGS)
			flags = native32(&value);
		else if (type == IFA_LABEL)
			snprintf(one.name, sizeof(one.name), "%.*s", (int)rd_left(&value),
				 (const char *)value.buf);
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
	int status = 0;

	*ret_done = false;
	while (!status && rd_left(&r) >= sizeof(struct nlmsghdr)) {
		uint32_t size = native32(&r);
		uint16_t type = native16(&r);
		struct rd body;

		rd_skip(&r, 10);
		if (size < sizeof(struct nlmsghdr))
			break;
		body = rd_sub(&r, size - sizeof(struct nlmsghdr));
		if (!rd_ok(&body))
			break;
		rd_skip(&r,
			rd_left(&r) < (4 - size % 4) % 4 ? rd_left(&r) : (4 - size % 4) % 4);
		if (type == NLMSG_DONE)
			*ret_done = true;
		else if (type == NLMSG_ERROR)
			status = err_set(e, -EIO, "the kernel does not tell its addresses");
		else if (type == RTM_NEWADDR)
			status = take_address(body, to, e);
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
