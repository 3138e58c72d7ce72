/* Filters as the contract's clients send them: {"name":"a"}, {"name":{"$regex":"^a"}}, {"$or":[…]},
 * {"_id":{"$in":[…]}} and $and $ne $nin $gt $gte $lt $lte $exists. Paths are dotted; a list matches when one
 * of its items does. */
#pragma once

#include "json/document.h"

/* Operators, expressions and sizes are sane: afterwards where_matches() cannot fail. */
bool where_check(const Document *where, Error **err);
bool where_matches(const Document *where, const Document *item);
