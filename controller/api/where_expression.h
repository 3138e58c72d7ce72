/* The other form of where=, as Python writes conditions: name=="app1" and (env=="dev" or role!="worker").
 * Brought into the form of where.h: {"$and":[{"name":"app1"},…]}. */
#pragma once

#include "json/document.h"

/* NULL with INVALID when it is none. A value may stand without quotes (role==worker). */
Document *where_expression_parse(const char *text, Error **err);
