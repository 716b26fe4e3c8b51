// SPDX-License-Identifier: GPL-3.0-or-later
/* The steps of personalise on small roots: what each changes, what it leaves, what it refuses.
 */
#include "tests/unit/scratch.h"

#include "netconf/personalise/personalise.h"

#include <errno.h>

#define ID "0123456789abcdef0123456789abcdef\n"

struct run {
	struct scratch *s;
	struct root *root;
	struct machine machine;
	struct identity kept;
	struct task task;
	struct personalise p;
	struct err e;
};

static bool knows_root(void *ctx, const char *uuid)
{
	(void)ctx;
	return !strcmp(uuid, "aaaa-11");
}

/* A root made by the shell @script, in it; and one step selected. */
static void begin(struct run *r, void **state, const char *step, const char *script)
{
	static const struct mac card = { { 0x52, 0x54, 0, 0x12, 0x34, 0x56 } };
	char path[160];

	*r = (struct run){ .s = *state };
	assert_int_equal(scratch_run("rm -rf %s/r && mkdir -p %s/r/etc && cd %s/r && %s",
				     r->s->dir, r->s->dir, r->s->dir, script),
			 0);
	assert_int_equal(root_open(scratch_join(path, r->s, "r"), &r->root, &r->e), 0);
	r->machine.cards[r->machine.n_cards++] = card;
	r->task = (struct task){ .root = r->root,
				 .machine = &r->machine,
				 .has_uuid = knows_root };
	assert_int_equal(personalise_select(step, NULL, &r->p, &r->e), 0);
}

static void end(struct run *r)
{
	personalise_free(&r->p);
	identity_free(&r->kept);
	root_close(r->root);
}

static void keep(struct run *r, const char *name, const char *content, mode_t mode)
{
	r->task.kept = &r->kept;
	assert_int_equal(
		identity_add(&r->kept, name, strdup(content), strlen(content), mode, NULL), 0);
}

static void in_root(const struct run *r, const char *script)
{
	int status = scratch_run("cd %s/r && %s", r->s->dir, script);

	if (status)
		print_error("not so: %s\n", script);
	assert_int_equal(status, 0);
}

/* Plans and makes; and then there is nothing left to do. */
static void make(struct run *r)
{
	struct personalise again;

	personalise_plan(&r->p, &r->task);
	if (r->p.failed)
		print_error("%s\n", r->p.v[0].error.msg);
	assert_int_equal(r->p.failed, 0);
	assert_int_equal(r->p.pending, 1);
	personalise_make(&r->p, &r->task);
	assert_int_equal(r->p.done, 1);
	again = r->p;
	memset(again.v, 0, sizeof(again.v));
	again.v[0].step = r->p.v[0].step;
	again.failed = again.pending = 0;
	personalise_plan(&again, &r->task);
	assert_int_equal(again.failed, 0);
	assert_int_equal(again.pending, 0);
	personalise_free(&again);
}

static void nothing(struct run *r)
{
	personalise_plan(&r->p, &r->task);
	assert_int_equal(r->p.failed, 0);
	assert_int_equal(r->p.pending, 0);
}

static void refused(struct run *r, const char *why)
{
	personalise_plan(&r->p, &r->task);
	assert_int_equal(r->p.failed, 1);
	assert_int_equal(r->p.v[0].state, STEP_FAILED);
	if (!strstr(r->p.v[0].error.msg, why))
		print_error("%s\n", r->p.v[0].error.msg);
	assert_non_null(strstr(r->p.v[0].error.msg, why));
}

static void noted(const struct run *r, const char *text)
{
	const char *notes = text_get(&r->p.v[0].edits.notes);

	if (!strstr(notes, text))
		print_error("notes: %s\n", notes);
	assert_non_null(strstr(notes, text));
}

static void test_hostname(void **state)
{
	struct run r;

	begin(&r, state, "hostname",
	      "echo old > etc/hostname; printf '127.0.1.1 old\\n::1 ip6' > etc/hosts; "
	      "chmod 600 etc/hosts");
	assert_int_equal(personalise_name(&r.task, NULL, "pc-%mac6", NULL), 0);
	make(&r);
	in_root(&r, "test \"$(cat etc/hostname)\" = pc-123456");
	in_root(&r, "printf '127.0.1.1 pc-123456\\n::1 ip6' | cmp - etc/hosts");
	in_root(&r, "test $(stat -c %a etc/hosts etc/hostname | tr -d '\\n') = 600644");
	end(&r);

	begin(&r, state, "hostname", "true");
	assert_int_equal(personalise_name(&r.task, NULL, "pc7", NULL), 0);
	make(&r);
	in_root(&r, "printf '127.0.0.1\\tlocalhost\\n127.0.1.1\\tpc7\\n' | cmp - etc/hosts");
	end(&r);

	begin(&r, state, "hostname", "echo old > etc/hostname");
	assert_int_equal(personalise_name(&r.task, NULL, NULL, NULL), 0);
	nothing(&r);
	noted(&r, "no name was given; the name stays");
	end(&r);
}

static void test_name_order(void **state)
{
	struct hostname_table t;
	struct run r;

	begin(&r, state, "hostname", "true");
	keep(&r, "hostname", "kept\n", 0644);
	assert_int_equal(hostname_table_parse("t", "525400123456 tabled\n", 20, &t, NULL), 0);
	assert_int_equal(personalise_name(&r.task, &t, "templ", NULL), 0);
	assert_string_equal(r.task.hostname, "tabled");
	assert_false(r.task.hostname_kept);
	t.v[0].mac.b[5] = 1;
	assert_int_equal(personalise_name(&r.task, &t, "templ", NULL), 0);
	assert_string_equal(r.task.hostname, "kept");
	assert_true(r.task.hostname_kept);
	r.task.kept = NULL;
	assert_int_equal(personalise_name(&r.task, &t, "templ", NULL), 0);
	assert_string_equal(r.task.hostname, "templ");
	r.task.hostname[0] = '\0';
	assert_int_equal(personalise_name(&r.task, &t, NULL, NULL), 0);
	assert_string_equal(r.task.hostname, "");
	assert_non_null(strstr(r.task.hostname_why, "(52:54:00:12:34:56)"));
	hostname_table_free(&t);
	end(&r);
}

static void test_hostile_hosts(void **state)
{
	static const struct {
		const char *script, *why;
	} cases[] = {
		{ "ln -s /etc etc2; rmdir etc; ln -s /etc etc", "symbolic links" },
		{ "mkfifo etc/hostname", "hostname is a FIFO, not a file" },
		{ "mknod etc/hostname c 1 3", "hostname is a device node" },
		{ "mkdir etc/hostname", "hostname is a folder" },
		{ "head -c 10485760 /dev/zero > etc/hosts", "hosts: too large" },
		{ "printf '127.0.1.1 a\\0b\\n' > etc/hosts", "NUL bytes" },
		{ "echo a > etc/real; ln -s real etc/hosts", "hosts is a symbolic link" },
	};

	if (geteuid())
		skip();
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct run r;

		begin(&r, state, "hostname", cases[i].script);
		assert_int_equal(personalise_name(&r.task, NULL, "pc7", NULL), 0);
		refused(&r, cases[i].why);
		end(&r);
	}
}

static void test_machine_id(void **state)
{
	struct run r;

	begin(&r, state, "machine-id",
	      "printf '" ID "' > etc/machine-id; chmod 444 etc/machine-id; "
	      "mkdir -p var/lib/dbus; cp etc/machine-id var/lib/dbus/");
	make(&r);
	in_root(&r, "test -f etc/machine-id -a ! -s etc/machine-id -a "
		    "$(stat -c %a etc/machine-id) = 444 -a ! -e var/lib/dbus/machine-id");
	end(&r);

	begin(&r, state, "machine-id",
	      "echo uninitialized > etc/machine-id; mkdir -p var/lib/dbus; "
	      "ln -s /etc/machine-id var/lib/dbus/machine-id");
	nothing(&r);
	end(&r);

	begin(&r, state, "machine-id", "true");
	nothing(&r);
	end(&r);

	begin(&r, state, "machine-id", ": > etc/machine-id");
	keep(&r, "machine-id", ID, 0444);
	make(&r);
	in_root(&r, "printf '" ID "' | cmp - etc/machine-id && "
		    "test $(stat -c %a etc/machine-id) = 444");
	end(&r);
}

#define SSH                                                                                    \
	"mkdir -p etc/ssh usr/bin lib/systemd; touch usr/bin/ssh-keygen lib/systemd/systemd; " \
	"touch etc/ssh/ssh_host_rsa_key etc/ssh/ssh_host_rsa_key.pub etc/ssh/ssh_config"

static void test_ssh_keys(void **state)
{
	struct run r;

	begin(&r, state, "ssh-keys", SSH);
	make(&r);
	in_root(&r, "test \"$(ls etc/ssh)\" = ssh_config");
	in_root(&r, "cd etc/systemd/system && grep -qx 'ExecStart=/usr/bin/ssh-keygen -A' "
		    "slate-ssh-keys.service && test $(readlink multi-user.target.wants/*) = "
		    "/etc/systemd/system/slate-ssh-keys.service");
	end(&r);

	begin(&r, state, "ssh-keys", SSH "; rm lib/systemd/systemd");
	refused(&r, "has no systemd");
	in_root(&r, "test -e etc/ssh/ssh_host_rsa_key");
	end(&r);

	begin(&r, state, "ssh-keys", "true");
	nothing(&r);
	end(&r);
}

static void test_ssh_keys_kept(void **state)
{
	struct run r;

	begin(&r, state, "ssh-keys", SSH);
	keep(&r, "ssh_host_rsa_key", "-----BEGIN mine\n", 0600);
	keep(&r, "ssh_host_ecdsa_key", "-----BEGIN mine too\n", 0600);
	keep(&r, "ssh_host_key/../../x", "no key", 0600);
	make(&r);
	in_root(&r, "grep -q mine etc/ssh/ssh_host_rsa_key && "
		    "test $(stat -c %a etc/ssh/ssh_host_rsa_key) = 600 && "
		    "test ! -e etc/ssh/ssh_host_rsa_key.pub -a ! -e etc/systemd -a ! -e etc/x");
	end(&r);
}

static void test_ssh_keys_given(void **state)
{
	struct run r;
	char dir[160];

	begin(&r, state, "ssh-keys",
	      SSH "; mkdir -p ../keys/pc7; cd ../keys/pc7; echo '-----BEGIN a' > "
		  "ssh_host_rsa_key; echo b > ssh_host_rsa_key.pub; chmod 777 *");
	r.task.ssh_keys = scratch_join(dir, r.s, "keys");
	assert_int_equal(personalise_name(&r.task, NULL, "pc7", NULL), 0);
	make(&r);
	in_root(&r, "cd etc/ssh && cmp ssh_host_rsa_key ../../../keys/pc7/ssh_host_rsa_key && "
		    "test $(stat -c %a ssh_host_rsa_key ssh_host_rsa_key.pub | tr -d '\\n') = "
		    "600644");
	end(&r);

	/* Without a name by option it is the system's own; without keys, new ones are made. */
	begin(&r, state, "ssh-keys", SSH "; echo pc7 > etc/hostname");
	r.task.ssh_keys = dir;
	make(&r);
	in_root(&r, "cmp etc/ssh/ssh_host_rsa_key ../keys/pc7/ssh_host_rsa_key");
	end(&r);
	begin(&r, state, "ssh-keys", SSH "; echo pc8 > etc/hostname");
	r.task.ssh_keys = dir;
	make(&r);
	noted(&r, "keys/pc8 has none for this machine");
	in_root(&r, "test ! -e etc/ssh/ssh_host_rsa_key");
	end(&r);

	begin(&r, state, "ssh-keys", SSH "; echo none > ../keys/pc7/ssh_host_x_key");
	r.task.ssh_keys = dir;
	assert_int_equal(personalise_name(&r.task, NULL, "pc7", NULL), 0);
	refused(&r, "ssh_host_x_key is no private key");
	end(&r);
}

static void test_files(void **state)
{
	struct run r;

	begin(&r, state, "dhcp-leases",
	      "mkdir -p var/lib/dhcp var/lib/NetworkManager var/lib/dhcpcd; cd var/lib; touch "
	      "dhcp/dhclient.leases dhcp/dhclient6.eth0.leases dhcp/dhcpd.leases "
	      "NetworkManager/internal-x.lease NetworkManager/secret_key "
	      "NetworkManager/timestamps dhcpcd/duid dhcpcd/eth0.lease");
	make(&r);
	in_root(&r, "test \"$(cd var/lib; find . -type f | sort | tr '\\n' ' ')\" = "
		    "'./NetworkManager/timestamps ./dhcp/dhcpd.leases '");
	end(&r);

	begin(&r, state, "dhcp-leases", "true");
	keep(&r, "nm-secret-key", "k", 0600);
	make(&r);
	in_root(&r, "test $(stat -c %a var/lib/NetworkManager/secret_key) = 600");
	end(&r);

	begin(&r, state, "random-seed",
	      "mkdir -p var/lib/systemd boot/efi/loader; touch var/lib/systemd/random-seed "
	      "var/lib/systemd/credential.secret boot/efi/loader/random-seed");
	make(&r);
	in_root(&r, "test -z \"$(find . -type f)\"");
	end(&r);

	begin(&r, state, "random-seed",
	      "mkdir -p var/lib/systemd etc/credstore.encrypted; "
	      "touch var/lib/systemd/credential.secret etc/credstore.encrypted/a");
	nothing(&r);
	noted(&r, "credential.secret is kept");
	end(&r);
}

#define RULES "etc/udev/rules.d/70-persistent-net.rules"

static void test_stale_rules(void **state)
{
	struct run r;

	begin(&r, state, "stale-rules",
	      "mkdir -p etc/udev/rules.d; echo 'ATTR{address}==\"00:11:22:33:44:55\"' > " RULES
	      "; echo cd > etc/udev/rules.d/70-persistent-cd.rules");
	make(&r);
	/* All copies are there before the first file goes. */
	assert_int_equal(r.p.v[0].edits.n, 4);
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(r.p.v[0].edits.v[i].kind, i < 2 ? EDIT_WRITE : EDIT_REMOVE);
	noted(&r, "update-initramfs -u");
	in_root(&r,
		"test -z \"$(ls etc/udev/rules.d)\" && cd var/lib/slate/netconf/previous && "
		"grep -q 00:11 " RULES " && grep -q cd etc/udev/rules.d/*cd.rules");
	end(&r);

	begin(&r, state, "stale-rules",
	      "mkdir -p etc/udev/rules.d etc/systemd/network; "
	      "echo 'ATTR{address}==\"52:54:00:12:34:56\"' > " RULES
	      "; echo MACAddress=00:11:22:33:44:55 > etc/systemd/network/10-a.link");
	nothing(&r);
	noted(&r, "is kept: all its cards are in this machine");
	noted(&r, "10-a.link is for a card that this machine has not");
	end(&r);
}

#define PROFILES "etc/NetworkManager/system-connections"

static void test_nm_macs(void **state)
{
	struct run r;

	begin(&r, state, "nm-macs",
	      "mkdir -p " PROFILES " etc/netplan; cd " PROFILES
	      "; printf '[ethernet]\\nmac-address=00:11:22:33:44:55\\n' > a.nmconnection; "
	      "printf '[wifi-security]\\npsk=x\\n' >> a.nmconnection; "
	      "chmod 600 a.nmconnection; echo '[ipv4]' > b.nmconnection; "
	      "echo 'macaddress: 00:11:22:33:44:55' > ../../netplan/a.yaml");
	make(&r);
	noted(&r, "/etc/netplan/a.yaml has a MAC address that no card here has");
	in_root(&r, "printf '[ethernet]\\n[wifi-security]\\npsk=x\\n' | cmp - " PROFILES
		    "/a.nmconnection && test $(stat -c %a " PROFILES "/a.nmconnection "
		    "var/lib/slate/netconf/previous/" PROFILES "/a.nmconnection | tr -d '\\n') "
		    "= 600600");
	end(&r);
}

static void test_swap(void **state)
{
	struct run r;

	begin(&r, state, "swap",
	      "printf 'UUID=aaaa-11 / ext4 x 0 1\\nUUID=bbbb-22 none swap sw 0 0\\n' > "
	      "etc/fstab; mkdir -p etc/initramfs-tools/conf.d; "
	      "echo RESUME=UUID=bbbb-22 > etc/initramfs-tools/conf.d/resume");
	make(&r);
	in_root(&r, "grep -q 'swap sw,nofail 0 0' etc/fstab && "
		    "grep -qx RESUME=none etc/initramfs-tools/conf.d/resume && "
		    "grep -q bbbb var/lib/slate/netconf/previous/etc/fstab");
	end(&r);

	/* When even the root is not to be seen, nothing is known of swap. */
	begin(&r, state, "swap",
	      "printf 'UUID=cccc-33 / ext4 x 0 1\\nUUID=bbbb-22 none swap sw 0 0\\n' > "
	      "etc/fstab");
	nothing(&r);
	noted(&r, "left alone");
	end(&r);
}

/* The unit cannot be written: then no key is removed either, and what was written is undone. */
static void test_put_back(void **state)
{
	struct run r;

	begin(&r, state, "ssh-keys", SSH);
	personalise_plan(&r.p, &r.task);
	assert_int_equal(r.p.pending, 1);
	in_root(&r, "mkdir -p etc/systemd/system && ln -s /nowhere/at/all "
		    "etc/systemd/system/multi-user.target.wants");
	personalise_make(&r.p, &r.task);
	assert_int_equal(r.p.failed, 1);
	in_root(&r, "test -e etc/ssh/ssh_host_rsa_key -a "
		    "! -e etc/systemd/system/slate-ssh-keys.service");
	end(&r);
}

static void test_read_only_and_full(void **state)
{
	struct run r;
	char root[160];

	scratch_need_root();
	begin(&r, state, "hostname", "true");
	end(&r);
	scratch_mount(r.s, "m", "none", "tmpfs", 0);
	scratch_join(root, r.s, "m");
	assert_int_equal(scratch_run("mkdir %s/etc && echo old > %s/etc/hostname && "
				     "mount -o remount,ro %s",
				     root, root, root),
			 0);
	for (int full = 0; full < 2; full++) {
		if (full)
			assert_int_equal(scratch_run("mount -o remount,rw,size=16k %s && "
						     "{ cat /dev/zero > %s/fill || true; }",
						     root, root),
					 0);
		r.e.msg[0] = '\0';
		assert_int_equal(root_open(root, &r.root, &r.e), 0);
		r.task.root = r.root;
		assert_int_equal(personalise_select("hostname", NULL, &r.p, NULL), 0);
		assert_int_equal(personalise_name(&r.task, NULL, "pc7", NULL), 0);
		refused(&r, full ? "the disk is full" : "mounted read-only");
		end(&r);
	}
	assert_int_equal(scratch_run("test \"$(ls %s/etc)\" = hostname", root), 0);
}

static void test_select(void **state)
{
	struct personalise p;
	struct err e = { "" };

	(void)state;
	assert_int_equal(personalise_select(NULL, NULL, &p, &e), 0);
	assert_int_equal(p.n, 8);
	assert_int_equal(personalise_select("swap,hostname", NULL, &p, &e), 0);
	assert_int_equal(p.n, 2);
	assert_string_equal(p.v[0].step->name, "hostname");
	assert_int_equal(personalise_select("swap,hostname", "swap", &p, &e), 0);
	assert_int_equal(p.n, 1);
	assert_int_equal(personalise_select(NULL, "host", &p, &e), -EINVAL);
	assert_string_equal(e.msg, "--skip: there is no step \"host\"; --list shows them all");
	assert_int_equal(personalise_select("swap,", NULL, &p, &e), -EINVAL);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, scratch_setup, scratch_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_hostname),
		TEST(test_name_order),
		TEST(test_hostile_hosts),
		TEST(test_machine_id),
		TEST(test_ssh_keys),
		TEST(test_ssh_keys_kept),
		TEST(test_ssh_keys_given),
		TEST(test_files),
		TEST(test_stale_rules),
		TEST(test_nm_macs),
		TEST(test_swap),
		TEST(test_put_back),
		TEST(test_read_only_and_full),
		TEST(test_select),
	};

	scratch_isolate();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
