/* The REGEXP operator of the store's connections. */
#pragma once

#include <sqlite3.h>

void regexp_register(sqlite3 *database);
