/* The whole way from a job's change to a receiver, with a store of its own and an HTTP server that answers
 * from a script. */
#include "harness/store_case.h"

#include "base/clock.h"
#include "harness/scripted_http.h"
#include "notify/notifier.h"
#include "store/job_store.h"
#include "store/notification_store.h"

enum { PATIENCE_MS = 20000, LOOK_MS = 5 };

static int set_up(void **state) {
        if (store_case_set_up(state) != 0)
                return -1;
        Store *store = ((StoreCase *) *state)->store;
        store_put(store, COLLECTION_APPS, "{'_id':'a','name':'shop','env':'e','role':'r'}");
        store_put(store, COLLECTION_JOBS, "{'_id':'1','app_id':'a','status':'init','command':'deploy'}");
        return 0;
}
#define NOTIFIER_TEST(function) cmocka_unit_test_setup_teardown(function, set_up, store_case_tear_down)

static Notifier *start_notifier(StoreCase *test, const char *url) {
        const NotifierSpec spec = {
                .store = test->store,
                .logs_folder = test->folder,
                .base_url = "http://g",
                .backoff = { .first_ms = 20, .max_ms = 100, .give_up_ms = 60000 },
                .timeout_ms = 5000,
                .waiting_max = 100,
                .webhook = { .url = url, .secret = "s" },
        };
        CLEANUP(error_free) Error *problem = NULL;
        Notifier *notifier = notifier_start(&spec, &problem);

        if (!notifier)
                fail_msg("%s", error_message(problem));
        return notifier;
}

static void await_requests(ScriptedHttp *server, size_t count) {
        Deadline deadline = deadline_after_ms(PATIENCE_MS);

        while (scripted_http_request_count(server) < count && !deadline_passed(deadline))
                clock_sleep_ms(LOOK_MS);
        assert_true(scripted_http_request_count(server) >= count);
}

static int64_t count_waiting(Store *store, Document **ret_items) {
        CLEANUP(document_free) Document *items = NULL;
        int64_t total = 0;

        assert_ok(notification_store_list(store, 1, 100, &items, &total, err));
        if (ret_items)
                *ret_items = TAKE(items);
        return total;
}

static void await_empty(Store *store) {
        Deadline deadline = deadline_after_ms(PATIENCE_MS);

        while (count_waiting(store, NULL) > 0 && !deadline_passed(deadline))
                clock_sleep_ms(LOOK_MS);
        assert_int_equal(count_waiting(store, NULL), 0);
}

static void start_job(Store *store) {
        CLEANUP(document_free) Document *job = NULL;

        assert_ok(job_store_claim_next(store, &job, err));
        assert_non_null(job);
}

/* The value of a header; caller frees. */
static char *header_of(const char *request, const char *name) {
        CLEANUP(free) char *head = xasprintf("\r\n%s: ", name);
        const char *at = strstr(request, head);

        assert_non_null(at);
        at += strlen(head);
        return xstrndup(at, strcspn(at, "\r"));
}

static void every_state_is_told_in_order(void **state) {
        static const ScriptedReply reply = { 204, NULL };
        StoreCase *test = *state;
        ScriptedHttp *server = scripted_http_start(&reply, 1);
        Notifier *notifier = start_notifier(test, scripted_http_url(server));

        start_job(test->store);
        notifier_wake(notifier);
        await_requests(server, 1);
        assert_ok(job_store_set_status(test->store, "1", JOB_STARTED, JOB_DONE, "fine", err));
        notifier_wake(notifier);
        await_requests(server, 2);
        await_empty(test->store);
        notifier_stop(notifier);

        CLEANUP(free) char *first = header_of(scripted_http_request(server, 0), "X-Ghost-Event");
        CLEANUP(free) char *second = header_of(scripted_http_request(server, 1), "X-Ghost-Event");
        assert_string_equal(first, "job.started");
        assert_string_equal(second, "job.done");
        assert_int_equal(scripted_http_request_count(server), 2);
        scripted_http_stop(server);
}

static void what_fails_is_tried_again_under_its_name(void **state) {
        static const ScriptedReply replies[] = { { 503, NULL }, { 0 }, { 200, NULL } };
        StoreCase *test = *state;
        ScriptedHttp *server = scripted_http_start_table(replies);
        Notifier *notifier = start_notifier(test, scripted_http_url(server));

        start_job(test->store);
        notifier_wake(notifier);
        await_requests(server, 3);
        await_empty(test->store);
        notifier_stop(notifier);

        CLEANUP(free) char *first = header_of(scripted_http_request(server, 0), "X-Ghost-Delivery");
        CLEANUP(free) char *third = header_of(scripted_http_request(server, 2), "X-Ghost-Delivery");
        CLEANUP(free) char *signature = header_of(scripted_http_request(server, 2), "X-Ghost-Signature-256");
        assert_string_equal(first, third);
        assert_true(text_starts_with(signature, "sha256="));
        assert_int_equal(scripted_http_request_count(server), 3);
        scripted_http_stop(server);
}

static void what_is_refused_is_given_up_and_shown(void **state) {
        static const ScriptedReply reply = { 410, NULL };
        StoreCase *test = *state;
        ScriptedHttp *server = scripted_http_start(&reply, 1);
        Notifier *notifier = start_notifier(test, scripted_http_url(server));
        Deadline deadline = deadline_after_ms(PATIENCE_MS);
        bool failed = false;

        start_job(test->store);
        notifier_wake(notifier);
        while (!failed && !deadline_passed(deadline)) {
                CLEANUP(document_free) Document *items = NULL;

                (void) count_waiting(test->store, &items);
                failed = text_equal(document_get_string(items, "0.state"), "failed");
                if (failed)
                        assert_non_null(strstr(document_get_string(items, "0.last_error"), "HTTP 410"));
                clock_sleep_ms(LOOK_MS);
        }
        assert_true(failed);
        notifier_stop(notifier);
        assert_int_equal(scripted_http_request_count(server), 1);
        scripted_http_stop(server);
}

/* Between the event and its delivery, and between two attempts. */
static void a_restart_loses_nothing(void **state) {
        static const ScriptedReply down = { 503, NULL }, up = { 200, NULL };
        StoreCase *test = *state;
        ScriptedHttp *broken = scripted_http_start(&down, 1), *well = scripted_http_start(&up, 1);

        start_job(test->store);
        store_free(test->store);
        test->store = store_open(&(StoreSpec){ .path = test->path }, NULL);
        Notifier *first = start_notifier(test, scripted_http_url(broken));
        await_requests(broken, 2);
        notifier_stop(first);
        store_free(test->store);
        test->store = store_open(&(StoreSpec){ .path = test->path }, NULL);
        assert_int_equal(count_waiting(test->store, NULL), 1);

        Notifier *second = start_notifier(test, scripted_http_url(well));
        await_requests(well, 1);
        await_empty(test->store);
        notifier_stop(second);
        CLEANUP(free) char *before = header_of(scripted_http_request(broken, 0), "X-Ghost-Delivery");
        CLEANUP(free) char *after = header_of(scripted_http_request(well, 0), "X-Ghost-Delivery");
        assert_string_equal(before, after);
        scripted_http_stop(broken);
        scripted_http_stop(well);
}

static void a_receiver_that_hangs_does_not_hold_up_the_stop(void **state) {
        static const ScriptedReply slow = { 500, .body = "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
                                            .drip_ms = 100 };
        StoreCase *test = *state;
        ScriptedHttp *server = scripted_http_start(&slow, 1);
        Notifier *notifier = start_notifier(test, scripted_http_url(server));

        start_job(test->store);
        notifier_wake(notifier);
        await_requests(server, 1);
        int64_t before = clock_monotonic_ms();
        notifier_stop(notifier);
        assert_true(clock_monotonic_ms() - before < 3000);
        assert_int_equal(count_waiting(test->store, NULL), 1); /* it was no attempt */
        scripted_http_stop(server);
}

static void without_channels_nothing_piles_up(void **state) {
        StoreCase *test = *state;
        Notifier *notifier = start_notifier(test, NULL);
        Deadline deadline = deadline_after_ms(PATIENCE_MS);
        bool left = true;

        start_job(test->store);
        notifier_wake(notifier);
        while (left && !deadline_passed(deadline)) {
                CLEANUP(notification_event_clear) NotificationEvent event = { 0 };

                assert_ok(notification_store_next_event(test->store, &event, err));
                left = event.news != NULL;
        }
        assert_false(left);
        assert_int_equal(count_waiting(test->store, NULL), 0);
        notifier_stop(notifier);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                NOTIFIER_TEST(every_state_is_told_in_order),
                NOTIFIER_TEST(what_fails_is_tried_again_under_its_name),
                NOTIFIER_TEST(what_is_refused_is_given_up_and_shown),
                NOTIFIER_TEST(a_restart_loses_nothing),
                NOTIFIER_TEST(a_receiver_that_hangs_does_not_hold_up_the_stop),
                NOTIFIER_TEST(without_channels_nothing_piles_up),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
