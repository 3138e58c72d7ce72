/* An instance whose end AWS has announced leaves the balancers of its application's group, once. */
#include "harness/scripted_http.h"
#include "harness/store_case.h"
#include "harness/text_assertions.h"

#include <string.h>

#include "groups/interrupted.h"
#include "store/instance_store.h"

static const char app_id[] = "0123456789abcdef01234567";
static const char *const environment[] = { "HOME=/nonexistent", "AWS_EC2_METADATA_DISABLED=true", NULL };

typedef struct Bench {
        ScriptedHttp *server;
        bool registered, refusing;
        Aws *aws;
        AwsSession session;
        JobLogs *logs;
        GroupWatcherSpec spec;
        Document *app;
        AutoScalingGroup group;
        GroupRound round;
} Bench;

#define TARGET(id)                                                                                           \
        "<member><Target><Id>" id "</Id><Port>80</Port></Target><TargetHealth><State>healthy</State>"        \
        "</TargetHealth></member>"
#define TARGETS(list)                                                                                        \
        "<DescribeTargetHealthResponse><DescribeTargetHealthResult><TargetHealthDescriptions>" list          \
        "</TargetHealthDescriptions></DescribeTargetHealthResult></DescribeTargetHealthResponse>"

static ScriptedReply answer(void *context, const char *request) {
        const Bench *bench = context;

        if (strstr(request, "Action=DescribeTargetHealth&"))
                return (ScriptedReply){ 200, .body = bench->registered ? TARGETS(TARGET("i-1") TARGET("i-2"))
                                                                       : TARGETS(TARGET("i-2")) };
        if (bench->refusing)
                return (ScriptedReply){ 403,
                                        .body = "<ErrorResponse><Error><Code>AccessDenied</Code><Message>no"
                                                "</Message></Error></ErrorResponse>" };
        return (ScriptedReply){ 200, .body = "<DeregisterTargetsResponse/>" };
}

static void open_bench(StoreCase *stored, Bench *bench) {
        bench->server = scripted_http_start_handler(answer, bench);
        const AwsOptions options = { .region = "eu-west-1",
                                     .endpoint_url = scripted_http_url(bench->server),
                                     .access_key_id = "AKIDEXAMPLE",
                                     .secret_access_key = "secret",
                                     .environment = environment };
        assert_ok(bench->aws = aws_new(&options, err));
        assert_ok(
                bench->logs = job_logs_new(
                        &(JobLogsSpec){ .folder = stored->folder, .store = stored->store }, err));
        bench->session = (AwsSession){ .aws = bench->aws, .deadline = deadline_after_ms(20000) };
        bench->spec = (GroupWatcherSpec){ .store = stored->store, .logs = bench->logs };
        bench->app = json_of("{'_id':'0123456789abcdef01234567'}");
        bench->group = (AutoScalingGroup){ .name = (char *) "shop" };
        string_list_add(&bench->group.target_group_arns, "arn:aws:x:targetgroup/web/1");
        bench->round = (GroupRound){ &bench->spec, &bench->session, bench->app, "shop", &bench->group };
        bench->registered = true;
}

static void bench_clearp(Bench *bench) {
        aws_free(bench->aws);
        scripted_http_stop(bench->server);
        job_logs_free(bench->logs);
        document_free(bench->app);
        string_list_clear(&bench->group.target_group_arns);
}

static void know(Bench *bench, const char *id, const char *kind) {
        CLEANUP(document_free) Document *members = document_object();
        Document *notice = document_object();

        document_set_string(notice, "kind", kind);
        document_set_string(members, "app_id", app_id);
        document_set(members, "notice", notice);
        assert_ok(instance_store_put(bench->spec.store, id, members, err));
}

static bool is_drained(Bench *bench, const char *id) {
        CLEANUP(document_free) Document *instance = NULL;

        assert_ok(instance_store_find(bench->spec.store, id, &instance, err));
        return document_get_bool(instance, "drained");
}

static size_t requests_with(Bench *bench, const char *part) {
        size_t count = 0;

        for (size_t i = 0; i < scripted_http_request_count(bench->server); i++)
                count += strstr(scripted_http_request(bench->server, i), part) != NULL;
        return count;
}

static void it_leaves_once_and_alone(void **state) {
        CLEANUP(bench_clear) Bench bench = { 0 };

        open_bench(*state, &bench);
        know(&bench, "i-1", "spot_interruption");
        know(&bench, "i-2", "rebalance");
        assert_ok(interrupted_drain(&bench.round, err));
        assert_int_equal(requests_with(&bench, "Action=DeregisterTargets&"), 1);
        assert_int_equal(requests_with(&bench, "Targets.member.1.Id=i-1"), 1);
        assert_int_equal(requests_with(&bench, "i-2"), 0);
        assert_true(is_drained(&bench, "i-1"));
        assert_false(is_drained(&bench, "i-2"));
        size_t asked = scripted_http_request_count(bench.server);
        assert_ok(interrupted_drain(&bench.round, err));
        assert_int_equal(scripted_http_request_count(bench.server), asked);
}

/* Its group may be about to register it. */
static void one_that_is_not_registered_is_looked_at_again(void **state) {
        CLEANUP(bench_clear) Bench bench = { 0 };

        open_bench(*state, &bench);
        bench.registered = false;
        know(&bench, "i-1", "spot_interruption");
        assert_ok(interrupted_drain(&bench.round, err));
        assert_false(is_drained(&bench, "i-1"));
        bench.registered = true;
        assert_ok(interrupted_drain(&bench.round, err));
        assert_true(is_drained(&bench, "i-1"));
}

static void what_is_refused_is_tried_again(void **state) {
        CLEANUP(bench_clear) Bench bench = { 0 };

        open_bench(*state, &bench);
        bench.refusing = true;
        know(&bench, "i-1", "spot_interruption");
        assert_fails(
                ERROR_FORBIDDEN, "instance i-1: DeregisterTargets: AccessDenied: no (request unknown)",
                interrupted_drain(&bench.round, err));
        assert_false(is_drained(&bench, "i-1"));
        bench.refusing = false;
        assert_ok(interrupted_drain(&bench.round, err));
        assert_true(is_drained(&bench, "i-1"));
}

static void without_balancers_nothing_is_asked(void **state) {
        CLEANUP(bench_clear) Bench bench = { 0 };

        open_bench(*state, &bench);
        string_list_clear(&bench.group.target_group_arns);
        know(&bench, "i-1", "spot_interruption");
        assert_ok(interrupted_drain(&bench.round, err));
        assert_int_equal(scripted_http_request_count(bench.server), 0);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                STORE_TEST(it_leaves_once_and_alone),
                STORE_TEST(one_that_is_not_registered_is_looked_at_again),
                STORE_TEST(what_is_refused_is_tried_again),
                STORE_TEST(without_balancers_nothing_is_asked),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
