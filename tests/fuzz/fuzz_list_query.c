/* The query of a list, from the request's target to SQL: whatever comes, it is refused, or a page within
 * bounds is asked for with a condition that has a parameter for each value. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "api/list_request.h"
#include "api/projection.h"
#include "base/memory.h"
#include "store/where.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static const WhereColumn columns[] = { { "name", "name", WHERE_TEXT },
                                       { "_updated", "updated_us", WHERE_TIME },
                                       { NULL } };

static void check_where(const Document *where) {
        CLEANUP(where_values_clear) WhereValues values = { 0 };
        CLEANUP(text_clear) Text sql = { 0 };
        CLEANUP(error_free) Error *refused = NULL;
        size_t marks = 0;

        if (!where_compile(columns, where, &sql, &values, &refused))
                return;
        for (size_t i = 0; i < sql.length; i++)
                marks += sql.data[i] == '?';
        if (marks != values.count)
                abort();
}

static void check_projection(const Document *projection) {
        CLEANUP(error_free) Error *ignored = NULL;
        static const char text[] = "{\"_id\":\"1\",\"name\":\"x\",\"modules\":[{\"name\":\"y\"}]}";
        CLEANUP(document_free) Document *document = document_parse(text, strlen(text), &ignored);
        CLEANUP(document_free) Document *shown = projection_apply(projection, document);

        if (!document_get(shown, "_id")) /* always there */
                abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length) {
        CLEANUP(free) char *query = xstrndup((const char *) bytes, length);
        CLEANUP(free) char *raw = xasprintf("/apps?%s", query);
        CLEANUP(error_free) Error *malformed = NULL;
        CLEANUP(error_free) Error *refused = NULL;
        CLEANUP(list_request_clear) ListRequest list = { 0 };
        Request request = { .method = (char *) "GET" };

        if (target_parse(raw, &request.target, &malformed)) {
                bool read = list_request_read(&request, &list, &refused);

                if (read == (refused != NULL))
                        abort();
                if (read) {
                        if (list.page < 1 || list.max_results < 1 || list.max_results > LIST_MAX_RESULTS)
                                abort();
                        check_where(list.where);
                        check_projection(list.view.projection);
                }
        }
        target_clear(&request.target);
        return 0;
}
