/* Filters: what passes the check can be applied to any item. */
#include <stdint.h>

#include "api/where.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length) {
        static const char item_text[] =
                "{\"_id\":\"a\",\"name\":\"abc\",\"n\":3,\"modules\":[{\"name\":\"x\"}],\"b\":null}";
        CLEANUP(error_free) Error *error = NULL;
        CLEANUP(document_free) Document *item = document_parse(item_text, sizeof(item_text) - 1, &error);
        CLEANUP(document_free) Document *where = document_parse((const char *) bytes, length, &error);

        if (where && where_check(where, &error))
                where_matches(where, item);
        return 0;
}
