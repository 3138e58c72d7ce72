/* Whatever is asked for, the condition has as many parameters as values to bind. */
#include <stdint.h>
#include <stdlib.h>

#include "store/where.h"

static const WhereColumn columns[] = { { "name", "name", WHERE_TEXT }, { "n", "n", WHERE_INT }, { NULL } };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        CLEANUP(error_free) Error *problem = NULL;
        CLEANUP(document_free) Document *where = document_parse((const char *) data, size, &problem);
        CLEANUP(where_values_clear) WhereValues values = { 0 };
        CLEANUP(text_clear) Text sql = { 0 };
        size_t marks = 0;

        if (!where || !where_compile(columns, where, &sql, &values, &problem))
                return 0;
        for (size_t i = 0; i < sql.length; i++)
                marks += sql.data[i] == '?';
        if (marks != values.count)
                abort();
        return 0;
}
