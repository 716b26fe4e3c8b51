// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * boot.c - names at boot: the rules also in the initramfs, where most cards come up,
 * and a unit that looks again before anybody configures an address.
 *
 * Sources: initramfs-tools(7), dracut.conf(5), systemd.special(7) (network-pre.target).
 */
#include "netconf/render/mark.h"
#include "netconf/render/render.h"

#include <errno.h>

#define RULES "/etc/udev/rules.d/70-slate-netconf.rules"
#define UNITS "/etc/systemd/system/"
#define UNIT  "slate-netconf.service"

/* udev's own hook copies the rules, too, but not on every release and not the program. */
static int add_hook(const struct render *r, struct files *ret, struct err *e)
{
	struct text t = { 0 };

	text_add(&t,
		 "#!/bin/sh\n"
		 "# Cards get their names in the initramfs already.\n"
		 "case \"$1\" in\n"
		 "prereqs)\n"
		 "\techo\n"
		 "\texit 0\n"
		 "\t;;\n"
		 "esac\n"
		 "[ -x \"%s\" ] && [ -e \"%s\" ] || exit 0\n"
		 ". /usr/share/initramfs-tools/hook-functions\n"
		 "copy_exec \"%s\"\n"
		 "mkdir -p \"$DESTDIR/etc/udev/rules.d\"\n"
		 "cp -p \"%s\" \"$DESTDIR/etc/udev/rules.d/\"\n",
		 r->helper, RULES, r->helper, RULES);
	return files_add(ret, "/etc/initramfs-tools/hooks/slate-netconf", 0755, &t, e);
}

static int add_dracut(const struct render *r, struct files *ret, struct err *e)
{
	struct text t = { 0 };

	text_add(&t,
		 "# Cards get their names in the initramfs already.\n"
		 "install_items+=\" %s %s \"\n",
		 r->helper, RULES);
	return files_add(ret, "/etc/dracut.conf.d/slate-netconf.conf", 0644, &t, e);
}

/*
 * Without the default dependencies, which would order it behind basic.target: some
 * services that wait for network-pre.target come before that.
 */
static int add_unit(const struct render *r, struct files *ret, struct err *e)
{
	struct text t = { 0 };
	int code;

	text_add(&t,
		 "[Unit]\n"
		 "Description=Names of the network cards\n"
		 "Documentation=man:slate-netconf(8)\n"
		 "ConditionPathExists=%s\n"
		 "ConditionPathExists=" POLICY_FILE "\n"
		 "DefaultDependencies=no\n"
		 "After=systemd-udevd.service systemd-udev-trigger.service local-fs.target\n"
		 "Before=network-pre.target shutdown.target\n"
		 "Wants=network-pre.target\n"
		 "Conflicts=shutdown.target\n"
		 "\n"
		 "[Service]\n"
		 "Type=oneshot\n"
		 "RemainAfterExit=yes\n"
		 "ExecStartPre=-udevadm settle --timeout=30\n"
		 "ExecStart=%s apply --boot\n"
		 "\n"
		 "[Install]\n"
		 "WantedBy=sysinit.target\n",
		 r->program, r->program);
	code = files_add(ret, UNITS UNIT, 0644, &t, e);
	if (code)
		return code;
	return files_add_link(ret, UNITS "sysinit.target.wants/" UNIT, "../" UNIT, e);
}

int render_boot(const struct render *r, struct files *ret, struct err *e)
{
	int code = 0;

	if (!r->plan->n)
		return 0;
	if (!mark_plain_path(r->helper) || !mark_plain_path(r->program))
		return err_set(e, -EINVAL,
			       "%s and %s cannot stand in a script: install slate elsewhere",
			       r->helper, r->program);
	if (rules_needed(r->plan)) {
		code = add_hook(r, ret, e);
		if (!code)
			code = add_dracut(r, ret, e);
	}
	return code ? code : add_unit(r, ret, e);
}
