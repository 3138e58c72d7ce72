/* JSON bodies of the resources: the first byte says which. Whatever comes, it is taken in a form that is
 * taken again as it is, or refused with every fault named, and the rules behind the schema hold on what was
 * taken. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "api/body.h"
#include "base/memory.h"
#include "model/account.h"
#include "model/app.h"
#include "model/app_twin.h"
#include "model/job_request.h"
#include "model/webhook.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static Document *tidy_app(const Document *input) {
        return app_tidy_input(input);
}

static Document *tidy_webhook(const Document *input) {
        return webhook_tidy_input(input, NULL);
}

static const struct {
        const Schema *schema;
        Document *(*tidy)(const Document *input); /* NULL: as it comes */
} rows[] = {
        { &app_schema, tidy_app },         { &job_request_schema, job_request_tidy_input },
        { &webhook_schema, tidy_webhook }, { &user_schema, NULL },
        { &user_edit_schema, NULL },       { &token_schema, NULL },
};
enum { ROWS = sizeof(rows) / sizeof(rows[0]) };

static void check_rules(size_t row, const Document *taken) {
        CLEANUP(error_free) Error *why = NULL;

        if (rows[row].schema == &job_request_schema)
                (void) job_request_check(taken, taken, &why);
        if (rows[row].schema == &webhook_schema)
                document_free(webhook_faults(taken, NULL));
}

static void check(size_t row, SchemaUse use, const Document *input) {
        CLEANUP(document_free) Document *tidy = rows[row].tidy ? rows[row].tidy(input) : document_copy(input);
        CLEANUP(document_free) Document *issues = NULL;
        CLEANUP(document_free) Document *none = NULL;
        CLEANUP(document_free) Document *taken = schema_apply(rows[row].schema, use, tidy, &issues);

        if (!taken != !!issues || (issues && document_count(issues) == 0))
                abort();
        if (!taken)
                return;
        CLEANUP(document_free) Document *again = schema_apply(rows[row].schema, use, taken, &none);
        if (!again || !document_equal(again, taken))
                abort();
        check_rules(row, taken);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length) {
        Request request = { .method = (char *) "POST" };
        Response response;

        if (length == 0)
                return 0;
        response_init(&response);
        CLEANUP(free) char *body = xstrndup((const char *) bytes + 1, length - 1);
        request.body = body;
        request.body_length = length - 1;
        CLEANUP(document_free) Document *input = body_read(&request, &response);
        if (!input != (response.status == 400))
                abort();
        if (input) {
                check(bytes[0] % ROWS, SCHEMA_INSERT, input);
                check(bytes[0] % ROWS, SCHEMA_PATCH, input);
        }
        response_clear(&response);
        return 0;
}
