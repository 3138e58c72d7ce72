/* The steps and log streams of jobs. */
#include "base/memory.h"
#include "store/job_store.h"
#include "store/query.h"

bool job_store_get_step(
        Store *store, const char *job_id, const char *step, JobStepState *ret_state, char **ret_data,
        Error **err) {
        CLEANUP(query_end) Query query = { 0 };
        bool row = false;

        if (!query_read(
                    store, "SELECT state, data FROM job_steps WHERE job_id = ? AND step = ?", &query, err))
                return false;
        query_bind_text(&query, job_id);
        query_bind_text(&query, step);
        if (!query_step(&query, &row, err))
                return false;
        *ret_state = row ? (JobStepState) query_int(&query, 0) : JOB_STEP_NONE;
        *ret_data = row ? query_text(&query, 1) : NULL;
        return true;
}

bool job_store_set_step(
        Store *store, const char *job_id, const char *step, JobStepState state, const char *data,
        Error **err) {
        CLEANUP(query_end) Query query = { 0 };

        if (!query_write(store, "INSERT OR REPLACE INTO job_steps VALUES (?,?,?,?)", &query, err))
                return false;
        query_bind_text(&query, job_id);
        query_bind_text(&query, step);
        query_bind_int(&query, state);
        query_bind_text(&query, data);
        return query_run(&query, err);
}

static bool set_stream(Store *store, const JobLogAdvance *advance, Error **err) {
        CLEANUP(query_end) Query query = { 0 };

        if (!query_write(
                    store,
                    "INSERT OR REPLACE INTO log_streams (task_id, job_id, next_line, stream_bytes) VALUES "
                    "(?,?,?,?)",
                    &query, err))
                return false;
        query_bind_text(&query, advance->task_id);
        query_bind_text(&query, advance->job_id);
        query_bind_int(&query, (int64_t) advance->next_line);
        query_bind_int(&query, (int64_t) advance->stream_bytes);
        return query_run(&query, err);
}

static bool set_tail(Store *store, const JobLogAdvance *advance, Error **err) {
        CLEANUP(query_end) Query query = { 0 };

        if (!query_write(store, "INSERT OR REPLACE INTO log_tails VALUES (?,?,?)", &query, err))
                return false;
        query_bind_text(&query, advance->job_id);
        query_bind_int(&query, (int64_t) advance->offset);
        query_bind_bytes(&query, advance->bytes, advance->length);
        return query_run(&query, err);
}

bool job_store_log_advance(Store *store, const JobLogAdvance *advance, Error **err) {
        if (!store_begin(store, err))
                return false;
        if (!set_stream(store, advance, err) || !set_tail(store, advance, err)) {
                store_roll_back(store);
                return false;
        }
        return store_commit(store, err);
}

bool job_store_log_stream(
        Store *store, const char *task_id, uint64_t *ret_next_line, uint64_t *ret_stream_bytes, Error **err) {
        CLEANUP(query_end) Query query = { 0 };
        bool row = false;

        if (!query_read(
                    store, "SELECT next_line, stream_bytes FROM log_streams WHERE task_id = ?", &query, err))
                return false;
        query_bind_text(&query, task_id);
        if (!query_step(&query, &row, err))
                return false;
        *ret_next_line = row ? (uint64_t) query_int(&query, 0) : 0;
        if (ret_stream_bytes)
                *ret_stream_bytes = row ? (uint64_t) query_int(&query, 1) : 0;
        return true;
}

bool job_store_log_tail(
        Store *store, const char *job_id, uint64_t *ret_offset, void **ret, size_t *ret_length, Error **err) {
        CLEANUP(query_end) Query query = { 0 };
        bool row = false;

        *ret = NULL;
        if (!query_read(store, "SELECT position, bytes FROM log_tails WHERE job_id = ?", &query, err))
                return false;
        query_bind_text(&query, job_id);
        if (!query_step(&query, &row, err))
                return false;
        if (row) {
                *ret_offset = (uint64_t) query_int(&query, 0);
                *ret = query_bytes(&query, 1, ret_length);
        }
        return true;
}

static bool delete_of_job(Store *store, const char *sql, const char *job_id, Error **err) {
        CLEANUP(query_end) Query query = { 0 };

        if (!query_write(store, sql, &query, err))
                return false;
        query_bind_text(&query, job_id);
        return query_run(&query, err);
}

bool job_store_log_forget(Store *store, const char *job_id, Error **err) {
        return delete_of_job(store, "DELETE FROM log_tails WHERE job_id = ?", job_id, err) &&
               delete_of_job(store, "DELETE FROM job_steps WHERE job_id = ?", job_id, err);
}
