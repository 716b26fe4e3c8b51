// SPDX-License-Identifier: GPL-3.0-or-later
#include "pxe/serve/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <seccomp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#define READ (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)
#define RUN  (READ | LANDLOCK_ACCESS_FS_EXECUTE)
#define WRITE                                                                                  \
	(READ | LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_MAKE_REG |                  \
	 LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_REFER)

/* Landlock's system calls have no functions in libc. */
static int allow(int rules, const char *path, uint64_t access, struct err *e)
{
	struct landlock_path_beneath_attr beneath = { .allowed_access = access };
	int r = 0;

	beneath.parent_fd = open(path, O_PATH | O_CLOEXEC);
	if (beneath.parent_fd < 0)
		return errno == ENOENT ? 0 : err_sys(e, "%s", path);
	if (syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH, &beneath, 0))
		r = err_sys(e, "Landlock, %s", path);
	close(beneath.parent_fd);
	return r;
}

/* An editor may replace the file by another one. */
static int allow_folder_of(int rules, const char *file, struct err *e)
{
	const char *slash = strrchr(file, '/');
	char folder[512] = ".";

	if (slash)
		snprintf(folder, sizeof(folder), "%.*s",
			 slash == file ? 1 : (int)(slash - file), file);
	return allow(rules, folder, READ, e);
}

static int add_rules(int rules, const struct lab *l, const char *slate, struct err *e)
{
	/* The verifier's program and libraries; names of users; the time zone. */
	const struct {
		const char *path;
		uint64_t access;
	} places[] = {
		{ l->boot, READ }, { l->images, WRITE }, { l->state, WRITE }, { "/etc", READ },
		{ "/usr", RUN },   { "/lib", RUN },      { "/lib64", RUN },   { "/bin", RUN },
		{ "/proc", READ }, { "/sys", READ },
	};
	int r = 0;

	for (size_t i = 0; !r && i < sizeof(places) / sizeof(places[0]); i++)
		r = allow(rules, places[i].path, places[i].access, e);
	if (!r)
		r = allow(rules, "/dev/null",
			  LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE, e);
	if (!r && slate)
		r = allow(rules, slate,
			  LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_EXECUTE, e);
	return r;
}

int sandbox_folders(const struct lab *l, const char *slate, const char *config,
		    struct journal *j, struct err *e)
{
	/* All that the first version knows, and moving files between folders (the second). */
	struct landlock_ruleset_attr attr = { .handled_access_fs =
						      (LANDLOCK_ACCESS_FS_MAKE_SYM << 1) - 1 };
	long version =
		syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
	int rules, r;

	if (version < 2) {
		journal_say(j, SAY_INFO, NULL,
			    "this kernel has no Landlock: the server is kept to its folders "
			    "only by their owners");
		return 0;
	}
	attr.handled_access_fs |= LANDLOCK_ACCESS_FS_REFER;
	rules = (int)syscall(SYS_landlock_create_ruleset, &attr, sizeof(attr), 0);
	if (rules < 0)
		return err_sys(e, "Landlock");
	r = add_rules(rules, l, slate, e);
	if (!r)
		r = allow_folder_of(rules, config, e);
	if (!r && syscall(SYS_landlock_restrict_self, rules, 0))
		r = err_sys(e, "Landlock");
	close(rules);
	return r;
}

/*
 * Calls for administrators, debuggers and modules of the kernel.  A list of what is
 * forbidden, as the verifier that we start has needs of its own.
 */
int sandbox_calls(struct err *e)
{
	static const int forbidden[] = {
		SCMP_SYS(acct),
		SCMP_SYS(add_key),
		SCMP_SYS(adjtimex),
		SCMP_SYS(bpf),
		SCMP_SYS(chroot),
		SCMP_SYS(clock_adjtime),
		SCMP_SYS(clock_settime),
		SCMP_SYS(delete_module),
		SCMP_SYS(finit_module),
		SCMP_SYS(init_module),
		SCMP_SYS(io_uring_setup),
		SCMP_SYS(ioperm),
		SCMP_SYS(iopl),
		SCMP_SYS(kcmp),
		SCMP_SYS(kexec_file_load),
		SCMP_SYS(kexec_load),
		SCMP_SYS(keyctl),
		SCMP_SYS(mknod),
		SCMP_SYS(mknodat),
		SCMP_SYS(mount),
		SCMP_SYS(mount_setattr),
		SCMP_SYS(move_mount),
		SCMP_SYS(name_to_handle_at),
		SCMP_SYS(open_by_handle_at),
		SCMP_SYS(open_tree),
		SCMP_SYS(perf_event_open),
		SCMP_SYS(pivot_root),
		SCMP_SYS(process_vm_readv),
		SCMP_SYS(process_vm_writev),
		SCMP_SYS(ptrace),
		SCMP_SYS(quotactl),
		SCMP_SYS(reboot),
		SCMP_SYS(request_key),
		SCMP_SYS(setdomainname),
		SCMP_SYS(sethostname),
		SCMP_SYS(setns),
		SCMP_SYS(settimeofday),
		SCMP_SYS(swapoff),
		SCMP_SYS(swapon),
		SCMP_SYS(syslog),
		SCMP_SYS(umount2),
		SCMP_SYS(unshare),
		SCMP_SYS(userfaultfd),
		SCMP_SYS(vhangup),
	};
	static const int families[] = { AF_PACKET, AF_BLUETOOTH, AF_ALG, AF_VSOCK };
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
	int r = filter ? 0 : -ENOMEM;

	for (size_t i = 0; !r && i < sizeof(forbidden) / sizeof(forbidden[0]); i++)
		r = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), forbidden[i], 0);
	for (size_t i = 0; !r && i < sizeof(families) / sizeof(families[0]); i++)
		r = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EAFNOSUPPORT), SCMP_SYS(socket), 1,
				     SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)families[i]));
	if (!r)
		r = seccomp_load(filter);
	seccomp_release(filter);
	return r ? err_set(e, r, "the filter of system calls: %s", strerror(-r)) : 0;
}
