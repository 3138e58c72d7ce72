/* Numbered SQL files (migrations/), built into the program, applied in order, one transaction each;
 * user_version is the number of the last one applied. */
#pragma once

#include <sqlite3.h>

#include "base/error.h"

bool migrate(sqlite3 *database, Error **err);
/* The number of the newest that this program has. */
int migrations_known(void);
