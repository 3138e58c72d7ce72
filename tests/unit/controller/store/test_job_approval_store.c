#include "harness/store_case.h"

#include <stdlib.h>

#include "base/memory.h"
#include "store/job_approval_store.h"
#include "store/job_store.h"
#include "store/query.h"

static int set_up(void **state) {
        if (store_case_set_up(state) != 0)
                return -1;

        Store *store = ((StoreCase *) *state)->store;
        CLEANUP(document_free) Document *job = document_object();
        CLEANUP(document_free) Document *claimed = NULL;
        store_put(store, COLLECTION_APPS, "{'_id':'a','name':'a','env':'e','role':'r'}");
        document_set_string(job, "_id", "1");
        document_set_string(job, "app_id", "a");
        assert_ok(job_store_insert(store, job, NULL, err));
        assert_ok(job_store_claim_next(store, &claimed, err));
        return 0;
}
#define APPROVAL_TEST(function) cmocka_unit_test_setup_teardown(function, set_up, store_case_tear_down)

/* "" when nothing is asked. Caller frees. */
static char *asked(Store *store, const char *member) {
        CLEANUP(document_free) Document *job = NULL;
        CLEANUP(free) char *path = xasprintf("approval.%s", member);

        assert_ok(collection_get(store, COLLECTION_JOBS, "1", &job, err));
        return xstrdup(document_get_string(job, path));
}

static void assert_asked(Store *store, const char *point) {
        CLEANUP(free) char *now = asked(store, "point");

        assert_string_equal(now, point);
}

static void assert_given(Store *store, const char *point, const char *by) {
        CLEANUP(free) char *given = NULL;

        assert_ok(job_approval_given(store, "1", point, &given, err));
        assert_string_equal(given ? given : "", by);
}

static void the_answer_to_a_question_is_kept(void **state) {
        Store *store = ((StoreCase *) *state)->store;
        CLEANUP(free) char *question = NULL;

        assert_ok(job_approval_ask(store, "1", "site.1", "one batch is done", err));
        assert_asked(store, "site.1");
        question = asked(store, "question");
        assert_string_equal(question, "one batch is done");
        assert_given(store, "site.1", "");
        assert_ok(job_approval_give(store, "1", "site.1", "carol", err));
        assert_given(store, "site.1", "carol");
        assert_given(store, "site.2", "");
        assert_asked(store, "");
}

static void another_question_than_was_read_is_not_answered(void **state) {
        Store *store = ((StoreCase *) *state)->store;

        assert_fails(
                ERROR_INVALID, "This job waits for no approval (its status is started)",
                job_approval_give(store, "1", "", "carol", err));
        assert_ok(job_approval_ask(store, "1", "site.2", "two batches are done", err));
        assert_fails(
                ERROR_INVALID, "This job waits for the approval of \"site.2\", not of \"site.1\"",
                job_approval_give(store, "1", "site.1", "carol", err));
        assert_given(store, "site.1", "");
        assert_asked(store, "site.2");
        assert_ok(job_approval_give(store, "1", "", "carol", err));
        assert_given(store, "site.2", "carol");
        assert_fails(ERROR_NOT_FOUND, "no '2' in jobs", job_approval_give(store, "2", "", "carol", err));
}

static int count_news(Store *store) {
        CLEANUP(query_end) Query query = { 0 };
        bool row = false;

        assert_ok(query_read(store, "SELECT count(*) FROM notification_events", &query, err));
        assert_ok(query_step(&query, &row, err));
        return (int) query_int(&query, 0);
}

static void a_question_is_news_once(void **state) {
        Store *store = ((StoreCase *) *state)->store;
        int before = count_news(store);
        CLEANUP(free) char *first = NULL;
        CLEANUP(free) char *second = NULL;

        assert_ok(job_approval_ask(store, "1", "start", "nothing is begun", err));
        first = asked(store, "asked_at");
        assert_ok(job_approval_ask(store, "1", "start", "nothing is begun", err));
        second = asked(store, "asked_at");
        assert_string_equal(first, second);
        assert_int_equal(count_news(store), before + 1);
        assert_ok(job_approval_withdraw(store, "1", err));
        assert_asked(store, "");
        assert_int_equal(count_news(store), before + 1);
}

static void a_job_that_has_ended_asks_nothing(void **state) {
        Store *store = ((StoreCase *) *state)->store;

        assert_ok(job_approval_ask(store, "1", "start", "nothing is begun", err));
        assert_ok(job_store_set_status(store, "1", JOB_STARTED, JOB_FAILED, "no", err));
        assert_asked(store, "");
        assert_fails(
                ERROR_INVALID, "This job waits for no approval (its status is failed)",
                job_approval_give(store, "1", "", "carol", err));
}

int main(void) {
        const struct CMUnitTest tests[] = {
                APPROVAL_TEST(the_answer_to_a_question_is_kept),
                APPROVAL_TEST(another_question_than_was_read_is_not_answered),
                APPROVAL_TEST(a_question_is_news_once),
                APPROVAL_TEST(a_job_that_has_ended_asks_nothing),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
