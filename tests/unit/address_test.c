// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Addresses in their four forms, against tests/golden/netconf/; metrics; what is
 * refused.  "address_test show school|rest FORM" prints what a golden file
 * holds; "address_test write DIR school|rest FORM [SSID PSK]" writes the files into DIR for
 * the tests by each form's own program.
 */
#include "common/io.h"
#include "netconf/render/port.h"
#include "tests/unit/roles.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define SSID "Lab 1"
#define PSK  "correct horse"

static void make(struct roles *s, const char *which, const char *ssid, const char *psk)
{
	if (!strcmp(which, "rest"))
		roles_rest(s);
	else
		roles_school(s, ssid, psk);
}

/* All files as one text. */
static void show(const struct files *f, struct text *ret)
{
	for (size_t i = 0; i < f->n; i++) {
		const struct file *file = &f->v[i];

		if (file->link)
			text_add(ret, "==== %s -> %s\n", file->path, file->link);
		else
			text_add(ret, "==== %s %04o\n%s", file->path, file->mode,
				 file->content);
	}
}

static char *rendered(const struct roles *s, const struct roles_form *form)
{
	struct files f = { 0 };
	struct text t = { 0 };
	struct err e = { "" };
	char *ret;

	if (form->render(&s->render, &f, &e))
		fail_msg("%s: %s", form->name, e.msg);
	show(&f, &t);
	files_free(&f);
	assert_int_equal(text_take(&t, &ret, &e), 0);
	return ret;
}

static void golden(const char *which)
{
	for (size_t i = 0; i < ROLES_FORMS; i++) {
		struct roles s;
		char path[128], *got, *want;

		make(&s, which, SSID, PSK);
		got = rendered(&s, &roles_forms[i]);
		snprintf(path, sizeof(path), "tests/golden/netconf/%s.%s", which,
			 roles_forms[i].name);
		want = io_slurp(path, 1 << 16);
		if (!want)
			fail_msg("%s: %s", path, strerror(errno));
		assert_string_equal(got, want);
		free(got);
		free(want);
	}
}

static void test_school(void **state)
{
	(void)state;
	golden("school");
}

static void test_rest(void **state)
{
	(void)state;
	golden("rest");
}

/* No card of the policy is here: no file at all, in no form. */
static void test_no_cards(void **state)
{
	struct roles s;

	(void)state;
	roles_school(&s, SSID, PSK);
	for (size_t i = 0; i < s.plan.n; i++)
		s.choices[i].nic = NULL;
	for (size_t i = 0; i < ROLES_FORMS; i++) {
		char *got = rendered(&s, &roles_forms[i]);

		assert_string_equal(got, "");
		free(got);
	}
}

/* Metrics of up to four roles: 'd' DHCP, 's' static with a gateway, '-' without, and the
 * policy's numbers. */
static void test_metrics(void **state)
{
	static const struct {
		const char *roles;
		unsigned given[4], want[4];
	} cases[] = {
		{ "d", { 0 }, { 0 } },
		{ "s-", { 0 }, { 0 } },
		{ "--", { 7, 7 }, { 0 } },
		{ "s", { 50 }, { 50 } },
		{ "sd", { 0 }, { 100, 200 } },
		{ "-d-s", { 0 }, { 0, 100, 0, 200 } },
		{ "sdd", { 0, 100, 0 }, { 200, 100, 300 } },
		{ "dddd", { 0, 0, 200, 100 }, { 300, 400, 200, 100 } },
		{ "sd", { 5 }, { 5, 100 } },
	};

	(void)state;
	for (size_t c = 0; c < sizeof(cases) / sizeof(*cases); c++) {
		struct roles s;
		struct port *v;
		struct err e = { "" };
		size_t n;

		roles_init(&s);
		for (size_t i = 0; cases[c].roles[i]; i++) {
			char kind = cases[c].roles[i], name[8];

			snprintf(name, sizeof(name), "eth%zu", i);
			roles_add(&s, name, kind == 'd' ? ADDRESS_DHCP : ADDRESS_STATIC,
				  "10.0.0.2/8", kind == 's' ? "10.0.0.1" : NULL)
				->metric = cases[c].given[i];
		}
		assert_int_equal(ports_make(&s.render, &v, &n, &e), 0);
		assert_int_equal(n, strlen(cases[c].roles));
		for (size_t i = 0; i < n; i++) {
			assert_int_equal(v[i].metric, cases[c].want[i]);
			assert_int_equal(v[i].default_route, cases[c].roles[i] != '-');
		}
		ports_free(v, n);
	}
}

static void refused(const struct roles *s, const char *words)
{
	for (size_t i = 0; i < ROLES_FORMS; i++) {
		struct files f = { 0 };
		struct err e = { "" };

		assert_int_equal(roles_forms[i].render(&s->render, &f, &e), -EINVAL);
		if (!strstr(e.msg, words))
			fail_msg("%s: \"%s\" has no \"%s\"", roles_forms[i].name, e.msg, words);
		files_free(&f);
	}
}

static void test_refused_roles(void **state)
{
	struct roles s;

	(void)state;
	roles_school(&s, SSID, PSK);
	s.wants[1].role.metric = 200;
	refused(&s, "eth1 and eth2: both default routes have the metric 200");
	roles_school(&s, SSID, PSK);
	s.wants[0].role.how = ADDRESS_DHCP;
	refused(&s, "eth0: a DHCP server needs a static address");
	roles_school(&s, SSID, PSK);
	s.wants[1].role.address.family = 0;
	refused(&s, "eth1 is static, but has no address");
	roles_school(&s, SSID, PSK);
	snprintf(s.wants[2].name, NIC_NAME_MAX, "e[th]*");
	refused(&s, "\"e[th]*\": the name");
}

static void test_refused_wlan(void **state)
{
	static const char *const bad[] = { "1234567", "caf\xc3\xa9 caf\xc3\xa9", "tab\tin it",
					   "0123456789abcdef0123456789abcdef"
					   "0123456789abcdef0123456789abcdeg" };
	struct roles s;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		roles_school(&s, SSID, bad[i]);
		refused(&s, "8 to 63 ASCII characters");
	}
	roles_school(&s, SSID, PSK);
	s.psk[3][0] = '\0';
	refused(&s, "there is no passphrase in /etc/slate/wlan.psk");
	s.render.secrets = NULL;
	refused(&s, "there is no passphrase in /etc/slate/wlan.psk");
	roles_school(&s, SSID, PSK);
	s.nics[3].wireless = false;
	refused(&s, "wlan0 has an SSID, but its card is not wireless");
}

/* netplan quotes SSIDs for wpa_supplicant, which takes "# behind a quote for a comment. */
static void test_refused_netplan(void **state)
{
	struct roles s;
	struct files f = { 0 };
	struct err e = { "" };

	(void)state;
	roles_school(&s, "a\"b#c", PSK);
	assert_int_equal(render_netplan(&s.render, &f, &e), -EINVAL);
	assert_non_null(strstr(e.msg, "wlan0: netplan cannot handle an SSID"));
	files_free(&f);
}

/* What NetworkManager has no words for. */
static void test_refused_nm(void **state)
{
	struct roles s;
	struct files f = { 0 };
	struct err e = { "" };

	(void)state;
	roles_rest(&s);
	s.wants[5].role.how = ADDRESS_DHCP;
	assert_int_equal(render_nm(&s.render, &f, &e), -EINVAL);
	assert_non_null(
		strstr(e.msg, "wlan1: NetworkManager gives a wireless card no address"));
	files_free(&f);
	roles_rest(&s);
	roles_dns(&s.wants[1].role, "192.0.2.53");
	assert_int_equal(render_nm(&s.render, &f, &e), -EINVAL);
	assert_non_null(strstr(e.msg, "uplink: NetworkManager takes no ipv4 DNS server"));
	files_free(&f);
}

static void has(const struct roles *s, size_t form, const char *text)
{
	char *got = rendered(s, &roles_forms[form]);

	if (!strstr(got, text))
		fail_msg("no \"%s\" in:\n%s", text, got);
	free(got);
}

/* SSIDs and passphrases with characters that mean something to a form. */
static void test_quoting(void **state)
{
	struct roles s;

	(void)state;
	roles_school(&s, "a\"b\\c;'", " \"p\\s'k; ");
	has(&s, 0, "\twpa-conf /etc/wpa_supplicant/wpa_supplicant-wlan0.conf\n");
	has(&s, 0, "\t# a\"b\\c;'\n\tssid=6122625c633b27\n");
	has(&s, 1, "\tpsk=\" \"p\\s'k; \"\n");
	has(&s, 2, "        \"a\\\"b\\\\c;'\":\n          password: \" \\\"p\\\\s'k; \"\n");
	has(&s, 3, "ssid=97;34;98;92;99;59;39;\n");
	has(&s, 3, "psk=\\s\"p\\\\s'k;\\s\n");
	/* As wpa_supplicant would take the '#' for a comment, the key is worked out here. */
	roles_school(&s, "IEEE", "pass\"#word");
	has(&s, 1, "\tpsk=ac298abe0625ac111c45a5244fe643cb5730fad808311dae30c05ab10931d659\n");
	/* U+00E9 as it is; U+0085, U+2028 and U+FEFF would be line breaks or errors in YAML. */
	roles_school(&s, "\xc3\xa9\xc2\x85\xe2\x80\xa8\xef\xbb\xbf\xf0\x9f\x98\x80", PSK);
	has(&s, 2, "\"\xc3\xa9\\u0085\\u2028\\ufeff\xf0\x9f\x98\x80\":");
	has(&s, 1, "ssid=c3a9c285e280a8efbbbff09f9880\n");
	/* Digits alone might be a list of one byte in a key file. */
	roles_school(&s, "123",
		     "0123456789abcdefABCDEF0123456789abcdefABCDEF0123456789abcdef0123");
	has(&s, 3, "ssid=49;50;51;\n");
	has(&s, 1, "\tssid=\"123\"\n\tkey_mgmt=WPA-PSK\n\tpsk=0123456789abcdefABCDEF");
}

/* The test vectors of IEEE 802.11-2020, J.4.2. */
static void test_key(void **state)
{
	char psk[65] = "password", other[65] = "ThisIsAPassword";
	struct err e = { "" };

	(void)state;
	assert_int_equal(psk_to_key(psk, "IEEE", &e), 0);
	assert_string_equal(psk, "f42c6fc52df0ebef9ebb4b90b38a5f90"
				 "2e83fe1b135a70e23aed762e9710a12e");
	assert_int_equal(psk_to_key(other, "ThisIsASSID", &e), 0);
	assert_string_equal(other, "0dc0d6eb90555ed6419756b9a15ec3e3"
				   "209b63df707dd508d14581f8982721af");
}

static int find_form(const char *name)
{
	for (size_t i = 0; i < ROLES_FORMS; i++)
		if (!strcmp(roles_forms[i].name, name))
			return (int)i;
	return -1;
}

static int make_folders(char *path)
{
	for (char *p = path + 1; (p = strchr(p, '/')); p++) {
		*p = '\0';
		if (mkdir(path, 0755) && errno != EEXIST)
			return -1;
		*p = '/';
	}
	return 0;
}

static int write_file(const char *dir, const struct file *file)
{
	char path[1024];
	int fd, r;

	snprintf(path, sizeof(path), "%s%s", dir, file->path);
	if (make_folders(path))
		return -1;
	if (file->link)
		return symlink(file->link, path);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, file->mode);
	if (fd < 0)
		return -1;
	r = io_write(fd, file->content, strlen(file->content));
	return close(fd) || r ? -1 : 0;
}

/* show WHICH FORM, or write DIR WHICH FORM [SSID PSK] */
static int by_hand(int argc, char **argv)
{
	bool writes = !strcmp(argv[1], "write");
	int at = writes ? 3 : 2, form = argc > at + 1 ? find_form(argv[at + 1]) : -1, r = 0;
	bool given = argc > at + 3;
	struct files f = { 0 };
	struct text t = { 0 };
	struct err e = { "" };
	struct roles s;

	if (form < 0)
		return 2;
	make(&s, argv[at], given ? argv[at + 2] : SSID, given ? argv[at + 3] : PSK);
	if (roles_forms[form].render(&s.render, &f, &e)) {
		fprintf(stderr, "%s\n", e.msg);
		return 1;
	}
	for (size_t i = 0; writes && !r && i < f.n; i++)
		r = write_file(argv[2], &f.v[i]);
	if (r)
		perror(argv[2]);
	if (!writes) {
		show(&f, &t);
		fputs(text_get(&t), stdout);
	}
	text_free(&t);
	files_free(&f);
	return r ? 1 : 0;
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_school),        cmocka_unit_test(test_rest),
		cmocka_unit_test(test_no_cards),      cmocka_unit_test(test_metrics),
		cmocka_unit_test(test_refused_roles), cmocka_unit_test(test_refused_wlan),
		cmocka_unit_test(test_refused_nm),    cmocka_unit_test(test_refused_netplan),
		cmocka_unit_test(test_key),           cmocka_unit_test(test_quoting),
	};

	if (argc > 1)
		return by_hand(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
