/* projection={"name":1,"modules.name":1} or {"modules":0}: which members of a document a client wants. The
 * bookkeeping members (those that start with '_') always come. */
#pragma once

#include "json/document.h"

/* NULL or blank text: *ret stays NULL, everything is wanted. INVALID when it is no object of 0s and 1s. */
bool projection_parse(const char *text, Document **ret, Error **err);

/* projection NULL: a copy. */
Document *projection_apply(const Document *projection, const Document *document);
