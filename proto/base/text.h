/* Text: a growable string, and the few ways Ghost takes strings apart. Not thread-safe. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/* data is NUL-terminated once anything was appended, NULL before. { 0 } is an empty text. */
typedef struct Text {
        char *data;
        size_t length;
        size_t capacity;
} Text;

void text_append(Text *text, const char *string);
void text_append_bytes(Text *text, const void *bytes, size_t length);
void text_appendf(Text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Hands the string over ("" when empty); the text is empty afterwards. */
char *text_take(Text *text);
void text_clear(Text *text);
static inline void text_clearp(Text *text) {
        text_clear(text);
}

/* A list of owned strings; { 0 } is empty. items is NULL-terminated once anything was added,
 * so that it can serve as argv. */
typedef struct StringList {
        char **items;
        size_t count;
} StringList;

void string_list_add(StringList *list, const char *item);
void string_list_take(StringList *list, char *item);
void string_list_addf(StringList *list, const char *format, ...) __attribute__((format(printf, 2, 3)));
bool string_list_contains(const StringList *list, const char *item);
void string_list_clear(StringList *list);
static inline void string_list_clearp(StringList *list) {
        string_list_clear(list);
}

/* Splits at every separator, keeping empty parts. */
void text_split(const char *string, char separator, StringList *ret);

/* A copy without blanks at either end. */
char *text_trim(const char *string);

bool text_equal(const char *a, const char *b); /* NULL equals only NULL */
/* NULL or "". Inline, so that the analyzers see that not empty means not NULL. */
static inline bool text_empty(const char *string) {
        return !string || !*string;
}
bool text_starts_with(const char *string, const char *prefix);
bool text_ends_with(const char *string, const char *suffix);

/* Decimal digits only, no sign, no blanks; within [min, max]. */
bool text_parse_uint(const char *string, uint64_t min, uint64_t max, uint64_t *ret, Error **err);

/* True when bytes are well-formed UTF-8 (NUL allowed). */
bool text_is_utf8(const void *bytes, size_t length);
