/* /jobs/<id>/logs: the log of a job, to download or to follow. */
#include <string.h>

#include "api/api.h"
#include "api/envelope.h"
#include "api/log_file.h"
#include "api/log_stream.h"
#include "api/resources.h"
#include "api/route_doc.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "socketio/log_token.h"
#include "store/job_store.h"

static char *log_path(const Services *services, const char *job_id) {
        return xasprintf("%s/%s.txt", services->logs_folder, job_id);
}

static bool is_over(const Document *job) {
        const char *status = document_get_string(job, "status");

        return strcmp(status, "init") != 0 && strcmp(status, "started") != 0;
}

/* *ret stays NULL when the 404 is given. */
static bool find_job(
        const Request *request, Response *response, Services *services, Document **ret, Error **err) {
        CLEANUP(error_free) Error *why = NULL;

        if (collection_get(services->store, COLLECTION_JOBS, request_param(request, "id"), ret, &why))
                return true;
        if (error_kind(why) != ERROR_NOT_FOUND)
                return error_set(err, error_kind(why), "%s", error_message(why));
        response_fail(response, 404, "Specified job_id doesn't exist.");
        return true;
}

static bool download(const Request *request, Response *response, Services *services, Error **err) {
        CLEANUP(document_free) Document *job = NULL;
        const char *id = request_param(request, "id");
        CLEANUP(free) char *path = log_path(services, id);

        if (!find_job(request, response, services, &job, err))
                return false;
        if (job)
                log_file_answer(request, response, path, id, is_over(job));
        return true;
}

typedef struct FollowedJob {
        Services *services;
        char *id;
} FollowedJob;

/* A job that is gone has no more to say. A store that fails for a moment is asked again later. */
static bool job_ended(void *context, char **ret_status) {
        const FollowedJob *followed = context;
        CLEANUP(document_free) Document *job = NULL;
        CLEANUP(error_free) Error *error = NULL;

        if (!collection_get(followed->services->store, COLLECTION_JOBS, followed->id, &job, &error)) {
                if (error_kind(error) != ERROR_NOT_FOUND)
                        log_error("following job %s: %s", followed->id, error_message(error));
                return error_kind(error) == ERROR_NOT_FOUND;
        }
        if (!is_over(job))
                return false;
        *ret_status = xstrdup(document_get_string(job, "status"));
        return true;
}

static void free_followed(void *context) {
        FollowedJob *followed = context;

        free(followed->id);
        free(followed);
}

static bool follow(const Request *request, Response *response, Services *services, Error **err) {
        CLEANUP(document_free) Document *job = NULL;
        CLEANUP(error_free) Error *why = NULL;
        const char *id = request_param(request, "id");
        uint64_t offset;

        if (!log_file_offset(request, &offset, &why)) {
                response_fail(response, 400, "%s", error_message(why));
                return true;
        }
        if (!find_job(request, response, services, &job, err))
                return false;
        if (!job)
                return true;

        FollowedJob *followed = xcalloc(1, sizeof(*followed));
        followed->services = services;
        followed->id = xstrdup(id);
        LogStreamSource source = { .path = log_path(services, id),
                                   .topic = api_log_topic(id),
                                   .offset = offset,
                                   .ended = job_ended,
                                   .free = free_followed,
                                   .context = followed };
        log_stream_answer(response, &source);
        return true;
}

static bool make_token(const Request *request, Response *response, Services *services, Error **err) {
        CLEANUP(document_free) Document *job = NULL;

        if (!find_job(request, response, services, &job, err))
                return false;
        if (!job)
                return true;
        CLEANUP(free)
        char *token = log_token_new(
                services->log_token_key, request_param(request, "id"), clock_now_us() / 1000000);
        Document *answer = document_object();
        document_set_string(answer, "token", token);
        envelope_plain(response, answer);
        response_header(response, "Cache-Control", "no-store");
        return true;
}

static const SchemaField token_fields[] = { { "token", SCHEMA_STRING, SCHEMA_REQUIRED } };
static const Schema token_schema = SCHEMA(token_fields);

static const Route routes[] = {
        { "GET", "/jobs/{id}/websocket_token", RIGHT_READ, make_token, 0,
          &(const RouteDoc){ .operation = "make_job_log_token",
                             .summary =
                                     "Makes a token that opens the log of the job over Socket.IO for a day",
                             .kind = ANSWER_DOCUMENT,
                             .answer = &token_schema } },
        { "GET", "/jobs/{id}/logs", RIGHT_READ, download, 0,
          &(const RouteDoc){ .operation = "get_job_log",
                             .summary = "Downloads the log of a job, whole or from an offset on",
                             .kind = ANSWER_FILE,
                             .parameters = { { "offset", "Bytes of the log to leave out", SCHEMA_INT } } } },
        { "GET", "/jobs/{id}/logs/stream", RIGHT_READ, follow, 0,
          &(const RouteDoc){ .operation = "follow_job_log",
                             .summary = "Follows the log of a job as server-sent events until the job ends",
                             .description =
                                     "The id of an event is the offset behind it in the log; Last-Event-ID "
                                     "resumes there.",
                             .kind = ANSWER_EVENTS,
                             .parameters = { { "offset", "Bytes of the log to leave out", SCHEMA_INT } } } },
};

const Resource job_logs_resource = RESOURCE("job_logs", routes);
