#include "run/line_cutter.h"

#include <stdio.h>
#include <string.h>

static void end_line(LineCutter *cutter, Text *ret) {
        text_append_bytes(ret, cutter->line, cutter->length);
        text_append_bytes(ret, "\n", 1);
        cutter->length = 0;
}

/* The '\n' counts, so that no line on the wire is longer than LINE_MAX_BYTES. */
static void put(LineCutter *cutter, const void *bytes, size_t length, Text *ret) {
        if (cutter->length + length > LINE_MAX_BYTES - 1)
                end_line(cutter, ret);
        memcpy(cutter->line + cutter->length, bytes, length);
        cutter->length += length;
}

static void put_escaped(LineCutter *cutter, uint8_t byte, Text *ret) {
        static const char digits[] = "0123456789abcdef";
        const char escaped[4] = { '\\', 'x', digits[byte >> 4], digits[byte & 15] };

        put(cutter, escaped, sizeof(escaped), ret);
}

static void put_carry_escaped(LineCutter *cutter, Text *ret) {
        for (size_t i = 0; i < cutter->carried; i++)
                put_escaped(cutter, cutter->carry[i], ret);
        cutter->carried = 0;
}

static size_t sequence_length(uint8_t first) {
        if (first >= 0xc2 && first <= 0xdf)
                return 2;
        if (first >= 0xe0 && first <= 0xef)
                return 3;
        if (first >= 0xf0 && first <= 0xf4)
                return 4;
        return 0;
}

static void put_ascii(LineCutter *cutter, uint8_t byte, Text *ret) {
        bool after_return = cutter->after_return;

        cutter->after_return = byte == '\r';
        if (byte == '\r') {
                end_line(cutter, ret);
        } else if (byte == '\n') {
                if (!after_return)
                        end_line(cutter, ret);
        } else if (byte == '\t' || byte == 0x1b || (byte >= 0x20 && byte != 0x7f)) {
                put(cutter, &byte, 1, ret);
        } else {
                put_escaped(cutter, byte, ret);
        }
}

/* True when the byte belongs to the character being collected. */
static bool take_continuation(LineCutter *cutter, uint8_t byte, Text *ret) {
        if ((byte & 0xc0) != 0x80) {
                put_carry_escaped(cutter, ret);
                return false;
        }
        cutter->carry[cutter->carried++] = byte;
        if (cutter->carried < sequence_length(cutter->carry[0]))
                return true;
        if (text_is_utf8(cutter->carry, cutter->carried)) {
                put(cutter, cutter->carry, cutter->carried, ret);
                cutter->carried = 0;
        } else {
                put_carry_escaped(cutter, ret);
        }
        return true;
}

void line_cutter_feed(LineCutter *cutter, const void *bytes, size_t length, Text *ret) {
        const uint8_t *input = bytes;

        for (size_t i = 0; i < length; i++) {
                if (cutter->carried > 0 && take_continuation(cutter, input[i], ret))
                        continue;
                if (input[i] < 0x80) {
                        put_ascii(cutter, input[i], ret);
                        continue;
                }
                cutter->after_return = false;
                if (sequence_length(input[i]) > 0)
                        cutter->carry[cutter->carried++] = input[i];
                else
                        put_escaped(cutter, input[i], ret);
        }
}

void line_cutter_end(LineCutter *cutter, Text *ret) {
        put_carry_escaped(cutter, ret);
        if (cutter->length > 0)
                end_line(cutter, ret);
        cutter->after_return = false;
}
