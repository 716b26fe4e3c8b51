// SPDX-License-Identifier: GPL-3.0-or-later
#include "imager/disk/fstools_internal.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <string.h>
#include <sys/mount.h>
#include <time.h>

#define TRIES 50
#define PAUSE 100000000 /* ns */

struct mounted {
	struct job *j;
	const char *type, *options;
	const char *const *argv;
	struct err *e;
	int result;
};

/* Something may look at a new mount for a moment. */
static int unmount(struct err *e)
{
	const struct timespec pause = { .tv_nsec = PAUSE };

	for (int i = 0; umount2(JOB_MOUNT, 0); i++) {
		if (errno != EBUSY || i == TRIES)
			return err_sys(e, "cannot unmount it");
		nanosleep(&pause, NULL);
	}
	return 0;
}

static int mount_and_run(const struct mounted *m)
{
	int r, ended;

	if (unshare(CLONE_NEWNS) || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL))
		return err_sys(m->e, "cannot mount it where nobody else sees it");
	if (mount(m->j->device, JOB_MOUNT, m->type,
		  MS_NOATIME | MS_NOEXEC | MS_NODEV | MS_NOSUID, m->options))
		return errno == ENODEV ? err_set(m->e, -EOPNOTSUPP,
						 "the kernel cannot mount filesystems of type "
						 "%s (modprobe %s)",
						 m->type, m->type)
				       : err_sys(m->e, "cannot mount it on %s", JOB_MOUNT);
	r = job_run(m->j, m->argv, NULL, 0, m->e);
	ended = unmount(r ? NULL : m->e);
	return r ? r : ended;
}

static void *thread(void *arg)
{
	struct mounted *m = arg;

	m->result = mount_and_run(m);
	return NULL;
}

/*
 * A thread has a mount namespace of its own if it asks for one, and what it
 * starts is in that too.  With the thread the mount goes, whatever happens.
 */
int job_run_mounted(struct job *j, const char *type, const char *options,
		    const char *const argv[], struct err *e)
{
	struct mounted m = { .j = j, .type = type, .options = options, .argv = argv, .e = e };
	pthread_t t;
	int r = pthread_create(&t, NULL, thread, &m);

	if (r)
		return err_set(e, -r, "cannot start a thread: %s", strerror(r));
	pthread_join(t, NULL);
	return m.result;
}
