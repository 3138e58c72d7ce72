/* Rounds over all places, again and again, and a stop at any time. */
#include "harness/sandbox_session.h"
#include "harness/store_case.h"

#include <stdlib.h>

#include "aws/ec2_wait.h"
#include "base/clock.h"
#include "base/memory.h"
#include "harness/text_assertions.h"
#include "janitor/janitor.h"
#include "store/aws_place_store.h"

static const char *const past[] = { "ghost:purpose", "bake", "ghost:deadline", "1000", NULL };

static JanitorReport wait_for_round(Janitor *janitor, int64_t number) {
        Deadline deadline = deadline_after_ms(60000);
        JanitorReport report = { 0 };

        for (;;) {
                janitor_report(janitor, &report);
                if (report.rounds >= number)
                        return report;
                free(report.trouble);
                assert_false(deadline_passed(deadline));
                clock_sleep_ms(10);
        }
}

static void rounds_go_on_and_remove(void **state) {
        StoreCase *stored = *state;
        CLEANUP(sandbox_case_clear) SandboxCase test = { 0 };
        const AwsPlaceRow place = { 0 };

        if (!sandbox_case_open(&test))
                skip();
        CLEANUP(free) char *orphan = sandbox_case_launch(&test, "a", past);
        assert_ok(ec2_wait_instance(
                &test.session, orphan, EC2_RUNNING, &(Ec2Wait){ .progress = NULL }, NULL, err));
        const JanitorSpec spec = { .store = stored->store, .aws = test.aws, .interval_ms = 20 };
        Janitor *janitor = NULL;
        assert_ok(janitor = janitor_start(&spec, err));

        JanitorReport before = wait_for_round(janitor, 2);
        assert_int_equal(before.removed, 0); /* nothing was ever made anywhere */
        free(before.trouble);

        assert_ok(aws_place_store_note(stored->store, &place, err));
        JanitorReport after = wait_for_round(janitor, before.rounds + 2);
        assert_int_equal(after.removed, 1);
        assert_true(after.last_round_us > 0);
        assert_null(after.trouble);
        CLEANUP(document_free) Document *told = janitor_describe(janitor);
        assert_int_equal(document_get_int(told, "removed"), 1);
        assert_true(*document_get_string(told, "last_round"));
        assert_null(document_get(told, "trouble"));
        janitor_stop(janitor);
        assert_ok(ec2_wait_instance(
                &test.session, orphan, EC2_TERMINATED, &(Ec2Wait){ .progress = NULL }, NULL, err));
}

static void trouble_is_in_the_report(void **state) {
        StoreCase *stored = *state;
        const AwsPlaceRow place = { .region = (char *) "eu-west-1" };
        const AwsOptions options = { .endpoint_url = "http://127.0.0.1:1",
                                     .region = "eu-west-1",
                                     .access_key_id = "a",
                                     .secret_access_key = "b",
                                     .retry_base_ms = 1,
                                     .environment = sandbox_environment };
        CLEANUP(aws_free) Aws *aws = NULL;
        Janitor *janitor = NULL;

        assert_ok(aws = aws_new(&options, err));
        assert_ok(aws_place_store_note(stored->store, &place, err));
        const JanitorSpec spec = { .store = stored->store, .aws = aws, .interval_ms = 3600000 };
        assert_ok(janitor = janitor_start(&spec, err));
        JanitorReport report = wait_for_round(janitor, 1);
        assert_has(report.trouble, "DescribeInstances");
        free(report.trouble);
        janitor_stop(janitor); /* at once, in the middle of its rest */
}

int main(void) {
        const struct CMUnitTest tests[] = {
                STORE_TEST(rounds_go_on_and_remove),
                STORE_TEST(trouble_is_in_the_report),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
