/* What is to go really goes, whatever EC2 says of it meanwhile. */
#include "harness/sandbox_session.h"

#include <stdlib.h>

#include "base/memory.h"
#include "harness/text_assertions.h"
#include "jobs/steps/discard.h"

static const char *const tags[] = { "ghost:job", "j1", NULL };

static void ignore_log(void *context, const char *line) {
        (void) context;
        (void) line;
}

static void one_that_is_not_found_and_lives_is_ended_all_the_same(void **state) {
        CLEANUP(sandbox_case_clear) SandboxCase test = { 0 };
        CLEANUP(string_list_clear) StringList ids = { 0 };

        (void) state;
        if (!sandbox_case_open(&test))
                skip();
        Ec2Work work = { .session = &test.session, .job_id = "j1", .log = ignore_log };
        CLEANUP(free) char *id = sandbox_case_launch(&test, "a", tags);
        string_list_add(&ids, id);
        sandbox_fault(
                test.sandbox,
                "{\"action\": \"TerminateInstances\", \"error\": \"InvalidInstanceID.NotFound\", "
                "\"status\": 400, \"count\": 3}");
        assert_ok(discard_instances(&work, &ids, err));
        assert_int_equal(sandbox_case_state(&test, id), EC2_TERMINATED);
}

static void what_is_gone_already_is_no_failure(void **state) {
        CLEANUP(sandbox_case_clear) SandboxCase test = { 0 };
        CLEANUP(string_list_clear) StringList ids = { 0 };

        (void) state;
        if (!sandbox_case_open(&test))
                skip();
        Ec2Work work = { .session = &test.session, .job_id = "j1", .log = ignore_log };
        string_list_add(&ids, "i-0123456789abcdef0");
        assert_ok(discard_terminate(&work, &ids, err));
}

static void a_refusal_is_one(void **state) {
        CLEANUP(sandbox_case_clear) SandboxCase test = { 0 };
        CLEANUP(string_list_clear) StringList ids = { 0 };
        CLEANUP(error_free) Error *why = NULL;

        (void) state;
        if (!sandbox_case_open(&test))
                skip();
        Ec2Work work = { .session = &test.session, .job_id = "j1", .log = ignore_log };
        CLEANUP(free) char *id = sandbox_case_launch(&test, "a", tags);
        string_list_add(&ids, id);
        sandbox_fault(
                test.sandbox, "{\"action\": \"TerminateInstances\", \"error\": \"UnauthorizedOperation\", "
                              "\"status\": 403}");
        assert_false(discard_instances(&work, &ids, &why));
        assert_has(error_message(why), "TerminateInstances");
        assert_has(error_message(why), "UnauthorizedOperation");
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(one_that_is_not_found_and_lives_is_ended_all_the_same),
                cmocka_unit_test(what_is_gone_already_is_no_failure),
                cmocka_unit_test(a_refusal_is_one),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
