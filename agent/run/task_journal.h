/* What the agent must not forget about its tasks: a folder for each with the task as it came, its output
 * (spool.h), a mark from the moment it first ran something, and its receipt until the controller has
 * acknowledged it. Finished tasks are remembered, so that the same task sent again is answered with the same
 * receipt and not run twice.
 *
 * Thread-safe. Records live as long as the journal. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/text.h"
#include "run/spool.h"
#include "wire/ghost.pb-c.h"

typedef struct TaskJournal TaskJournal;

typedef struct TaskJournalSpec {
        const char *folder;
        uint64_t output_max_bytes;        /* of one task */
        unsigned remembered;              /* finished and acknowledged tasks kept */
        void (*on_output)(void *context); /* a task has said something; may be NULL */
        void *context;
} TaskJournalSpec;

TaskJournal *task_journal_open(const TaskJournalSpec *spec, Error **err);
void task_journal_free(TaskJournal *journal);
CLEANUP_DEFINE(TaskJournal, task_journal_free);

typedef enum TaskAcceptance {
        TASK_IS_NEW,
        TASK_IS_RUNNING,  /* it is queued or running: nothing to do */
        TASK_IS_FINISHED, /* its receipt will be sent again */
} TaskAcceptance;

/* Puts the task on disk before it is begun. */
bool task_journal_accept(
        TaskJournal *journal, const Ghost__Task *task, const Ghost__Order *order, TaskAcceptance *ret,
        Error **err);
/* Tasks that the last process left without a receipt, oldest first; begun: it may have run something. False:
 * no more. */
bool task_journal_next_unfinished(TaskJournal *journal, size_t *cursor, Ghost__Task **ret, bool *ret_begun);

/* NULL: unknown. Valid until the journal is freed. */
Spool *task_journal_spool(TaskJournal *journal, const char *task_id);
/* From here on the task runs programs or changes the instance: it is not begun again after a restart. */
bool task_journal_mark_begun(TaskJournal *journal, const char *task_id, Error **err);
/* Sets the receipt's log_bytes. The receipt counts once this returns. */
bool task_journal_finish(TaskJournal *journal, Ghost__Receipt *receipt, Error **err);

typedef struct TaskOutgoing {
        char *task_id, *job_id;
        SpoolBatch batch; /* line_count 0: none */
        uint8_t *receipt; /* packed; NULL: none */
        size_t receipt_length;
} TaskOutgoing;
void task_outgoing_clear(TaskOutgoing *outgoing);
static inline void task_outgoing_clearp(TaskOutgoing *outgoing) {
        task_outgoing_clear(outgoing);
}
/* What the controller should hear next: a batch of lines, or the receipt once all lines are sent. Both NULL:
 * nothing. */
bool task_journal_next_outgoing(TaskJournal *journal, size_t max_bytes, TaskOutgoing *ret, Error **err);
bool task_journal_lines_acknowledged(
        TaskJournal *journal, const char *task_id, uint64_t next_line, Error **err);
void task_journal_receipt_acknowledged(TaskJournal *journal, const char *task_id);
/* A new session: everything that was not acknowledged is sent again. */
void task_journal_rewind(TaskJournal *journal);

/* Everything said and acknowledged? */
bool task_journal_idle(TaskJournal *journal);
/* Ids of accepted tasks without a receipt. */
void task_journal_list_running(TaskJournal *journal, StringList *ret);
