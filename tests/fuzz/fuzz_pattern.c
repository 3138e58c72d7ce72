/* The first line is a pattern, the rest what it is tried on. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/pattern.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        CLEANUP(error_free) Error *ignored = NULL;
        CLEANUP(free) char *text = xstrndup((const char *) data, size);
        char *newline = strchr(text, '\n');

        if (newline)
                *newline = '\0';
        CLEANUP(pattern_free) Pattern *pattern = pattern_new(text, &ignored);
        if (pattern && newline)
                (void) pattern_matches(pattern, newline + 1, strlen(newline + 1));
        return 0;
}
