// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * store.h - the lab's database (SQLite, WAL): hosts, leases, jobs, results.
 *
 * One struct store is one connection and belongs to one thread at a time; the server has one
 * a thread, commands have their own: SQLite keeps them apart.  Times are seconds since
 * 1970.  Texts are bounded and valid UTF-8 (what is not is refused on the way in).
 */
#ifndef PXE_STORE_STORE_H
#define PXE_STORE_STORE_H

#include "common/err.h"
#include "common/mac.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct store;

/*
 * Opens FOLDER/lab.db, makes or migrates it (user_version).  -ECANCELED: made by a newer
 * slate-pxe; -EUCLEAN: damaged (the text says how to rebuild); -EBUSY: locked for too long.
 */
int store_open(const char *folder, struct store **ret, struct err *e);
void store_close(struct store *s);
/*
 * How long another program that writes is waited for, before -EBUSY; 5 seconds if not told.
 * For whoever has other things to do meanwhile.
 */
void store_set_patience(struct store *s, unsigned ms);
/* Looks through all of it; -EUCLEAN when something is damaged. */
int store_check(struct store *s, struct err *e);
/* Moves a damaged lab.db aside (lab.db.damaged-TIME) and saves into a new one what can be read.
 * -ECANCELED: another program has it open; -ENOSPC: it stays as it was.
 */
int store_rebuild(const char *folder, struct err *e);

/* Several changes as one, for many leases at once: until the commit nothing of it is there. */
int store_begin(struct store *s, struct err *e);
int store_commit(struct store *s, struct err *e);
void store_rollback(struct store *s);

/* ---- hosts: known machines, and those seen booting (known false) ---- */
struct host {
	struct mac mac;
	char name[64];  /* RFC 1123; "" for one only seen */
	char group[64]; /* "" none */
	uint32_t addr;  /* fixed, host byte order; 0: none */
	bool known;
	char kind[32], uuid[40];       /* as last seen: "BIOS PXE" */
	int64_t first_seen, last_seen; /* 0: never */
	uint32_t last_addr;
};
bool store_name_ok(const char *name); /* RFC 1123, one label */
/* The same, and not of digits alone: no system can be given that as its name. */
bool store_host_name_ok(const char *name);
int store_host_put(struct store *s, const struct host *h, struct err *e); /* by MAC */
/* Its name and address are free for others, until it is put again in this transaction. */
int store_host_yield(struct store *s, const struct mac *mac, struct err *e);
int store_host_remove(struct store *s, const struct mac *mac, struct err *e); /* -ENOENT */
int store_host_by_mac(struct store *s, const struct mac *mac, struct host *ret, struct err *e);
/* The one whose fixed address this is. */
int store_host_by_addr(struct store *s, uint32_t addr, struct host *ret, struct err *e);
int store_host_by_name(struct store *s, const char *name, struct host *ret, struct err *e);
int store_host_seen(struct store *s, const struct mac *mac, const char *kind, const char *uuid,
		    uint32_t addr, int64_t now, struct err *e);
/* Of the machines that were only seen, keeps the @keep seen last: anybody can make up more. */
int store_hosts_forget(struct store *s, unsigned keep, struct err *e);
/* A name, a group or "all": calls @each with every known host; -ENOENT: nobody is called so. */
typedef int host_each(void *ctx, const struct host *h, struct err *e);
int store_hosts(struct store *s, const char *who, bool also_seen, host_each *each, void *ctx,
		struct err *e);

/* ---- jobs ---- */
#define JOB_PASSWORD_MAX 9
#define JOB_ATTEMPTS     5 /* so often a job is begun that never ends */
enum job_state { JOB_WAITING, JOB_RUNNING, JOB_DONE, JOB_FAILED, JOB_LOST, JOB_CANCELLED };
struct job {
	int64_t id;
	struct mac mac;
	char verb[16];    /* restore save verify shell poweroff local wipe */
	char image[128];  /* name below images/; "" none */
	char disk[128];   /* rule: first, largest, serial or path; "" the only one */
	char then[16];    /* reboot poweroff local */
	char verify[8];   /* restore: none sample full; else "" */
	bool personalise; /* restore: give the machine its name and keys back */
	char confirm[64]; /* wipe: the machine's name when the job was given */
	char password[JOB_PASSWORD_MAX]; /* shell: asked before it; "" none, and when it ended
					  */
	int64_t at;                      /* not before; 0: at once */
	enum job_state state;
	unsigned attempts; /* how often it was handed out */
	uint64_t sent;     /* bytes of images that its clients were answered with */
	int64_t created, started, heard, ended; /* 0: not yet; started: the last time */
	char progress[512]; /* the client's last line; valid JSON object or "" */
	int status;         /* exit status of the client, -1 unknown */
	char error[256];
	char token[65]; /* of this job: the client proves with it that it was given it */
};
const char *job_state_name(enum job_state st);
/* Lost, and handed out again when the machine comes back. */
bool job_resumes(const struct job *j);
/* -EINVAL: no such verb, an image that is missing or too many, a word that means nothing. */
int store_job_check(const struct job *j, struct err *e);
int store_job_add(struct store *s, const struct job *j, int64_t *ret_id, struct err *e);
/*
 * What store_job_take() would hand out now, without taking it: the machine's job that runs or
 * was lost, if that may be begun again, else the one that waits and whose time has come.
 * -ENOENT.
 */
int store_job_next(struct store *s, const struct mac *mac, int64_t now, struct job *ret,
		   struct err *e);
/*
 * Hands it out, with a new token; the one of before is void.  A job that still runs ends when
 * it cannot be begun again: lost, or failed after JOB_ATTEMPTS.  -ENOENT: nothing to do.
 */
int store_job_take(struct store *s, const struct mac *mac, int64_t now, struct job *ret,
		   struct err *e);
/* By its token. -ENOENT: no running job has it. */
int store_job_by_token(struct store *s, const char *token, struct job *ret, struct err *e);
/* The same, also for one that was given up as its machine was silent for too long. */
int store_job_heard(struct store *s, const char *token, struct job *ret, struct err *e);
/* False, too, when the database fails. */
bool store_job_is_cancelled(struct store *s, int64_t id);
/* Uses up the right to upload, once each time it is handed out; then -EALREADY. */
int store_job_spend(struct store *s, int64_t id, struct err *e);
/* @sent: bytes of images since the last time.  One that was given up runs again by that. */
int store_job_progress(struct store *s, int64_t id, const char *json, uint64_t sent,
		       int64_t now, struct err *e);
/* Adds to what was sent, whatever state it is in. */
int store_job_sent(struct store *s, int64_t id, uint64_t bytes, struct err *e);
/* Ends it with the receipt (JSON text, kept among the results). -ENOENT: it is over. */
int store_job_end(struct store *s, int64_t id, int status, const char *error,
		  const char *receipt, int64_t now, struct err *e);
/* Waiting, running (the client is told when it reports next), or one that would go on. */
int store_job_cancel(struct store *s, int64_t id, int64_t now, struct err *e);
/* Ends the machine's lost jobs that would go on, as it got a newer one; how many. */
int store_jobs_supersede(struct store *s, const struct mac *mac, int64_t now, struct err *e);
/* Running jobs not heard of since @before become lost, or have failed; how many. */
int store_jobs_lost(struct store *s, int64_t before, int64_t now, struct err *e);
/* Those that wait, run or would go on; with @also_ended all. */
typedef int job_each(void *ctx, const struct job *j, struct err *e);
int store_jobs(struct store *s, bool also_ended, job_each *each, void *ctx, struct err *e);
/* Receipts, newest first, at most @most; @mac NULL: of all. */
typedef int result_each(void *ctx, const struct job *j, const char *receipt, struct err *e);
int store_results(struct store *s, const struct mac *mac, unsigned most, result_each *each,
		  void *ctx, struct err *e);

/* ---- leases (what dhcp/lease.h wants; serve/ joins the two) ---- */
int store_lease_by_mac(struct store *s, const struct mac *mac, uint32_t *ret_addr,
		       int64_t *ret_until, bool *ret_declined, struct err *e);
int store_lease_by_addr(struct store *s, uint32_t addr, struct mac *ret_mac, int64_t *ret_until,
			bool *ret_declined, struct err *e);
/*
 * An address in [first, last] that nobody ever had, else the one whose lease ended first; no
 * host's fixed one, and none that is held back.  -ENOENT: none.
 */
struct store_pick {
	uint32_t first, last;
	int64_t now;
	bool (*held)(void *ctx, uint32_t addr); /* may ask the store other things meanwhile */
	void *held_ctx;
};
int store_lease_pick(struct store *s, const struct store_pick *p, uint32_t *ret_addr,
		     struct err *e);
int store_lease_put(struct store *s, uint32_t addr, const struct mac *mac, int64_t until,
		    bool declined, struct err *e);

#endif
