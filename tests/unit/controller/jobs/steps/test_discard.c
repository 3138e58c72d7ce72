/* What is to go really goes, whatever EC2 says of it meanwhile. */
#include "harness/sandbox_session.h"

#include <stdlib.h>

#include "aws/ec2_wait.h"
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

static void one_that_is_hidden_is_ended_when_it_comes(void **state) {
        CLEANUP(sandbox_case_clear) SandboxCase test = { 0 };
        CLEANUP(string_list_clear) StringList ids = { 0 };

        (void) state;
        if (!sandbox_case_open(&test))
                skip();
        Ec2Work work = { .session = &test.session, .job_id = "j1", .log = ignore_log };
        sandbox_fault(test.sandbox, "{\"when\": \"invisible\", \"polls\": 4}");
        CLEANUP(free) char *id = sandbox_case_launch(&test, "a", tags);
        string_list_add(&ids, id);
        assert_ok(discard_instances(&work, &ids, err));
        assert_int_equal(sandbox_case_state(&test, id), EC2_TERMINATED);
}

/* The job's memory: the id of its instance. */
static bool recall(void *context, const char *step, char **ret, Error **err) {
        (void) err;
        *ret = text_equal(step, "launch.instance") ? xstrdup(context) : NULL;
        return true;
}

static void what_the_job_knows_is_discarded_without_its_tags(void **state) {
        CLEANUP(sandbox_case_clear) SandboxCase test = { 0 };

        (void) state;
        if (!sandbox_case_open(&test))
                skip();
        sandbox_fault(test.sandbox, "{\"when\": \"late-tags\", \"polls\": 1000}");
        CLEANUP(free) char *id = sandbox_case_launch(&test, "a", tags);
        CLEANUP(string_list_clear) StringList kept = { 0 };
        Ec2Work work = {
                .context = id, .session = &test.session, .job_id = "j1", .log = ignore_log, .recall = recall
        };
        string_list_add(&kept, id);
        assert_ok(discard_job_but(&work, &kept, err));
        assert_int_not_equal(sandbox_case_state(&test, id), EC2_TERMINATED);
        assert_ok(discard_job(&work, false, NULL, err));
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

static bool note_gone(void *context, const char *instance_id, Error **err) {
        (void) err;
        string_list_add(context, instance_id);
        return true;
}

static void what_ended_before_is_told_as_gone_too(void **state) {
        CLEANUP(sandbox_case_clear) SandboxCase test = { 0 };
        CLEANUP(string_list_clear) StringList ids = { 0 }, gone = { 0 };

        (void) state;
        if (!sandbox_case_open(&test))
                skip();
        Ec2Work work = { .context = &gone,
                         .session = &test.session,
                         .job_id = "j1",
                         .log = ignore_log,
                         .gone = note_gone };
        CLEANUP(free) char *ended = sandbox_case_launch(&test, "a", tags);
        string_list_add(&ids, ended);
        assert_ok(ec2_terminate_instances(&test.session, &ids, err));
        assert_ok(ec2_wait_instance(
                &test.session, ended, EC2_TERMINATED, &(Ec2Wait){ .progress = NULL }, NULL, err));
        CLEANUP(free) char *living = sandbox_case_launch(&test, "b", tags);

        assert_ok(discard_job(&work, false, NULL, err));
        assert_int_equal(gone.count, 2);
        assert_true(string_list_contains(&gone, ended));
        assert_true(string_list_contains(&gone, living));
        assert_int_equal(sandbox_case_state(&test, living), EC2_TERMINATED);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(one_that_is_not_found_and_lives_is_ended_all_the_same),
                cmocka_unit_test(one_that_is_hidden_is_ended_when_it_comes),
                cmocka_unit_test(what_the_job_knows_is_discarded_without_its_tags),
                cmocka_unit_test(what_is_gone_already_is_no_failure),
                cmocka_unit_test(a_refusal_is_one),
                cmocka_unit_test(what_ended_before_is_told_as_gone_too),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
