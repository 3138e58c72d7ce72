/* The catalog: who looks never waits, the same question is asked once, answers grow old, failures are told.
 */
#include "harness/aws_case.h"
#include "harness/json_text.h"

#include <pthread.h>
#include <stdatomic.h>

#include "catalog/catalog.h"

enum { PATIENCE_MS = 10000 };

typedef struct CatalogCase {
        AwsCase aws;
        Catalog *catalog;
        atomic_int woken;
} CatalogCase;

static void count_wake(void *context, const char *topic) {
        CatalogCase *test = context;

        assert_true(text_starts_with(topic, "catalog/"));
        test->woken++;
}

static void start(CatalogCase *test, ScriptedHttp *server, const CatalogSpec *more) {
        CatalogSpec spec = *more;

        test->aws = aws_case_start(server);
        spec.aws = test->aws.aws;
        spec.wake = count_wake;
        spec.context = test;
        assert_ok(test->catalog = catalog_start(&spec, err));
}

static void catalog_case_clearp(CatalogCase *test) {
        catalog_free(test->catalog);
        aws_case_clearp(&test->aws);
}

/* Looks until there is an answer. */
static CatalogState await(CatalogCase *test, const CatalogQuestion *question, CatalogAnswer *ret) {
        Deadline deadline = deadline_after_ms(PATIENCE_MS);

        for (;;) {
                CatalogState state = catalog_look(test->catalog, question, ret);

                if (state != CATALOG_ASKING || deadline_passed(deadline))
                        return state;
                catalog_answer_clear(ret);
                clock_sleep_ms(2);
        }
}

#define VPC(id)                                                                                              \
        "<AnyResponse><vpcSet><item><vpcId>" id                                                              \
        "</vpcId><isDefault>true</isDefault><tagSet><item><key>Name</key>"                                   \
        "<value>main</value></item></tagSet></item></vpcSet></AnyResponse>"

static void a_question_is_asked_once_and_kept(void **state) {
        static const ScriptedReply replies[] = { { 200, .body = VPC("vpc-1") } };
        CLEANUP(catalog_case_clear) CatalogCase test = { 0 };
        CLEANUP(catalog_answer_clear) CatalogAnswer first = { 0 };
        CLEANUP(catalog_answer_clear) CatalogAnswer again = { 0 };
        CatalogQuestion question = { .list = CATALOG_VPCS };

        (void) state;
        start(&test, scripted_http_start_table(replies), &(CatalogSpec){ 0 });
        for (int i = 0; i < 20; i++) {
                CLEANUP(catalog_answer_clear) CatalogAnswer answer = { 0 };
                (void) catalog_look(test.catalog, &question, &answer);
        }
        assert_int_equal(await(&test, &question, &first), CATALOG_READY);
        assert_int_equal(await(&test, &question, &again), CATALOG_READY);
        assert_int_equal(scripted_http_request_count(test.aws.server), 1);
        CLEANUP(error_free) Error *error = NULL;
        CLEANUP(document_free) Document *answer = document_parse(first.json, strlen(first.json), &error);
        assert_string_equal(document_get_string(answer, "region"), "eu-west-1");
        const Document *vpc = document_at(document_get(answer, "_items"), 0);
        assert_string_equal(document_get_string(vpc, "id"), "vpc-1");
        assert_string_equal(document_get_string(vpc, "name"), "main");
        assert_true(document_get_bool(vpc, "is_default"));

        question.region = "eu-west-3"; /* is another question */
        CLEANUP(catalog_answer_clear) CatalogAnswer elsewhere = { 0 };
        assert_int_equal(await(&test, &question, &elsewhere), CATALOG_READY);
        assert_int_equal(scripted_http_request_count(test.aws.server), 2);
        assert_non_null(strstr(scripted_http_request(test.aws.server, 1), "/eu-west-3/ec2/aws4_request"));
}

static void an_answer_grows_old(void **state) {
        static const ScriptedReply replies[] = { { 200, .body = VPC("vpc-1") },
                                                 { 200, .body = VPC("vpc-2") } };
        CLEANUP(catalog_case_clear) CatalogCase test = { 0 };
        const CatalogQuestion question = { .list = CATALOG_VPCS };
        Deadline deadline = deadline_after_ms(PATIENCE_MS);
        bool renewed = false;

        (void) state;
        start(&test, scripted_http_start_table(replies), &(CatalogSpec){ .keep_ms = 30 });
        while (!renewed && !deadline_passed(deadline)) {
                CLEANUP(catalog_answer_clear) CatalogAnswer answer = { 0 };

                renewed = catalog_look(test.catalog, &question, &answer) == CATALOG_READY &&
                          strstr(answer.json, "vpc-2");
                clock_sleep_ms(2);
        }
        assert_true(renewed);
        assert_true(test.woken >= 2);
}

static void failures_keep_awss_words(void **state) {
        static const ScriptedReply replies[] = {
                { 403, .body = "<Response><Errors><Error><Code>UnauthorizedOperation</Code><Message>not you"
                               "</Message></Error></Errors><RequestID>r</RequestID></Response>" },
                { 200, .body = VPC("vpc-1") },
        };
        CLEANUP(catalog_case_clear) CatalogCase test = { 0 };
        CLEANUP(catalog_answer_clear) CatalogAnswer answer = { 0 };
        const CatalogQuestion question = { .list = CATALOG_VPCS };

        (void) state;
        start(&test, scripted_http_start_table(replies), &(CatalogSpec){ .keep_ms = 2000 });
        assert_int_equal(await(&test, &question, &answer), CATALOG_FAILED);
        assert_string_equal(answer.message, "DescribeVpcs: UnauthorizedOperation: not you (request r)");
        assert_string_equal(answer.class_word, "permission");
        assert_int_equal(answer.kind, ERROR_FORBIDDEN);
        assert_true(answer.answered);
        /* A failure is not kept for long. */
        Deadline deadline = deadline_after_ms(PATIENCE_MS);
        CatalogState now = CATALOG_FAILED;
        while (now != CATALOG_READY && !deadline_passed(deadline)) {
                CLEANUP(catalog_answer_clear) CatalogAnswer next = { 0 };
                now = catalog_look(test.catalog, &question, &next);
                clock_sleep_ms(2);
        }
        assert_int_equal(now, CATALOG_READY);
}

static void what_is_asked_at_a_time_is_bounded(void **state) {
        static const ScriptedReply replies[] = { { 200, .body = VPC("vpc-1"), .drip_ms = 50 } };
        CLEANUP(catalog_case_clear) CatalogCase test = { 0 };
        static const char *const vpcs[] = { "vpc-1", "vpc-2", "vpc-3" };
        CatalogState states[3];

        (void) state;
        start(&test, scripted_http_start_table(replies), &(CatalogSpec){ .workers = 1, .questions = 2 });
        for (int i = 0; i < 3; i++) {
                CLEANUP(catalog_answer_clear) CatalogAnswer answer = { 0 };
                states[i] = catalog_look(
                        test.catalog, &(CatalogQuestion){ .list = CATALOG_SUBNETS, .vpc_id = vpcs[i] },
                        &answer);
        }
        assert_int_equal(states[0], CATALOG_ASKING);
        assert_int_equal(states[1], CATALOG_ASKING);
        assert_int_equal(states[2], CATALOG_BUSY);
        /* Stopping does not wait for AWS. */
        int64_t started_ms = clock_monotonic_ms();
        catalog_stop(test.catalog);
        assert_true(clock_monotonic_ms() - started_ms < 5000);
        CLEANUP(catalog_answer_clear) CatalogAnswer after = { 0 };
        assert_int_equal(
                catalog_look(test.catalog, &(CatalogQuestion){ .list = CATALOG_VPCS }, &after), CATALOG_BUSY);
}

static void old_questions_make_room(void **state) {
        static const ScriptedReply replies[] = { { 200, .body = "<AnyResponse/>" } };
        CLEANUP(catalog_case_clear) CatalogCase test = { 0 };

        (void) state;
        start(&test, scripted_http_start_table(replies), &(CatalogSpec){ .questions = 3 });
        for (int i = 0; i < 10; i++) {
                CLEANUP(free) char *vpc_id = xasprintf("vpc-%d", i);
                CLEANUP(catalog_answer_clear) CatalogAnswer answer = { 0 };

                assert_int_equal(
                        await(&test, &(CatalogQuestion){ .list = CATALOG_SUBNETS, .vpc_id = vpc_id },
                              &answer),
                        CATALOG_READY);
        }
        assert_int_equal(scripted_http_request_count(test.aws.server), 10);
}

/* Every list, of a server that has nothing, and what each asks. */
static void every_list_can_be_empty(void **state) {
        static const ScriptedReply replies[] = { { 200, .body = "<AnyResponse/>" } };
        static const char *const actions[CATALOG_LIST_COUNT] = {
                [CATALOG_REGIONS] = "DescribeRegions",
                [CATALOG_VPCS] = "DescribeVpcs",
                [CATALOG_SUBNETS] = "DescribeSubnets",
                [CATALOG_SECURITY_GROUPS] = "DescribeSecurityGroups",
                [CATALOG_KEY_PAIRS] = "DescribeKeyPairs",
                [CATALOG_INSTANCE_TYPES] = "DescribeInstanceTypes",
                [CATALOG_INSTANCE_PROFILES] = "ListInstanceProfiles",
                [CATALOG_IMAGES] = "DescribeImages",
                [CATALOG_AUTOSCALING_GROUPS] = "DescribeAutoScalingGroups",
                [CATALOG_LOAD_BALANCERS] = "DescribeLoadBalancers",
                [CATALOG_TARGET_GROUPS] = "DescribeTargetGroups",
        };
        CLEANUP(catalog_case_clear) CatalogCase test = { 0 };

        (void) state;
        start(&test, scripted_http_start_table(replies), &(CatalogSpec){ 0 });
        for (int list = 0; list < CATALOG_LIST_COUNT; list++) {
                CLEANUP(catalog_answer_clear) CatalogAnswer answer = { 0 };
                size_t before = scripted_http_request_count(test.aws.server);

                assert_int_equal(
                        await(&test, &(CatalogQuestion){ .list = (CatalogList) list }, &answer),
                        CATALOG_READY);
                assert_non_null(strstr(answer.json, "\"_items\":[]"));
                assert_sent(&test.aws, before, "Action", actions[list]);
        }
}

static void others_images_need_a_name(void **state) {
        static const ScriptedReply replies[] = { { 200, .body = "<AnyResponse/>" } };
        CLEANUP(catalog_case_clear) CatalogCase test = { 0 };
        CLEANUP(catalog_answer_clear) CatalogAnswer answer = { 0 };

        (void) state;
        start(&test, scripted_http_start_table(replies), &(CatalogSpec){ 0 });
        assert_int_equal(
                await(&test, &(CatalogQuestion){ .list = CATALOG_IMAGES, .owner = "amazon" }, &answer),
                CATALOG_FAILED);
        assert_string_equal(
                answer.message, "name: needed with an owner other than self, such as 'debian-12-*'");
        assert_false(answer.answered);
        assert_int_equal(scripted_http_request_count(test.aws.server), 0);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_question_is_asked_once_and_kept),
                cmocka_unit_test(an_answer_grows_old),
                cmocka_unit_test(failures_keep_awss_words),
                cmocka_unit_test(what_is_asked_at_a_time_is_bounded),
                cmocka_unit_test(old_questions_make_room),
                cmocka_unit_test(every_list_can_be_empty),
                cmocka_unit_test(others_images_need_a_name),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
