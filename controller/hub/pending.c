#include "hub/pending.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/memory.h"

enum { POLL_MS = 200 };

typedef struct Task {
        struct Task *next;
        char *task_id, *agent_id;
        void *order;
        size_t order_length;
        uint8_t signature[ED25519_SIGNATURE_BYTES];
        uint8_t *receipt; /* packed; NULL: not yet */
        size_t receipt_length;
} Task;

struct Pending {
        pthread_mutex_t lock; /* guards the rest */
        pthread_cond_t changed;
        Task *tasks;
};

Pending *pending_new(void) {
        Pending *pending = xcalloc(1, sizeof(*pending));
        pthread_condattr_t attributes;

        pthread_mutex_init(&pending->lock, NULL);
        pthread_condattr_init(&attributes);
        pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
        pthread_cond_init(&pending->changed, &attributes);
        pthread_condattr_destroy(&attributes);
        return pending;
}

static void task_free(Task *task) {
        free(task->task_id);
        free(task->agent_id);
        free(task->order);
        free(task->receipt);
        free(task);
}

void pending_free(Pending *pending) {
        if (!pending)
                return;

        while (pending->tasks) {
                Task *task = pending->tasks;

                pending->tasks = task->next;
                task_free(task);
        }
        pthread_cond_destroy(&pending->changed);
        pthread_mutex_destroy(&pending->lock);
        free(pending);
}

/* With the lock held: where the pointer to the task is, or to the NULL at the end. */
static Task **find(Pending *pending, const char *task_id) {
        Task **at = &pending->tasks;

        while (*at && strcmp((*at)->task_id, task_id) != 0)
                at = &(*at)->next;
        return at;
}

bool pending_add(Pending *pending, const HubTask *task) {
        pthread_mutex_lock(&pending->lock);
        Task **at = find(pending, task->task_id);
        bool fresh = !*at;
        if (fresh) {
                *at = xcalloc(1, sizeof(**at));
                (*at)->task_id = xstrdup(task->task_id);
                (*at)->agent_id = xstrdup(task->agent_id);
                (*at)->order = xmemdup(task->order, task->order_length);
                (*at)->order_length = task->order_length;
                memcpy((*at)->signature, task->signature, ED25519_SIGNATURE_BYTES);
        }
        pthread_mutex_unlock(&pending->lock);
        return fresh;
}

void pending_remove(Pending *pending, const char *task_id) {
        pthread_mutex_lock(&pending->lock);
        Task **at = find(pending, task_id);
        Task *task = *at;
        if (task)
                *at = task->next;
        pthread_mutex_unlock(&pending->lock);
        if (task)
                task_free(task);
}

void pending_complete(Pending *pending, const Ghost__Receipt *receipt) {
        size_t length = ghost__receipt__get_packed_size(receipt);
        CLEANUP(free) uint8_t *bytes = xcalloc(length + 1, 1);

        (void) ghost__receipt__pack(receipt, bytes);
        pthread_mutex_lock(&pending->lock);
        Task *task = *find(pending, receipt->task_id);
        if (task && !task->receipt) {
                task->receipt = TAKE(bytes);
                task->receipt_length = length;
                pthread_cond_broadcast(&pending->changed);
        }
        pthread_mutex_unlock(&pending->lock);
}

static void wait_a_little(Pending *pending, Deadline deadline) {
        int left = deadline_left_ms(deadline);
        int64_t end_ms = clock_monotonic_ms() + (left < POLL_MS ? left : POLL_MS);
        const struct timespec end = { .tv_sec = end_ms / 1000, .tv_nsec = end_ms % 1000 * 1000000 };

        (void) pthread_cond_timedwait(&pending->changed, &pending->lock, &end);
}

static bool look(
        Pending *pending, const char *task_id, Deadline deadline, bool *ret_over, Ghost__Receipt **ret,
        Error **err) {
        Task *task = *find(pending, task_id);

        *ret_over = true;
        if (!task)
                return error_set(err, ERROR_NOT_FOUND, "task %s was given up", task_id);
        if (task->receipt) {
                *ret = ghost__receipt__unpack(NULL, task->receipt_length, task->receipt);
                return *ret ||
                       error_set(err, ERROR_INTERNAL, "the receipt of task %s is not readable", task_id);
        }
        if (deadline_passed(deadline))
                return error_set(err, ERROR_TIMEOUT, "no answer from the agent in time");
        *ret_over = false;
        return true;
}

bool pending_wait(
        Pending *pending, const char *task_id, Deadline deadline, HubCancelled cancelled, void *context,
        Ghost__Receipt **ret, Error **err) {
        for (;;) {
                bool over = false;

                if (cancelled && cancelled(context))
                        return error_set(err, ERROR_CANCELLED, "cancelled while waiting for an agent");
                pthread_mutex_lock(&pending->lock);
                bool ok = look(pending, task_id, deadline, &over, ret, err);
                if (!over)
                        wait_a_little(pending, deadline);
                pthread_mutex_unlock(&pending->lock);
                if (over)
                        return ok;
        }
}

void pending_each(
        Pending *pending, const char *agent_id, void (*call)(void *context, const HubTask *task),
        void *context) {
        pthread_mutex_lock(&pending->lock);
        for (Task *task = pending->tasks; task; task = task->next)
                if (!task->receipt && strcmp(task->agent_id, agent_id) == 0)
                        call(context, &(HubTask){
                                              .task_id = task->task_id,
                                              .agent_id = task->agent_id,
                                              .order = task->order,
                                              .order_length = task->order_length,
                                              .signature = task->signature,
                                      });
        pthread_mutex_unlock(&pending->lock);
}

bool pending_agent(Pending *pending, const char *task_id, char **ret) {
        pthread_mutex_lock(&pending->lock);
        Task *task = *find(pending, task_id);
        if (task)
                *ret = xstrdup(task->agent_id);
        pthread_mutex_unlock(&pending->lock);
        return task != NULL;
}
