/* How far a running job is, in its document as "progress": for people who watch it. Kept as it was when the
 * job has ended; a resumed job goes on with it. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/clock.h"

typedef struct JobContext JobContext;

enum { JOB_PHASE_SIZE = 160 };

typedef struct JobProgress {
        char phase[JOB_PHASE_SIZE]; /* "Deploying module site" */
        size_t total, done, failed; /* instances; total 0: it is not known, or not about instances */
        size_t batch, batches;      /* the one in hand, from 1 */
} JobProgress;

/* phase is cut where it is too long. Written when it is another than before; instances alone at most twice a
 * second, unless now. A store that does not take it does not stop the job. */
void job_progress_set(JobContext *job, const JobProgress *progress, bool now);
/* The phase alone: nothing is known of instances. */
void job_progress_begin(JobContext *job, const char *format, ...) __attribute__((format(printf, 2, 3)));
