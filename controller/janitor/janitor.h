/* Janitor: every few minutes, in every region and role where Ghost ever made something, removes what outlived
 * its deadline, ends instances of failed jobs that nobody ended, and notices instances that are gone. It is
 * what keeps an orphan from being billed after the controller's death at the worst moment. One thread; what
 * it cannot remove it tries again and says so. */
#pragma once

#include "aws/aws.h"
#include "store/store.h"
#include "json/document.h"

typedef struct Janitor Janitor;

typedef struct JanitorSpec {
        Store *store;
        Aws *aws;
        int64_t interval_ms;
} JanitorSpec; /* what it points to outlives the janitor */

/* The first round begins at once. */
Janitor *janitor_start(const JanitorSpec *spec, Error **err);
void janitor_stop(Janitor *janitor);
CLEANUP_DEFINE(Janitor, janitor_stop);

typedef struct JanitorReport {
        int64_t last_round_us; /* when it ended; 0: none has */
        int64_t rounds;
        int64_t removed; /* since the start */
        int64_t left;    /* in the last round: past their deadline and still there */
        char *trouble;   /* of the last round; NULL: none. Caller frees */
} JanitorReport;
/* Thread-safe. */
void janitor_report(Janitor *janitor, JanitorReport *ret);
/* The same for those who ask over REST: {last_round, removed, left, trouble}. Caller frees. Thread-safe. */
Document *janitor_describe(Janitor *janitor);
