#include "janitor/janitor.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "janitor/failed_jobs.h"
#include "janitor/inventory.h"
#include "janitor/sweep.h"
#include "store/aws_place_store.h"

enum { PLACE_TIMEOUT_MS = 5 * 60 * 1000 };

struct Janitor {
        JanitorSpec spec;
        pthread_t thread;
        StringList suspects;  /* the thread's own: of failed_jobs.h, from the last round */
        pthread_mutex_t lock; /* guards all below */
        pthread_cond_t wake;
        bool stopping;
        JanitorReport report;
};

static bool is_stopping(void *context) {
        Janitor *janitor = context;

        pthread_mutex_lock(&janitor->lock);
        bool stopping = janitor->stopping;
        pthread_mutex_unlock(&janitor->lock);
        return stopping;
}

/* The first trouble of a round is what the report tells. */
static void note(JanitorReport *round, const AwsPlaceRow *place, const char *trouble) {
        log_error(
                "janitor: %s%s%s: %s", *place->region ? place->region : "the controller's region",
                *place->account_id ? " in account " : "", place->account_id, trouble);
        if (!round->trouble)
                round->trouble = xstrdup(trouble);
}

static void visit(Janitor *janitor, const AwsPlaceRow *place, StringList *suspects, JanitorReport *round) {
        const AwsRole role = { .account_id = place->account_id,
                               .name = place->role_name,
                               .external_id = place->external_id,
                               .region = place->role_region };
        AwsSession session = { .aws = janitor->spec.aws,
                               .region = *place->region ? place->region : NULL,
                               .role = *place->account_id ? &role : NULL,
                               .deadline = deadline_after_ms(PLACE_TIMEOUT_MS),
                               .cancelled = is_stopping,
                               .context = janitor };
        CLEANUP(sweep_clear) Sweep sweep = { .session = &session, .now_s = clock_now_us() / 1000000 };
        FailedJobs failed = { .session = &session,
                              .store = janitor->spec.store,
                              .suspects = &janitor->suspects,
                              .ret_suspects = suspects };
        CLEANUP(error_free) Error *error = NULL, *stays = NULL;
        size_t gone = 0;

        sweep_run(&sweep);
        round->removed += (int64_t) sweep.removed;
        round->left += (int64_t) sweep.left;
        if (sweep.trouble && !is_stopping(janitor))
                note(round, place, sweep.trouble);
        if (!failed_jobs_sweep(&failed, &stays) && !is_stopping(janitor))
                note(round, place, error_message(stays));
        round->removed += (int64_t) failed.removed;
        round->left += (int64_t) failed.left;
        if (!inventory_check(&session, janitor->spec.store, clock_now_us(), &gone, &error) &&
            !is_stopping(janitor))
                note(round, place, error_message(error));
}

static void round_of_places(Janitor *janitor) {
        CLEANUP(aws_place_rows_clear) AwsPlaceRows places = { 0 };
        CLEANUP(error_free) Error *error = NULL;
        JanitorReport round = { 0 };
        StringList suspects = { 0 };

        if (!aws_place_store_list(janitor->spec.store, &places, &error)) {
                log_error("janitor: %s", error_message(error));
                round.trouble = xstrdup(error_message(error));
        }
        for (size_t i = 0; i < places.count && !is_stopping(janitor); i++)
                visit(janitor, &places.items[i], &suspects, &round);
        string_list_clear(&janitor->suspects);
        janitor->suspects = suspects;

        pthread_mutex_lock(&janitor->lock);
        free(janitor->report.trouble);
        janitor->report.trouble = round.trouble;
        janitor->report.left = round.left;
        janitor->report.removed += round.removed;
        janitor->report.rounds++;
        janitor->report.last_round_us = clock_now_us();
        pthread_mutex_unlock(&janitor->lock);
}

static void destroy(Janitor *janitor) {
        pthread_cond_destroy(&janitor->wake);
        pthread_mutex_destroy(&janitor->lock);
        free(janitor->report.trouble);
        string_list_clear(&janitor->suspects);
        free(janitor);
}

static void rest(Janitor *janitor) {
        Deadline next = deadline_after_ms(janitor->spec.interval_ms);
        struct timespec until = { .tv_sec = next / 1000, .tv_nsec = (next % 1000) * 1000000 };

        pthread_mutex_lock(&janitor->lock);
        while (!janitor->stopping && pthread_cond_timedwait(&janitor->wake, &janitor->lock, &until) == 0)
                ;
        pthread_mutex_unlock(&janitor->lock);
}

static void *run(void *argument) {
        Janitor *janitor = argument;

        while (!is_stopping(janitor)) {
                round_of_places(janitor);
                rest(janitor);
        }
        return NULL;
}

Janitor *janitor_start(const JanitorSpec *spec, Error **err) {
        Janitor *janitor = xcalloc(1, sizeof(*janitor));
        pthread_condattr_t monotonic;

        janitor->spec = *spec;
        pthread_mutex_init(&janitor->lock, NULL);
        pthread_condattr_init(&monotonic);
        pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
        pthread_cond_init(&janitor->wake, &monotonic);
        pthread_condattr_destroy(&monotonic);
        if (pthread_create(&janitor->thread, NULL, run, janitor) == 0)
                return janitor;
        error_set(err, ERROR_UNAVAILABLE, "no thread for the janitor");
        destroy(janitor);
        return NULL;
}

void janitor_stop(Janitor *janitor) {
        if (!janitor)
                return;

        pthread_mutex_lock(&janitor->lock);
        janitor->stopping = true;
        pthread_cond_signal(&janitor->wake);
        pthread_mutex_unlock(&janitor->lock);
        pthread_join(janitor->thread, NULL);
        destroy(janitor);
}

void janitor_report(Janitor *janitor, JanitorReport *ret) {
        pthread_mutex_lock(&janitor->lock);
        *ret = janitor->report;
        ret->trouble = janitor->report.trouble ? xstrdup(janitor->report.trouble) : NULL;
        pthread_mutex_unlock(&janitor->lock);
}

Document *janitor_describe(Janitor *janitor) {
        Document *document = document_object();
        JanitorReport report;

        janitor_report(janitor, &report);
        if (report.rounds > 0) {
                CLEANUP(free) char *when = clock_format_http(report.last_round_us);
                document_set_string(document, "last_round", when);
        }
        document_set_int(document, "removed", report.removed);
        document_set_int(document, "left", report.left);
        if (report.trouble)
                document_set_string(document, "trouble", report.trouble);
        free(report.trouble);
        return document;
}
