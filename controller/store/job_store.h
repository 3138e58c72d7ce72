/* Jobs: the queue, and what a running job must remember to survive a restart. Documents by collection.h. */
#pragma once

#include "model/job.h"
#include "store/collection.h"

/* Inserts with status init. app_id must exist: else NOT_FOUND. */
bool job_store_insert(Store *store, const Document *job, Document **ret, Error **err);

/* Claims the oldest job whose application has none running; *ret stays NULL when there is none. Sets started.
 */
bool job_store_claim_next(Store *store, Document **ret, Error **err);

/* Moves the status along an arrow of the life cycle; CONFLICT when the job has meanwhile another one. */
bool job_store_set_status(
        Store *store, const char *id, JobStatus from, JobStatus to, const char *message, Error **err);

/* Queued: becomes cancelled (*ret_status JOB_CANCELLED). Running: marked, *ret_status JOB_STARTED. Ended:
 * INVALID. */
bool job_store_request_cancel(Store *store, const char *id, JobStatus *ret_status, Error **err);
bool job_store_cancel_requested(Store *store, const char *id, bool *ret, Error **err);

/* Every queued job of an application that goes away. CONFLICT names one that is running: nothing is changed.
 */
bool job_store_cancel_queued(Store *store, const char *app_id, const char *message, Error **err);

/* Jobs that a former controller left started: array of documents, "resumes" counted up in each, but once for
 * one that waits for an approval. */
bool job_store_take_over_started(Store *store, Document **ret, Error **err);

/* Steps: an intent is written before the outside world is changed, the result after. */
typedef enum JobStepState { JOB_STEP_NONE, JOB_STEP_INTENT, JOB_STEP_DONE } JobStepState;
bool job_store_get_step(
        Store *store, const char *job_id, const char *step, JobStepState *ret_state, char **ret_data,
        Error **err);
bool job_store_set_step(
        Store *store, const char *job_id, const char *step, JobStepState state, const char *data,
        Error **err);

/* The agents' log streams of a job: where a task's stream stands, and the bytes about to be written. */
typedef struct JobLogAdvance {
        const char *job_id, *task_id;
        uint64_t next_line;
        uint64_t stream_bytes; /* of the stream, up to next_line */
        uint64_t offset;       /* in the job's log */
        const void *bytes;
        size_t length;
} JobLogAdvance;
/* In one transaction. */
bool job_store_log_advance(Store *store, const JobLogAdvance *advance, Error **err);
/* 0 for a stream that was never seen. ret_stream_bytes may be NULL. */
bool job_store_log_stream(
        Store *store, const char *task_id, uint64_t *ret_next_line, uint64_t *ret_stream_bytes, Error **err);
/* The last bytes that were about to be written; *ret stays NULL when there are none. */
bool job_store_log_tail(
        Store *store, const char *job_id, uint64_t *ret_offset, void **ret, size_t *ret_length, Error **err);
/* Tail and steps of an ended job. The line numbers stay: a late repeat of a batch is no news. */
bool job_store_log_forget(Store *store, const char *job_id, Error **err);
