/* Document: a JSON value, owned, immutable once shared, with the few operations Ghost's parts need, so that
 * jansson stays in this folder. A "child" is borrowed from its document. Not thread-safe while being built.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/text.h"

typedef struct json_t Document;

enum { DOCUMENT_MAX_DEPTH = 64, DOCUMENT_MAX_BYTES = 256 * 1024 * 1024 };

/* Strict JSON, no duplicate keys, depth and size bounded. The message says line and column. */
Document *document_parse(const char *text, size_t length, Error **err);
void document_free(Document *document);
CLEANUP_DEFINE(Document, document_free);
Document *document_copy(const Document *document);

/* Compact; canonical: keys sorted as well, for hashes. Caller frees. */
char *document_text(const Document *document);
char *document_canonical(const Document *document);
char *document_pretty(const Document *document);
bool document_equal(const Document *a, const Document *b);

Document *document_object(void);
Document *document_array(void);
Document *document_string(const char *value); /* NULL: null; bytes that are no UTF-8 become U+FFFD */
Document *document_int(int64_t value);
Document *document_bool(bool value);
Document *document_null(void);

/* Take the value over; return nothing because they cannot fail. */
void document_set(Document *object, const char *name, Document *value);
void document_set_string(Document *object, const char *name, const char *value);
void document_set_int(Document *object, const char *name, int64_t value);
void document_set_bool(Document *object, const char *name, bool value);
void document_remove(Document *object, const char *name);
void document_append(Document *array, Document *value);

bool document_is_object(const Document *document);
bool document_is_array(const Document *document);
bool document_is_string(const Document *document);
bool document_is_bool(const Document *document);
bool document_is_null(const Document *document);
bool document_is_int(const Document *document);
bool document_is_number(const Document *document); /* with a fraction or without */
bool document_is_true(const Document *document);

/* Child or NULL; a dotted path with list indexes: "modules.0.name". NULL document: NULL. */
const Document *document_get(const Document *document, const char *path);
/* The member of exactly that name, dots and all. */
const Document *document_get_member(const Document *object, const char *name);
/* "" / 0 / false when absent or of another type. */
const char *document_get_string(const Document *document, const char *path);
int64_t document_get_int(const Document *document, const char *path);
bool document_get_bool(const Document *document, const char *path);

size_t document_count(const Document *document); /* of an array or object, else 0 */
const Document *document_at(const Document *array, size_t index);
const char *document_value(const Document *string); /* NULL when it is no string */
/* A fraction is cut off, what is too large becomes the largest; 0 when it is no number. */
int64_t document_int_value(const Document *number);
double document_number(const Document *number); /* 0 when it is none */

/* for (void *i = document_first(d); i; i = document_next(d, i)) document_name(i), document_child(i) */
void *document_first(const Document *object);
void *document_next(const Document *object, void *iterator);
const char *document_name(void *iterator);
const Document *document_child(void *iterator);
