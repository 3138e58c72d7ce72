#include "notify/notifier.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "notify/slack_file.h"
#include "store/notification_store.h"

enum {
        LOOK_INTERVAL_MS = 1000,
        RECORD_RETRY_MS = 500,
        FORGET_INTERVAL_MS = 3600 * 1000,
        CHANNELS_MAX = SLACK_CHANNELS_MAX + 3,
        TARGETS_MAX = 256, /* of one event: an application has at most 100 addresses */
};

typedef struct Sender {
        Notifier *notifier;
        Channel *channel;
        pthread_t thread;
} Sender;

struct Notifier {
        NotifierSpec spec;
        Channel *channels[CHANNELS_MAX];
        size_t channel_count;
        Sender senders[CHANNELS_MAX];
        size_t senders_started;
        pthread_t expander;
        bool expander_started;
        atomic_bool stopping;
        pthread_mutex_t lock; /* guards wakes */
        pthread_cond_t changed;
        uint64_t wakes;
};

void notifier_wake(Notifier *notifier) {
        pthread_mutex_lock(&notifier->lock);
        notifier->wakes++;
        pthread_cond_broadcast(&notifier->changed);
        pthread_mutex_unlock(&notifier->lock);
}

static bool is_stopping(void *context) {
        Notifier *notifier = context;

        return atomic_load(&notifier->stopping);
}

/* Until somebody wakes us, or a while: an attempt may be due, a disk may have room again. */
static void wait_for_news(Notifier *notifier, uint64_t *seen) {
        Deadline deadline = deadline_after_ms(LOOK_INTERVAL_MS);
        struct timespec until = { .tv_sec = deadline / 1000, .tv_nsec = (deadline % 1000) * 1000000 };

        pthread_mutex_lock(&notifier->lock);
        while (*seen == notifier->wakes && !is_stopping(notifier) &&
               pthread_cond_timedwait(&notifier->changed, &notifier->lock, &until) == 0)
                ;
        *seen = notifier->wakes;
        pthread_mutex_unlock(&notifier->lock);
}

/* ---- from news to deliveries
 * ---------------------------------------------------------------------------------- */

static size_t find_targets(
        const Notifier *notifier, const Document *event, NotificationTarget targets[TARGETS_MAX],
        StringList recipients[CHANNELS_MAX]) {
        CLEANUP(job_news_clear) JobNews news = job_news_read(event, notifier->spec.base_url);
        bool of_instance = document_get_member(event, "instance") != NULL;
        size_t count = 0;

        for (size_t i = 0; i < notifier->channel_count; i++) {
                const Channel *channel = notifier->channels[i];

                if (channel->of_instances != of_instance)
                        continue;

                channel->driver->add_recipients(channel, event, &news, &recipients[i]);
                for (size_t k = 0; k < recipients[i].count && count < TARGETS_MAX; k++)
                        targets[count++] = (NotificationTarget){ .channel = channel->name,
                                                                 .recipient = recipients[i].items[k] };
        }
        return count;
}

static bool expand(Notifier *notifier, const NotificationEvent *event, Error **err) {
        NotificationTarget targets[TARGETS_MAX];
        StringList recipients[CHANNELS_MAX] = { 0 };
        const NotificationExpansion expansion = {
                .event_id = event->id,
                .now_us = clock_now_us(),
                .targets = targets,
                .count = find_targets(notifier, event->news, targets, recipients),
                .waiting_max = notifier->spec.waiting_max,
        };
        size_t dropped = 0;

        bool ok = notification_store_expand(notifier->spec.store, &expansion, &dropped, err);
        if (dropped > 0)
                log_warn(
                        "notifications: %lld wait already; %zu about %s %s are not sent",
                        (long long) notifier->spec.waiting_max, dropped,
                        document_get(event->news, "instance") ? "instance" : "job",
                        document_get_string(
                                event->news,
                                document_get(event->news, "instance") ? "instance.instance_id" : "job._id"));
        for (size_t i = 0; i < CHANNELS_MAX; i++)
                string_list_clear(&recipients[i]);
        return ok;
}

/* *ret_any: there was an event. */
static bool expand_next(Notifier *notifier, bool *ret_any, Error **err) {
        CLEANUP(notification_event_clear) NotificationEvent event = { 0 };

        *ret_any = false;
        if (!notification_store_next_event(notifier->spec.store, &event, err))
                return false;
        *ret_any = event.news != NULL;
        return !*ret_any || expand(notifier, &event, err);
}

static void expand_all(Notifier *notifier) {
        CLEANUP(error_free) Error *failed = NULL;
        bool any = true, some = false;

        while (any && !is_stopping(notifier)) {
                if (!expand_next(notifier, &any, &failed)) {
                        log_error("notifications: %s", error_message(failed));
                        break;
                }
                some = some || any;
        }
        if (some)
                notifier_wake(notifier);
}

static void forget_old(Notifier *notifier, Deadline *next) {
        CLEANUP(error_free) Error *failed = NULL;

        if (!deadline_passed(*next))
                return;
        *next = deadline_after_ms(FORGET_INTERVAL_MS);
        if (!notification_store_forget_old(notifier->spec.store, clock_now_us(), &failed))
                log_error("notifications: %s", error_message(failed));
}

static void *run_expander(void *argument) {
        Notifier *notifier = argument;
        Deadline next_forget = clock_monotonic_ms();
        uint64_t seen = 0;

        while (!is_stopping(notifier)) {
                forget_old(notifier, &next_forget);
                expand_all(notifier);
                wait_for_news(notifier, &seen);
        }
        return NULL;
}

/* ---- from deliveries to people
 * -------------------------------------------------------------------------------- */

typedef struct Outcome {
        bool delivered, given_up;
        int64_t next_us;
        const char *why;
} Outcome;

static bool record(Store *store, const char *id, const Outcome *outcome, Error **err) {
        if (outcome->delivered)
                return notification_store_delivered(store, id, err);
        if (outcome->given_up)
                return notification_store_give_up(store, id, outcome->why, err);
        return notification_store_retry_at(store, id, outcome->next_us, outcome->why, err);
}

/* Until it is written: what was sent would else be sent again and again. */
static void record_surely(Sender *sender, const NotificationDelivery *delivery, const Outcome *outcome) {
        Notifier *notifier = sender->notifier;

        while (!is_stopping(notifier)) {
                CLEANUP(error_free) Error *failed = NULL;

                if (record(notifier->spec.store, delivery->id, outcome, &failed))
                        return;
                log_error("notifications: %s", error_message(failed));
                clock_sleep_ms(RECORD_RETRY_MS);
        }
}

static Outcome judge_failure(
        const Notifier *notifier, const NotificationDelivery *delivery, const Error *why) {
        Outcome outcome = { .why = error_message(why) };

        outcome.given_up = error_kind(why) == ERROR_INVALID ||
                           !backoff_next(
                                   &notifier->spec.backoff, delivery->attempts + 1, delivery->created_us,
                                   clock_now_us(), &outcome.next_us);
        return outcome;
}

static void log_failure(const Sender *sender, const NotificationDelivery *delivery, const Outcome *outcome) {
        const char *recipient = delivery->recipient, *name = sender->channel->name;

        if (outcome->given_up)
                log_warn("%s to '%s' was given up: %s", name, recipient, outcome->why);
        else if (delivery->attempts == 0)
                log_warn("%s to '%s' will be tried again: %s", name, recipient, outcome->why);
        else
                log_debug(
                        "%s to '%s', attempt %lld: %s", name, recipient, (long long) delivery->attempts + 1,
                        outcome->why);
}

static void attempt(Sender *sender, const NotificationDelivery *delivery) {
        Notifier *notifier = sender->notifier;
        CLEANUP(error_free) Error *why = NULL;
        Notice notice = {
                .delivery_id = delivery->id,
                .recipient = delivery->recipient,
                .event = delivery->news,
                .news = job_news_read(delivery->news, notifier->spec.base_url),
                .logs_folder = notifier->spec.logs_folder,
                .timeout_ms = notifier->spec.timeout_ms,
                .cancelled = is_stopping,
                .context = notifier,
        };
        LOG_SCOPE("job", notice.news.job_id);

        bool delivered = sender->channel->driver->send(sender->channel, &notice, &why);
        if (delivered) {
                log_debug("%s to '%s' was sent", sender->channel->name, delivery->recipient);
                record_surely(sender, delivery, &(Outcome){ .delivered = true });
        } else if (error_kind(why) != ERROR_CANCELLED) {
                const Outcome outcome = judge_failure(notifier, delivery, why);

                log_failure(sender, delivery, &outcome);
                record_surely(sender, delivery, &outcome);
        }
        job_news_clear(&notice.news);
}

static void *run_sender(void *argument) {
        Sender *sender = argument;
        Notifier *notifier = sender->notifier;
        uint64_t seen = 0;

        while (!is_stopping(notifier)) {
                CLEANUP(notification_delivery_clear) NotificationDelivery delivery = { 0 };
                CLEANUP(error_free) Error *failed = NULL;

                if (!notification_store_next_due(
                            notifier->spec.store, sender->channel->name, clock_now_us(), &delivery, &failed))
                        log_error("notifications: %s", error_message(failed));
                if (delivery.id)
                        attempt(sender, &delivery);
                else
                        wait_for_news(notifier, &seen);
        }
        return NULL;
}

/* ---- start and stop
 * ------------------------------------------------------------------------------------------- */

static bool open_channels(Notifier *notifier, Error **err) {
        const NotifierSpec *spec = &notifier->spec;
        size_t slack_count = 0;

        if (spec->slack.url)
                notifier->channels[slack_count++] = slack_channel_new(&spec->slack);
        bool ok =
                !spec->slack_file ||
                slack_file_read(spec->slack_file, spec->slack.states, notifier->channels, &slack_count, err);
        notifier->channel_count = slack_count;
        if (ok && spec->mail.server)
                notifier->channels[notifier->channel_count++] = mail_channel_new(&spec->mail);
        if (ok && spec->webhook.url)
                notifier->channels[notifier->channel_count++] = webhook_channel_new(&spec->webhook);
        if (ok && spec->endpoint.url)
                notifier->channels[notifier->channel_count++] = endpoint_channel_new(&spec->endpoint);
        return ok;
}

static bool give_up_others(Notifier *notifier, Error **err) {
        const char *names[CHANNELS_MAX];
        int64_t count = 0;

        for (size_t i = 0; i < notifier->channel_count; i++)
                names[i] = notifier->channels[i]->name;
        if (!notification_store_give_up_others(
                    notifier->spec.store, names, notifier->channel_count, &count, err))
                return false;
        if (count > 0)
                log_warn(
                        "notifications: %lld were given up: their channels are not in the settings any more",
                        (long long) count);
        return true;
}

static bool start_threads(Notifier *notifier, Error **err) {
        notifier->expander_started = pthread_create(&notifier->expander, NULL, run_expander, notifier) == 0;
        bool ok = notifier->expander_started;
        while (ok && notifier->senders_started < notifier->channel_count) {
                Sender *sender = &notifier->senders[notifier->senders_started];

                *sender = (Sender){ .notifier = notifier,
                                    .channel = notifier->channels[notifier->senders_started] };
                ok = pthread_create(&sender->thread, NULL, run_sender, sender) == 0;
                if (ok)
                        notifier->senders_started++;
        }
        return ok || error_set(err, ERROR_INTERNAL, "cannot start a thread for notifications");
}

Notifier *notifier_start(const NotifierSpec *spec, Error **err) {
        CLEANUP(notifier_stop) Notifier *notifier = xcalloc(1, sizeof(*notifier));
        pthread_condattr_t monotonic;

        notifier->spec = *spec;
        pthread_mutex_init(&notifier->lock, NULL);
        pthread_condattr_init(&monotonic);
        pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
        pthread_cond_init(&notifier->changed, &monotonic);
        pthread_condattr_destroy(&monotonic);
        if (!open_channels(notifier, err) || !give_up_others(notifier, err) || !start_threads(notifier, err))
                return NULL;
        return TAKE(notifier);
}

void notifier_stop(Notifier *notifier) {
        if (!notifier)
                return;

        atomic_store(&notifier->stopping, true);
        notifier_wake(notifier);
        if (notifier->expander_started)
                pthread_join(notifier->expander, NULL);
        while (notifier->senders_started > 0)
                pthread_join(notifier->senders[--notifier->senders_started].thread, NULL);
        for (size_t i = 0; i < notifier->channel_count; i++)
                channel_free(notifier->channels[i]);
        pthread_cond_destroy(&notifier->changed);
        pthread_mutex_destroy(&notifier->lock);
        free(notifier);
}
