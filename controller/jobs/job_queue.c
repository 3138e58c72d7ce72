#include "jobs/job_queue.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "base/log.h"
#include "base/memory.h"
#include "jobs/job_run.h"
#include "store/job_store.h"

enum { LOOK_INTERVAL_MS = 2000 };

typedef struct Worker {
        JobQueue *queue;
        pthread_t thread;
        bool begun;
        bool left; /* it touches nothing any more, and is joined */
} Worker;

struct JobQueue {
        const JobServices *services;
        unsigned limit;       /* so many run at a time, besides those that wait for a person */
        pthread_mutex_t lock; /* guards all below */
        pthread_cond_t changed;
        uint64_t wakes;
        Document *resumed; /* jobs of a former controller; NULL: none */
        size_t resumed_taken;
        unsigned running; /* workers that have not left */
        unsigned waiting; /* of whose jobs a person is awaited */
        Worker *workers;  /* limit + WAITING_JOBS_MAX */
        atomic_bool stopping;
};

JobQueue *job_queue_new(const JobServices *services, unsigned workers) {
        JobQueue *queue = xcalloc(1, sizeof(*queue));
        pthread_condattr_t monotonic;

        queue->services = services;
        queue->limit = workers;
        queue->workers = xcalloc(workers + WAITING_JOBS_MAX, sizeof(*queue->workers));
        pthread_mutex_init(&queue->lock, NULL);
        pthread_condattr_init(&monotonic);
        pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
        pthread_cond_init(&queue->changed, &monotonic);
        pthread_condattr_destroy(&monotonic);
        return queue;
}

static Document *take_resumed(JobQueue *queue) {
        Document *job = NULL;

        pthread_mutex_lock(&queue->lock);
        if (queue->resumed_taken < document_count(queue->resumed))
                job = document_copy(document_at(queue->resumed, queue->resumed_taken++));
        pthread_mutex_unlock(&queue->lock);
        return job;
}

static Document *next_job(JobQueue *queue) {
        CLEANUP(error_free) Error *failed = NULL;
        Document *job = take_resumed(queue);

        if (!job && !job_store_claim_next(queue->services->store, &job, &failed))
                log_error("job queue: %s", error_message(failed));
        return job;
}

/* Also looks by itself now and then: a disk that was full, a wake that was lost. */
static void wait_for_wake(JobQueue *queue, uint64_t *seen) {
        Deadline deadline = deadline_after_ms(LOOK_INTERVAL_MS);
        struct timespec until = { .tv_sec = deadline / 1000, .tv_nsec = (deadline % 1000) * 1000000 };

        pthread_mutex_lock(&queue->lock);
        while (*seen == queue->wakes && !atomic_load(&queue->stopping) &&
               pthread_cond_timedwait(&queue->changed, &queue->lock, &until) == 0)
                ;
        *seen = queue->wakes;
        pthread_mutex_unlock(&queue->lock);
}

/* Those that took the place of waiting ones leave when these are back. */
static bool leaves(Worker *worker) {
        JobQueue *queue = worker->queue;

        pthread_mutex_lock(&queue->lock);
        worker->left = atomic_load(&queue->stopping) || queue->running > queue->limit + queue->waiting;
        if (worker->left)
                queue->running--;
        bool left = worker->left;
        pthread_mutex_unlock(&queue->lock);
        return left;
}

static void *work(void *argument) {
        Worker *worker = argument;
        JobQueue *queue = worker->queue;
        uint64_t seen = 0;

        while (!leaves(worker)) {
                CLEANUP(document_free) Document *job = next_job(queue);
                if (!job) {
                        wait_for_wake(queue, &seen);
                        continue;
                }
                job_run(queue->services, job, &queue->stopping);
                job_queue_wake(queue); /* the application's next job may run now */
        }
        return NULL;
}

/* NULL: all have their place. Under the lock. */
static Worker *find_place(JobQueue *queue) {
        for (unsigned i = 0; i < queue->limit + WAITING_JOBS_MAX; i++) {
                Worker *worker = &queue->workers[i];

                if (worker->left)
                        pthread_join(worker->thread, NULL);
                if (worker->left || !worker->begun) {
                        *worker = (Worker){ .queue = queue };
                        return worker;
                }
        }
        return NULL;
}

/* As many as there is work for at a time. Under the lock. */
static bool start_workers(JobQueue *queue) {
        while (!atomic_load(&queue->stopping) && queue->running < queue->limit + queue->waiting) {
                Worker *worker = find_place(queue);

                if (!worker || pthread_create(&worker->thread, NULL, work, worker) != 0)
                        return false;
                worker->begun = true;
                queue->running++;
        }
        return true;
}

bool job_queue_start(JobQueue *queue, Error **err) {
        if (!job_store_take_over_started(queue->services->store, &queue->resumed, err))
                return false;
        pthread_mutex_lock(&queue->lock);
        bool ok = start_workers(queue);
        pthread_mutex_unlock(&queue->lock);
        if (ok)
                return true;
        job_queue_stop(queue);
        return error_set(err, ERROR_INTERNAL, "cannot start a thread for jobs");
}

void job_queue_set_waiting(JobQueue *queue, bool waits) {
        pthread_mutex_lock(&queue->lock);
        if (waits)
                queue->waiting++;
        else
                queue->waiting--;
        if (!start_workers(queue))
                log_warn(
                        "job queue: %u jobs wait for an approval and no worker more is to be had: they hold "
                        "up "
                        "others until some are approved or cancelled",
                        queue->waiting);
        pthread_mutex_unlock(&queue->lock);
}

void job_queue_wake(JobQueue *queue) {
        pthread_mutex_lock(&queue->lock);
        queue->wakes++;
        pthread_cond_broadcast(&queue->changed);
        pthread_mutex_unlock(&queue->lock);
}

bool job_queue_cancel(JobQueue *queue, const char *job_id, JobStatus *ret_status, Error **err) {
        if (!job_store_request_cancel(queue->services->store, job_id, ret_status, err))
                return false;
        task_board_on_change(queue->services->tasks);
        if (*ret_status == JOB_CANCELLED && queue->services->on_job_changed)
                queue->services->on_job_changed(queue->services->context, job_id);
        return true;
}

void job_queue_stop(JobQueue *queue) {
        atomic_store(&queue->stopping, true);
        job_queue_wake(queue); /* its lock: who starts workers has done so, or does not any more */
        task_board_on_change(queue->services->tasks);
        for (unsigned i = 0; i < queue->limit + WAITING_JOBS_MAX; i++) {
                if (queue->workers[i].begun)
                        pthread_join(queue->workers[i].thread, NULL);
                queue->workers[i].begun = false;
        }
}

void job_queue_free(JobQueue *queue) {
        if (!queue)
                return;
        job_queue_stop(queue);
        document_free(queue->resumed);
        pthread_cond_destroy(&queue->changed);
        pthread_mutex_destroy(&queue->lock);
        free(queue->workers);
        free(queue);
}
