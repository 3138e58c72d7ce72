/* Users of the instance by their name, as its /etc/passwd says. Read as a file and not through NSS, which a
 * static agent has not. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

/* root: in front of /etc/passwd, "" on an instance. NOT_FOUND: nobody has that name. */
bool script_user_find(const char *root, const char *name, uint32_t *ret_uid, uint32_t *ret_gid, Error **err);
