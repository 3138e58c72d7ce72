/* /events/stream: what changes, as it changes, so that nobody needs to ask again and again. */
#include "api/change_stream.h"
#include "api/resources.h"
#include "api/route_doc.h"
#include "api/services.h"
#include "base/text.h"
#include "http/request.h"

/* Then the client comes back with what it saw last, and whether it still may is asked again. */
enum { SECONDS_MAX = 600 };

static bool read_seconds(const Request *request, uint64_t *ret, Error **err) {
        const char *word = request_query(request, "seconds");

        *ret = SECONDS_MAX;
        return !word || text_parse_uint(word, 0, SECONDS_MAX, ret, err) || error_prefix(err, "seconds");
}

static bool follow(const Request *request, Response *response, Services *services, Error **err) {
        CLEANUP(error_free) Error *why = NULL;
        const char *last = request_header(request, "Last-Event-ID");
        uint64_t seconds = 0;

        if (!services->changes)
                return error_set(err, ERROR_UNAVAILABLE, "changes are not gathered here");
        if (!read_seconds(request, &seconds, &why)) {
                response_fail(response, 400, "%s", error_message(why));
                return true;
        }
        change_stream_answer(
                response, &(ChangeStreamSpec){ .changes = services->changes,
                                               .last_event_id = text_empty(last) ? NULL : last,
                                               .accounts = request_has_right(request, RIGHT_ADMIN),
                                               .until = deadline_after_ms((int64_t) seconds * 1000) });
        return true;
}

static const Route routes[] = {
        { "GET", "/events/stream", RIGHT_READ, follow, 0,
          &(const RouteDoc){
                  .operation = "follow_changes",
                  .summary = "Follows the changes of all documents as server-sent events",
                  .description =
                          "The first event is hello: {\"sequence\": N}. Then a change each: {\"collection\": "
                          "apps, jobs, deployments, instances, webhooks, invocations, for admins users and "
                          "tokens too; \"id\"; \"app_id\" or null; \"etag\", null when it was deleted; "
                          "\"deleted\"}. Several changes of a document within 250 ms are one. Last-Event-ID "
                          "resumes behind that event; when what was missed is not known any more, an event "
                          "reset comes: read everything anew. The stream ends after ten minutes at the "
                          "latest: "
                          "come back with Last-Event-ID.",
                  .kind = ANSWER_EVENTS,
                  .parameters = { { "seconds",
                                    "Ends the stream after so long; 0: with what is known already. At most "
                                    "600",
                                    SCHEMA_INT } } } },
};

const Resource events_resource = RESOURCE("events", routes);
