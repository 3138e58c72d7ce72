#include "store/job_store.h"

#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "store/notification_store.h"
#include "store/query.h"

static bool insert_inside(Store *store, const Document *job, Document **ret, Error **err) {
        CLEANUP(document_free) Document *copy = document_copy(job);
        CLEANUP(document_free) Document *app = NULL;

        if (!collection_get(store, COLLECTION_APPS, document_get_string(job, "app_id"), &app, err))
                return false;
        document_set_string(copy, "status", names_word(&job_status_names, JOB_PENDING));
        document_set_string(copy, "message", "Initializing job");
        return collection_insert(store, COLLECTION_JOBS, copy, ret, err);
}

/* The application must still be there when the job is. */
bool job_store_insert(Store *store, const Document *job, Document **ret, Error **err) {
        if (!store_begin(store, err))
                return false;
        if (!insert_inside(store, job, ret, err)) {
                store_roll_back(store);
                return false;
        }
        return store_commit(store, err);
}

/* NULL: there is none. */
static bool start_next(Store *store, char **ret_id, Error **err) {
        CLEANUP(query_end) Query query = { 0 };
        CLEANUP(free) char *id = NULL;
        int64_t now = clock_now_us();
        CLEANUP(free) char *date = clock_format_http(now);
        bool row = false;

        if (!query_write(
                    store,
                    "UPDATE jobs SET updated_us = ?1, doc = json_set(doc, '$.status', 'started', "
                    "'$.message', "
                    "'Job processing started', '$.log_id', id, '$.started_us', ?1, '$.started_at', ?2) "
                    "WHERE id = ("
                    "SELECT id FROM jobs AS next WHERE status = 'init' AND NOT EXISTS ("
                    "SELECT 1 FROM jobs AS busy WHERE busy.app_id = next.app_id AND busy.status = 'started') "
                    "ORDER BY created_us, rowid LIMIT 1) RETURNING id",
                    &query, err))
                return false;
        query_bind_int(&query, now);
        query_bind_text(&query, date);
        if (!query_step(&query, &row, err))
                return false;
        if (!row)
                return true;
        id = query_text(&query, 0);
        if (!query_run(&query, err))
                return false;
        *ret_id = TAKE(id);
        return true;
}

static bool claim_inside(Store *store, char **ret_id, Error **err) {
        return start_next(store, ret_id, err) &&
               (!*ret_id || notification_store_add_event(store, *ret_id, err));
}

bool job_store_claim_next(Store *store, Document **ret, Error **err) {
        CLEANUP(free) char *id = NULL;

        *ret = NULL;
        if (!store_begin(store, err))
                return false;
        if (!claim_inside(store, &id, err)) {
                store_roll_back(store);
                return false;
        }
        if (!store_commit(store, err))
                return false;
        return !id || collection_get(store, COLLECTION_JOBS, id, ret, err);
}

static bool move_status(
        Store *store, const char *id, JobStatus from, JobStatus to, const char *message, Error **err) {
        CLEANUP(query_end) Query query = { 0 };

        if (!query_write(
                    store,
                    "UPDATE jobs SET updated_us = ?1, doc = json_set(json_remove(doc, '$.approval'), "
                    "'$.status', "
                    "?2, '$.message', ?3) WHERE id = ?4 AND status = ?5",
                    &query, err))
                return false;
        query_bind_int(&query, clock_now_us());
        query_bind_text(&query, names_word(&job_status_names, to));
        query_bind_text(&query, message);
        query_bind_text(&query, id);
        query_bind_text(&query, names_word(&job_status_names, from));
        if (!query_run(&query, err))
                return false;
        return query_changes(&query) == 1 || error_set(
                                                     err, ERROR_CONFLICT, "job %s is not %s any more", id,
                                                     names_word(&job_status_names, from));
}

/* The news of it goes into the same transaction: it is told if and only if it is so. */
bool job_store_set_status(
        Store *store, const char *id, JobStatus from, JobStatus to, const char *message, Error **err) {
        if (!job_status_may_become(from, to))
                return error_set(
                        err, ERROR_CONFLICT, "a job that is %s cannot become %s",
                        names_word(&job_status_names, from), names_word(&job_status_names, to));
        if (!store_begin(store, err))
                return false;
        if (!move_status(store, id, from, to, message, err) ||
            !notification_store_add_event(store, id, err)) {
                store_roll_back(store);
                return false;
        }
        return store_commit(store, err);
}

static bool mark_cancel(Store *store, const char *id, Error **err) {
        CLEANUP(query_end) Query query = { 0 };

        if (!query_write(
                    store, "UPDATE jobs SET cancel_requested = 1 WHERE id = ? AND status = 'started'", &query,
                    err))
                return false;
        query_bind_text(&query, id);
        return query_run(&query, err);
}

static bool cancel_inside(Store *store, const char *id, JobStatus *ret_status, Error **err) {
        CLEANUP(document_free) Document *job = NULL;
        int status = 0;

        if (!collection_get(store, COLLECTION_JOBS, id, &job, err))
                return false;
        if (!names_value(&job_status_names, document_get_string(job, "status"), &status))
                return error_set(err, ERROR_INTERNAL, "job %s has no known status", id);
        if (status == JOB_PENDING) {
                *ret_status = JOB_CANCELLED;
                return job_store_set_status(store, id, JOB_PENDING, JOB_CANCELLED, "Job cancelled", err);
        }
        *ret_status = JOB_STARTED;
        if (status != JOB_STARTED)
                return error_set(
                        err, ERROR_INVALID, "Cancelling a job not in init or started status is not allowed");
        return mark_cancel(store, id, err);
}

bool job_store_request_cancel(Store *store, const char *id, JobStatus *ret_status, Error **err) {
        if (!store_begin(store, err))
                return false;
        if (!cancel_inside(store, id, ret_status, err)) {
                store_roll_back(store);
                return false;
        }
        return store_commit(store, err);
}

bool job_store_cancel_requested(Store *store, const char *id, bool *ret, Error **err) {
        CLEANUP(query_end) Query query = { 0 };
        bool row = false;

        if (!query_read(store, "SELECT cancel_requested FROM jobs WHERE id = ?", &query, err))
                return false;
        query_bind_text(&query, id);
        if (!query_step(&query, &row, err))
                return false;
        *ret = row && query_int(&query, 0) != 0;
        return true;
}

/* One that waits for a person has no part in what ended the controller, however often that is. */
#define RESUMES "max(1, resumes + (json_extract(doc, '$.approval.point') IS NULL))"

static bool count_resumes(Store *store, Error **err) {
        CLEANUP(query_end) Query query = { 0 };

        return query_write(
                       store,
                       "UPDATE jobs SET resumes = " RESUMES ", doc = json_set(doc, '$.resumes', " RESUMES
                       ") WHERE status = 'started'",
                       &query, err) &&
               query_run(&query, err);
}

bool job_store_take_over_started(Store *store, Document **ret, Error **err) {
        CLEANUP(document_free) Document *where = document_object();

        document_set_string(where, "status", names_word(&job_status_names, JOB_STARTED));
        return count_resumes(store, err) && collection_find(store, COLLECTION_JOBS, where, ret, err);
}

static bool find_jobs(Store *store, const char *app_id, JobStatus status, Document **ret, Error **err) {
        CLEANUP(document_free) Document *where = document_object();

        document_set_string(where, "app_id", app_id);
        document_set_string(where, "status", names_word(&job_status_names, status));
        return collection_find(store, COLLECTION_JOBS, where, ret, err);
}

bool job_store_cancel_queued(Store *store, const char *app_id, const char *message, Error **err) {
        CLEANUP(document_free) Document *running = NULL;
        CLEANUP(document_free) Document *queued = NULL;

        if (!find_jobs(store, app_id, JOB_STARTED, &running, err) ||
            !find_jobs(store, app_id, JOB_PENDING, &queued, err))
                return false;
        if (document_count(running) > 0)
                return error_set(
                        err, ERROR_CONFLICT,
                        "Job %s of this application is running: wait for its end or cancel it first",
                        document_get_string(document_at(running, 0), "_id"));
        for (size_t i = 0; i < document_count(queued); i++)
                if (!job_store_set_status(
                            store, document_get_string(document_at(queued, i), "_id"), JOB_PENDING,
                            JOB_CANCELLED, message, err))
                        return false;
        return true;
}
