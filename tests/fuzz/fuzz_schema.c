/* Whatever is sent, it is either stored in a form that is accepted again, or every fault of it is named. */
#include <stdint.h>
#include <stdlib.h>

#include "json/schema.h"

static const char *const colours[] = { "blue", "green", NULL };
static const SchemaField inner_fields[] = {
        { "name", SCHEMA_STRING, SCHEMA_REQUIRED, .pattern = "^[a-z]*$", .max = 8 },
        { "colour", SCHEMA_STRING, .words = colours, .fallback = "blue" },
};
static const Schema inner = SCHEMA(inner_fields);
static const SchemaField fields[] = {
        { "id", SCHEMA_ID },
        { "on", SCHEMA_BOOL },
        { "n", SCHEMA_INT, SCHEMA_HAS_MIN, .min = 1 },
        { "one", SCHEMA_OBJECT, .schema = &inner },
        { "any", SCHEMA_OBJECT },
        { "many", SCHEMA_LIST, .schema = &inner, .max = 4 },
        { "words", SCHEMA_LIST, .words = colours },
        { "late", SCHEMA_STRING, SCHEMA_REQUIRED_ON_INSERT },
        { "fixed", SCHEMA_STRING, SCHEMA_READ_ONLY },
};
static const Schema outer = SCHEMA(fields);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        CLEANUP(error_free) Error *problem = NULL;
        CLEANUP(document_free) Document *input = document_parse((const char *) data, size, &problem);
        CLEANUP(document_free) Document *issues = NULL;
        CLEANUP(document_free) Document *again = NULL;

        if (!input || !document_is_object(input))
                return 0;

        CLEANUP(document_free) Document *stored = schema_apply(&outer, SCHEMA_PATCH, input, &issues);
        if (!stored != !!issues)
                abort();
        if (stored && !(again = schema_apply(&outer, SCHEMA_PATCH, stored, &issues)))
                abort();
        return 0;
}
