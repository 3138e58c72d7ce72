/* Job logs: one append-only file per job, folder/<job id>.txt; a byte offset means the same byte for ever.
 * The controller's own lines are timestamped; agents' lines come in numbered batches and are written exactly
 * once, whatever dies when. Thread-safe; each call ends with an fdatasync. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "store/store.h"

typedef struct JobLogs JobLogs;

typedef struct JobLogsSpec {
        const char *folder; /* data_dir/logs */
        Store *store;
        /* The file grew. From whatever thread wrote; must not block. May be NULL. */
        void (*on_growth)(void *context, const char *job_id);
        void *context;
} JobLogsSpec;

JobLogs *job_logs_new(const JobLogsSpec *spec, Error **err);
void job_logs_free(JobLogs *logs);
CLEANUP_DEFINE(JobLogs, job_logs_free);

/* Bytes written to all logs since the start. */
uint64_t job_logs_written_bytes(const JobLogs *logs);

/* Caller frees. */
char *job_logs_path(const JobLogs *logs, const char *job_id);

/* "YYYY/MM/DD HH:MM:SS GMT: " and the text, which may hold several lines. */
bool job_logs_append(JobLogs *logs, const char *job_id, const char *text, Error **err);

typedef struct JobLogBatch {
        const char *job_id, *task_id, *instance_id;
        uint64_t first_line;
        uint32_t line_count;
        const void *lines; /* each ends in '\n' */
        size_t length;
        uint64_t stream_bytes; /* of the task's stream, this batch included */
} JobLogBatch;

/* Writes what is new in the batch, with "[instance] " before each line. *ret_next_line is what to
 * acknowledge: all before it is on disk. A gap before first_line writes nothing and acknowledges what there
 * is. */
bool job_logs_append_batch(JobLogs *logs, const JobLogBatch *batch, uint64_t *ret_next_line, Error **err);

/* Bytes of the task's stream that are written; survives a restart. */
uint64_t job_logs_stream_bytes(JobLogs *logs, const char *job_id, const char *task_id);

/* Nothing will be written any more; forgets what was only needed for that. */
void job_logs_finish(JobLogs *logs, const char *job_id);
