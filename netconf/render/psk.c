// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/hash.h"
#include "netconf/render/port.h"

#include <errno.h>
#include <openssl/evp.h>
#include <string.h>

#define KEY_SIZE 32
#define ROUNDS   4096

bool psk_is_key(const char *psk)
{
	static const char digits[] = "0123456789abcdefABCDEF";

	return strlen(psk) == 64 && strspn(psk, digits) == 64;
}

/* IEEE 802.11: 8 to 63 characters, each from 32 to 126. */
int psk_check(const char *name, const char *psk, const char *file, struct err *e)
{
	size_t n = strlen(psk);
	bool fits = psk_is_key(psk) || (n >= 8 && n <= 63);

	for (size_t i = 0; i < n; i++)
		fits = fits && psk[i] >= 32 && psk[i] <= 126;
	if (fits)
		return 0;
	return err_set(e, -EINVAL,
		       "%s: the passphrase in %s must have 8 to 63 ASCII characters, or be a "
		       "key of 64 hexadecimal digits",
		       name, file);
}

bool wpa_can_quote(const char *s)
{
	return !strchr(s, '"') || !strchr(s, '#');
}

int psk_to_key(char psk[65], const char *ssid, struct err *e)
{
	unsigned char key[KEY_SIZE];

	if (PKCS5_PBKDF2_HMAC_SHA1(psk, (int)strlen(psk), (const unsigned char *)ssid,
				   (int)strlen(ssid), ROUNDS, sizeof(key), key) != 1)
		return err_set(e, -EIO, "libcrypto cannot make a key of a passphrase");
	hash_hex(key, sizeof(key), psk);
	return 0;
}
