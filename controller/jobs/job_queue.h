/* The engine: worker threads that take jobs from the database, one per application at a time, and end each
 * with a true status. Thread-safe. */
#pragma once

#include "jobs/services.h"
#include "model/job.h"

typedef struct JobQueue JobQueue;

enum { WAITING_JOBS_MAX = 100 };

/* services outlives the queue. Nothing runs before job_queue_start(). */
JobQueue *job_queue_new(const JobServices *services, unsigned workers);
/* Takes up the jobs that a former controller left, then starts the workers. */
bool job_queue_start(JobQueue *queue, Error **err);
/* A job was stored. */
void job_queue_wake(JobQueue *queue);
/* A queued job is cancelled at once, a running one is told to stop; INVALID when it has ended. */
bool job_queue_cancel(JobQueue *queue, const char *job_id, JobStatus *ret_status, Error **err);
/* A job begins or ends to wait for a person: another runs meanwhile, to its end, in the place of each of
 * WAITING_JOBS_MAX that wait. */
void job_queue_set_waiting(JobQueue *queue, bool waits);
/* Running jobs are interrupted and stay started, to be resumed by the next start. Returns when all workers
 * have ended. */
void job_queue_stop(JobQueue *queue);
void job_queue_free(JobQueue *queue);
CLEANUP_DEFINE(JobQueue, job_queue_free);
