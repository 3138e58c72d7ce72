/* Mongo-style conditions compiled to SQL over the JSON column, with bound parameters only. Operators:
 * equality, $and $or $in $nin $ne $gt $gte $lt $lte $exists $regex; dotted paths. Anything else is INVALID,
 * named. */
#pragma once

#include "base/text.h"
#include "json/document.h"

/* Parameters of the condition, in order. Borrowed values live as long as the where document. */
typedef struct WhereValues {
        const Document **items;
        StringList paths; /* JSON paths, "$.\"name\""; owned */
        struct {
                bool is_path;
                size_t index;
        } * order;
        size_t item_count, order_count;
        size_t condition_count;
} WhereValues;

/* Appends the condition ("1" when where is NULL or empty). */
bool where_compile(const Document *where, Text *sql, WhereValues *values, Error **err);
void where_values_clear(WhereValues *values);
static inline void where_values_clearp(WhereValues *values) {
        where_values_clear(values);
}
