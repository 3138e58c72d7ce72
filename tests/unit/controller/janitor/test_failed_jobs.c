/* An instance of a failed job that nobody ever used is ended at the second look; one that serves, or whose
 * job is not known to have failed, never. */
#include "harness/sandbox_session.h"
#include "harness/store_case.h"

#include <stdlib.h>

#include "base/memory.h"
#include "janitor/failed_jobs.h"
#include "store/instance_store.h"

#define FAILED "0123456789abcdef01234501"
#define DONE "0123456789abcdef01234502"
#define RUNNING "0123456789abcdef01234503"
#define UNKNOWN "0123456789abcdef01234504"

typedef struct Bench {
        SandboxCase cloud;
        Store *store;
        StringList suspects;
        size_t removed, left;
} Bench;
static void bench_clearp(Bench *bench) {
        sandbox_case_clearp(&bench->cloud);
        string_list_clear(&bench->suspects);
}

static void put_job(Store *store, const char *id, const char *status) {
        CLEANUP(free)
        char *text = xasprintf(
                "{'_id':'%s','app_id':'0123456789abcdef01234567','command':'createinstance','status':'%s'}",
                id, status);

        store_put(store, COLLECTION_JOBS, text);
}

static bool bench_open(Bench *bench, Store *store) {
        bench->store = store;
        put_job(store, FAILED, "failed");
        put_job(store, DONE, "done");
        put_job(store, RUNNING, "started");
        return sandbox_case_open(&bench->cloud);
}

static char *launch(Bench *bench, const char *token, const char *job_id) {
        const char *const tags[] = { "ghost:purpose", "instance", "ghost:job", job_id, NULL };

        return sandbox_case_launch(&bench->cloud, token, tags);
}

static void look(Bench *bench) {
        StringList now = { 0 };
        FailedJobs one = { .session = &bench->cloud.session,
                           .store = bench->store,
                           .suspects = &bench->suspects,
                           .ret_suspects = &now };

        assert_ok(failed_jobs_sweep(&one, err));
        string_list_clear(&bench->suspects);
        bench->suspects = now;
        bench->removed = one.removed;
        bench->left = one.left;
}

static bool lives(Bench *bench, const char *id) {
        Ec2InstanceState now = sandbox_case_state(&bench->cloud, id);

        return now != EC2_SHUTTING_DOWN && now != EC2_TERMINATED;
}

static void one_that_nobody_uses_is_ended_at_the_second_look(void **state) {
        StoreCase *stored = *state;
        __attribute__((cleanup(bench_clearp))) Bench bench = { 0 };

        if (!bench_open(&bench, stored->store))
                skip();
        CLEANUP(free) char *orphan = launch(&bench, "a", FAILED);
        look(&bench);
        assert_true(lives(&bench, orphan));
        assert_int_equal(bench.left, 1);
        look(&bench);
        assert_false(lives(&bench, orphan));
        assert_int_equal(bench.removed, 1);
        assert_int_equal(bench.left, 0);
}

static void what_may_serve_or_may_be_wanted_stays(void **state) {
        StoreCase *stored = *state;
        __attribute__((cleanup(bench_clearp))) Bench bench = { 0 };
        CLEANUP(document_free) Document *ready = json_of("{'bootstrapped':true,'connected':false}");

        if (!bench_open(&bench, stored->store))
                skip();
        CLEANUP(free) char *serves = launch(&bench, "a", FAILED);
        CLEANUP(free) char *done = launch(&bench, "c", DONE);
        CLEANUP(free) char *running = launch(&bench, "d", RUNNING);
        CLEANUP(free) char *unknown = launch(&bench, "e", UNKNOWN);
        assert_ok(instance_store_put(bench.store, serves, ready, err));
        for (int i = 0; i < 3; i++)
                look(&bench);
        assert_int_equal(bench.left, 0);
        assert_true(lives(&bench, serves) && lives(&bench, done));
        assert_true(lives(&bench, running) && lives(&bench, unknown));
}

static void one_that_may_not_be_ended_is_tried_again(void **state) {
        StoreCase *stored = *state;
        __attribute__((cleanup(bench_clearp))) Bench bench = { 0 };
        CLEANUP(string_list_clear) StringList now = { 0 };
        CLEANUP(error_free) Error *why = NULL;

        if (!bench_open(&bench, stored->store))
                skip();
        CLEANUP(free) char *orphan = launch(&bench, "a", FAILED);
        look(&bench);
        sandbox_fault(
                bench.cloud.sandbox, "{\"action\": \"TerminateInstances\", \"count\": 0, \"status\": 403, "
                                     "\"error\": \"UnauthorizedOperation\", \"message\": \"no\"}");
        FailedJobs refused = { .session = &bench.cloud.session,
                               .store = bench.store,
                               .suspects = &bench.suspects,
                               .ret_suspects = &now };
        assert_false(failed_jobs_sweep(&refused, &why));
        assert_non_null(strstr(error_message(why), "TerminateInstances"));
        assert_int_equal(refused.left, 1);
        assert_true(string_list_contains(&now, orphan));
        sandbox_fault(bench.cloud.sandbox, NULL);
        look(&bench);
        assert_false(lives(&bench, orphan));
}

int main(void) {
        const struct CMUnitTest tests[] = {
                STORE_TEST(one_that_nobody_uses_is_ended_at_the_second_look),
                STORE_TEST(what_may_serve_or_may_be_wanted_stays),
                STORE_TEST(one_that_may_not_be_ended_is_tried_again),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
