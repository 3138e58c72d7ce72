#include "store/notification_store.h"

#include <string.h>

#include "base/clock.h"
#include "base/crypto.h"
#include "base/memory.h"
#include "store/query.h"

static const int64_t day_us = INT64_C(24) * 3600 * 1000 * 1000;

void notification_event_clear(NotificationEvent *event) {
        document_free(event->news);
        *event = (NotificationEvent){ 0 };
}

void notification_delivery_clear(NotificationDelivery *delivery) {
        free(delivery->id);
        free(delivery->recipient);
        document_free(delivery->news);
        *delivery = (NotificationDelivery){ 0 };
}

/* Without the options: those of a script are the script, which is nobody's news and long. */
bool notification_store_add_event(Store *store, const char *job_id, Error **err) {
        CLEANUP(query_end) Query query = { 0 };

        if (!query_write(
                    store,
                    "INSERT INTO notification_events (at_us, doc) SELECT ?1, json_object("
                    "'at_us', ?1, 'job', json_set(json_remove(jobs.doc, '$.options'), '$._id', jobs.id, "
                    "'$.created_us', jobs.created_us), 'app', json_object('_id', apps.id, 'name', apps.name, "
                    "'env', apps.env, 'role', apps.role, 'color', apps.color, "
                    "'log_notifications', json_extract(apps.doc, '$.log_notifications'))) "
                    "FROM jobs LEFT JOIN apps ON apps.id = jobs.app_id WHERE jobs.id = ?2",
                    &query, err))
                return false;
        query_bind_int(&query, clock_now_us());
        query_bind_text(&query, job_id);
        return query_run(&query, err);
}

bool notification_store_add_instance_event(Store *store, const Document *instance, Error **err) {
        CLEANUP(query_end) Query query = { 0 };
        CLEANUP(free) char *text = document_text(instance);

        if (!query_write(
                    store,
                    "INSERT INTO notification_events (at_us, doc) SELECT ?1, json_object('at_us', ?1, "
                    "'instance', json(?2))",
                    &query, err))
                return false;
        query_bind_int(&query, clock_now_us());
        query_bind_text(&query, text);
        return query_run(&query, err);
}

static bool read_news(const Query *query, int column, Document **ret, Error **err) {
        CLEANUP(free) char *text = query_text(query, column);

        *ret = document_parse(text, strlen(text), err);
        return *ret || error_prefix(err, "a notification's event");
}

bool notification_store_next_event(Store *store, NotificationEvent *ret, Error **err) {
        CLEANUP(query_end) Query query = { 0 };
        bool row = false;

        *ret = (NotificationEvent){ 0 };
        if (!query_read(
                    store, "SELECT id, doc FROM notification_events WHERE expanded = 0 ORDER BY id LIMIT 1",
                    &query, err) ||
            !query_step(&query, &row, err))
                return false;
        ret->id = row ? query_int(&query, 0) : 0;
        return !row || read_news(&query, 1, &ret->news, err);
}

/* With the event that nobody is told any more. */
static bool remove_told(Store *store, Error **err) {
        CLEANUP(query_end) Query query = { 0 };

        return query_write(
                       store,
                       "DELETE FROM notification_events WHERE expanded = 1 AND NOT EXISTS (SELECT 1 FROM "
                       "notification_deliveries WHERE event_id = notification_events.id)",
                       &query, err) &&
               query_run(&query, err);
}

static bool remove_event_if_told(Store *store, int64_t event_id, Error **err) {
        CLEANUP(query_end) Query query = { 0 };

        if (!query_write(
                    store,
                    "DELETE FROM notification_events WHERE id = ?1 AND expanded = 1 AND NOT EXISTS (SELECT 1 "
                    "FROM notification_deliveries WHERE event_id = ?1)",
                    &query, err))
                return false;
        query_bind_int(&query, event_id);
        return query_run(&query, err);
}

static bool count_waiting(Store *store, int64_t *ret, Error **err) {
        CLEANUP(query_end) Query query = { 0 };
        bool row = false;

        if (!query_read(
                    store, "SELECT count(*) FROM notification_deliveries WHERE given_up = 0", &query, err) ||
            !query_step(&query, &row, err))
                return false;
        *ret = query_int(&query, 0);
        return true;
}

static bool add_delivery(
        Store *store, const NotificationExpansion *expansion, const NotificationTarget *target, Error **err) {
        CLEANUP(query_end) Query query = { 0 };
        CLEANUP(free) char *id = crypto_new_id();

        if (!query_write(
                    store,
                    "INSERT INTO notification_deliveries (id, event_id, channel, recipient, created_us, "
                    "next_us) VALUES (?1,?2,?3,?4,?5,?5)",
                    &query, err))
                return false;
        query_bind_text(&query, id);
        query_bind_int(&query, expansion->event_id);
        query_bind_text(&query, target->channel);
        query_bind_text(&query, target->recipient);
        query_bind_int(&query, expansion->now_us);
        return query_run(&query, err);
}

static bool mark_expanded(Store *store, int64_t event_id, Error **err) {
        CLEANUP(query_end) Query query = { 0 };

        if (!query_write(store, "UPDATE notification_events SET expanded = 1 WHERE id = ?", &query, err))
                return false;
        query_bind_int(&query, event_id);
        return query_run(&query, err);
}

static bool expand_inside(
        Store *store, const NotificationExpansion *expansion, size_t *ret_dropped, Error **err) {
        int64_t waiting = 0;

        if (!count_waiting(store, &waiting, err) || !mark_expanded(store, expansion->event_id, err))
                return false;
        for (size_t i = 0; i < expansion->count; i++, waiting++) {
                if (waiting >= expansion->waiting_max) {
                        *ret_dropped = expansion->count - i;
                        break;
                }
                if (!add_delivery(store, expansion, &expansion->targets[i], err))
                        return false;
        }
        return remove_event_if_told(store, expansion->event_id, err);
}

bool notification_store_expand(
        Store *store, const NotificationExpansion *expansion, size_t *ret_dropped, Error **err) {
        *ret_dropped = 0;
        if (!store_begin(store, err))
                return false;
        if (!expand_inside(store, expansion, ret_dropped, err)) {
                store_roll_back(store);
                return false;
        }
        return store_commit(store, err);
}

bool notification_store_next_due(
        Store *store, const char *channel, int64_t now_us, NotificationDelivery *ret, Error **err) {
        CLEANUP(query_end) Query query = { 0 };
        CLEANUP(notification_delivery_clear) NotificationDelivery found = { 0 };
        bool row = false;

        *ret = (NotificationDelivery){ 0 };
        if (!query_read(
                    store,
                    "SELECT d.id, d.recipient, d.attempts, d.created_us, e.doc FROM notification_deliveries "
                    "AS d JOIN notification_events AS e ON e.id = d.event_id WHERE d.given_up = 0 AND "
                    "d.channel = ? AND d.next_us <= ? ORDER BY d.next_us, d.rowid LIMIT 1",
                    &query, err))
                return false;
        query_bind_text(&query, channel);
        query_bind_int(&query, now_us);
        if (!query_step(&query, &row, err))
                return false;
        if (!row)
                return true;
        found = (NotificationDelivery){ .id = query_text(&query, 0),
                                        .recipient = query_text(&query, 1),
                                        .attempts = query_int(&query, 2),
                                        .created_us = query_int(&query, 3) };
        if (!read_news(&query, 4, &found.news, err))
                return false;
        *ret = found;
        found = (NotificationDelivery){ 0 };
        return true;
}

bool notification_store_delivered(Store *store, const char *id, Error **err) {
        CLEANUP(query_end) Query query = { 0 };
        int64_t event_id = 0;
        bool row = false;

        if (!query_write(
                    store, "DELETE FROM notification_deliveries WHERE id = ? RETURNING event_id", &query,
                    err))
                return false;
        query_bind_text(&query, id);
        if (!query_step(&query, &row, err))
                return false;
        if (!row)
                return true;
        event_id = query_int(&query, 0);
        if (!query_run(&query, err))
                return false;
        query_end(&query);
        return remove_event_if_told(store, event_id, err);
}

static bool note_attempt(
        Store *store, const char *id, int64_t next_us, const char *why, bool last, Error **err) {
        CLEANUP(query_end) Query query = { 0 };

        if (!query_write(
                    store,
                    "UPDATE notification_deliveries SET attempts = attempts + 1, next_us = ?, last_error = "
                    "?, given_up = ? WHERE id = ?",
                    &query, err))
                return false;
        query_bind_int(&query, next_us);
        query_bind_text(&query, why);
        query_bind_int(&query, last);
        query_bind_text(&query, id);
        return query_run(&query, err);
}

bool notification_store_retry_at(
        Store *store, const char *id, int64_t next_us, const char *why, Error **err) {
        return note_attempt(store, id, next_us, why, false, err);
}

bool notification_store_give_up(Store *store, const char *id, const char *why, Error **err) {
        return note_attempt(store, id, 0, why, true, err);
}

bool notification_store_give_up_others(
        Store *store, const char *const *channels, size_t count, int64_t *ret_count, Error **err) {
        CLEANUP(query_end) Query query = { 0 };
        CLEANUP(document_free) Document *known = document_array();
        CLEANUP(free) char *text = NULL;

        for (size_t i = 0; i < count; i++)
                document_append(known, document_string(channels[i]));
        text = document_text(known);
        if (!query_write(
                    store,
                    "UPDATE notification_deliveries SET given_up = 1, last_error = 'this channel is not in "
                    "the settings any more' WHERE given_up = 0 AND channel NOT IN (SELECT value FROM "
                    "json_each(?))",
                    &query, err))
                return false;
        query_bind_text(&query, text);
        if (!query_run(&query, err))
                return false;
        *ret_count = query_changes(&query);
        return true;
}

bool notification_store_forget_old(Store *store, int64_t now_us, Error **err) {
        CLEANUP(query_end) Query query = { 0 };

        if (!query_write(
                    store,
                    "DELETE FROM notification_deliveries WHERE given_up = 1 AND (created_us < ? OR id NOT IN "
                    "(SELECT id FROM notification_deliveries WHERE given_up = 1 ORDER BY created_us DESC, "
                    "rowid DESC LIMIT ?))",
                    &query, err))
                return false;
        query_bind_int(&query, now_us - NOTIFICATIONS_KEPT_DAYS * day_us);
        query_bind_int(&query, NOTIFICATIONS_KEPT);
        if (!query_run(&query, err))
                return false;
        query_end(&query);
        return remove_told(store, err);
}

static void set_date(Document *item, const char *name, int64_t time_us) {
        CLEANUP(free) char *date = clock_format_http(time_us);

        document_set_string(item, name, date);
}

static void set_text(Document *item, const char *name, const Query *query, int column) {
        CLEANUP(free) char *text = query_text(query, column);

        document_set_string(item, name, text);
}

static Document *read_item(const Query *query) {
        static const char *const members[] = { "_id",   "channel",    "recipient", "job_id",
                                               "event", "last_error", "state" };
        enum { NEXT_US = 7, ATTEMPTS, CREATED_US };
        Document *item = document_object();

        for (int i = 0; i < NEXT_US; i++)
                set_text(item, members[i], query, i);
        document_set_int(item, "attempts", query_int(query, ATTEMPTS));
        set_date(item, "created", query_int(query, CREATED_US));
        if (query_int(query, NEXT_US) > 0)
                set_date(item, "next_attempt", query_int(query, NEXT_US));
        return item;
}

static bool list_items(Store *store, uint64_t page, uint64_t max_results, Document *items, Error **err) {
        CLEANUP(query_end) Query query = { 0 };
        bool row = true;

        if (!query_read(
                    store,
                    "SELECT d.id, substr(d.channel, 1, instr(d.channel || '/', '/') - 1), d.recipient, "
                    "json_extract(e.doc, '$.job._id'), coalesce('job.' || json_extract(e.doc, "
                    "'$.job.status'), 'instance.' || json_extract(e.doc, '$.instance.status')), "
                    "d.last_error, iif(d.given_up, 'failed', 'pending'), iif(d.given_up, 0, d.next_us), "
                    "d.attempts, d.created_us FROM notification_deliveries AS d JOIN notification_events AS "
                    "e ON e.id = d.event_id ORDER BY d.created_us DESC, d.rowid DESC LIMIT ? OFFSET ?",
                    &query, err))
                return false;
        query_bind_int(&query, (int64_t) max_results);
        query_bind_int(&query, (int64_t) ((page - 1) * max_results));
        for (;;) {
                if (!query_step(&query, &row, err))
                        return false;
                if (!row)
                        return true;
                document_append(items, read_item(&query));
        }
}

static bool count_all(Store *store, int64_t *ret, Error **err) {
        CLEANUP(query_end) Query query = { 0 };
        bool row = false;

        if (!query_read(store, "SELECT count(*) FROM notification_deliveries", &query, err) ||
            !query_step(&query, &row, err))
                return false;
        *ret = query_int(&query, 0);
        return true;
}

bool notification_store_list(
        Store *store, uint64_t page, uint64_t max_results, Document **ret_items, int64_t *ret_total,
        Error **err) {
        CLEANUP(document_free) Document *items = document_array();

        if (!list_items(store, page, max_results, items, err) || !count_all(store, ret_total, err))
                return false;
        *ret_items = TAKE(items);
        return true;
}
