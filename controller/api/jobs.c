/* /jobs: what was asked for and how it went. */
#include <string.h>
#include <unistd.h>

#include "api/audit.h"
#include "api/body.h"
#include "api/bulk.h"
#include "api/collection_answer.h"
#include "api/job_input.h"
#include "api/job_view.h"
#include "api/resources.h"
#include "api/route_doc.h"
#include "base/memory.h"
#include "model/job_request.h"
#include "store/job_approval_store.h"
#include "store/job_store.h"

static const CollectionView view = {
        .name = { "jobs", "job" },
        .collection = COLLECTION_JOBS,
        .relations = { { "app_id", COLLECTION_APPS, NULL } },
        .show = job_view_show,
};

static bool list(const Request *request, Response *response, Services *services, Error **err) {
        return collection_answer_list(&view, request, response, services, err);
}

static bool show(const Request *request, Response *response, Services *services, Error **err) {
        return collection_answer_item(&view, request, response, services, err);
}

static bool create_one(
        const Request *request, Services *services, const Document *element, BulkResult *ret, Error **err) {
        CLEANUP(job_input_clear) JobInput input = { 0 };

        if (!job_input_read(services, element, &input, err))
                return false;
        ret->issues = TAKE(input.issues);
        if (!input.job)
                return true;
        document_set_string(input.job, "user", request_user(request));
        if (!job_store_insert(services->store, input.job, &ret->stored, err))
                return false;
        return audit_note(
                services, request,
                &(AuditNote){ .action = "job create",
                              .object = document_get_string(ret->stored, "_id"),
                              .after = ret->stored },
                err);
}

static bool create(const Request *request, Response *response, Services *services, Error **err) {
        bool created = false;

        if (!bulk_create(request, response, services, &view.name, create_one, &created, err))
                return false;
        if (created && services->wake_jobs)
                services->wake_jobs(services->context);
        return true;
}

static bool has_ended(const Document *job) {
        static const char *const ends[] = { "cancelled", "done", "failed", "aborted" };
        const char *status = document_get_string(job, "status");

        for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
                if (strcmp(ends[i], status) == 0)
                        return true;
        return false;
}

/* *ret_gone stays false when the answer is a refusal. */
static bool discard_inside(
        const Request *request, Response *response, Services *services, bool *ret_gone, Error **err) {
        CLEANUP(document_free) Document *job = NULL;
        const char *id = request_param(request, "id");

        if (!collection_get(services->store, COLLECTION_JOBS, id, &job, err))
                return false;
        if (!envelope_may_edit(request, response, document_get_string(job, "_etag")))
                return true;
        if (!has_ended(job))
                return error_set(
                        err, ERROR_INVALID,
                        "Deleting a job not in cancelled, done, failed or aborted status is not possible");
        *ret_gone = collection_delete(services->store, COLLECTION_JOBS, id, NULL, NULL, err) &&
                    audit_note(
                            services, request,
                            &(AuditNote){ .action = "job delete", .object = id, .before = job }, err);
        return *ret_gone;
}

/* The log goes last: a job without its log would be a loss, a log without its job is only a file. */
static bool discard(const Request *request, Response *response, Services *services, Error **err) {
        bool gone = false;

        if (!store_begin(services->store, err))
                return false;
        if (!discard_inside(request, response, services, &gone, err)) {
                store_roll_back(services->store);
                return false;
        }
        if (!store_commit(services->store, err))
                return false;
        if (!gone)
                return true;

        CLEANUP(free) char *log = xasprintf("%s/%s.txt", services->logs_folder, request_param(request, "id"));
        (void) unlink(log);
        response_no_content(response);
        return true;
}

/* A queued job is taken out of the queue; a running one is asked to stop, which takes it a moment. */
static bool cancel(const Request *request, Response *response, Services *services, Error **err) {
        CLEANUP(error_free) Error *why = NULL;
        const char *id = request_param(request, "id");
        JobStatus status;

        if (!job_store_request_cancel(services->store, id, &status, &why)) {
                bool wrong = error_kind(why) == ERROR_INVALID || error_kind(why) == ERROR_NOT_FOUND;
                return error_set(
                        err, wrong ? ERROR_INVALID : error_kind(why), "%s",
                        wrong ? "Cancelling a job not in init status is not allowed" : error_message(why));
        }
        if (status == JOB_STARTED && services->stop_job)
                services->stop_job(services->context, id);
        else if (status == JOB_CANCELLED && services->wake_log)
                services->wake_log(services->context, id);
        response_no_content(response);
        return audit_note(services, request, &(AuditNote){ .action = "job cancel", .object = id }, err);
}

static const SchemaField approval_fields[] = {
        { "point", SCHEMA_STRING, .fallback = "", .max = 256 },
};
static const Schema approval_schema = SCHEMA(approval_fields);

/* Of what it asks now; a body that names another point than that is of somebody who read something else. */
static bool approve(const Request *request, Response *response, Services *services, Error **err) {
        const char *id = request_param(request, "id");
        CLEANUP(document_free) Document *body = body_read(request, response);
        CLEANUP(document_free)
        Document *asked = body ? body_apply(request, response, &approval_schema, SCHEMA_INSERT, body) : NULL;

        if (!asked)
                return true;
        if (!job_approval_give(
                    services->store, id, document_get_string(asked, "point"), request_user(request), err))
                return false;
        response_no_content(response);
        return audit_note(services, request, &(AuditNote){ .action = "job approve", .object = id }, err);
}

static const Route routes[] = {
        { "GET", "/jobs", RIGHT_READ, list, 0,
          &(const RouteDoc){ .operation = "list_jobs",
                             .summary = "Lists jobs",
                             .kind = ANSWER_COLLECTION,
                             .answer = &job_request_schema,
                             .embeds = { "app_id" } } },
        { "POST", "/jobs", RIGHT_OPERATE, create, 0,
          &(const RouteDoc){ .operation = "create_job",
                             .summary = "Queues a job, or several",
                             .kind = ANSWER_RECEIPT,
                             .body = &job_request_schema,
                             .bulk = true } },
        { "GET", "/jobs/{id}", RIGHT_READ, show, 0,
          &(const RouteDoc){ .operation = "get_job",
                             .summary = "Shows a job",
                             .kind = ANSWER_ITEM,
                             .answer = &job_request_schema,
                             .embeds = { "app_id" } } },
        { "DELETE", "/jobs/{id}", RIGHT_OPERATE, discard, 0,
          &(const RouteDoc){ .operation = "delete_job",
                             .summary = "Deletes a job that has ended, and its log",
                             .kind = ANSWER_NOTHING,
                             .conditional = true,
                             .statuses = { 422 } } },
        { "DELETE", "/jobs/{id}/enqueueings", RIGHT_OPERATE, cancel, 0,
          &(const RouteDoc){ .operation = "cancel_job",
                             .summary = "Takes a job out of the queue, or asks a running one to stop",
                             .kind = ANSWER_NOTHING,
                             .statuses = { 422 } } },
        { "POST", "/jobs/{id}/approvals", RIGHT_OPERATE, approve, 0,
          &(const RouteDoc){ .operation = "approve_job",
                             .summary = "Approves of what a running job waits for",
                             .kind = ANSWER_NOTHING,
                             .body = &approval_schema,
                             .statuses = { 422 } } },
};

const Resource jobs_resource = RESOURCE("jobs", routes);
