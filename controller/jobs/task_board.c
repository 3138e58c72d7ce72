#include "jobs/task_board.h"

#include <pthread.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/memory.h"
#include "base/text.h"
#include "store/agent_store.h"

typedef struct Entry {
        struct Entry *next, **place; /* place: what points here */
        char *task_id, *agent_id, *job_id;
        char *stage;
        uint8_t *order, *signature;
        size_t order_length, signature_length;
        unsigned sends;        /* begun and not refused by the link */
        bool may_have_receipt; /* worth asking the store */
} Entry;

struct TaskBoard {
        Store *store;
        AgentLink link;
        pthread_mutex_t lock; /* guards all below; never held while the link is called */
        pthread_cond_t changed;
        uint64_t generation;
        Entry *entries, **end; /* in the order they came */
        void *by_task;         /* tree of search.h: the same entries */
};

TaskBoard *task_board_new(Store *store, const AgentLink *link) {
        TaskBoard *board = xcalloc(1, sizeof(*board));
        pthread_condattr_t monotonic;

        board->store = store;
        board->link = *link;
        board->end = &board->entries;
        pthread_mutex_init(&board->lock, NULL);
        pthread_condattr_init(&monotonic);
        pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
        pthread_cond_init(&board->changed, &monotonic);
        pthread_condattr_destroy(&monotonic);
        return board;
}

static void entry_free(Entry *entry) {
        if (!entry)
                return;
        free(entry->task_id);
        free(entry->agent_id);
        free(entry->job_id);
        free(entry->stage);
        free(entry->order);
        free(entry->signature);
        free(entry);
}

static int compare_tasks(const void *a, const void *b) {
        return strcmp(((const Entry *) a)->task_id, ((const Entry *) b)->task_id);
}

/* With the lock held. */
static Entry *find(const TaskBoard *board, const char *task_id) {
        const Entry wanted = { .task_id = (char *) task_id };
        Entry **place = tfind(&wanted, &board->by_task, compare_tasks);

        return place ? *place : NULL;
}

/* With the lock held, and no entry of that task there. */
static void put_in(TaskBoard *board, Entry *entry) {
        entry->place = board->end;
        *board->end = entry;
        board->end = &entry->next;
        if (!tsearch(entry, &board->by_task, compare_tasks))
                abort();
}

/* With the lock held. */
static void take_out(TaskBoard *board, Entry *entry) {
        (void) tdelete(entry, &board->by_task, compare_tasks);
        *entry->place = entry->next;
        if (entry->next)
                entry->next->place = entry->place;
        else
                board->end = entry->place;
}

void task_board_free(TaskBoard *board) {
        if (!board)
                return;
        while (board->entries) {
                Entry *entry = board->entries;
                take_out(board, entry);
                entry_free(entry);
        }
        pthread_cond_destroy(&board->changed);
        pthread_mutex_destroy(&board->lock);
        free(board);
}

static Entry *entry_copy(const Entry *entry) {
        Entry *copy = xcalloc(1, sizeof(*copy));

        copy->task_id = xstrdup(entry->task_id);
        copy->agent_id = xstrdup(entry->agent_id);
        copy->order = xmemdup(entry->order, entry->order_length);
        copy->order_length = entry->order_length;
        copy->signature = xmemdup(entry->signature, entry->signature_length);
        copy->signature_length = entry->signature_length;
        return copy;
}

static void take_back_send(TaskBoard *board, const char *task_id) {
        pthread_mutex_lock(&board->lock);
        Entry *entry = find(board, task_id);
        if (entry)
                entry->sends--;
        pthread_mutex_unlock(&board->lock);
}

/* Sends copies, so that the lock is not held while the link works. Takes the list. */
static void send_all(TaskBoard *board, Entry *copies) {
        while (copies) {
                Entry *entry = copies;
                Ghost__Task task = GHOST__TASK__INIT;
                task.order.data = entry->order;
                task.order.len = entry->order_length;
                task.signature.data = entry->signature;
                task.signature.len = entry->signature_length;
                if (!board->link.send_task(board->link.context, entry->agent_id, &task))
                        take_back_send(board, entry->task_id);
                copies = entry->next;
                entry_free(entry);
        }
}

void task_board_on_agent_connected(TaskBoard *board, const char *agent_id) {
        Entry *copies = NULL, **last = &copies;

        pthread_mutex_lock(&board->lock);
        for (Entry *entry = board->entries; entry; entry = entry->next)
                if (text_equal(entry->agent_id, agent_id)) {
                        entry->sends++;
                        *last = entry_copy(entry);
                        last = &(*last)->next;
                }
        pthread_mutex_unlock(&board->lock);
        send_all(board, copies);
        task_board_on_change(board);
}

static void give_hint(TaskBoard *board, const char *task_id) {
        pthread_mutex_lock(&board->lock);
        Entry *entry = find(board, task_id);
        if (entry)
                entry->may_have_receipt = true;
        pthread_mutex_unlock(&board->lock);
}

void task_board_on_receipt(TaskBoard *board, const char *task_id) {
        give_hint(board, task_id);
        task_board_on_change(board);
}

void task_board_on_change(TaskBoard *board) {
        pthread_mutex_lock(&board->lock);
        board->generation++;
        pthread_cond_broadcast(&board->changed);
        pthread_mutex_unlock(&board->lock);
}

static char *describe_stage(const Ghost__TaskProgress *progress) {
        const uint64_t megabyte = 1000000;

        if (progress->total == 0)
                return xasprintf("%.40s", progress->stage);
        return xasprintf(
                "%.40s %llu of %llu MB", progress->stage, (unsigned long long) (progress->done / megabyte),
                (unsigned long long) ((progress->total + megabyte - 1) / megabyte));
}

void task_board_on_progress(TaskBoard *board, const Ghost__TaskProgress *progress) {
        pthread_mutex_lock(&board->lock);
        Entry *entry = find(board, progress->task_id);
        if (entry) {
                free(entry->stage);
                entry->stage = describe_stage(progress);
        }
        pthread_mutex_unlock(&board->lock);
}

bool task_board_knows(TaskBoard *board, const char *task_id, const char *agent_id, char **ret_job_id) {
        pthread_mutex_lock(&board->lock);
        const Entry *entry = find(board, task_id);
        bool known = entry && text_equal(entry->agent_id, agent_id);
        if (known && ret_job_id)
                *ret_job_id = xstrdup(entry->job_id);
        pthread_mutex_unlock(&board->lock);
        return known;
}

void task_board_add(
        TaskBoard *board, const char *task_id, const char *agent_id, const char *job_id,
        const Ghost__Task *task) {
        Entry *entry = xcalloc(1, sizeof(*entry));

        entry->task_id = xstrdup(task_id);
        entry->agent_id = xstrdup(agent_id);
        entry->job_id = xstrdup(job_id);
        entry->order = xmemdup(task->order.data, task->order.len);
        entry->order_length = task->order.len;
        entry->signature = xmemdup(task->signature.data, task->signature.len);
        entry->signature_length = task->signature.len;
        entry->may_have_receipt = true;
        Entry *copy = entry_copy(entry);

        pthread_mutex_lock(&board->lock);
        Entry *former = find(board, task_id);
        if (former)
                take_out(board, former);
        put_in(board, entry);
        entry->sends = former ? former->sends + 1 : 1;
        pthread_mutex_unlock(&board->lock);
        entry_free(former);
        send_all(board, copy);
}

void task_board_remove(TaskBoard *board, const char *task_id) {
        pthread_mutex_lock(&board->lock);
        Entry *entry = find(board, task_id);
        if (entry)
                take_out(board, entry);
        pthread_mutex_unlock(&board->lock);
        entry_free(entry);
}

void task_board_cancel(TaskBoard *board, const char *task_id) {
        CLEANUP(free) char *agent_id = NULL;

        pthread_mutex_lock(&board->lock);
        const Entry *entry = find(board, task_id);
        if (entry)
                agent_id = xstrdup(entry->agent_id);
        pthread_mutex_unlock(&board->lock);
        if (agent_id)
                board->link.send_cancel(board->link.context, agent_id, task_id);
}

bool task_board_sent(TaskBoard *board, const char *task_id) {
        pthread_mutex_lock(&board->lock);
        const Entry *entry = find(board, task_id);
        bool sent = entry && entry->sends > 0;
        pthread_mutex_unlock(&board->lock);
        return sent;
}

bool task_board_agent_connected(TaskBoard *board, const char *agent_id) {
        return board->link.connected(board->link.context, agent_id);
}

char *task_board_stage(TaskBoard *board, const char *task_id) {
        pthread_mutex_lock(&board->lock);
        const Entry *entry = find(board, task_id);
        char *stage = entry && entry->stage ? xstrdup(entry->stage) : NULL;
        pthread_mutex_unlock(&board->lock);
        return stage;
}

void task_board_wait(TaskBoard *board, uint64_t *generation, int64_t timeout_ms) {
        Deadline deadline = deadline_after_ms(timeout_ms);
        struct timespec until = { .tv_sec = deadline / 1000, .tv_nsec = (deadline % 1000) * 1000000 };

        pthread_mutex_lock(&board->lock);
        while (board->generation == *generation &&
               pthread_cond_timedwait(&board->changed, &board->lock, &until) == 0)
                ;
        *generation = board->generation;
        pthread_mutex_unlock(&board->lock);
}

/* Says whether to ask the store, and that it has been asked. One that is stored from now on is told anew. */
static bool take_hint(TaskBoard *board, const char *task_id) {
        pthread_mutex_lock(&board->lock);
        Entry *entry = find(board, task_id);
        bool hint = !entry || entry->may_have_receipt;
        if (entry)
                entry->may_have_receipt = false;
        pthread_mutex_unlock(&board->lock);
        return hint;
}

bool task_board_receipt(
        TaskBoard *board, const char *task_id, const char *agent_id, Ghost__Receipt **ret, Error **err) {
        CLEANUP(free) void *bytes = NULL;
        size_t length = 0;

        *ret = NULL;
        if (!take_hint(board, task_id))
                return true;
        bool read = receipt_store_get(board->store, task_id, agent_id, &bytes, &length, err);
        if (!read || bytes)
                give_hint(board, task_id);
        if (!read || !bytes)
                return read;
        *ret = ghost__receipt__unpack(NULL, length, bytes);
        return *ret || error_set(err, ERROR_INTERNAL, "the receipt of task %s cannot be read", task_id);
}
