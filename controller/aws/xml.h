/* XML answers of AWS as a small tree of elements and their text. Bounded in size, depth and number of
 * elements; DOCTYPE, and with it every entity of its own, is refused. Name spaces and attributes are dropped.
 */
#pragma once

#include <stddef.h>

#include "base/error.h"

typedef struct Xml Xml; /* one element; the root owns the tree */

enum { XML_MAX_BYTES = 64 << 20, XML_MAX_ELEMENTS = 1 << 20, XML_MAX_DEPTH = 40 };

bool xml_parse(const char *bytes, size_t length, Xml **ret, Error **err);
void xml_free(Xml *root);
CLEANUP_DEFINE(Xml, xml_free);

const char *xml_name(const Xml *element);

/* All take a NULL element (then they find nothing), so that a missing branch needs no check of its own. */
const Xml *xml_first(const Xml *element, const char *name); /* first child of that name; NULL: any */
const Xml *xml_next(const Xml *element, const char *name);  /* next sibling of that name; NULL: any */
const Xml *xml_find(const Xml *element, const char *path);  /* "a/b/c": the first of each */

/* Text of the element at path ("" is the element itself), NULL when there is no such element; never of mixed
 * content. */
const char *xml_text(const Xml *element, const char *path);
/* A copy, "" when missing. */
char *xml_text_copy(const Xml *element, const char *path);
bool xml_bool(const Xml *element, const char *path);     /* "true" */
long long xml_int(const Xml *element, const char *path); /* 0 when missing or not a number */
