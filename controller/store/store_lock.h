/* Who works with a database: one controller, and nobody puts another file in its place meanwhile. */
#pragma once

#include "base/error.h"

/* A descriptor that holds the lock until it is closed, however the process ends; -1: CONFLICT, another has
 * it. */
int store_lock_take(const char *database_path, Error **err);
