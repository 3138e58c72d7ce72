#include "harness/store_case.h"

#include "store/store_counts.h"

static void what_has_not_ended_is_counted(void **state) {
        CLEANUP(store_counts_clear) StoreCounts counts = { 0 };
        StoreCase *test = *state;

        assert_ok(store_counts_read(test->store, &counts, err));
        assert_int_equal(counts.job_count, 0);
        assert_int_equal(counts.oldest_queued_us, 0);
        store_put(test->store, COLLECTION_JOBS, "{'app_id': 'a', 'command': 'deploy', 'status': 'init'}");
        store_put(test->store, COLLECTION_JOBS, "{'app_id': 'a', 'command': 'deploy', 'status': 'init'}");
        store_put(test->store, COLLECTION_JOBS, "{'app_id': 'a', 'command': 'deploy', 'status': 'done'}");
        store_put(
                test->store, COLLECTION_JOBS,
                "{'app_id': 'a', 'command': 'buildimage', 'status': 'started'}");
        store_put(
                test->store, COLLECTION_INSTANCES, "{'instance_id': 'i-1', 'app_id': 'a', 'state': 'ready'}");
        store_put(
                test->store, COLLECTION_INSTANCES, "{'instance_id': 'i-2', 'app_id': 'a', 'state': 'gone'}");
        assert_ok(store_counts_read(test->store, &counts, err));
        assert_int_equal(counts.job_count, 2);
        assert_string_equal(counts.jobs[0].command, "buildimage");
        assert_string_equal(counts.jobs[0].status, "started");
        assert_int_equal(counts.jobs[1].count, 2);
        assert_true(counts.oldest_queued_us > 0);
        assert_int_equal(counts.instances, 1);
        assert_int_equal(counts.notifications_waiting, 0);
}

int main(void) {
        const struct CMUnitTest tests[] = { STORE_TEST(what_has_not_ended_is_counted) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
