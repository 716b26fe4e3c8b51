// SPDX-License-Identifier: GPL-3.0-or-later
#include "imager/cmd/face.h"

struct face face_shell(void)
{
	return (struct face){ .out = stdout, .err = stderr };
}
