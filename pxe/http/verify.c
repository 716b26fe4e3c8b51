// SPDX-License-Identifier: GPL-3.0-or-later
/* "slate verify" on what was uploaded, before anybody sees it. */
#include "pxe/http/upload.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define DAMAGED 4 /* slate's exit status for what is no whole image */

static int set_files(posix_spawn_file_actions_t *actions, int image)
{
	int r = posix_spawn_file_actions_addopen(actions, 0, "/dev/null", O_RDONLY, 0);

	if (!r)
		r = posix_spawn_file_actions_addopen(actions, 1, "/dev/null", O_WRONLY, 0);
	if (!r)
		r = posix_spawn_file_actions_addopen(actions, 2, "/dev/null", O_WRONLY, 0);
	if (!r)
		r = posix_spawn_file_actions_adddup2(actions, image, 3);
	return r;
}

/* Our threads block signals; what we start must end by them. */
static int set_signals(posix_spawnattr_t *attributes)
{
	sigset_t none, all;
	int r;

	sigemptyset(&none);
	sigfillset(&all);
	r = posix_spawnattr_setsigmask(attributes, &none);
	if (!r)
		r = posix_spawnattr_setsigdefault(attributes, &all);
	if (!r)
		r = posix_spawnattr_setflags(attributes,
					     POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
	return r;
}

/* Starts the imager on the open file; it says nothing, its status says all. */
static int start(const struct upload *u, pid_t *ret)
{
	char program[] = "slate", batch[] = "--batch", verb[] = "verify";
	char file[] = "/proc/self/fd/3", path[] = "PATH=/usr/sbin:/usr/bin:/sbin:/bin";
	char *argv[] = { program, batch, verb, file, NULL }, *environment[] = { path, NULL };
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	int r;

	posix_spawn_file_actions_init(&actions);
	posix_spawnattr_init(&attributes);
	r = set_files(&actions, u->fd);
	if (!r)
		r = set_signals(&attributes);
	if (!r)
		r = posix_spawn(ret, u->x->http->config.slate, &actions, &attributes, argv,
				environment);
	posix_spawnattr_destroy(&attributes);
	posix_spawn_file_actions_destroy(&actions);
	return -r;
}

/* Under the lock, so that a server that stops sees either no verifier or its number. */
static int start_locked(struct upload *u)
{
	struct http *h = u->x->http;
	int r;

	pthread_mutex_lock(&h->lock);
	r = h->stopping ? -ECANCELED : start(u, &u->verifier);
	if (r)
		u->verifier = 0;
	pthread_mutex_unlock(&h->lock);
	if (!r || r == -ECANCELED)
		return r;
	journal_say(h->config.journal, SAY_ERROR, NULL,
		    "an upload cannot be verified, as slate does not start: %s", strerror(-r));
	return -EIO;
}

static int wait_for(struct upload *u)
{
	struct http *h = u->x->http;
	siginfo_t info;
	int status = 0, r;
	bool stopping;

	/* It stays a zombie until the number cannot be used for a signal any more. */
	do {
		r = waitid(P_PID, (id_t)u->verifier, &info, WEXITED | WNOWAIT);
	} while (r && errno == EINTR);
	pthread_mutex_lock(&h->lock);
	r = waitpid(u->verifier, &status, 0) < 0 ? -errno : 0;
	u->verifier = 0;
	stopping = h->stopping;
	pthread_mutex_unlock(&h->lock);
	if (r)
		return r;
	if (WIFEXITED(status) && !WEXITSTATUS(status))
		return 0;
	if (WIFEXITED(status) && WEXITSTATUS(status) == DAMAGED)
		return -EUCLEAN;
	return stopping ? -ECANCELED : -EIO;
}

/* No longer to be stopped. */
static void unlist(struct http *h, struct upload *u)
{
	struct upload **at = &h->verifying;

	pthread_mutex_lock(&h->lock);
	while (*at != u)
		at = &(*at)->next;
	*at = u->next;
	pthread_mutex_unlock(&h->lock);
}

/* The connection goes on, and owns the upload again; then the server may end. */
static void resume(struct http *h, struct MHD_Connection *connection)
{
	MHD_resume_connection(connection);
	pthread_mutex_lock(&h->lock);
	h->n_verifying--;
	pthread_cond_broadcast(&h->verified);
	pthread_mutex_unlock(&h->lock);
}

static void *work(void *ctx)
{
	struct upload *u = ctx;
	struct MHD_Connection *connection = u->x->connection;
	struct http *h = u->x->http;
	int r = fsync(u->fd) ? -errno : 0;

	if (!r && h->config.slate)
		r = start_locked(u);
	if (!r && u->verifier)
		r = wait_for(u);
	/* All of it had come: whether its client is still there does not matter. */
	u->failed = r ? r : upload_publish(u);
	u->verified = true;
	unlist(h, u);
	resume(h, connection);
	return NULL;
}

/* False: the server stops, and waits for nothing new. */
static bool list(struct http *h, struct upload *u)
{
	bool stopping;

	pthread_mutex_lock(&h->lock);
	stopping = h->stopping;
	if (!stopping) {
		u->next = h->verifying;
		h->verifying = u;
		h->n_verifying++;
	}
	pthread_mutex_unlock(&h->lock);
	return !stopping;
}

static int start_thread(struct upload *u)
{
	pthread_attr_t detached;
	pthread_t thread;
	int r;

	pthread_attr_init(&detached);
	pthread_attr_setdetachstate(&detached, PTHREAD_CREATE_DETACHED);
	r = pthread_create(&thread, &detached, work, u);
	pthread_attr_destroy(&detached);
	return -r;
}

int upload_verify(struct upload *u)
{
	struct http *h = u->x->http;
	struct MHD_Connection *connection = u->x->connection;
	int r;

	if (!list(h, u))
		return -ECANCELED;
	/* Before the thread begins, for it ends this; then the connection may be the thread's.
	 */
	MHD_suspend_connection(connection);
	r = start_thread(u);
	if (!r)
		return 0;
	u->failed = r;
	u->verified = true;
	unlist(h, u);
	resume(h, connection);
	return 0;
}

void uploads_stop(struct http *h)
{
	const struct timespec moment = { .tv_nsec = 1000000 };

	pthread_mutex_lock(&h->lock);
	atomic_store(&h->stopping, true);
	for (struct upload *u = h->verifying; u; u = u->next)
		if (u->verifier)
			kill(u->verifier, SIGTERM);
	while (h->n_verifying)
		pthread_cond_wait(&h->verified, &h->lock);
	pthread_mutex_unlock(&h->lock);
	while (atomic_load(&h->handling))
		nanosleep(&moment, NULL);
}

/* The folder @fd, which is taken over, and those in it, as deep as images lie. */
static void sweep(int fd, unsigned depth, struct journal *j)
{
	DIR *d = fdopendir(fd);
	const struct dirent *entry;

	if (!d) {
		close(fd);
		return;
	}
	while ((entry = readdir(d))) {
		if (!strncmp(entry->d_name, UPLOAD_PREFIX, strlen(UPLOAD_PREFIX)) &&
		    !unlinkat(dirfd(d), entry->d_name, 0))
			journal_say(j, SAY_NOTICE, NULL,
				    "an upload that was cut off is removed");
		if (depth == DEPTH || entry->d_name[0] == '.')
			continue;
		fd = openat(dirfd(d), entry->d_name,
			    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (fd >= 0)
			sweep(fd, depth + 1, j);
	}
	closedir(d);
}

void uploads_sweep(int images, struct journal *j)
{
	int fd = openat(images, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd >= 0)
		sweep(fd, 0, j);
}
