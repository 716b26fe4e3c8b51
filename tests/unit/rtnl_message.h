// SPDX-License-Identifier: GPL-3.0-or-later
/* rtnl_message.h - builds rtnetlink messages as the kernel sends them. */
#ifndef TESTS_UNIT_RTNL_MESSAGE_H
#define TESTS_UNIT_RTNL_MESSAGE_H

#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <stdint.h>
#include <string.h>

struct message {
	_Alignas(4) uint8_t b[1024];
	size_t len, head; /* where the last message begins */
};

/* All headers here are multiples of four bytes, so each message begins at one. */
static inline void message_bytes(struct message *m, const void *p, size_t n)
{
	memcpy(m->b + m->len, p, n);
	m->len += n;
}

static inline void message_close(struct message *m)
{
	uint32_t n = (uint32_t)(m->len - m->head);

	memcpy(m->b + m->head, &n, sizeof(n));
	m->len = (m->len + 3) & ~(size_t)3;
}

static inline void message_open(struct message *m, uint16_t type, uint16_t flags, uint32_t seq)
{
	struct nlmsghdr h = { .nlmsg_type = type, .nlmsg_flags = flags, .nlmsg_seq = seq };

	m->head = m->len;
	message_bytes(m, &h, sizeof(h));
}

static inline void message_attribute(struct message *m, uint16_t type, const void *p, size_t n)
{
	struct rtattr a = { .rta_type = type, .rta_len = (uint16_t)(sizeof(a) + n) };

	m->len = (m->len + 3) & ~(size_t)3;
	message_bytes(m, &a, sizeof(a));
	message_bytes(m, p, n);
}

static inline void message_link(struct message *m, uint32_t seq, int ifindex, unsigned flags,
				const char *name, const uint8_t *perm)
{
	struct ifinfomsg i = { .ifi_index = ifindex, .ifi_flags = flags };
	uint32_t mtu = 1500;

	message_open(m, RTM_NEWLINK, NLM_F_MULTI, seq);
	message_bytes(m, &i, sizeof(i));
	message_attribute(m, IFLA_IFNAME, name, strlen(name) + 1);
	if (perm)
		message_attribute(m, IFLA_PERM_ADDRESS, perm, 6);
	message_attribute(m, IFLA_MTU, &mtu, sizeof(mtu));
	message_close(m);
}

static inline void message_end(struct message *m, uint16_t type, uint32_t seq, int code)
{
	message_open(m, type, NLM_F_MULTI, seq);
	message_bytes(m, &code, sizeof(code));
	message_close(m);
}

#endif
