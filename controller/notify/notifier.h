/* Notifier: takes the news of jobs out of the store and tells them, apart from the jobs themselves: nothing
 * that happens here changes one. One thread makes deliveries of news, one per channel sends them; what fails
 * is tried again, also after a restart. A delivery may arrive twice (a crash right after it was sent), under
 * the same id. Thread-safe. */
#pragma once

#include "notify/backoff.h"
#include "notify/channel.h"
#include "store/store.h"

typedef struct NotifierSpec {
        Store *store;
        const char *logs_folder;
        const char *base_url; /* of the links */
        Backoff backoff;
        int64_t timeout_ms;  /* of one attempt */
        int64_t waiting_max; /* deliveries in the queue */

        MailSpec mail;          /* .server NULL: no mail */
        SlackSpec slack;        /* .url NULL: none; .states go for slack_file too */
        const char *slack_file; /* NULL: none */
        WebhookSpec webhook;    /* .url NULL: none */
        EndpointSpec endpoint;  /* .url NULL: none */
} NotifierSpec;

typedef struct Notifier Notifier;

/* Everything in spec outlives the notifier. */
Notifier *notifier_start(const NotifierSpec *spec, Error **err);
/* There may be news. Does not block. */
void notifier_wake(Notifier *notifier);
/* Ends what is being sent; it is sent again after the next start. Returns within about a second. */
void notifier_stop(Notifier *notifier);
CLEANUP_DEFINE(Notifier, notifier_stop);
