// SPDX-License-Identifier: GPL-3.0-or-later
#include "imager/cmd/buildinfo.h"

#include <blkid/blkid.h>
#include <ext2fs/ext2fs.h>
#include <jansson.h>
#include <openssl/crypto.h>

void buildinfo_print(FILE *out)
{
	const char *ext2 = "", *ext2_date = "", *blkid = "", *blkid_date = "";

	ext2fs_get_library_version(&ext2, &ext2_date);
	blkid_get_library_version(&blkid, &blkid_date);
	fprintf(out, "compiler:  %s\n", __VERSION__);
	fprintf(out, "libblkid:  %s\n", blkid);
	fprintf(out, "libext2fs: %s\n", ext2);
	fprintf(out, "libcrypto: %s\n", OpenSSL_version(OPENSSL_VERSION));
	fprintf(out, "jansson:   %s\n", JANSSON_VERSION);
}
