// SPDX-License-Identifier: GPL-3.0-or-later
/* tftp_internal.h - numbers of RFC 1350, and what transfers share. */
#ifndef PXE_TFTP_INTERNAL_H
#define PXE_TFTP_INTERNAL_H

#include "pxe/tftp/tftp.h"

enum tftp_opcode { TFTP_RRQ = 1, TFTP_WRQ, TFTP_DATA, TFTP_ACK, TFTP_ERROR, TFTP_OACK };

/* A file as netascii (RFC 764): LF becomes CR LF, CR becomes CR NUL.  Takes @file over. */
#define TFTP_NETASCII_MAX (1 << 20) /* bytes; text files are small */
int tftp_netascii(const struct tftp_file *file, struct tftp_file *ret, struct err *e);

#endif
