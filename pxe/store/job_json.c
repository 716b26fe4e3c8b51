// SPDX-License-Identifier: GPL-3.0-or-later
#include "pxe/store/job_json.h"

void job_json_options(json_t *o, const struct job *j)
{
	if (j->verify[0]) {
		json_object_set_new(o, "verify", json_string(j->verify));
		json_object_set_new(o, "personalise", json_boolean(j->personalise));
	}
	if (j->password[0])
		json_object_set_new(o, "password", json_string(j->password));
	if (j->confirm[0])
		json_object_set_new(o, "confirm", json_string(j->confirm));
}
