/* The hex and base64 of crypto.h. */
#include <stdlib.h>
#include <string.h>

#include "base/crypto.h"
#include "base/memory.h"

static const char base64_alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

char *hex_encode(const void *bytes, size_t length) {
        static const char digits[] = "0123456789abcdef";
        const uint8_t *from = bytes;
        char *hex = xcalloc(2 * length + 1, 1);

        for (size_t i = 0; i < length; i++) {
                hex[2 * i] = digits[from[i] >> 4];
                hex[2 * i + 1] = digits[from[i] & 15];
        }
        return hex;
}

static int hex_value(char digit) {
        if (digit >= '0' && digit <= '9')
                return digit - '0';
        if (digit >= 'a' && digit <= 'f')
                return digit - 'a' + 10;
        if (digit >= 'A' && digit <= 'F')
                return digit - 'A' + 10;
        return -1;
}

bool hex_decode(const char *hex, uint8_t *ret, size_t length) {
        if (strlen(hex) != 2 * length)
                return false;
        for (size_t i = 0; i < length; i++) {
                int high = hex_value(hex[2 * i]), low = hex_value(hex[2 * i + 1]);

                if (high < 0 || low < 0)
                        return false;
                ret[i] = (uint8_t) (high << 4 | low);
        }
        return true;
}

char *base64_encode(const void *bytes, size_t length) {
        const uint8_t *from = bytes;
        char *text = xcalloc((length + 2) / 3 * 4 + 1, 1), *to = text;

        for (size_t i = 0; i < length; i += 3) {
                size_t left = length - i;
                uint32_t group = (uint32_t) from[i] << 16 | (left > 1 ? (uint32_t) from[i + 1] << 8 : 0) |
                                 (left > 2 ? from[i + 2] : 0);

                *to++ = base64_alphabet[group >> 18];
                *to++ = base64_alphabet[group >> 12 & 63];
                *to++ = left > 1 ? base64_alphabet[group >> 6 & 63] : '=';
                *to++ = left > 2 ? base64_alphabet[group & 63] : '=';
        }
        return text;
}

static int base64_value(char digit) {
        const char *found = digit ? strchr(base64_alphabet, digit) : NULL;

        return found ? (int) (found - base64_alphabet) : -1;
}

/* Four digits, the last padding of them '='. Bits that padding leaves over must be zero: one text per value.
 */
static bool decode_group(const char *text, size_t padding, uint8_t ret[3]) {
        uint32_t group = 0;

        for (size_t i = 0; i < 4; i++) {
                int value = i < 4 - padding ? base64_value(text[i]) : 0;

                if (value < 0)
                        return false;
                group = group << 6 | (uint32_t) value;
        }
        if ((padding == 1 && group & 0xff) || (padding == 2 && group & 0xffff))
                return false;
        for (size_t i = 0; i < 3; i++)
                ret[i] = (uint8_t) (group >> (16 - 8 * i));
        return true;
}

bool base64_decode(const char *text, char **ret, size_t *ret_length, Error **err) {
        size_t length = strlen(text), padding = 0;

        if (length % 4)
                return error_set(err, ERROR_INVALID, "base64 text has an incomplete last group");
        while (padding < 2 && padding < length && text[length - 1 - padding] == '=')
                padding++;

        CLEANUP(free) char *bytes = xcalloc(length / 4 * 3 + 1, 1);
        for (size_t i = 0; i < length; i += 4)
                if (!decode_group(text + i, i + 4 == length ? padding : 0, (uint8_t *) bytes + i / 4 * 3))
                        return error_set(
                                err, ERROR_INVALID, "base64 text is damaged at character %zu", i + 1);

        *ret_length = length / 4 * 3 - padding;
        bytes[*ret_length] = '\0';
        *ret = TAKE(bytes);
        return true;
}
