#include "api/catalog_answer.h"

#include "base/clock.h"
#include "base/memory.h"
#include "base/text.h"
#include "json/document.h"

enum { WAIT_MS = 20000, RETRY_S = 5, STATUS_BAD_GATEWAY = 502 };

static int status_of(const CatalogAsked *asked, const CatalogAnswer *answer) {
        bool role_refused = asked->as_role && !answer->answered && answer->kind == ERROR_FORBIDDEN;

        if (role_refused || text_equal(answer->class_word, "permission"))
                return 403;
        if (answer->kind == ERROR_TIMEOUT)
                return 504;
        return answer->kind == ERROR_INVALID && !answer->answered ? 422 : STATUS_BAD_GATEWAY;
}

/* Its own words, and how they are sorted when they are AWS's. */
static void give_failure(Response *response, const CatalogAsked *asked, const CatalogAnswer *answer) {
        Document *document = document_object(), *detail = document_object();
        int status = status_of(asked, answer);

        document_set_int(detail, "code", status);
        document_set_string(detail, "message", answer->message);
        if (answer->answered)
                document_set_string(detail, "aws_class", answer->class_word);
        document_set_string(document, "_status", "ERR");
        document_set(document, "_error", detail);
        response_json(response, status, document_text(document));
        document_free(document);
}

bool catalog_answer_wait(const Request *request, Response *response, const char *topic) {
        Deadline until = request->received_ms + WAIT_MS;

        if (deadline_passed(until))
                return false;
        response_wait(response, topic, until);
        return true;
}

void catalog_answer_give(
        const Request *request, Response *response, const CatalogAsked *asked, CatalogState state,
        CatalogAnswer *answer) {
        switch (state) {
        case CATALOG_READY:
                response_json(response, 200, TAKE(answer->json));
                return;
        case CATALOG_FAILED:
                give_failure(response, asked, answer);
                return;
        case CATALOG_ASKING:
                if (catalog_answer_wait(request, response, answer->topic))
                        return;
                response_fail(
                        response, 504,
                        "%s has not answered within %d s; its answer is kept when it comes: ask again",
                        asked->who, WAIT_MS / 1000);
                break;
        case CATALOG_BUSY:
                response_fail(response, 503, "too much is being asked of %s already; ask again", asked->who);
                break;
        }
        response_header(response, "Retry-After", "%d", RETRY_S);
}
