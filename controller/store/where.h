/* Mongo-style conditions compiled to SQL with bound parameters only. Operators: equality, $eq $ne $gt $gte
 * $lt $lte $in $nin $exists $regex (with $options) $not, and $and $or $nor; dotted paths, into lists too.
 * Anything else is INVALID, named.
 *
 * A field that the table has a column for becomes a condition on that column, so that its indexes serve; any
 * other is left to doc_matches(), which reads the document. */
#pragma once

#include "base/text.h"
#include "json/document.h"

typedef enum WhereType {
        WHERE_TEXT,
        WHERE_INT,
        WHERE_TIME, /* microseconds in the table, a date of HTTP in the condition */
} WhereType;

typedef struct WhereColumn {
        const char *field, *column;
        WhereType type;
        bool kind; /* rows are counted by it, see stored_order() */
        bool key;  /* a value of it belongs to few rows */
} WhereColumn;

/* NULL when the field has none. columns ends with a row without a field. */
const WhereColumn *where_column(const WhereColumn *columns, const char *field);

/* Parameters of the condition, in order: strings and integers. */
typedef struct WhereValues {
        Document **items;
        size_t count;
        size_t condition_count;
        bool beyond_kinds;   /* something else than kinds is asked for, */
        bool beyond_columns; /* something that no column answers, */
        bool keyed; /* a key: then no index but the key's is offered to the planner, who knows no numbers */
} WhereValues;

/* Appends the condition ("1" when where is NULL or empty). */
bool where_compile(
        const WhereColumn *columns, const Document *where, Text *sql, WhereValues *values, Error **err);
void where_values_clear(WhereValues *values);
static inline void where_values_clearp(WhereValues *values) {
        where_values_clear(values);
}
