// SPDX-License-Identifier: GPL-3.0-or-later
/* tftp_file.h - where the bytes of a transfer come from: the boot tree, or a menu. */
#ifndef PXE_SERVE_TFTP_FILE_H
#define PXE_SERVE_TFTP_FILE_H

#include "common/text.h"
#include "pxe/tftp/tftp.h"

/*
 * Below the folder @boot.  A negative errno when it cannot be had.  It is read ahead
 * in pieces, as blocks are small.
 */
int tftp_file_open(int boot, const char *name, struct tftp_file *ret);
/* Takes @t over, which is empty afterwards. */
int tftp_file_text(struct text *t, struct tftp_file *ret, struct err *e);

#endif
