/* The output of one task: a stream of numbered lines on disk, kept until the controller has acknowledged
 * them. The file is the stream; line numbers and the stream's length survive a restart because they are
 * counted from it.
 *
 * Thread-safe: the task's thread appends, the link's thread reads and acknowledges. Appending never fails: on
 * a full disk, or past the limit, output is dropped and the stream says so. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

typedef struct Spool Spool;

/* Opens or makes the file; max_bytes bounds the stream. */
Spool *spool_open(const char *path, uint64_t max_bytes, Error **err);
/* Called, in the appending thread, when there is something to hand out. Set before the spool is shared. */
void spool_listen(Spool *spool, void (*on_lines)(void *context), void *context);
void spool_free(Spool *spool);
CLEANUP_DEFINE(Spool, spool_free);

/* Output of a program, of any kind; see line_cutter.h. */
void spool_append(Spool *spool, const void *bytes, size_t length);
/* One line of the agent's own, after ending the line that is open. */
void spool_say(Spool *spool, const char *format, ...) __attribute__((format(printf, 2, 3)));
void spool_end_line(Spool *spool);

typedef struct SpoolBatch {
        uint64_t first_line;
        uint32_t line_count;
        char *lines;
        size_t length;
        uint64_t stream_bytes; /* length of the stream up to and including this batch */
} SpoolBatch;

void spool_batch_clear(SpoolBatch *batch);
static inline void spool_batch_clearp(SpoolBatch *batch) {
        spool_batch_clear(batch);
}

/* The next lines that were not handed out yet, at most max_bytes (at least a line). They are on the disk
 * before they are handed out, so that a number is never used for two lines. line_count 0: nothing to send
 * now. */
bool spool_next_batch(Spool *spool, size_t max_bytes, SpoolBatch *ret, Error **err);
/* All lines before next_line are on the controller's disk. */
bool spool_acknowledge(Spool *spool, uint64_t next_line, Error **err);
/* The session is over: what was handed out but not acknowledged will be handed out again. */
void spool_rewind(Spool *spool);

uint64_t spool_bytes(Spool *spool);
bool spool_all_sent(Spool *spool);
bool spool_all_acknowledged(Spool *spool);
/* The stream is finished and acknowledged: its disk space is given free. */
void spool_discard(Spool *spool);
