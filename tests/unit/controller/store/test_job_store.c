#include "harness/store_case.h"

#include <pthread.h>

#include "base/clock.h"
#include "store/job_store.h"

static int set_up(void **state) {
        if (store_case_set_up(state) != 0)
                return -1;

        Store *store = ((StoreCase *) *state)->store;
        store_put(store, COLLECTION_APPS, "{'_id':'a','name':'a','env':'e','role':'r'}");
        store_put(store, COLLECTION_APPS, "{'_id':'b','name':'b','env':'e','role':'r'}");
        return 0;
}
#define JOB_TEST(function) cmocka_unit_test_setup_teardown(function, set_up, store_case_tear_down)

static void put_job(Store *store, const char *id, const char *app) {
        CLEANUP(document_free) Document *job = document_object();

        document_set_string(job, "_id", id);
        document_set_string(job, "app_id", app);
        assert_ok(job_store_insert(store, job, NULL, err));
}

static void assert_status(Store *store, const char *id, const char *expected) {
        CLEANUP(document_free) Document *job = NULL;

        assert_ok(collection_get(store, COLLECTION_JOBS, id, &job, err));
        assert_string_equal(document_get_string(job, "status"), expected);
}

static void assert_claims(Store *store, const char *id) {
        CLEANUP(document_free) Document *job = NULL;

        assert_ok(job_store_claim_next(store, &job, err));
        assert_string_equal(document_get_string(job, "_id"), id);
        if (!*id)
                return;
        int64_t started_us = 0;
        assert_string_equal(document_get_string(job, "status"), "started");
        assert_true(clock_parse_http(document_get_string(job, "started_at"), &started_us));
        assert_int_equal(started_us / 1000000, document_get_int(job, "started_us") / 1000000);
}

static void one_job_of_an_application_runs(void **state) {
        Store *store = ((StoreCase *) *state)->store;

        put_job(store, "1", "a");
        put_job(store, "2", "a");
        put_job(store, "3", "b");
        assert_claims(store, "1");
        assert_claims(store, "3");
        assert_claims(store, "");
        assert_ok(job_store_set_status(store, "1", JOB_STARTED, JOB_DONE, "fine", err));
        assert_claims(store, "2");
        assert_claims(store, "");
}

static void a_job_needs_its_application(void **state) {
        Store *store = ((StoreCase *) *state)->store;
        CLEANUP(document_free) Document *job = json_of("{'app_id':'none'}");

        assert_fails(ERROR_NOT_FOUND, "no 'none' in apps", job_store_insert(store, job, NULL, err));
}

typedef struct Claims {
        Store *store;
        StringList ids;
} Claims;

static void *claim_all(void *context) {
        Claims *claims = context;

        for (;;) {
                CLEANUP(document_free) Document *job = NULL;

                if (!job_store_claim_next(claims->store, &job, NULL) || !job)
                        return NULL;
                string_list_add(&claims->ids, document_get_string(job, "_id"));
        }
}

static void no_job_is_claimed_twice(void **state) {
        Store *store = ((StoreCase *) *state)->store;
        Claims claims[4] = { { store }, { store }, { store }, { store } };
        CLEANUP(string_list_clear) StringList all = { 0 };
        pthread_t threads[4];

        for (int i = 0; i < 30; i++) {
                CLEANUP(free) char *id = xasprintf("%d", i);
                CLEANUP(free)
                char *app = xasprintf("{'_id':'app%d','name':'n%d','env':'e','role':'r'}", i, i);

                store_put(store, COLLECTION_APPS, app);
                put_job(store, id, "a");
                assert_ok(job_store_set_status(store, id, JOB_PENDING, JOB_CANCELLED, "", err));
                CLEANUP(free) char *app_id = xasprintf("app%d", i);
                CLEANUP(free) char *job_id = xasprintf("j%d", i);
                put_job(store, job_id, app_id);
        }
        for (size_t i = 0; i < 4; i++)
                assert_int_equal(pthread_create(&threads[i], NULL, claim_all, &claims[i]), 0);
        for (size_t i = 0; i < 4; i++) {
                assert_int_equal(pthread_join(threads[i], NULL), 0);
                for (size_t j = 0; j < claims[i].ids.count; j++) {
                        assert_false(string_list_contains(&all, claims[i].ids.items[j]));
                        string_list_add(&all, claims[i].ids.items[j]);
                }
                string_list_clear(&claims[i].ids);
        }
        assert_int_equal(all.count, 30);
}

static void the_status_follows_the_life_cycle(void **state) {
        Store *store = ((StoreCase *) *state)->store;

        put_job(store, "1", "a");
        assert_status(store, "1", "init");
        assert_fails(
                ERROR_CONFLICT, "a job that is init cannot become done",
                job_store_set_status(store, "1", JOB_PENDING, JOB_DONE, "", err));
        assert_fails(
                ERROR_CONFLICT, "job 1 is not started any more",
                job_store_set_status(store, "1", JOB_STARTED, JOB_DONE, "", err));
        assert_claims(store, "1");
        assert_ok(job_store_set_status(store, "1", JOB_STARTED, JOB_FAILED, "it's \"broken\"", err));
        assert_status(store, "1", "failed");
        assert_fails(
                ERROR_CONFLICT, "job 1 is not started any more",
                job_store_set_status(store, "1", JOB_STARTED, JOB_DONE, "", err));
}

static void cancelling_depends_on_the_status(void **state) {
        Store *store = ((StoreCase *) *state)->store;
        JobStatus status = JOB_PENDING;
        bool requested = true;

        put_job(store, "1", "a");
        put_job(store, "2", "b");
        assert_ok(job_store_request_cancel(store, "1", &status, err));
        assert_int_equal(status, JOB_CANCELLED);
        assert_status(store, "1", "cancelled");
        assert_claims(store, "2");
        assert_ok(job_store_cancel_requested(store, "2", &requested, err));
        assert_false(requested);
        assert_ok(job_store_request_cancel(store, "2", &status, err));
        assert_int_equal(status, JOB_STARTED);
        assert_status(store, "2", "started");
        assert_ok(job_store_cancel_requested(store, "2", &requested, err));
        assert_true(requested);
        assert_fails(
                ERROR_INVALID, "Cancelling a job not in init or started status is not allowed",
                job_store_request_cancel(store, "1", &status, err));
        assert_fails(ERROR_NOT_FOUND, "no 'x' in jobs", job_store_request_cancel(store, "x", &status, err));
}

static void started_jobs_are_taken_over(void **state) {
        Store *store = ((StoreCase *) *state)->store;

        put_job(store, "1", "a");
        put_job(store, "2", "a");
        assert_claims(store, "1");
        for (int64_t times = 1; times <= 2; times++) {
                CLEANUP(document_free) Document *jobs = NULL;

                assert_ok(job_store_take_over_started(store, &jobs, err));
                assert_int_equal(document_count(jobs), 1);
                assert_string_equal(document_get_string(document_at(jobs, 0), "_id"), "1");
                assert_int_equal(document_get_int(document_at(jobs, 0), "resumes"), times);
        }
}

int main(void) {
        const struct CMUnitTest tests[] = {
                JOB_TEST(one_job_of_an_application_runs),   JOB_TEST(a_job_needs_its_application),
                JOB_TEST(no_job_is_claimed_twice),          JOB_TEST(the_status_follows_the_life_cycle),
                JOB_TEST(cancelling_depends_on_the_status), JOB_TEST(started_jobs_are_taken_over),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
