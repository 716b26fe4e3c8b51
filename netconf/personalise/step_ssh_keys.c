// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * The keys by which ssh knows a machine.  sshd does not make them, and on Debian only the
 * installation of the package does, so a unit has to.  It takes itself away when
 * it has made all of them: a power cut in between does no harm.
 */
#include "netconf/personalise/step.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#define SSH_DIR "/etc/ssh"
#define UNIT    "slate-ssh-keys.service"
#define UNITS   "/etc/systemd/system/"
#define WANTED  UNITS "multi-user.target.wants/" UNIT

/*
 * Without the default dependencies, as ssh.socket is up before basic.target.
 */
static const char unit[] = "# Made by slate-netconf personalise.\n"
			   "[Unit]\n"
			   "Description=Make the SSH host keys of this machine\n"
			   "DefaultDependencies=no\n"
			   "RequiresMountsFor=" SSH_DIR "\n"
			   "After=local-fs.target systemd-remount-fs.service "
			   "systemd-random-seed.service\n"
			   "Before=ssh.service sshd.service ssh.socket shutdown.target\n"
			   "Conflicts=shutdown.target\n"
			   "\n"
			   "[Service]\n"
			   "Type=oneshot\n"
			   "RemainAfterExit=yes\n"
			   "ExecStart=/usr/bin/ssh-keygen -A\n"
			   "ExecStart=/bin/rm -f " WANTED "\n"
			   "\n"
			   "[Install]\n"
			   "WantedBy=multi-user.target\n";

/* All keys that are not in @wanted (NULL: all). */
static int remove_keys(const struct task *t, const struct identity *wanted, struct edits *ret,
		       struct err *e)
{
	struct names names;
	char path[PATH_MAX];
	int r = root_list(t->root, SSH_DIR, "ssh_host_*", &names, e);

	if (r == -ENOTDIR)
		return 0;
	for (size_t i = 0; i < names.n && !r; i++) {
		if (!identity_is_key(names.v[i]) ||
		    (wanted && identity_find(wanted, names.v[i])))
			continue;
		snprintf(path, sizeof(path), SSH_DIR "/%s", names.v[i]);
		r = edits_remove(ret, t->root, path, e);
	}
	names_free(&names);
	return r;
}

/* The keys of @wanted and no others; false in *found: there are none in it. */
static int put_keys(const struct task *t, const struct identity *wanted, bool *found,
		    struct edits *ret, struct err *e)
{
	char path[PATH_MAX];
	int r = 0;

	*found = false;
	for (size_t i = 0; wanted && i < wanted->n && !r; i++) {
		const struct item *it = &wanted->v[i];

		if (!identity_is_key(it->name))
			continue;
		*found = true;
		snprintf(path, sizeof(path), SSH_DIR "/%s", it->name);
		r = edits_write(ret, t->root, path, it->content, it->len, it->mode, e);
	}
	if (r || !*found)
		return r;
	r = remove_keys(t, wanted, ret, e);
	return r ? r : edits_remove(ret, t->root, WANTED, e);
}

/* On a share every file may seem to be readable for all. */
static int check_given(struct identity *id, const char *folder, struct err *e)
{
	for (size_t i = 0; i < id->n; i++) {
		const char *end = strrchr(id->v[i].name, '.');
		bool open = end && !strcmp(end, ".pub");

		id->v[i].mode = open ? 0644 : 0600;
		if (!open && strncmp(id->v[i].content, "-----BEGIN ", 11) != 0)
			return err_set(e, -EINVAL, "%s/%s is no private key of ssh", folder,
				       id->v[i].name);
	}
	return 0;
}

/* Those of --ssh-keys for this machine's name, which may be the one it has already. */
static int put_given(const struct task *t, bool *found, struct edits *ret, struct err *e)
{
	struct identity id = { 0 };
	struct root *dir;
	char now[HOSTNAME_MAX], folder[HOSTNAME_MAX + 1];
	const char *name = t->hostname[0] ? t->hostname : now;
	int r;

	*found = false;
	if (!t->ssh_keys)
		return 0;
	r = hostname_read(t->root, now, e);
	if (r || hostname_check(name, NULL))
		return r;
	r = root_open(t->ssh_keys, &dir, NULL);
	if (r)
		return err_set(e, r, "%s, the folder of --ssh-keys: %s", t->ssh_keys,
			       strerror(-r));
	snprintf(folder, sizeof(folder), "/%s", name);
	r = identity_read_keys(dir, folder, &id, e);
	if (!r)
		r = check_given(&id, t->ssh_keys, e);
	if (!r)
		r = put_keys(t, &id, found, ret, e);
	if (!r)
		text_add(&ret->notes,
			 *found ? "those of %s%s\n" : "%s%s has none for this machine\n",
			 t->ssh_keys, folder);
	identity_free(&id);
	root_close(dir);
	return r;
}

static int make_at_boot(const struct task *t, struct edits *ret, struct err *e)
{
	int r;

	if (!root_has(t->root, "/usr/bin/ssh-keygen"))
		return remove_keys(t, NULL, ret, e);
	if (!root_has(t->root, "/lib/systemd/systemd") &&
	    !root_has(t->root, "/usr/lib/systemd/systemd"))
		return err_set(e, -EOPNOTSUPP,
			       "%s has no systemd: nothing would make new keys at the next "
			       "boot; give each machine its own with --ssh-keys DIR, or leave "
			       "them with --skip ssh-keys",
			       root_name(t->root));
	r = edits_write(ret, t->root, UNITS UNIT, unit, sizeof(unit) - 1, 0644, e);
	if (!r)
		r = edits_link(ret, t->root, WANTED, UNITS UNIT, e);
	if (!r)
		r = remove_keys(t, NULL, ret, e);
	if (!r)
		text_add(&ret->notes, "the next boot makes new ones\n");
	return r;
}

static int plan(const struct task *t, struct edits *ret, struct err *e)
{
	bool found;
	int r = put_given(t, &found, ret, e);

	if (r || found)
		return r;
	r = put_keys(t, t->kept, &found, ret, e);
	if (r)
		return r;
	if (!found)
		return make_at_boot(t, ret, e);
	text_add(&ret->notes, "as the vault has them\n");
	return 0;
}

const struct step step_ssh_keys = { "ssh-keys",
				    "removed; a unit makes new ones at the next boot", plan };
