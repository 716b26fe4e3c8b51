// SPDX-License-Identifier: GPL-3.0-or-later
/* catalog.h - which images there are, in a folder or on a Slate server. */
#ifndef IMAGER_ENGINE_CATALOG_H
#define IMAGER_ENGINE_CATALOG_H

#include "common/err.h"
#include "imager/image/remote.h"

#include <stddef.h>
#include <stdint.h>

struct catalog {
	struct catalog_entry {
		char *name, *image; /* as people see it; as a command line calls it */
		uint64_t bytes;
		int64_t changed; /* seconds since 1970 */
	} * v;
	size_t n, cap;
};

/*
 * The files of @folder that begin as an image does, by name; at most @max of them.
 * -errno: it cannot be read.
 */
int catalog_folder(struct catalog *ret, const char *folder, size_t max, struct err *e);
/*
 * GET /api/v1/images of @server ("http://HOST[:PORT]", "HOST"): docs/PROTOCOL.md.
 * -EINTR when @cancel_fd is readable; -EPROTO: no answer that makes sense.
 */
int catalog_server(struct catalog *ret, const char *server, const struct remote *remote,
		   int cancel_fd, size_t max, struct err *e);
/* That answer, for catalog_server(); @base: what stands before "/images/". */
int catalog_parse(struct catalog *ret, const char *base, const char *text, size_t n, size_t max,
		  struct err *e);
/*
 * The address of the image @name: @base, @folder ("/images/"), and the name as an address
 * has it.  The caller frees; NULL: out of memory.
 */
char *catalog_address(const char *base, const char *folder, const char *name);
/* Also after a failure. */
void catalog_free(struct catalog *c);

#endif
