#include "net/mail_header.h"

#include <stdlib.h>
#include <string.h>

#include "base/crypto.h"
#include "base/memory.h"
#include "base/text.h"

enum {
        LINE_MAX_COLUMNS = 76,
        VALUE_MAX_BYTES = 900,
        WORD_BYTES = 36, /* 48 digits of base64: with its frame and a header's name within a line */
        ADDRESS_MAX_BYTES = 254,
};

static bool is_continuation(char byte) {
        return ((unsigned char) byte & 0xc0) == 0x80;
}

/* The longest beginning of at most that many bytes that ends between characters. */
static size_t whole_characters(const char *text, size_t length, size_t max) {
        if (length <= max)
                return length;
        while (max > 0 && is_continuation(text[max]))
                max--;
        return max;
}

/* One line of UTF-8, not too long. */
static char *tidy(const char *value) {
        size_t length = strlen(value);
        size_t kept = whole_characters(value, length, VALUE_MAX_BYTES);
        char *line = kept < length ? xasprintf("%.*s…", (int) kept, value) : xstrdup(value);
        bool utf8 = text_is_utf8(line, strlen(line));

        for (char *at = line; *at; at++)
                if ((unsigned char) *at < ' ' || *at == 0x7f)
                        *at = ' ';
                else if (!utf8 && (unsigned char) *at >= 0x80)
                        *at = '?';
        return line;
}

static bool is_plain(const char *name, const char *line) {
        if (strlen(name) + 2 + strlen(line) > LINE_MAX_COLUMNS || strstr(line, "=?") || *line == ' ')
                return false;
        for (; *line; line++)
                if ((unsigned char) *line >= 0x80)
                        return false;
        return true;
}

char *mail_header(const char *name, const char *value) {
        CLEANUP(free) char *line = tidy(value);
        CLEANUP(text_clear) Text header = { 0 };
        size_t length = strlen(line);

        text_appendf(&header, "%s:", name);
        if (is_plain(name, line)) {
                text_appendf(&header, " %s", line);
                return text_take(&header);
        }
        for (size_t at = 0; at < length;) {
                size_t part = whole_characters(line + at, length - at, WORD_BYTES);
                CLEANUP(free) char *digits = base64_encode(line + at, part);

                text_appendf(&header, "%s =?UTF-8?B?%s?=", at > 0 ? "\r\n" : "", digits);
                at += part;
        }
        return text_take(&header);
}

bool mail_address_valid(const char *address) {
        const char *at = strchr(address, '@');
        size_t length = strlen(address);

        if (!at || at == address || !at[1] || strchr(at + 1, '@') || length > ADDRESS_MAX_BYTES)
                return false;
        for (const char *byte = address; *byte; byte++)
                if (*byte <= ' ' || *byte >= 0x7f || strchr("<>()[]\\,;:\"", *byte))
                        return false;
        return true;
}
