/* Cuts output of any kind into lines that are printable UTF-8: what is not (control bytes, NUL, stray bytes)
 * becomes \xNN, a line that is too long becomes several, a lone carriage return ends a line as a newline
 * does. Tab and escape (colours) stay. Not thread-safe. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"

enum { LINE_MAX_BYTES = 8192 };

/* { 0 } is ready for use. */
typedef struct LineCutter {
        char line[LINE_MAX_BYTES];
        size_t length;
        uint8_t carry[4]; /* a character whose last bytes have not come yet */
        size_t carried;
        bool after_return;
} LineCutter;

/* Appends each completed line, '\n' included, to ret. */
void line_cutter_feed(LineCutter *cutter, const void *bytes, size_t length, Text *ret);
/* Ends the line that is open, if one is. */
void line_cutter_end(LineCutter *cutter, Text *ret);
