/* The REGEXP operator of the store's connections: patterns of base/pattern.h, bounded for each row and over
 * all rows of a statement. */
#pragma once

#include <sqlite3.h>

/* How the messages of errors start that are the pattern's author's to mend. */
extern const char regexp_complaint[];

/* The complaint about a pattern that was given up. */
void regexp_complain_of_cost(sqlite3_context *context);

void regexp_register(sqlite3 *database);
