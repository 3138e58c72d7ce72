/* A group whose instances fail one after the other stands still until somebody has looked. */
#include "harness/scripted_http.h"
#include "harness/store_case.h"
#include "harness/text_assertions.h"

#include "groups/group_breaker.h"
#include "store/breaker_store.h"

static const char app_id[] = "0123456789abcdef01234567";
static const char *const environment[] = { "HOME=/nonexistent", "AWS_EC2_METADATA_DISABLED=true", NULL };
static const ScriptedReply replies[] = { { 200, .body = "<AnyResponse/>" } };

typedef struct Bench {
        ScriptedHttp *server;
        Aws *aws;
        AwsSession session;
        GroupWatcherSpec spec;
        Document *app;
        AutoScalingGroup group;
        GroupRound round;
} Bench;

static void open_bench(StoreCase *stored, Bench *bench) {
        bench->server = scripted_http_start_table(replies);
        const AwsOptions options = { .region = "eu-west-1",
                                     .endpoint_url = scripted_http_url(bench->server),
                                     .access_key_id = "AKIDEXAMPLE",
                                     .secret_access_key = "secret",
                                     .environment = environment };
        assert_ok(bench->aws = aws_new(&options, err));
        bench->session = (AwsSession){ .aws = bench->aws, .deadline = deadline_after_ms(20000) };
        bench->spec = (GroupWatcherSpec){ .store = stored->store, .failures_max = 2 };
        bench->app = json_of("{'_id':'0123456789abcdef01234567'}");
        bench->group = (AutoScalingGroup){ .name = (char *) "shop" };
        bench->round = (GroupRound){ &bench->spec, &bench->session, bench->app, "shop", &bench->group };
}

static void bench_clearp(Bench *bench) {
        aws_free(bench->aws);
        scripted_http_stop(bench->server);
        document_free(bench->app);
        string_list_clear(&bench->group.suspended_processes);
}

static void count(Bench *bench, const char *reason) {
        assert_ok(store_begin(bench->spec.store, err));
        assert_ok(group_breaker_count(&bench->round, reason, err));
        assert_ok(store_commit(bench->spec.store, err));
        assert_ok(group_breaker_apply(&bench->round, err));
}

static void assert_breaker(Bench *bench, BreakerState state, int64_t failures) {
        CLEANUP(breaker_clear) Breaker breaker = { 0 };

        assert_ok(breaker_store_get(bench->spec.store, app_id, &breaker, err));
        assert_int_equal(breaker.state, state);
        assert_int_equal(breaker.failures, failures);
}

static int64_t opened_us(Bench *bench) {
        CLEANUP(breaker_clear) Breaker breaker = { 0 };

        assert_ok(breaker_store_get(bench->spec.store, app_id, &breaker, err));
        return breaker.opened_us;
}

static void failures_in_a_row_stop_the_group(void **state) {
        CLEANUP(bench_clear) Bench bench = { 0 };

        open_bench(*state, &bench);
        count(&bench, "no luck");
        assert_breaker(&bench, BREAKER_CLOSED, 1);
        count(&bench, NULL); /* one succeeds in between */
        assert_breaker(&bench, BREAKER_CLOSED, 0);
        count(&bench, "no luck");
        assert_int_equal(scripted_http_request_count(bench.server), 0);
        count(&bench, "no luck");
        assert_breaker(&bench, BREAKER_OPEN, 2);
        assert_true(opened_us(&bench) > 0 && opened_us(&bench) <= clock_now_us());
        assert_int_equal(scripted_http_request_count(bench.server), 1);
        assert_has(scripted_http_request(bench.server, 0), "Action=SuspendProcesses");
        assert_has(scripted_http_request(bench.server, 0), "ScalingProcesses.member.1=Launch");

        /* Once is enough. */
        string_list_add(&bench.group.suspended_processes, "Launch");
        assert_ok(group_breaker_apply(&bench.round, err));
        assert_int_equal(scripted_http_request_count(bench.server), 1);
}

static void a_reset_resumes_what_it_suspended(void **state) {
        CLEANUP(bench_clear) Bench bench = { 0 };

        open_bench(*state, &bench);
        count(&bench, "no luck");
        count(&bench, "no luck");
        /* The group may not show the suspension yet. */
        assert_ok(breaker_store_reset(bench.spec.store, app_id, err));
        assert_ok(group_breaker_apply(&bench.round, err));
        assert_int_equal(scripted_http_request_count(bench.server), 2);
        assert_has(scripted_http_request(bench.server, 1), "Action=ResumeProcesses");
        assert_has(scripted_http_request(bench.server, 1), "ScalingProcesses.member.1=Launch");
        assert_breaker(&bench, BREAKER_CLOSED, 0);
        assert_ok(group_breaker_apply(&bench.round, err));
        assert_int_equal(scripted_http_request_count(bench.server), 2);
}

static void what_others_suspended_stays(void **state) {
        CLEANUP(bench_clear) Bench bench = { 0 };

        open_bench(*state, &bench);
        string_list_add(&bench.group.suspended_processes, "Launch");
        count(&bench, "no luck");
        count(&bench, "no luck");
        assert_breaker(&bench, BREAKER_OPEN, 2);
        assert_ok(breaker_store_reset(bench.spec.store, app_id, err));
        assert_ok(group_breaker_apply(&bench.round, err));
        assert_breaker(&bench, BREAKER_CLOSED, 0);
        assert_int_equal(scripted_http_request_count(bench.server), 0);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                STORE_TEST(failures_in_a_row_stop_the_group),
                STORE_TEST(a_reset_resumes_what_it_suspended),
                STORE_TEST(what_others_suspended_stays),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
