/* The log of an instance: its lines of its job's log, and its own. */
#include "harness/store_case.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "api/instance_log.h"
#include "base/file.h"

#define JOB "aaaaaaaaaaaaaaaaaaaaaaa1"
#define INSTANCE "bbbbbbbbbbbbbbbbbbbbbbb1"

static void put_job(StoreCase *test, const char *status) {
        CLEANUP(free)
        char *text = xasprintf(
                "{\"_id\":\"" JOB "\",\"app_id\":\"cccccccccccccccccccccccc\",\"status\":\"%s\","
                "\"command\":\"createinstance\"}",
                status);

        store_put(test->store, COLLECTION_JOBS, text);
}

static void write_log(const StoreCase *test, const char *id, const char *text) {
        CLEANUP(free) char *path = xasprintf("%s/%s.txt", test->folder, id);

        assert_ok(file_write_atomic(path, text, strlen(text), 0600, err));
}

/* wanted NULL: there is none. */
static void assert_log(const StoreCase *test, const char *job_id, const char *wanted) {
        CLEANUP(free)
        char *text =
                xasprintf("{\"_id\":\"" INSTANCE "\",\"instance_id\":\"i-0a\",\"job_id\":\"%s\"}", job_id);
        CLEANUP(document_free) Document *instance = json_of(text);
        const Services services = { .store = test->store, .logs_folder = test->folder };
        CLEANUP(file_close) int log = -1;
        char found[512] = "";

        assert_ok(instance_log_open(&services, instance, &log, err));
        if (!wanted) {
                assert_int_equal(log, -1);
                return;
        }
        assert_true(log >= 0);
        ssize_t length = pread(log, found, sizeof(found) - 1, 0);
        assert_true(length >= 0);
        assert_string_equal(found, wanted);
}

static void without_a_job_it_is_its_own(void **state) {
        StoreCase *test = *state;

        assert_log(test, "", NULL);
        write_log(test, INSTANCE, "Bootstrapping\n[i-0b] as it is\n");
        assert_log(test, "", "Bootstrapping\n[i-0b] as it is\n");
}

static void of_its_job_it_is_what_is_about_it(void **state) {
        StoreCase *test = *state;

        put_job(test, "done");
        assert_log(test, JOB, NULL);
        write_log(test, JOB, "started\n");
        assert_log(test, JOB, NULL);
        write_log(
                test, JOB,
                "started\nWaiting for the agent of i-0a\nBootstrapping i-0ab\nBootstrapping i-0a: now\n"
                "[i-0a] hook says hi\n[i-0b] hook names i-0a\nxi-0a\n[i-0a]glued\nfailed: of i-0a\n");
        assert_log(
                test, JOB,
                "Waiting for the agent of i-0a\nBootstrapping i-0a: now\n[i-0a] hook says hi\n"
                "failed: of i-0a\n");
}

static void its_own_lines_follow_when_its_job_is_over(void **state) {
        StoreCase *test = *state;

        put_job(test, "started");
        write_log(test, JOB, "[i-0a] one\n[i-0a] not who");
        write_log(test, INSTANCE, "a notice\n");
        assert_log(test, JOB, "[i-0a] one\n"); /* half a line is left for later, offsets stay true */
        CLEANUP(document_free) Document *ended = json_of("{\"status\":\"failed\"}");
        assert_ok(collection_patch(test->store, COLLECTION_JOBS, JOB, ended, true, err));
        write_log(test, JOB, "[i-0a] one\n[i-0a] not whole\n");
        assert_log(test, JOB, "[i-0a] one\n[i-0a] not whole\na notice\n");
}

static void of_a_job_that_was_deleted_its_own_is_left(void **state) {
        StoreCase *test = *state;

        assert_log(test, JOB, NULL);
        write_log(test, INSTANCE, "a notice\n");
        assert_log(test, JOB, "a notice\n");
}

int main(void) {
        const struct CMUnitTest tests[] = {
                STORE_TEST(without_a_job_it_is_its_own),
                STORE_TEST(of_its_job_it_is_what_is_about_it),
                STORE_TEST(its_own_lines_follow_when_its_job_is_over),
                STORE_TEST(of_a_job_that_was_deleted_its_own_is_left),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
