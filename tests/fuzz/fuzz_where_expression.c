/* What is understood is an object that compiles to a condition or is refused by name; never a crash. */
#include <stdint.h>
#include <stdlib.h>

#include "api/where_expression.h"
#include "base/memory.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        CLEANUP(error_free) Error *ignored = NULL;
        CLEANUP(free) char *text = xstrndup((const char *) data, size);
        CLEANUP(document_free) Document *where = where_expression_parse(text, &ignored);

        if (!where != (ignored != NULL) || (where && !document_is_object(where)))
                abort();
        return 0;
}
