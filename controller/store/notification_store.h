/* Notifications: the outbox. Job states that are news (written in the transaction that changes the state),
 * and from each news one delivery per recipient until it was taken or given up. */
#pragma once

#include "store/store.h"
#include "json/document.h"

/* {"job": {"_id", "status", "message", "created_us", …}, "app": {"_id", "name", "env", "role", "color",
 * "log_notifications"}, "at_us"}; app's members are null when the application is gone. Or {"instance": {…},
 * "at_us"}. */
typedef struct NotificationEvent {
        int64_t id;
        Document *news; /* NULL: there is no event */
} NotificationEvent;
void notification_event_clear(NotificationEvent *event);
static inline void notification_event_clearp(NotificationEvent *event) {
        notification_event_clear(event);
}

typedef struct NotificationTarget {
        const char *channel;   /* whose turn it is to send */
        const char *recipient; /* an address, or what tells people where it goes; no secret */
} NotificationTarget;

typedef struct NotificationDelivery {
        char *id; /* the same at every attempt; NULL: none is due */
        char *recipient;
        Document *news;
        int64_t attempts; /* before this one */
        int64_t created_us;
} NotificationDelivery;
void notification_delivery_clear(NotificationDelivery *delivery);
static inline void notification_delivery_clearp(NotificationDelivery *delivery) {
        notification_delivery_clear(delivery);
}

/* The job as it is now is news. */
bool notification_store_add_event(Store *store, const char *job_id, Error **err);
/* What an instance does is news: {"instance_id", "host_name", "status", …}. */
bool notification_store_add_instance_event(Store *store, const Document *instance, Error **err);

/* The oldest event without deliveries yet. */
bool notification_store_next_event(Store *store, NotificationEvent *ret, Error **err);
typedef struct NotificationExpansion {
        int64_t event_id, now_us;
        const NotificationTarget *targets;
        size_t count;
        int64_t waiting_max; /* what would be more is not queued */
} NotificationExpansion;
bool notification_store_expand(
        Store *store, const NotificationExpansion *expansion, size_t *ret_dropped, Error **err);

/* The delivery of that channel which is due longest. */
bool notification_store_next_due(
        Store *store, const char *channel, int64_t now_us, NotificationDelivery *ret, Error **err);
bool notification_store_delivered(Store *store, const char *id, Error **err);
bool notification_store_retry_at(Store *store, const char *id, int64_t next_us, const char *why, Error **err);
bool notification_store_give_up(Store *store, const char *id, const char *why, Error **err);
/* What waits for a channel that is not among these. */
bool notification_store_give_up_others(
        Store *store, const char *const *channels, size_t count, int64_t *ret_count, Error **err);

enum { NOTIFICATIONS_KEPT_DAYS = 7, NOTIFICATIONS_KEPT = 1000 };
/* Forgets what was given up longer ago than that, or is more than that. */
bool notification_store_forget_old(Store *store, int64_t now_us, Error **err);

/* What waits and what was given up, the newest first. */
bool notification_store_list(
        Store *store, uint64_t page, uint64_t max_results, Document **ret_items, int64_t *ret_total,
        Error **err);
