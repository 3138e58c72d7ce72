#include "harness/store_case.h"

#include "base/clock.h"
#include "store/job_store.h"
#include "store/notification_store.h"

static const int64_t day_us = INT64_C(24) * 3600 * 1000 * 1000;

static int set_up(void **state) {
        if (store_case_set_up(state) != 0)
                return -1;
        Store *store = ((StoreCase *) *state)->store;
        store_put(
                store, COLLECTION_APPS,
                "{'_id':'a','name':'shop','env':'e','role':'r','log_notifications':[{'email':'x@y'}]}");
        store_put(
                store, COLLECTION_JOBS,
                "{'_id':'1','app_id':'a','status':'init','command':'deploy','options':['long']}");
        return 0;
}
#define OUTBOX_TEST(function) cmocka_unit_test_setup_teardown(function, set_up, store_case_tear_down)

static NotificationEvent next_event(Store *store) {
        NotificationEvent event = { 0 };

        assert_ok(notification_store_next_event(store, &event, err));
        return event;
}

static void assert_no_event(Store *store) {
        CLEANUP(notification_event_clear) NotificationEvent event = next_event(store);

        assert_null(event.news);
}

static void start_job(Store *store) {
        CLEANUP(document_free) Document *job = NULL;

        assert_ok(job_store_claim_next(store, &job, err));
        assert_non_null(job);
}

/* The oldest event becomes a delivery to each of that many recipients of a channel. */
static size_t expand_oldest(Store *store, const char *channel, size_t count, int64_t now_us) {
        static const char *const names[] = { "r0", "r1", "r2", "r3" };
        CLEANUP(notification_event_clear) NotificationEvent event = next_event(store);
        NotificationTarget targets[4];
        size_t dropped = 0;

        for (size_t i = 0; i < count; i++)
                targets[i] = (NotificationTarget){ channel, names[i] };
        assert_non_null(event.news);
        assert_ok(notification_store_expand(
                store,
                &(NotificationExpansion){ .event_id = event.id,
                                          .now_us = now_us,
                                          .targets = targets,
                                          .count = count,
                                          .waiting_max = 3 },
                &dropped, err));
        return dropped;
}

static NotificationDelivery next_due(Store *store, const char *channel, int64_t now_us) {
        NotificationDelivery delivery = { 0 };

        assert_ok(notification_store_next_due(store, channel, now_us, &delivery, err));
        return delivery;
}

static void assert_none_due(Store *store, const char *channel, int64_t now_us) {
        CLEANUP(notification_delivery_clear) NotificationDelivery delivery = next_due(store, channel, now_us);

        assert_null(delivery.id);
}

static void each_change_of_a_job_is_news(void **state) {
        Store *store = ((StoreCase *) *state)->store;

        assert_no_event(store);
        start_job(store);
        assert_ok(job_store_set_status(store, "1", JOB_STARTED, JOB_FAILED, "it broke", err));
        CLEANUP(notification_event_clear) NotificationEvent started = next_event(store);
        assert_string_equal(document_get_string(started.news, "job.status"), "started");
        assert_string_equal(document_get_string(started.news, "job._id"), "1");
        assert_true(document_get_int(started.news, "job.created_us") > 0);
        assert_null(document_get(started.news, "job.options"));
        assert_string_equal(document_get_string(started.news, "app.name"), "shop");
        assert_string_equal(document_get_string(started.news, "app.log_notifications.0.email"), "x@y");
        assert_int_equal(expand_oldest(store, "email", 0, 1), 0);
        CLEANUP(notification_event_clear) NotificationEvent failed = next_event(store);
        assert_string_equal(document_get_string(failed.news, "job.status"), "failed");
        assert_string_equal(document_get_string(failed.news, "job.message"), "it broke");
}

static void a_queued_job_that_is_cancelled_is_news(void **state) {
        Store *store = ((StoreCase *) *state)->store;
        JobStatus status;

        assert_ok(job_store_request_cancel(store, "1", &status, err));
        CLEANUP(notification_event_clear) NotificationEvent event = next_event(store);
        assert_string_equal(document_get_string(event.news, "job.status"), "cancelled");
}

static void a_change_that_is_not_made_is_no_news(void **state) {
        Store *store = ((StoreCase *) *state)->store;

        assert_fails(
                ERROR_CONFLICT, "job 1 is not started any more",
                job_store_set_status(store, "1", JOB_STARTED, JOB_DONE, "", err));
        assert_no_event(store);
        assert_ok(store_begin(store, err));
        start_job(store);
        store_roll_back(store);
        assert_no_event(store);
}

static void news_outlive_job_application_and_program(void **state) {
        StoreCase *test = *state;

        start_job(test->store);
        assert_ok(collection_delete(test->store, COLLECTION_JOBS, "1", NULL, NULL, err));
        assert_ok(collection_delete(test->store, COLLECTION_APPS, "a", NULL, NULL, err));
        store_free(test->store);
        test->store = store_open(&(StoreSpec){ .path = test->path }, NULL);
        assert_non_null(test->store);
        CLEANUP(notification_event_clear) NotificationEvent event = next_event(test->store);
        assert_string_equal(document_get_string(event.news, "app.name"), "shop");
        assert_string_equal(document_get_string(event.news, "job.command"), "deploy");
}

static void a_delivery_waits_for_its_channel_and_time(void **state) {
        Store *store = ((StoreCase *) *state)->store;

        start_job(store);
        assert_int_equal(expand_oldest(store, "email", 2, 1000), 0);
        assert_no_event(store);
        assert_none_due(store, "slack", 5000);
        assert_none_due(store, "email", 999);
        CLEANUP(notification_delivery_clear) NotificationDelivery first = next_due(store, "email", 1000);
        assert_string_equal(first.recipient, "r0");
        assert_int_equal(first.attempts, 0);
        assert_string_equal(document_get_string(first.news, "job._id"), "1");
        assert_ok(notification_store_retry_at(store, first.id, 3000, "no answer", err));

        CLEANUP(notification_delivery_clear) NotificationDelivery second = next_due(store, "email", 2000);
        assert_string_equal(second.recipient, "r1");
        assert_ok(notification_store_delivered(store, second.id, err));
        assert_none_due(store, "email", 2999);
        CLEANUP(notification_delivery_clear) NotificationDelivery again = next_due(store, "email", 3000);
        assert_string_equal(again.id, first.id);
        assert_int_equal(again.attempts, 1);
        assert_int_equal(again.created_us, 1000);
}

static int64_t list_total(Store *store, Document **ret) {
        int64_t total = 0;

        assert_ok(notification_store_list(store, 1, 10, ret, &total, err));
        return total;
}

static void the_list_shows_what_waits_and_what_was_given_up(void **state) {
        Store *store = ((StoreCase *) *state)->store;
        CLEANUP(document_free) Document *items = NULL;

        start_job(store);
        (void) expand_oldest(store, "slack/0123abcd", 2, 1000000);
        CLEANUP(notification_delivery_clear)
        NotificationDelivery first = next_due(store, "slack/0123abcd", 1000000);
        assert_ok(notification_store_give_up(store, first.id, "HTTP 404", err));
        assert_int_equal(list_total(store, &items), 2);
        const Document *given_up = document_at(items, 1), *waiting = document_at(items, 0);
        assert_string_equal(document_get_string(given_up, "_id"), first.id);
        assert_string_equal(document_get_string(given_up, "channel"), "slack");
        assert_string_equal(document_get_string(given_up, "recipient"), "r0");
        assert_string_equal(document_get_string(given_up, "event"), "job.started");
        assert_string_equal(document_get_string(given_up, "job_id"), "1");
        assert_string_equal(document_get_string(given_up, "state"), "failed");
        assert_string_equal(document_get_string(given_up, "last_error"), "HTTP 404");
        assert_int_equal(document_get_int(given_up, "attempts"), 1);
        assert_null(document_get(given_up, "next_attempt"));
        assert_string_equal(document_get_string(waiting, "state"), "pending");
        assert_string_equal(document_get_string(waiting, "next_attempt"), "Thu, 01 Jan 1970 00:00:01 GMT");
}

static void the_queue_is_bounded(void **state) {
        Store *store = ((StoreCase *) *state)->store;
        CLEANUP(document_free) Document *items = NULL;

        start_job(store);
        assert_ok(job_store_set_status(store, "1", JOB_STARTED, JOB_DONE, "", err));
        assert_int_equal(expand_oldest(store, "email", 2, 1), 0);
        assert_int_equal(expand_oldest(store, "email", 4, 1), 3);
        assert_int_equal(list_total(store, &items), 3);
        assert_no_event(store);
}

static void a_channel_that_is_gone_is_given_up(void **state) {
        Store *store = ((StoreCase *) *state)->store;
        const char *const known[] = { "email" };
        int64_t count = 0;

        start_job(store);
        assert_ok(job_store_set_status(store, "1", JOB_STARTED, JOB_DONE, "", err));
        (void) expand_oldest(store, "email", 1, 1);
        (void) expand_oldest(store, "webhook", 1, 1);
        assert_ok(notification_store_give_up_others(store, known, 1, &count, err));
        assert_int_equal(count, 1);
        assert_none_due(store, "webhook", 10);
        CLEANUP(notification_delivery_clear) NotificationDelivery kept = next_due(store, "email", 10);
        assert_non_null(kept.id);
        assert_ok(notification_store_give_up_others(store, NULL, 0, &count, err));
        assert_int_equal(count, 1);
}

static void what_was_given_up_is_forgotten_after_a_week(void **state) {
        Store *store = ((StoreCase *) *state)->store;
        CLEANUP(document_free) Document *before = NULL, *after = NULL;

        start_job(store);
        (void) expand_oldest(store, "email", 2, day_us);
        CLEANUP(notification_delivery_clear) NotificationDelivery first = next_due(store, "email", day_us);
        assert_ok(notification_store_give_up(store, first.id, "", err));
        assert_ok(notification_store_forget_old(store, 8 * day_us, err));
        assert_int_equal(list_total(store, &before), 2);
        assert_ok(notification_store_forget_old(store, 8 * day_us + 1, err));
        assert_int_equal(list_total(store, &after), 1); /* what waits is not touched */
}

int main(void) {
        const struct CMUnitTest tests[] = {
                OUTBOX_TEST(each_change_of_a_job_is_news),
                OUTBOX_TEST(a_queued_job_that_is_cancelled_is_news),
                OUTBOX_TEST(a_change_that_is_not_made_is_no_news),
                OUTBOX_TEST(news_outlive_job_application_and_program),
                OUTBOX_TEST(a_delivery_waits_for_its_channel_and_time),
                OUTBOX_TEST(the_list_shows_what_waits_and_what_was_given_up),
                OUTBOX_TEST(the_queue_is_bounded),
                OUTBOX_TEST(a_channel_that_is_gone_is_given_up),
                OUTBOX_TEST(what_was_given_up_is_forgotten_after_a_week),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
