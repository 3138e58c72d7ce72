/* The metadata service is asked again and again; each change is told once. */
#include "harness/ghost_test.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "harness/scripted_http.h"
#include "notice_watch.h"

typedef struct Bench {
        ScriptedHttp *server;
        NoticeWatch *watch;
        atomic_int changes, step, tokens;
} Bench;

enum { QUIET, REBALANCE, INTERRUPTION, FAILING };

static ScriptedReply answer(void *context, const char *request) {
        Bench *bench = context;
        int step = atomic_load(&bench->step);

        if (strncmp(request, "PUT ", 4) == 0) {
                atomic_fetch_add(&bench->tokens, 1);
                return (ScriptedReply){ .status = 200, .body = "t0ken" };
        }
        if (step == FAILING)
                return (ScriptedReply){ .status = 503, .body = "busy" };
        if (strstr(request, "spot/instance-action ") && step == INTERRUPTION)
                return (ScriptedReply){
                        .status = 200, .body = "{\"action\":\"terminate\",\"time\":\"2017-09-18T08:22:00Z\"}"
                };
        if (strstr(request, "recommendations/rebalance ") && step != QUIET)
                return (ScriptedReply){ .status = 200, .body = "{\"noticeTime\":\"2017-09-18T08:00:00Z\"}" };
        return (ScriptedReply){ .status = 404, .body = "no" };
}

static void on_change(void *context) {
        Bench *bench = context;

        atomic_fetch_add(&bench->changes, 1);
}

static void bench_clearp(Bench *bench) {
        notice_watch_stop(bench->watch);
        scripted_http_stop(bench->server);
}

static void start(Bench *bench) {
        bench->server = scripted_http_start_handler(answer, bench);
        const NoticeWatchSpec spec = { .endpoint = scripted_http_url(bench->server),
                                       .interval_ms = 5,
                                       .on_change = on_change,
                                       .context = bench };

        assert_ok(bench->watch = notice_watch_start(&spec, err));
}

static void wait_changes(Bench *bench, int count) {
        Deadline deadline = deadline_after_ms(20000);

        while (atomic_load(&bench->changes) < count && !deadline_passed(deadline))
                clock_sleep_ms(2);
        assert_int_equal(atomic_load(&bench->changes), count);
}

static void wait_requests(Bench *bench, size_t more) {
        size_t wanted = scripted_http_request_count(bench->server) + more;
        Deadline deadline = deadline_after_ms(20000);

        while (scripted_http_request_count(bench->server) < wanted && !deadline_passed(deadline))
                clock_sleep_ms(2);
        assert_true(scripted_http_request_count(bench->server) >= wanted);
}

static void assert_known(Bench *bench, Ghost__NoticeKind kind, const char *action) {
        Ghost__Notice *notice = notice_watch_get(bench->watch);

        assert_non_null(notice);
        assert_int_equal(notice->kind, kind);
        assert_string_equal(notice->action, action);
        ghost__notice__free_unpacked(notice, NULL);
}

static void each_change_is_told_once_and_the_most_urgent_counts(void **state) {
        CLEANUP(bench_clear) Bench bench = { 0 };

        (void) state;
        start(&bench);
        wait_changes(
                &bench, 1); /* that there is nothing is news too: something else may be known elsewhere */
        assert_known(&bench, GHOST__NOTICE_KIND__NOTICE_KIND_NONE, "");
        atomic_store(&bench.step, REBALANCE);
        wait_changes(&bench, 2);
        assert_known(&bench, GHOST__NOTICE_KIND__NOTICE_KIND_REBALANCE, "");
        atomic_store(&bench.step, INTERRUPTION);
        wait_changes(&bench, 3);
        wait_requests(&bench, 6);
        assert_known(&bench, GHOST__NOTICE_KIND__NOTICE_KIND_SPOT_INTERRUPTION, "terminate");
        assert_int_equal(atomic_load(&bench.changes), 3);
        assert_int_equal(atomic_load(&bench.tokens), 1); /* that nothing is there is no reason for another */
}

static void a_service_that_fails_changes_nothing(void **state) {
        CLEANUP(bench_clear) Bench bench = { .step = INTERRUPTION };

        (void) state;
        start(&bench);
        wait_changes(&bench, 1);
        atomic_store(&bench.step, FAILING);
        wait_requests(&bench, 4);
        assert_known(&bench, GHOST__NOTICE_KIND__NOTICE_KIND_SPOT_INTERRUPTION, "terminate");
        atomic_store(&bench.step, QUIET);
        wait_changes(&bench, 2);
        assert_known(&bench, GHOST__NOTICE_KIND__NOTICE_KIND_NONE, "");
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(each_change_is_told_once_and_the_most_urgent_counts),
                cmocka_unit_test(a_service_that_fails_changes_nothing),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
