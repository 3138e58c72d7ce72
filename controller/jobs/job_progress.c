#include "jobs/job_progress.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "jobs/job_context.h"

enum { WRITE_EVERY_MS = 500 };

static Document *describe(const JobProgress *progress) {
        Document *document = document_object();

        document_set_string(document, "phase", progress->phase);
        document_set_int(document, "instances_total", (int64_t) progress->total);
        document_set_int(document, "instances_done", (int64_t) progress->done);
        document_set_int(document, "instances_failed", (int64_t) progress->failed);
        document_set_int(document, "batch", (int64_t) progress->batch);
        document_set_int(document, "batches", (int64_t) progress->batches);
        return document;
}

static bool same_stage(const JobProgress *a, const JobProgress *b) {
        return strcmp(a->phase, b->phase) == 0 && a->total == b->total && a->batch == b->batch &&
               a->batches == b->batches;
}

/* As a change of the status: the document is touched, its etag is not. */
static void write_down(JobContext *job, const JobProgress *progress) {
        CLEANUP(document_free) Document *members = document_object();
        CLEANUP(error_free) Error *failed = NULL;

        document_set(members, "progress", describe(progress));
        if (!collection_patch(job->services->store, COLLECTION_JOBS, job->id, members, true, &failed))
                log_debug("job progress: %s", error_message(failed));
        else
                job->progress = *progress;
        job->next_progress = deadline_after_ms(WRITE_EVERY_MS);
}

void job_progress_set(JobContext *job, const JobProgress *progress, bool now) {
        const JobProgress *known = &job->progress;
        bool same = same_stage(progress, known);

        if (same && progress->done == known->done && progress->failed == known->failed)
                return;
        if (!same || now || deadline_passed(job->next_progress))
                write_down(job, progress);
}

void job_progress_begin(JobContext *job, const char *format, ...) {
        JobProgress progress = { 0 };
        va_list args;

        va_start(args, format);
        (void) vsnprintf(progress.phase, sizeof(progress.phase), format, args);
        va_end(args);
        job_progress_set(job, &progress, true);
}
