/* A notice stands in the instance's document and, once, in its log. */
#include "harness/store_case.h"
#include "harness/text_assertions.h"

#include <string.h>

#include "agents/instance_notice.h"
#include "base/file.h"
#include "store/instance_store.h"

static const char instance_id[] = "i-0123456789abcdef0";
static const int64_t at_us = INT64_C(1505722920) * 1000000;

typedef struct Bench {
        Store *store;
        JobLogs *logs;
        char *id;
} Bench;

static void bench_clearp(Bench *bench) {
        job_logs_free(bench->logs);
        free(bench->id);
}

static Document *instance(const Bench *bench) {
        Document *found = NULL;

        assert_ok(instance_store_find(bench->store, instance_id, &found, err));
        assert_non_null(found);
        return found;
}

static void open_bench(StoreCase *stored, Bench *bench) {
        CLEANUP(document_free) Document *members = json_of("{'state':'ready','drained':true}");

        bench->store = stored->store;
        assert_ok(
                bench->logs = job_logs_new(
                        &(JobLogsSpec){ .folder = stored->folder, .store = stored->store }, err));
        assert_ok(instance_store_put(bench->store, instance_id, members, err));
        CLEANUP(document_free) Document *known = instance(bench);
        bench->id = xstrdup(document_get_string(known, "_id"));
}

static void take(Bench *bench, Ghost__NoticeKind kind, const char *action) {
        Ghost__Notice notice = GHOST__NOTICE__INIT;

        notice.kind = kind;
        notice.action = (char *) action;
        notice.at_us = at_us;
        assert_ok(instance_notice_take(bench->store, bench->logs, instance_id, &notice, err));
}

static size_t lines(const Bench *bench, const char *words) {
        CLEANUP(free) char *path = job_logs_path(bench->logs, bench->id);
        CLEANUP(free) char *content = NULL;
        CLEANUP(error_free) Error *none = NULL;
        size_t length = 0, count = 0;

        if (!file_read(path, 1 << 20, &content, &length, &none))
                return 0;
        for (const char *at = content; (at = strstr(at, words)); at++)
                count++;
        return count;
}

static void a_notice_is_kept_and_said_once(void **state) {
        CLEANUP(bench_clear) Bench bench = { 0 };

        open_bench(*state, &bench);
        for (int i = 0; i < 2; i++)
                take(&bench, GHOST__NOTICE_KIND__NOTICE_KIND_SPOT_INTERRUPTION, "terminate");
        CLEANUP(document_free) Document *known = instance(&bench);
        assert_string_equal(document_get_string(known, "notice.kind"), "spot_interruption");
        assert_string_equal(document_get_string(known, "notice.action"), "terminate");
        assert_string_equal(document_get_string(known, "notice.at"), "Mon, 18 Sep 2017 08:22:00 GMT");
        assert_false(document_get_bool(known, "drained"));
        assert_true(instance_is_interrupted(known));
        assert_int_equal(lines(&bench, "AWS interrupts this Spot instance: terminate, Mon, 18 Sep 2017"), 1);
}

/* Reported again after a restart, it does not undo what was done because of it. */
static void the_same_again_changes_nothing(void **state) {
        CLEANUP(bench_clear) Bench bench = { 0 };
        CLEANUP(document_free) Document *drained = json_of("{'drained':true}");

        open_bench(*state, &bench);
        take(&bench, GHOST__NOTICE_KIND__NOTICE_KIND_SPOT_INTERRUPTION, "terminate");
        assert_ok(instance_store_put(bench.store, instance_id, drained, err));
        take(&bench, GHOST__NOTICE_KIND__NOTICE_KIND_SPOT_INTERRUPTION, "terminate");
        CLEANUP(document_free) Document *known = instance(&bench);
        assert_true(document_get_bool(known, "drained"));
}

static void what_is_over_is_taken_away(void **state) {
        CLEANUP(bench_clear) Bench bench = { 0 };

        open_bench(*state, &bench);
        take(&bench, GHOST__NOTICE_KIND__NOTICE_KIND_NONE, "");
        assert_int_equal(lines(&bench, "announced"), 0);
        take(&bench, GHOST__NOTICE_KIND__NOTICE_KIND_MAINTENANCE, "system-reboot");
        take(&bench, GHOST__NOTICE_KIND__NOTICE_KIND_NONE, "");
        CLEANUP(document_free) Document *known = instance(&bench);
        assert_string_equal(document_get_string(known, "notice.kind"), "");
        assert_false(instance_is_interrupted(known));
        assert_int_equal(lines(&bench, "not announced any more"), 1);
}

static void a_kind_of_a_newer_agent_is_no_notice(void **state) {
        CLEANUP(bench_clear) Bench bench = { 0 };

        open_bench(*state, &bench);
        take(&bench, (Ghost__NoticeKind) 77, "explode");
        CLEANUP(document_free) Document *known = instance(&bench);
        assert_null(document_get(known, "notice"));
}

int main(void) {
        const struct CMUnitTest tests[] = {
                STORE_TEST(a_notice_is_kept_and_said_once),
                STORE_TEST(the_same_again_changes_nothing),
                STORE_TEST(what_is_over_is_taken_away),
                STORE_TEST(a_kind_of_a_newer_agent_is_no_notice),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
