#include "run/runner.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/memory.h"
#include "base/text.h"

/* Hooks run in processes of their own; a thread only carries the steps. */
enum { THREAD_STACK_BYTES = 512 << 10 };

typedef struct Work {
        char *id;
        char *key; /* NULL: alone */
        RunnerFunction run;
        void *context;
        atomic_bool cancelled;
        bool running;
        struct Work *next;
} Work;

struct Runner {
        pthread_mutex_t lock; /* guards everything below */
        pthread_cond_t changed;
        Work *first; /* in order of arrival, running ones included */
        unsigned max_threads, threads;
        bool stopping;
};

Runner *runner_new(unsigned max_threads) {
        Runner *runner = xcalloc(1, sizeof(*runner));

        pthread_mutex_init(&runner->lock, NULL);
        pthread_cond_init(&runner->changed, NULL);
        runner->max_threads = max_threads;
        return runner;
}

static bool blocks(const Work *earlier, const Work *later) {
        return !earlier->key || !later->key || text_equal(earlier->key, later->key);
}

/* The first that waits and that nothing before it blocks. */
static Work *next_runnable(const Runner *runner) {
        for (Work *work = runner->first; work; work = work->next) {
                bool blocked = work->running;
                for (const Work *earlier = runner->first; earlier != work && !blocked;
                     earlier = earlier->next)
                        blocked = blocks(earlier, work);
                if (!blocked)
                        return work;
        }
        return NULL;
}

static void take_out(Runner *runner, Work *work) {
        Work **at = &runner->first;

        while (*at != work)
                at = &(*at)->next;
        *at = work->next;
        free(work->id);
        free(work->key);
        free(work);
}

static void start_thread(Runner *runner);

static void *thread_main(void *argument) {
        Runner *runner = argument;

        pthread_setname_np(pthread_self(), "task");
        pthread_mutex_lock(&runner->lock);
        for (Work *work; (work = next_runnable(runner));) {
                work->running = true;
                if (next_runnable(runner))
                        start_thread(runner);
                pthread_mutex_unlock(&runner->lock);
                work->run(work->context, &work->cancelled);
                pthread_mutex_lock(&runner->lock);
                take_out(runner, work);
        }
        runner->threads--;
        pthread_cond_broadcast(&runner->changed);
        pthread_mutex_unlock(&runner->lock);
        return NULL;
}

/* With the lock held. When the machine has no thread to give, the running ones will take the work. */
static void start_thread(Runner *runner) {
        pthread_attr_t attributes;
        pthread_t thread;

        if (runner->threads >= runner->max_threads)
                return;
        pthread_attr_init(&attributes);
        pthread_attr_setstacksize(&attributes, THREAD_STACK_BYTES);
        pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
        int problem = pthread_create(&thread, &attributes, thread_main, runner);
        pthread_attr_destroy(&attributes);
        if (problem == 0)
                runner->threads++;
        else
                log_error("no thread for a task: %s", strerror(problem));
}

bool runner_submit(Runner *runner, const char *id, const char *key, RunnerFunction run, void *context) {
        pthread_mutex_lock(&runner->lock);
        bool taken = !runner->stopping;
        if (taken) {
                Work *work = xcalloc(1, sizeof(*work)), **at = &runner->first;
                work->id = xstrdup(id);
                work->key = key ? xstrdup(key) : NULL;
                work->run = run;
                work->context = context;
                while (*at)
                        at = &(*at)->next;
                *at = work;
                start_thread(runner);
        }
        pthread_mutex_unlock(&runner->lock);
        return taken;
}

bool runner_cancel(Runner *runner, const char *id) {
        bool found = false;

        pthread_mutex_lock(&runner->lock);
        for (Work *work = runner->first; work; work = work->next) {
                if (text_equal(work->id, id)) {
                        atomic_store(&work->cancelled, true);
                        found = true;
                }
        }
        pthread_mutex_unlock(&runner->lock);
        return found;
}

void runner_stop(Runner *runner) {
        pthread_mutex_lock(&runner->lock);
        runner->stopping = true;
        for (Work *work = runner->first; work; work = work->next)
                atomic_store(&work->cancelled, true);
        while (runner->threads > 0)
                pthread_cond_wait(&runner->changed, &runner->lock);
        pthread_mutex_unlock(&runner->lock);
}

void runner_free(Runner *runner) {
        if (!runner)
                return;
        pthread_mutex_destroy(&runner->lock);
        pthread_cond_destroy(&runner->changed);
        free(runner);
}
