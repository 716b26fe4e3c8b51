// SPDX-License-Identifier: GPL-3.0-or-later
#include "imager/disk/ident.h"

void ident_read(const struct dev *d, struct ident *ret)
{
	*ret = (struct ident){ 0 };
	if (d->block)
		ident_read_at("/sys", d->id, ret);
}
