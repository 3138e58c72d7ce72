/* Whatever the text: what base64, hex, dates and UTF-8 accept has exactly one way to be written. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/crypto.h"
#include "base/memory.h"
#include "base/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void try_base64(const char *text) {
        CLEANUP(error_free) Error *error = NULL;
        CLEANUP(free) char *bytes = NULL;
        size_t length = 0;

        if (!base64_decode(text, &bytes, &length, &error))
                return;
        CLEANUP(free) char *again = base64_encode(bytes, length);
        assert(strcmp(again, text) == 0);
}

static void try_hex(const char *text) {
        size_t length = strlen(text) / 2;
        CLEANUP(free) uint8_t *bytes = xcalloc(length, 1);

        if (!hex_decode(text, bytes, length))
                return;
        CLEANUP(free) char *again = hex_encode(bytes, length);
        assert(strcasecmp(again, text) == 0);
}

static void try_dates(const char *text) {
        int64_t time_us, again_us;

        if (clock_parse_http(text, &time_us)) {
                CLEANUP(free) char *again = clock_format_http(time_us);
                assert(clock_parse_http(again, &again_us) && again_us == time_us);
        }
        if (clock_parse_iso(text, &time_us)) {
                CLEANUP(free) char *again = clock_format_iso(time_us);
                (void) again;
        }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        CLEANUP(free) char *text = xmemdup(data, size);

        (void) text_is_utf8(data, size);
        try_base64(text);
        try_hex(text);
        try_dates(text);
        return 0;
}
