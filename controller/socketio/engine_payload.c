#include "socketio/engine_payload.h"

#include <stdio.h>
#include <string.h>

#include "base/memory.h"

enum { FRAME_TEXT = 0x00, FRAME_BYTES = 0x01, FRAME_LENGTH_END = 0xFF, LENGTH_DIGITS_MAX = 7 };

/* As JavaScript counts characters: what needs four bytes of UTF-8 is two units. */
static size_t units_of(const char *bytes, size_t length) {
        size_t units = 0;

        for (size_t i = 0; i < length; i++) {
                unsigned char byte = (unsigned char) bytes[i];

                if ((byte & 0xC0) != 0x80)
                        units += byte >= 0xF0 ? 2 : 1;
        }
        return units;
}

/* Bytes that hold so many units; more than length when it has not as many. */
static size_t bytes_of(const char *bytes, size_t length, size_t units) {
        size_t at = 0;

        for (size_t seen = 0; seen < units; at++) {
                if (at >= length)
                        return length + 1;
                seen += (unsigned char) bytes[at] >= 0xF0 ? 2 : 1;
                while (at + 1 < length && ((unsigned char) bytes[at + 1] & 0xC0) == 0x80)
                        at++;
        }
        return at;
}

void engine_payload_add_text(Text *payload, const char *packet) {
        text_appendf(payload, "%zu:%s", units_of(packet, strlen(packet)), packet);
}

void engine_payload_add_bytes(Text *payload, const char *packet) {
        char digits[24];
        int count = snprintf(digits, sizeof(digits), "%zu", strlen(packet));
        const char type = FRAME_TEXT, end = (char) FRAME_LENGTH_END;

        text_append_bytes(payload, &type, 1);
        for (int i = 0; i < count; i++) {
                char digit = (char) (digits[i] - '0');

                text_append_bytes(payload, &digit, 1);
        }
        text_append_bytes(payload, &end, 1);
        text_append(payload, packet);
}

/* Digits with an offset until the byte that ends them. */
typedef struct LengthForm {
        char zero, end;
} LengthForm;

/* Moves *at behind the end byte. */
static bool read_length(
        const char *bytes, size_t length, const LengthForm *form, size_t *at, size_t *ret, Error **err) {
        size_t digits = 0;

        *ret = 0;
        for (; *at < length && bytes[*at] != form->end; (*at)++, digits++) {
                int digit = bytes[*at] - form->zero;

                if (digit < 0 || digit > 9 || digits == LENGTH_DIGITS_MAX)
                        return error_set(err, ERROR_INVALID, "no length of a packet at byte %zu", *at);
                *ret = *ret * 10 + (size_t) digit;
        }
        if (digits == 0 || *at == length)
                return error_set(err, ERROR_INVALID, "no length of a packet at byte %zu", *at);
        (*at)++;
        return true;
}

static bool read_packet(const char *bytes, size_t length, size_t *at, StringList *ret, Error **err) {
        static const LengthForm text_form = { '0', ':' }, bytes_form = { 0, (char) FRAME_LENGTH_END };
        bool framed = bytes[*at] == FRAME_TEXT;
        size_t count;

        if (bytes[*at] == FRAME_BYTES)
                return error_set(err, ERROR_INVALID, "binary packets are not taken");
        if (framed)
                (*at)++;
        if (!read_length(bytes, length, framed ? &bytes_form : &text_form, at, &count, err))
                return false;
        size_t taken = framed ? count : bytes_of(bytes + *at, length - *at, count);
        if (taken == 0 || taken > length - *at || memchr(bytes + *at, '\0', taken))
                return error_set(err, ERROR_INVALID, "the packet at byte %zu is not as long as it says", *at);
        string_list_take(ret, xstrndup(bytes + *at, taken));
        *at += taken;
        return true;
}

bool engine_payload_read(const char *bytes, size_t length, StringList *ret, Error **err) {
        for (size_t at = 0; at < length;) {
                if (ret->count == ENGINE_PACKETS_MAX)
                        return error_set(
                                err, ERROR_INVALID, "more than %d packets at a time", ENGINE_PACKETS_MAX);
                if (!read_packet(bytes, length, &at, ret, err))
                        return false;
        }
        return ret->count > 0 || error_set(err, ERROR_INVALID, "no packet");
}
