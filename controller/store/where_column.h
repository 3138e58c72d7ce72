/* Conditions on fields that are columns. */
#pragma once

#include "store/field_match.h"
#include "store/where_state.h"

/* False, with nothing appended, when the column cannot decide it (a number asked of a text): the document has
 * to. Bookkeeping columns, which are in no document, decide everything. */
bool where_column_compile(
        WhereState *state, const WhereColumn *column, MatchOperator op, const Document *value);
