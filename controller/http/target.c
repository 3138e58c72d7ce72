#include "http/target.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"

static int hex_value(char c) {
        if (c >= '0' && c <= '9')
                return c - '0';
        if (c >= 'a' && c <= 'f')
                return c - 'a' + 10;
        if (c >= 'A' && c <= 'F')
                return c - 'A' + 10;
        return -1;
}

/* The byte at bytes[*at], decoded; *at moves behind it. *ret_escaped: it was a %XX. */
static char next_byte(const char *bytes, size_t length, size_t *at, bool plus_is_blank, bool *ret_escaped) {
        char c = bytes[(*at)++];

        *ret_escaped = false;
        if (c == '+' && plus_is_blank)
                return ' ';
        if (c != '%' || *at + 2 > length)
                return c;

        int high = hex_value(bytes[*at]), low = hex_value(bytes[*at + 1]);
        if (high < 0 || low < 0)
                return c;
        *at += 2;
        *ret_escaped = true;
        return (char) (high * 16 + low);
}

static bool decode_path(const char *bytes, size_t length, char **ret, Error **err) {
        CLEANUP(text_clear) Text path = { 0 };

        for (size_t i = 0; i < length;) {
                bool escaped;
                char c = next_byte(bytes, length, &i, false, &escaped);

                if ((unsigned char) c < 0x20 || c == 0x7f || (escaped && c == '/'))
                        return error_set(err, ERROR_INVALID, "the path holds a forbidden character");
                text_append_bytes(&path, &c, 1);
        }
        while (path.length > 1 && path.data[path.length - 1] == '/')
                path.data[--path.length] = '\0';
        *ret = text_take(&path);
        return true;
}

/* Query values become C strings, so that a NUL in one is an error and not a truncation. */
static bool decode_word(const char *bytes, size_t length, char **ret, Error **err) {
        CLEANUP(text_clear) Text word = { 0 };

        for (size_t i = 0; i < length;) {
                bool escaped;
                char c = next_byte(bytes, length, &i, true, &escaped);

                if (c == '\0')
                        return error_set(err, ERROR_INVALID, "the query holds a NUL byte");
                text_append_bytes(&word, &c, 1);
        }
        *ret = text_take(&word);
        return true;
}

static bool parse_pair(const char *pair, size_t length, Pairs *ret, Error **err) {
        CLEANUP(free) char *name = NULL, *value = NULL;
        const char *equals = memchr(pair, '=', length);
        size_t name_length = equals ? (size_t) (equals - pair) : length;

        if (ret->count == TARGET_MAX_PARAMETERS)
                return error_set(err, ERROR_INVALID, "too many query parameters");
        if (!decode_word(pair, name_length, &name, err) ||
            !decode_word(equals ? equals + 1 : "", equals ? length - name_length - 1 : 0, &value, err))
                return false;
        pairs_take(ret, TAKE(name), TAKE(value));
        return true;
}

bool target_parse_query(const char *query, Pairs *ret, Error **err) {
        while (*query) {
                size_t length = strcspn(query, "&");

                if (length > 0 && !parse_pair(query, length, ret, err))
                        return false;
                query += length;
                if (*query == '&')
                        query++;
        }
        return true;
}

bool target_parse(const char *raw, Target *ret, Error **err) {
        CLEANUP(target_clear) Target target = { 0 };

        if (raw[0] != '/')
                return error_set(err, ERROR_INVALID, "the request target must start with '/'");
        if (strnlen(raw, TARGET_MAX_LENGTH + 1) > TARGET_MAX_LENGTH)
                return error_set(err, ERROR_INVALID, "the request target is too long");

        size_t path_length = strcspn(raw, "?#");
        if (!decode_path(raw, path_length, &target.path, err))
                return false;
        if (raw[path_length] == '?' && !target_parse_query(raw + path_length + 1, &target.query, err))
                return false;

        *ret = target;
        target = (Target){ 0 };
        return true;
}

void target_clear(Target *target) {
        free(target->path);
        pairs_clear(&target->query);
        *target = (Target){ 0 };
}
