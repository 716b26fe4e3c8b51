// SPDX-License-Identifier: GPL-3.0-or-later
#include "netconf/hardware/rtnl.h"

#include "common/plain.h"
#include "netconf/hardware/rtnl_parse.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#define REPLY_MAX (64 << 10) /* bytes; the kernel makes datagrams of up to 32 KiB */

struct rtnl {
	int fd;
	uint32_t seq;
};

int rtnl_open(struct rtnl **ret, struct err *e)
{
	/* The kernel answers at once; this only keeps us from waiting for ever. */
	static const struct timeval patience = { .tv_sec = 5 };
	struct sockaddr_nl me = { .nl_family = AF_NETLINK };
	struct rtnl *r = calloc(1, sizeof(*r));
	int code;

	if (!r)
		return err_nomem(e);
	r->fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
	if (r->fd < 0 || bind(r->fd, (struct sockaddr *)&me, sizeof(me)) ||
	    setsockopt(r->fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience))) {
		code = err_sys(e, "cannot ask the kernel for its interfaces (rtnetlink)");
		rtnl_close(r);
		return code;
	}
	*ret = r;
	return 0;
}

void rtnl_close(struct rtnl *r)
{
	if (!r)
		return;
	if (r->fd >= 0)
		close(r->fd);
	free(r);
}

static int send_request(struct rtnl *r, struct nlmsghdr *request, struct err *e)
{
	struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
	ssize_t n;

	request->nlmsg_seq = ++r->seq;
	do
		n = sendto(r->fd, request, request->nlmsg_len, 0, (struct sockaddr *)&kernel,
			   sizeof(kernel));
	while (n < 0 && errno == EINTR);
	return n < 0 ? err_sys(e, "cannot ask the kernel (rtnetlink)") : 0;
}

/* One datagram of the kernel's, others are passed over; its bytes, or a negative errno. */
static ssize_t receive(const struct rtnl *r, void *buf, size_t len, struct err *e)
{
	struct sockaddr_nl from = { 0 };
	struct iovec to = { .iov_base = buf, .iov_len = len };
	struct msghdr m = { .msg_iov = &to, .msg_iovlen = 1, .msg_name = &from };
	ssize_t n;

	do {
		m.msg_namelen = sizeof(from);
		n = recvmsg(r->fd, &m, 0);
	} while ((n < 0 && errno == EINTR) || (n >= 0 && from.nl_pid != 0));
	if (n < 0)
		return err_sys(e, "the kernel does not answer (rtnetlink)");
	if (m.msg_flags & MSG_TRUNC)
		return err_set(e, -EMSGSIZE, "the kernel's answer (rtnetlink) is too long");
	return n;
}

/* Sends, and receives until the answer is complete. */
static int transact(struct rtnl *r, struct nlmsghdr *request, struct rtnl_reply *reply,
		    struct err *e)
{
	void *buf = malloc(REPLY_MAX);
	int code;

	if (!buf)
		return err_nomem(e);
	code = send_request(r, request, e);
	reply->seq = r->seq;
	while (!code && !reply->done) {
		ssize_t n = receive(r, buf, REPLY_MAX, e);

		code = n < 0 ? (int)n : rtnl_parse(reply, buf, (size_t)n, e);
	}
	free(buf);
	return code;
}

int rtnl_links(struct rtnl *r, struct rtnl_link **ret, size_t *n, struct err *e)
{
	struct {
		struct nlmsghdr head;
		struct ifinfomsg link;
	} request = {
		.head = { .nlmsg_len = sizeof(request),
			  .nlmsg_type = RTM_GETLINK,
			  .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP },
	};
	struct rtnl_reply reply = { 0 };
	int code, tries = 0;

	/* A list that changed while it was told may lack some. */
	do {
		free(reply.v);
		reply = (struct rtnl_reply){ 0 };
		code = transact(r, &request.head, &reply, e);
	} while (!code && reply.interrupted && ++tries < 10);
	if (!code && reply.code) {
		errno = -reply.code;
		code = err_sys(e, "the kernel does not tell its interfaces");
	}
	if (code) {
		free(reply.v);
		return code;
	}
	*ret = reply.v;
	*n = reply.n;
	return 0;
}

static int rename_failed(int code, int ifindex, const char *name, struct err *e)
{
	static const struct {
		int code;
		const char *why;
	} reasons[] = {
		{ -EEXIST, "another one has that name" },
		{ -EBUSY, "it is up, take it down first" },
		{ -ENODEV, "it is gone" },
		{ -EPERM, "only root may do that" },
	};
	const char *why = strerror(-code);
	char shown[2 * IFNAMSIZ];

	for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
		if (reasons[i].code == code)
			why = reasons[i].why;
	return err_set(e, code, "interface %d cannot become %s: %s", ifindex,
		       plain_text(shown, sizeof(shown), name, ""), why);
}

int rtnl_rename(struct rtnl *r, int ifindex, const char *name, struct err *e)
{
	struct {
		struct nlmsghdr head;
		struct ifinfomsg link;
		struct rtattr attribute;
		char name[IFNAMSIZ];
	} request = {
		.head = { .nlmsg_len = sizeof(request),
			  .nlmsg_type = RTM_SETLINK,
			  .nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK },
		.link = { .ifi_index = ifindex },
		.attribute = { .rta_type = IFLA_IFNAME,
			       .rta_len = RTA_LENGTH(sizeof(request.name)) },
	};
	struct rtnl_reply reply = { 0 };
	size_t len = strlen(name);
	int code;

	if (ifindex <= 0 || len == 0 || len >= IFNAMSIZ)
		return rename_failed(-EINVAL, ifindex, name, e);
	memcpy(request.name, name, len);
	code = transact(r, &request.head, &reply, e);
	free(reply.v);
	if (code)
		return code;
	return reply.code ? rename_failed(reply.code, ifindex, name, e) : 0;
}

int rtnl_set_up(struct rtnl *r, int ifindex, bool up, struct err *e)
{
	struct {
		struct nlmsghdr head;
		struct ifinfomsg link;
	} request = {
		.head = { .nlmsg_len = sizeof(request),
			  .nlmsg_type = RTM_SETLINK,
			  .nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK },
		.link = { .ifi_index = ifindex,
			  .ifi_flags = up ? IFF_UP : 0,
			  .ifi_change = IFF_UP },
	};
	struct rtnl_reply reply = { 0 };
	int code = transact(r, &request.head, &reply, e);

	free(reply.v);
	if (code || !reply.code)
		return code;
	return err_set(e, reply.code, "interface %d cannot be set %s: %s", ifindex,
		       up ? "up" : "down", strerror(-reply.code));
}
