// SPDX-License-Identifier: GPL-3.0-or-later
#include "imager/cmd/status.h"

#include <errno.h>
#include <stddef.h>

static const struct {
	int code, status;
} table[] = {
	{ 0, STATUS_DONE },
	{ -EBADMSG, STATUS_BAD_IMAGE },
	{ -EUCLEAN, STATUS_DIFFERS },
	{ -ECANCELED, STATUS_REFUSED },
	/* Trouble with devices is a failure, however early it comes. */
	{ -EIO, STATUS_FAILED },
	{ -ENOSPC, STATUS_FAILED },
	{ -EDQUOT, STATUS_FAILED },
	{ -EFBIG, STATUS_FAILED },
	{ -EPIPE, STATUS_FAILED },
	/* And with the server of an image. */
	{ -ETIMEDOUT, STATUS_FAILED },
	{ -ESTALE, STATUS_FAILED },
};

int status_of(int code, bool touched, int signal)
{
	if (code == -EINTR && signal)
		return STATUS_SIGNAL + signal;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (table[i].code == code)
			return table[i].status;
	return touched ? STATUS_FAILED : STATUS_REFUSED;
}
