#include "run/task_journal.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/crypto.h"
#include "base/file.h"
#include "base/log.h"
#include "base/memory.h"

enum { TASK_MAX_BYTES = 8 << 20, RECEIPT_MAX_BYTES = 4 << 20, TASK_ID_MAX = 256 };

typedef struct TaskRecord {
        char *task_id, *job_id;
        char *folder;
        Spool *spool;
        Ghost__Task *task;
        int64_t issued_us;
        uint8_t *receipt; /* packed; NULL: not finished */
        size_t receipt_length;
        bool begun, receipt_sent, receipt_acknowledged;
        bool from_before; /* left by an earlier process */
        struct TaskRecord *next;
} TaskRecord;

struct TaskJournal {
        pthread_mutex_t lock; /* guards the list and the records; spools have their own */
        char *folder;
        uint64_t output_max_bytes;
        unsigned remembered;
        void (*on_output)(void *context);
        void *context;
        TaskRecord *records; /* oldest first */
};

static void record_free(TaskRecord *record) {
        if (!record)
                return;
        spool_free(record->spool);
        if (record->task)
                ghost__task__free_unpacked(record->task, NULL);
        free(record->receipt);
        free(record->folder);
        free(record->job_id);
        free(record->task_id);
        free(record);
}
CLEANUP_DEFINE(TaskRecord, record_free);

static Spool *open_spool(const TaskJournal *journal, const char *path, Error **err) {
        Spool *spool = spool_open(path, journal->output_max_bytes, err);

        if (spool)
                spool_listen(spool, journal->on_output, journal->context);
        return spool;
}

/* The task itself is of no use once it is finished. */
static void drop_task(TaskRecord *record) {
        if (record->task)
                ghost__task__free_unpacked(record->task, NULL);
        record->task = NULL;
}

/* Ids come from the controller and may hold anything: the folder is named by a hash. */
static char *folder_of(const TaskJournal *journal, const char *task_id) {
        CLEANUP(free) char *hash = crypto_sha256_hex(task_id, strlen(task_id));

        return xasprintf("%s/%.32s", journal->folder, hash);
}

static char *inside(const char *folder, const char *name) {
        return xasprintf("%s/%s", folder, name);
}

static bool write_file(const char *folder, const char *name, const void *bytes, size_t length, Error **err) {
        CLEANUP(free) char *path = inside(folder, name);

        return file_write_atomic(path, bytes, length, 0600, err);
}

static bool has_file(const char *folder, const char *name) {
        CLEANUP(free) char *path = inside(folder, name);

        return file_exists(path);
}

static void append_record(TaskJournal *journal, TaskRecord *record) {
        TaskRecord **at = &journal->records;

        while (*at && (*at)->issued_us <= record->issued_us)
                at = &(*at)->next;
        record->next = *at;
        *at = record;
}

static TaskRecord *find(TaskJournal *journal, const char *task_id) {
        for (TaskRecord *record = journal->records; record; record = record->next)
                if (text_equal(record->task_id, task_id))
                        return record;
        return NULL;
}

/* ---- reading what an earlier process left
 * ----------------------------------------------------------------------- */

static bool load_task(TaskRecord *record, Error **err) {
        CLEANUP(free) char *path = inside(record->folder, "task"), *bytes = NULL;
        size_t length = 0;

        if (!file_read(path, TASK_MAX_BYTES, &bytes, &length, err))
                return false;
        record->task = ghost__task__unpack(NULL, length, (uint8_t *) bytes);
        Ghost__Order *order =
                record->task ? ghost__order__unpack(NULL, record->task->order.len, record->task->order.data)
                             : NULL;
        if (!order)
                return error_set(err, ERROR_INTERNAL, "%s is damaged", path);
        record->task_id = xstrdup(order->task_id);
        record->job_id = xstrdup(order->job_id);
        record->issued_us = order->issued_us;
        ghost__order__free_unpacked(order, NULL);
        return true;
}

static bool load_receipt(TaskRecord *record, Error **err) {
        CLEANUP(free) char *path = inside(record->folder, "receipt"), *bytes = NULL;
        CLEANUP(error_free) Error *problem = NULL;

        if (file_read(path, RECEIPT_MAX_BYTES, &bytes, &record->receipt_length, &problem)) {
                record->receipt = (uint8_t *) TAKE(bytes);
                return true;
        }
        if (error_kind(problem) == ERROR_NOT_FOUND)
                return true;
        *err = TAKE(problem);
        return false;
}

static TaskRecord *load_record(TaskJournal *journal, const char *folder, Error **err) {
        CLEANUP(record_free) TaskRecord *record = xcalloc(1, sizeof(*record));
        CLEANUP(free) char *spool_path = inside(folder, "lines");

        record->folder = xstrdup(folder);
        record->from_before = true;
        record->begun = has_file(folder, "begun");
        record->receipt_acknowledged = has_file(folder, "acknowledged");
        if (!load_task(record, err) || !load_receipt(record, err))
                return NULL;
        record->spool = open_spool(journal, spool_path, err);
        if (record->receipt)
                drop_task(record);
        return record->spool ? TAKE(record) : NULL;
}

/* A folder that cannot be read is a task that was never accepted (it died between mkdir and rename), or
 * damage. */
static void load_folder(TaskJournal *journal, const char *name) {
        CLEANUP(free) char *folder = inside(journal->folder, name);
        CLEANUP(error_free) Error *problem = NULL;

        TaskRecord *record = load_record(journal, folder, &problem);
        if (record) {
                append_record(journal, record);
                return;
        }
        log_warn("%s, forgetting that task", error_message(problem));
        CLEANUP(error_free) Error *ignored = NULL;
        file_remove_tree(folder, &ignored);
}

TaskJournal *task_journal_open(const TaskJournalSpec *spec, Error **err) {
        if (!file_make_folders(spec->folder, 0700, err))
                return NULL;
        DIR *entries = opendir(spec->folder);
        if (!entries) {
                error_set(err, ERROR_INTERNAL, "%s: %s", spec->folder, strerror(errno));
                return NULL;
        }

        TaskJournal *journal = xcalloc(1, sizeof(*journal));
        pthread_mutex_init(&journal->lock, NULL);
        journal->folder = xstrdup(spec->folder);
        journal->output_max_bytes = spec->output_max_bytes;
        journal->remembered = spec->remembered;
        journal->on_output = spec->on_output;
        journal->context = spec->context;
        for (struct dirent *entry; (entry = readdir(entries));)
                if (entry->d_name[0] != '.')
                        load_folder(journal, entry->d_name);
        closedir(entries);
        return journal;
}

void task_journal_free(TaskJournal *journal) {
        if (!journal)
                return;
        while (journal->records) {
                TaskRecord *record = journal->records;
                journal->records = record->next;
                record_free(record);
        }
        pthread_mutex_destroy(&journal->lock);
        free(journal->folder);
        free(journal);
}

/* ---- accepting, running, finishing
 * ------------------------------------------------------------------------------ */

static TaskRecord *new_record(
        TaskJournal *journal, const Ghost__Task *task, const Ghost__Order *order, Error **err) {
        CLEANUP(record_free) TaskRecord *record = xcalloc(1, sizeof(*record));
        size_t length = ghost__task__get_packed_size(task);
        CLEANUP(free) uint8_t *packed = xcalloc(1, length + 1);

        ghost__task__pack(task, packed);
        record->folder = folder_of(journal, order->task_id);
        record->task_id = xstrdup(order->task_id);
        record->job_id = xstrdup(order->job_id);
        record->issued_us = order->issued_us;

        CLEANUP(free) char *spool_path = inside(record->folder, "lines");
        if (!file_make_folders(record->folder, 0700, err) ||
            !(record->spool = open_spool(journal, spool_path, err)) ||
            !write_file(record->folder, "task", packed, length, err))
                return NULL;
        return TAKE(record);
}

bool task_journal_accept(
        TaskJournal *journal, const Ghost__Task *task, const Ghost__Order *order, TaskAcceptance *ret,
        Error **err) {
        if (text_empty(order->task_id) || strlen(order->task_id) > TASK_ID_MAX)
                return error_set(err, ERROR_INVALID, "the task's id is empty or too long");

        pthread_mutex_lock(&journal->lock);
        TaskRecord *record = find(journal, order->task_id);
        bool ok = true;
        if (record) {
                *ret = record->receipt ? TASK_IS_FINISHED : TASK_IS_RUNNING;
                record->receipt_sent = false;
                record->receipt_acknowledged = false;
        } else if ((record = new_record(journal, task, order, err))) {
                *ret = TASK_IS_NEW;
                append_record(journal, record);
        } else {
                ok = false;
        }
        pthread_mutex_unlock(&journal->lock);
        return ok;
}

bool task_journal_next_unfinished(TaskJournal *journal, size_t *cursor, Ghost__Task **ret, bool *ret_begun) {
        size_t index = 0;
        bool found = false;

        pthread_mutex_lock(&journal->lock);
        for (TaskRecord *record = journal->records; record && !found; record = record->next) {
                if (!record->from_before || record->receipt || !record->task || index++ < *cursor)
                        continue;
                *ret = record->task;
                *ret_begun = record->begun;
                (*cursor)++;
                found = true;
        }
        pthread_mutex_unlock(&journal->lock);
        return found;
}

Spool *task_journal_spool(TaskJournal *journal, const char *task_id) {
        pthread_mutex_lock(&journal->lock);
        TaskRecord *record = find(journal, task_id);
        pthread_mutex_unlock(&journal->lock);
        return record ? record->spool : NULL;
}

bool task_journal_mark_begun(TaskJournal *journal, const char *task_id, Error **err) {
        pthread_mutex_lock(&journal->lock);
        TaskRecord *record = find(journal, task_id);
        bool ok = record && (record->begun || write_file(record->folder, "begun", "", 0, err));
        if (ok)
                record->begun = true;
        else if (!record)
                error_set(err, ERROR_NOT_FOUND, "task %s is unknown", task_id);
        pthread_mutex_unlock(&journal->lock);
        return ok;
}

bool task_journal_finish(TaskJournal *journal, Ghost__Receipt *receipt, Error **err) {
        pthread_mutex_lock(&journal->lock);
        TaskRecord *record = find(journal, receipt->task_id);
        bool ok = true;
        if (record && !record->receipt) {
                spool_end_line(record->spool);
                receipt->log_bytes = spool_bytes(record->spool);
                size_t length = ghost__receipt__get_packed_size(receipt);
                uint8_t *packed = xcalloc(1, length + 1);
                ghost__receipt__pack(receipt, packed);
                /* A full disk must not hide the end of the task: the receipt then lives in memory only. */
                ok = write_file(record->folder, "receipt", packed, length, err);
                record->receipt = packed;
                record->receipt_length = length;
                drop_task(record);
        }
        pthread_mutex_unlock(&journal->lock);
        return ok;
}

/* ---- telling the controller
 * ------------------------------------------------------------------------------------- */

void task_outgoing_clear(TaskOutgoing *outgoing) {
        free(outgoing->task_id);
        free(outgoing->job_id);
        free(outgoing->receipt);
        spool_batch_clear(&outgoing->batch);
        *outgoing = (TaskOutgoing){ 0 };
}

static bool outgoing_of(TaskRecord *record, size_t max_bytes, TaskOutgoing *ret, Error **err) {
        if (!spool_next_batch(record->spool, max_bytes, &ret->batch, err))
                return false;
        bool receipt_due = ret->batch.line_count == 0 && record->receipt && !record->receipt_sent &&
                           !record->receipt_acknowledged && spool_all_sent(record->spool);
        if (receipt_due) {
                ret->receipt = xmemdup(record->receipt, record->receipt_length);
                ret->receipt_length = record->receipt_length;
                record->receipt_sent = true;
        }
        if (receipt_due || ret->batch.line_count > 0) {
                ret->task_id = xstrdup(record->task_id);
                ret->job_id = xstrdup(record->job_id);
        }
        return true;
}

bool task_journal_next_outgoing(TaskJournal *journal, size_t max_bytes, TaskOutgoing *ret, Error **err) {
        bool ok = true;

        *ret = (TaskOutgoing){ 0 };
        pthread_mutex_lock(&journal->lock);
        for (TaskRecord *record = journal->records; record && ok && !ret->task_id; record = record->next)
                ok = outgoing_of(record, max_bytes, ret, err);
        pthread_mutex_unlock(&journal->lock);
        return ok;
}

static bool all_said(const TaskRecord *record) {
        return record->receipt_acknowledged && spool_all_acknowledged(record->spool);
}

/* Its lines are on the controller's disk: ours are given free, the id and the receipt stay. */
static void settle(TaskRecord *record) {
        if (all_said(record))
                spool_discard(record->spool);
}

bool task_journal_lines_acknowledged(
        TaskJournal *journal, const char *task_id, uint64_t next_line, Error **err) {
        bool ok = true;

        pthread_mutex_lock(&journal->lock);
        TaskRecord *record = find(journal, task_id);
        if (record) {
                ok = spool_acknowledge(record->spool, next_line, err);
                settle(record);
        }
        pthread_mutex_unlock(&journal->lock);
        return ok;
}

/* Past the number to remember, the oldest that are wholly acknowledged go, from disk too. */
static void forget_old(TaskJournal *journal) {
        unsigned settled = 0;

        for (TaskRecord *record = journal->records; record; record = record->next)
                settled += all_said(record);
        for (TaskRecord **at = &journal->records; *at && settled > journal->remembered;) {
                TaskRecord *record = *at;
                if (!all_said(record)) {
                        at = &record->next;
                        continue;
                }
                CLEANUP(error_free) Error *problem = NULL;
                if (!file_remove_tree(record->folder, &problem))
                        log_warn("%s, going on", error_message(problem));
                *at = record->next;
                record_free(record);
                settled--;
        }
}

void task_journal_receipt_acknowledged(TaskJournal *journal, const char *task_id) {
        pthread_mutex_lock(&journal->lock);
        TaskRecord *record = find(journal, task_id);
        if (record && record->receipt) {
                CLEANUP(error_free) Error *problem = NULL;
                if (!write_file(record->folder, "acknowledged", "", 0, &problem))
                        log_warn(
                                "%s, the receipt of task %s will be sent again", error_message(problem),
                                task_id);
                record->receipt_acknowledged = true;
                settle(record);
                forget_old(journal);
        }
        pthread_mutex_unlock(&journal->lock);
}

void task_journal_rewind(TaskJournal *journal) {
        pthread_mutex_lock(&journal->lock);
        for (TaskRecord *record = journal->records; record; record = record->next) {
                spool_rewind(record->spool);
                record->receipt_sent = false;
        }
        pthread_mutex_unlock(&journal->lock);
}

bool task_journal_idle(TaskJournal *journal) {
        bool idle = true;

        pthread_mutex_lock(&journal->lock);
        for (TaskRecord *record = journal->records; record && idle; record = record->next)
                idle = all_said(record);
        pthread_mutex_unlock(&journal->lock);
        return idle;
}

void task_journal_list_running(TaskJournal *journal, StringList *ret) {
        pthread_mutex_lock(&journal->lock);
        for (TaskRecord *record = journal->records; record; record = record->next)
                if (!record->receipt)
                        string_list_add(ret, record->task_id);
        pthread_mutex_unlock(&journal->lock);
}
