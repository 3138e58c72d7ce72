#include "follow.h"

#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "output.h"
#include "patience.h"

enum {
        WAIT_START_MS = 1000,
        EVENT_MAX_BYTES = 8 * 1024 * 1024,
};

typedef struct Follower {
        LogSinks *sinks;
        Text line;        /* of the event stream, not yet complete */
        Text data;        /* of the event, not yet complete */
        char id[32];      /* of the last complete event: the offset after it */
        char next_id[32]; /* of the event being read */
        char event[16];   /* type of the event being read */
        bool got_any;
        bool ended;
} Follower;

/* A line longer than the server's block comes in several events; only the last of them ends the line. The
 * offsets tell: one byte less than the lines with their ends. */
static void drop_end_of_part(Follower *follower) {
        CLEANUP(error_free) Error *ignored = NULL;
        uint64_t before = 0, after = 0;

        if ((follower->id[0] && !text_parse_uint(follower->id, 0, UINT64_MAX, &before, &ignored)) ||
            !text_parse_uint(follower->next_id, before, UINT64_MAX, &after, &ignored))
                return;
        if (follower->data.length == after - before + 1)
                follower->data.length--;
}

static void finish_event(Follower *follower) {
        if (strcmp(follower->event, "end") == 0) {
                follower->ended = true;
        } else if (follower->data.length) {
                drop_end_of_part(follower);
                output_progress(NULL);
                log_sinks_write(follower->sinks, follower->data.data, follower->data.length);
        }
        if (follower->next_id[0])
                (void) snprintf(follower->id, sizeof(follower->id), "%s", follower->next_id);
        text_clear(&follower->data);
        follower->next_id[0] = '\0';
        follower->event[0] = '\0';
}

static void copy_word(char *slot, size_t size, const char *value) {
        (void) snprintf(slot, size, "%s", value);
}

/* Every data line of an event is one line of the log. */
static void take_line(Follower *follower, const char *line) {
        if (!*line) {
                finish_event(follower);
        } else if (text_starts_with(line, "data:")) {
                text_append(&follower->data, line + (line[5] == ' ' ? 6 : 5));
                text_append(&follower->data, "\n");
        } else if (text_starts_with(line, "id:")) {
                copy_word(follower->next_id, sizeof(follower->next_id), line + (line[3] == ' ' ? 4 : 3));
        } else if (text_starts_with(line, "event:")) {
                copy_word(follower->event, sizeof(follower->event), line + (line[6] == ' ' ? 7 : 6));
        }
}

static bool on_body(void *context, const char *bytes, size_t length) {
        Follower *follower = context;

        follower->got_any = true;
        for (size_t i = 0; i < length; i++) {
                if (bytes[i] != '\n') {
                        text_append_bytes(&follower->line, &bytes[i], 1);
                        continue;
                }
                text_append(&follower->line, "");
                take_line(follower, follower->line.data ? follower->line.data : "");
                follower->line.length = 0;
                if (follower->line.data)
                        follower->line.data[0] = '\0';
        }
        return !follower->ended && follower->line.length < EVENT_MAX_BYTES &&
               follower->data.length < EVENT_MAX_BYTES;
}

static bool stream_once(Client *client, const char *job_id, Follower *follower, Error **err) {
        CLEANUP(free) char *path = xasprintf("/jobs/%s/logs/stream", job_id);
        CLEANUP(free) char *resume = follower->id[0] ? xasprintf("Last-Event-ID: %s", follower->id) : NULL;

        text_clear(&follower->line);
        text_clear(&follower->data);
        follower->next_id[0] = '\0';
        follower->event[0] = '\0';
        follower->got_any = false;
        return client_stream(client, path, resume, on_body, follower, err);
}

static bool lost(const char *job_id, Error **err) {
        if (error_kind(*err) != ERROR_UNAVAILABLE && error_kind(*err) != ERROR_TIMEOUT)
                return false;

        CLEANUP(error_free) Error *why = *err;
        *err = NULL;
        return error_set(
                err, ERROR_UNAVAILABLE, "lost the controller (%s); the job goes on: ghost log -f %s",
                error_message(why), job_id);
}

static bool stream_to_the_end(Client *client, const char *job_id, Follower *follower, Error **err) {
        Patience patience = patience_new();

        for (;;) {
                CLEANUP(error_free) Error *why = NULL;
                bool answered = stream_once(client, job_id, follower, &why);

                if (follower->ended)
                        return true;
                if (follower->got_any)
                        patience = patience_new();
                if (!patience_wait(&patience, answered ? NULL : why, err))
                        return lost(job_id, err);
        }
}

static bool get_job(Client *client, const char *job_id, Document **ret_job, Error **err) {
        CLEANUP(free) char *path = client_path("/jobs/", job_id);
        Patience patience = patience_new();

        for (;;) {
                CLEANUP(error_free) Error *why = NULL;

                if (client_get(client, path, ret_job, &why))
                        return true;
                if (!patience_wait(&patience, why, err))
                        return lost(job_id, err);
        }
}

static void show_wait(int64_t since) {
        CLEANUP(free)
        char *line = xasprintf(
                "Waiting for the job to start, %lld s...", (long long) (clock_monotonic_ms() - since) / 1000);

        output_progress(line);
}

bool follow_wait_start(Client *client, const char *job_id, Document **ret_job, Error **err) {
        int64_t since = clock_monotonic_ms();

        for (;;) {
                CLEANUP(document_free) Document *job = NULL;

                if (!get_job(client, job_id, &job, err))
                        return false;
                if (strcmp(document_get_string(job, "status"), "init") != 0) {
                        output_progress(NULL);
                        *ret_job = TAKE(job);
                        return true;
                }
                show_wait(since);
                clock_sleep_ms(WAIT_START_MS);
        }
}

bool follow_job(Client *client, const char *job_id, LogSinks *sinks, Document **ret_job, Error **err) {
        Follower follower = { .sinks = sinks };

        bool ok = stream_to_the_end(client, job_id, &follower, err);
        text_clear(&follower.line);
        text_clear(&follower.data);
        output_progress(NULL);
        return ok && get_job(client, job_id, ret_job, err);
}

bool follow_verdict(const Document *job, Error **err) {
        const char *status = document_get_string(job, "status");

        if (strcmp(status, "done") == 0) {
                output_notice("job done: %s", document_get_string(job, "message"));
                return true;
        }
        return error_set(err, ERROR_INTERNAL, "job %s: %s", status, document_get_string(job, "message"));
}
