// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * render.h - from a plan to the text of files.  Nothing here reads or writes a
 * file; each output is one .c file.
 */
#ifndef NETCONF_RENDER_RENDER_H
#define NETCONF_RENDER_RENDER_H

#include "common/text.h"
#include "netconf/plan/plan.h"

#include <sys/types.h>

/* A file that shall be there.  @path is absolute, within the root. */
struct file {
	char *path, *content;
	mode_t mode; /* 0644, 0755; 0600 where secrets are */
	bool owned;  /* gets the header line with its hash (root/owned.h): '#' begins a comment
		      */
	char *link;  /* not NULL: a symbolic link to this, and no content */
	size_t len;  /* bytes of @content where they are no text (a program); 0: it is one */
};

struct files {
	struct file *v;
	size_t n;
};

void files_free(struct files *f);
/* Appends; takes @content (a text, which is empty afterwards). */
int files_add(struct files *f, const char *path, mode_t mode, struct text *content,
	      struct err *e);
int files_add_link(struct files *f, const char *path, const char *to, struct err *e);

/* The passphrases of the policy's wireless roles, read beforehand; same order as the policy. */
struct secrets {
	char (*psk)[65]; /* "" none */
	size_t n;
};

/* What all renderers get. */
struct render {
	const struct plan *plan;
	const struct secrets *secrets; /* NULL: none */
	const char *helper;            /* absolute path of the rename helper in the root */
	const char *program;           /* of slate-netconf in the root */
};

/* Names: two-phase udev rules for ethN and wlanN, 10-slate-NAME.link for others. -EINVAL: a
 * card that nothing plain can mark. */
bool rules_needed(const struct plan *plan);
int render_rules(const struct render *r, struct files *ret, struct err *e);
int render_links(const struct render *r, struct files *ret, struct err *e);
/* initramfs-tools and dracut hooks, when rules are needed; the oneshot unit, which also plans
 * anew on another machine, whenever a name is wanted. */
int render_boot(const struct render *r, struct files *ret, struct err *e);

/* Addresses, one form each. */
int render_ifupdown(const struct render *r, struct files *ret, struct err *e);
int render_networkd(const struct render *r, struct files *ret, struct err *e);
int render_netplan(const struct render *r, struct files *ret, struct err *e);
int render_nm(const struct render *r, struct files *ret, struct err *e);

/* The simple static form: "slate-netconf rules eth0=MAC ...".  @n names and permanent MACs. */
struct static_name {
	char name[NIC_NAME_MAX];
	struct mac mac;
};
int render_static_rules(const struct static_name *v, size_t n, const char *helper,
			struct text *ret, struct err *e);

#endif
