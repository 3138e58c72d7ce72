#include "harness/store_case.h"

#include "store/job_store.h"

static void a_step_is_remembered(void **state) {
        Store *store = ((StoreCase *) *state)->store;
        CLEANUP(free) char *none = NULL;
        CLEANUP(free) char *intent = NULL;
        CLEANUP(free) char *done = NULL;
        JobStepState step = JOB_STEP_DONE;

        assert_ok(job_store_get_step(store, "j", "run", &step, &none, err));
        assert_int_equal(step, JOB_STEP_NONE);
        assert_null(none);
        assert_ok(job_store_set_step(store, "j", "run", JOB_STEP_INTENT, "token", err));
        assert_ok(job_store_get_step(store, "j", "run", &step, &intent, err));
        assert_int_equal(step, JOB_STEP_INTENT);
        assert_string_equal(intent, "token");
        assert_ok(job_store_set_step(store, "j", "run", JOB_STEP_DONE, NULL, err));
        assert_ok(job_store_get_step(store, "j", "run", &step, &done, err));
        assert_int_equal(step, JOB_STEP_DONE);
        assert_string_equal(done, "");
}

static void line_and_tail_advance_together(void **state) {
        Store *store = ((StoreCase *) *state)->store;
        CLEANUP(free) void *bytes = NULL;
        CLEANUP(free) void *gone = NULL;
        const JobLogAdvance first = { "j", "t", 2, 4, 100, "a\nb\n", 4 };
        const JobLogAdvance second = { "j", "t", 3, 7, 104, "c\0\n", 3 };
        uint64_t next = 7, stream_bytes = 7, offset = 0;
        size_t length = 0;

        assert_ok(job_store_log_stream(store, "t", &next, &stream_bytes, err));
        assert_int_equal(next, 0);
        assert_int_equal(stream_bytes, 0);
        assert_ok(job_store_log_advance(store, &first, err));
        assert_ok(job_store_log_advance(store, &second, err));
        assert_ok(job_store_log_stream(store, "t", &next, &stream_bytes, err));
        assert_int_equal(next, 3);
        assert_int_equal(stream_bytes, 7);
        assert_ok(job_store_log_tail(store, "j", &offset, &bytes, &length, err));
        assert_int_equal(offset, 104);
        assert_int_equal(length, 3);
        assert_memory_equal(bytes, "c\0\n", 3);

        assert_ok(job_store_log_forget(store, "j", err));
        assert_ok(job_store_log_tail(store, "j", &offset, &gone, &length, err));
        assert_null(gone);
        assert_ok(job_store_log_stream(store, "t", &next, NULL, err));
        assert_int_equal(next, 3); /* a late repeat must not be taken for new */
}

int main(void) {
        const struct CMUnitTest tests[] = {
                STORE_TEST(a_step_is_remembered),
                STORE_TEST(line_and_tail_advance_together),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
