#include "jobs/job_log.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/text.h"
#include "store/job_store.h"

/* A log that was written since the start: its tail has been put in place. */
typedef struct Settled {
        struct Settled *next;
        char *job_id;
} Settled;

struct JobLogs {
        char *folder;
        Store *store;
        void (*on_growth)(void *context, const char *job_id);
        void *context;
        pthread_mutex_t lock; /* one writer at a time: all offsets are positions in the files */
        Settled *settled;
        _Atomic(uint64_t) written_bytes;
};

JobLogs *job_logs_new(const JobLogsSpec *spec, Error **err) {
        if (!file_make_folders(spec->folder, 0700, err))
                return NULL;
        JobLogs *logs = xcalloc(1, sizeof(*logs));
        logs->folder = xstrdup(spec->folder);
        logs->store = spec->store;
        logs->on_growth = spec->on_growth;
        logs->context = spec->context;
        pthread_mutex_init(&logs->lock, NULL);
        return logs;
}

static void forget_settled(JobLogs *logs, const char *job_id) {
        for (Settled **at = &logs->settled; *at;) {
                Settled *found = *at;
                if (job_id && !text_equal(found->job_id, job_id)) {
                        at = &found->next;
                        continue;
                }
                *at = found->next;
                free(found->job_id);
                free(found);
        }
}

void job_logs_free(JobLogs *logs) {
        if (!logs)
                return;
        forget_settled(logs, NULL);
        pthread_mutex_destroy(&logs->lock);
        free(logs->folder);
        free(logs);
}

uint64_t job_logs_written_bytes(const JobLogs *logs) {
        return atomic_load(&logs->written_bytes);
}

char *job_logs_path(const JobLogs *logs, const char *job_id) {
        return xasprintf("%s/%s.txt", logs->folder, job_id);
}

static bool write_at(
        int file, const char *path, uint64_t offset, const void *bytes, size_t length, Error **err) {
        for (size_t done = 0; done < length;) {
                ssize_t put =
                        pwrite(file, (const char *) bytes + done, length - done, (off_t) (offset + done));
                if (put < 0 && errno == EINTR)
                        continue;
                if (put < 0)
                        return error_set(
                                err, ERROR_UNAVAILABLE, "cannot write %s: %s", path,
                                errno == ENOSPC ? "no space left on the disk" : strerror(errno));
                done += (size_t) put;
        }
        return fdatasync(file) == 0 || error_set(err, ERROR_UNAVAILABLE, "cannot write %s: %m", path);
}

/* Puts the bytes in place that were promised to the store and may not have reached the file. */
static bool settle(JobLogs *logs, const char *job_id, int file, const char *path, Error **err) {
        CLEANUP(free) void *bytes = NULL;
        size_t length = 0;
        uint64_t offset = 0;

        for (const Settled *known = logs->settled; known; known = known->next)
                if (text_equal(known->job_id, job_id))
                        return true;
        if (!job_store_log_tail(logs->store, job_id, &offset, &bytes, &length, err))
                return false;
        if (bytes && !write_at(file, path, offset, bytes, length, err))
                return false;
        Settled *settled = xcalloc(1, sizeof(*settled));
        settled->job_id = xstrdup(job_id);
        settled->next = logs->settled;
        logs->settled = settled;
        return true;
}

/* The file, ready to be added to at *ret_end. */
static int open_log(JobLogs *logs, const char *job_id, uint64_t *ret_end, char **ret_path, Error **err) {
        struct stat facts;

        if (strlen(job_id) != 24 || strspn(job_id, "0123456789abcdef") != 24) {
                error_set(err, ERROR_INVALID, "'%.40s' is not the id of a job", job_id);
                return -1;
        }
        *ret_path = job_logs_path(logs, job_id);
        int file = open(*ret_path, O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
        if (file < 0) {
                error_set(err, ERROR_UNAVAILABLE, "cannot open %s: %m", *ret_path);
                return -1;
        }
        if (!settle(logs, job_id, file, *ret_path, err) ||
            (fstat(file, &facts) < 0 && !error_set(err, ERROR_INTERNAL, "%s: %m", *ret_path))) {
                close(file);
                return -1;
        }
        *ret_end = (uint64_t) facts.st_size;
        return file;
}

static void grew(const JobLogs *logs, const char *job_id) {
        if (logs->on_growth)
                logs->on_growth(logs->context, job_id);
}

/* A half-written line of a full disk is taken back, so that the next one starts on its own. */
static bool append_bytes(JobLogs *logs, const char *job_id, const void *bytes, size_t length, Error **err) {
        CLEANUP(free) char *path = NULL;
        uint64_t end = 0;
        CLEANUP(file_close) int file = open_log(logs, job_id, &end, &path, err);

        if (file < 0)
                return false;
        if (write_at(file, path, end, bytes, length, err)) {
                atomic_fetch_add(&logs->written_bytes, length);
                return true;
        }
        if (ftruncate(file, (off_t) end) < 0)
                return error_prefix(err, "the log may hold half a line");
        return false;
}

bool job_logs_append(JobLogs *logs, const char *job_id, const char *text, Error **err) {
        CLEANUP(text_clear) Text lines = { 0 };
        CLEANUP(free) char *stamp = clock_format(clock_now_us(), "%Y/%m/%d %H:%M:%S GMT");

        text_appendf(&lines, "%s: %s\n", stamp, text);
        pthread_mutex_lock(&logs->lock);
        bool ok = append_bytes(logs, job_id, lines.data, lines.length, err);
        pthread_mutex_unlock(&logs->lock);
        if (ok)
                grew(logs, job_id);
        return ok;
}

/* The lines of the batch from line number `from` on, each with the instance in front. */
static bool prefixed_lines(const JobLogBatch *batch, uint64_t from, Text *ret, Error **err) {
        const char *at = batch->lines, *end = at + batch->length;
        uint64_t line = batch->first_line;

        for (; at < end; line++) {
                const char *stop = memchr(at, '\n', (size_t) (end - at));
                if (!stop)
                        return error_set(err, ERROR_INVALID, "a log batch does not end with its line");
                if (line >= from) {
                        text_appendf(ret, "[%s] ", batch->instance_id);
                        text_append_bytes(ret, at, (size_t) (stop + 1 - at));
                }
                at = stop + 1;
        }
        return line - batch->first_line == batch->line_count ||
               error_set(err, ERROR_INVALID, "a log batch has not as many lines as it says");
}

/* The store learns first what will be where; then a repetition after any death writes the same bytes to the
 * same place. */
static bool write_lines(JobLogs *logs, const JobLogBatch *batch, const Text *lines, Error **err) {
        CLEANUP(free) char *path = NULL;
        uint64_t end = 0;
        CLEANUP(file_close) int file = open_log(logs, batch->job_id, &end, &path, err);

        const JobLogAdvance advance = { .job_id = batch->job_id,
                                        .task_id = batch->task_id,
                                        .next_line = batch->first_line + batch->line_count,
                                        .stream_bytes = batch->stream_bytes,
                                        .offset = end,
                                        .bytes = lines->data,
                                        .length = lines->length };
        if (file < 0 || !job_store_log_advance(logs->store, &advance, err))
                return false;
        if (write_at(file, path, end, lines->data, lines->length, err)) {
                atomic_fetch_add(&logs->written_bytes, lines->length);
                return true;
        }
        forget_settled(logs, batch->job_id); /* the promise stands: the next write keeps it first */
        return false;
}

static bool append_new(JobLogs *logs, const JobLogBatch *batch, uint64_t *next_line, Error **err) {
        CLEANUP(text_clear) Text lines = { 0 };
        uint64_t end = batch->first_line + batch->line_count;

        if (!job_store_log_stream(logs->store, batch->task_id, next_line, NULL, err))
                return false;
        if (batch->first_line > *next_line)
                return true;
        if (end <= *next_line) {
                CLEANUP(free) char *path = NULL;
                uint64_t ignored = 0;
                CLEANUP(file_close) int file = open_log(logs, batch->job_id, &ignored, &path, err);
                if (file < 0)
                        return false; /* what was promised is not on disk yet */
        } else {
                if (!prefixed_lines(batch, *next_line, &lines, err) || !write_lines(logs, batch, &lines, err))
                        return false;
                *next_line = end;
        }
        return true;
}

bool job_logs_append_batch(JobLogs *logs, const JobLogBatch *batch, uint64_t *ret_next_line, Error **err) {
        if (batch->first_line > INT64_MAX / 2)
                return error_set(err, ERROR_INVALID, "a log batch has an impossible line number");
        pthread_mutex_lock(&logs->lock);
        bool ok = append_new(logs, batch, ret_next_line, err);
        pthread_mutex_unlock(&logs->lock);
        if (ok)
                grew(logs, batch->job_id);
        return ok;
}

uint64_t job_logs_stream_bytes(JobLogs *logs, const char *job_id, const char *task_id) {
        CLEANUP(error_free) Error *ignored = NULL;
        CLEANUP(free) char *path = NULL;
        uint64_t next_line = 0, bytes = 0, end = 0;

        pthread_mutex_lock(&logs->lock);
        int file = open_log(logs, job_id, &end, &path, &ignored); /* what was promised is written first */
        bool known = file >= 0 && job_store_log_stream(logs->store, task_id, &next_line, &bytes, &ignored);
        pthread_mutex_unlock(&logs->lock);
        if (file >= 0)
                close(file);
        return known ? bytes : 0;
}

void job_logs_finish(JobLogs *logs, const char *job_id) {
        CLEANUP(error_free) Error *ignored = NULL;

        pthread_mutex_lock(&logs->lock);
        CLEANUP(free) char *path = NULL;
        uint64_t end = 0;
        int file = open_log(logs, job_id, &end, &path, &ignored);
        if (file >= 0) { /* settled: the tail is not needed any more */
                close(file);
                job_store_log_forget(logs->store, job_id, &ignored);
        }
        forget_settled(logs, job_id);
        pthread_mutex_unlock(&logs->lock);
}
