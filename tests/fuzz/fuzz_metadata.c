#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "metadata.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        CLEANUP(error_free) Error *problem = NULL;
        const char *body = NULL;
        size_t length = 0;
        int status = 0;

        if (metadata_parse_response((const char *) data, size, &status, &body, &length, &problem) &&
            (body < (const char *) data || body + length != (const char *) data + size || status > 999))
                abort();
        return 0;
}
