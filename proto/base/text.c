#include "base/text.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

static void reserve(Text *text, size_t more) {
        size_t needed = text->length + more + 1;

        if (needed < more)
                abort();
        if (needed <= text->capacity)
                return;

        size_t capacity = text->capacity ? text->capacity : 64;
        while (capacity < needed)
                capacity = capacity > SIZE_MAX / 2 ? needed : capacity * 2;
        text->data = xrealloc(text->data, capacity);
        text->capacity = capacity;
}

void text_append_bytes(Text *text, const void *bytes, size_t length) {
        reserve(text, length);
        if (length)
                memcpy(text->data + text->length, bytes, length);
        text->length += length;
        text->data[text->length] = '\0';
}

void text_append(Text *text, const char *string) {
        text_append_bytes(text, string, strlen(string));
}

void text_appendf(Text *text, const char *format, ...) {
        va_list args;

        va_start(args, format);
        int length = vsnprintf(NULL, 0, format, args);
        va_end(args);
        if (length < 0)
                abort();

        reserve(text, (size_t) length);
        va_start(args, format);
        (void) vsnprintf(text->data + text->length, (size_t) length + 1, format, args);
        va_end(args);
        text->length += (size_t) length;
}

char *text_take(Text *text) {
        char *data = text->data ? text->data : xstrdup("");

        *text = (Text){ 0 };
        return data;
}

void text_clear(Text *text) {
        free(text->data);
        *text = (Text){ 0 };
}

void string_list_take(StringList *list, char *item) {
        /* Grown by doubling: the capacity is the next power of two above count. */
        size_t used = list->count + 1;

        if ((used & (used - 1)) == 0 || !list->items) {
                if (used > SIZE_MAX / (2 * sizeof(char *)))
                        abort();
                list->items = xrealloc(list->items, 2 * used * sizeof(char *));
        }
        list->items[list->count++] = item;
        list->items[list->count] = NULL;
}

void string_list_add(StringList *list, const char *item) {
        string_list_take(list, xstrdup(item));
}

void string_list_addf(StringList *list, const char *format, ...) {
        va_list args;

        va_start(args, format);
        string_list_take(list, xvasprintf(format, args));
        va_end(args);
}

bool string_list_contains(const StringList *list, const char *item) {
        for (size_t i = 0; i < list->count; i++)
                if (strcmp(list->items[i], item) == 0)
                        return true;
        return false;
}

void string_list_clear(StringList *list) {
        for (size_t i = 0; i < list->count; i++)
                free(list->items[i]);
        free(list->items);
        *list = (StringList){ 0 };
}

void text_split(const char *string, char separator, StringList *ret) {
        const char *end;

        while ((end = strchr(string, separator)) && *end) {
                string_list_take(ret, xstrndup(string, (size_t) (end - string)));
                string = end + 1;
        }
        string_list_add(ret, string);
}

char *text_trim(const char *string) {
        static const char blanks[] = " \t\r\n\v\f";

        string += strspn(string, blanks);
        size_t length = strlen(string);
        while (length > 0 && strchr(blanks, string[length - 1]))
                length--;
        return xstrndup(string, length);
}

bool text_equal(const char *a, const char *b) {
        if (!a || !b)
                return a == b;
        return strcmp(a, b) == 0;
}

bool text_starts_with(const char *string, const char *prefix) {
        return strncmp(string, prefix, strlen(prefix)) == 0;
}

bool text_ends_with(const char *string, const char *suffix) {
        size_t length = strlen(string), suffix_length = strlen(suffix);

        return length >= suffix_length && strcmp(string + length - suffix_length, suffix) == 0;
}

bool text_parse_uint(const char *string, uint64_t min, uint64_t max, uint64_t *ret, Error **err) {
        uint64_t value = 0;
        bool too_large = false;

        if (!*string || string[strspn(string, "0123456789")])
                return error_set(err, ERROR_INVALID, "'%.40s' is not a whole number", string);

        for (; *string; string++) {
                uint64_t digit = (uint64_t) (*string - '0');

                too_large = too_large || value > (UINT64_MAX - digit) / 10;
                value = value * 10 + digit;
        }
        if (too_large || value > max || value < min)
                return error_set(
                        err, ERROR_INVALID, "the number is not between %" PRIu64 " and %" PRIu64, min, max);
        *ret = value;
        return true;
}

/* Length of the sequence that starts with this byte, 0 for none; *ret_min is the smallest code that needs it.
 */
static size_t sequence_length(uint8_t first, uint32_t *ret_code, uint32_t *ret_min) {
        if (first < 0x80) {
                *ret_code = first, *ret_min = 0;
                return 1;
        }
        if ((first & 0xe0) == 0xc0) {
                *ret_code = first & 0x1f, *ret_min = 0x80;
                return 2;
        }
        if ((first & 0xf0) == 0xe0) {
                *ret_code = first & 0x0f, *ret_min = 0x800;
                return 3;
        }
        if ((first & 0xf8) == 0xf0) {
                *ret_code = first & 0x07, *ret_min = 0x10000;
                return 4;
        }
        return 0;
}

bool text_is_utf8(const void *bytes, size_t length) {
        const uint8_t *at = bytes, *end = at + length;

        while (at < end) {
                uint32_t code, min;
                size_t count = sequence_length(*at, &code, &min);

                if (count == 0 || count > (size_t) (end - at))
                        return false;
                for (size_t i = 1; i < count; i++) {
                        if ((at[i] & 0xc0) != 0x80)
                                return false;
                        code = code << 6 | (at[i] & 0x3fU);
                }
                if (code < min || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff))
                        return false;
                at += count;
        }
        return true;
}
