/* An application's instances, also while EC2 does not show their tags. */
#include "harness/sandbox_session.h"

#include <stdlib.h>

#include "base/memory.h"
#include "jobs/steps/app_instances.h"

static const char *const tags[] = { "app", "shop", "env", "dev", "role", "web", "app_id", "a1", NULL };
static const char *const others[] = { "app", "other", "env", "dev", "role", "web", "app_id", "a2", NULL };

static bool known(void *context, StringList *ret, Error **err) {
        const StringList *ids = context;

        (void) err;
        for (size_t i = 0; i < ids->count; i++)
                string_list_add(ret, ids->items[i]);
        return true;
}

static bool nobody_knows(void *context, StringList *ret, Error **err) {
        (void) context;
        (void) ret;
        return error_set(err, ERROR_UNAVAILABLE, "the store is away");
}

static const Ec2App app = { .id = "a1", .name = "shop", .env = "dev", .role = "web" };

static void what_is_known_is_found_without_its_tags(void **state) {
        CLEANUP(sandbox_case_clear) SandboxCase test = { 0 };
        CLEANUP(string_list_clear) StringList ids = { 0 };
        CLEANUP(ec2_instances_clear) Ec2Instances first = { 0 }, again = { 0 };

        (void) state;
        if (!sandbox_case_open(&test))
                skip();
        Ec2Work work = { .context = &ids, .session = &test.session, .job_id = "j1", .known = known };
        sandbox_fault(test.sandbox, "{\"when\": \"late-tags\", \"polls\": 3}");
        CLEANUP(free) char *late = sandbox_case_launch(&test, "a", tags);
        CLEANUP(free) char *tagged = sandbox_case_launch(&test, "b", tags);
        CLEANUP(free) char *foreign = sandbox_case_launch(&test, "c", others);
        string_list_add(&ids, tagged);
        string_list_add(&ids, late);
        string_list_add(&ids, foreign); /* was ours once: its tags say whose it is now */
        string_list_add(&ids, "i-0123456789abcdef0");

        assert_ok(find_app_instances(&work, &app, &first, err));
        assert_int_equal(first.count, 2);
        assert_string_equal(first.items[0].id, tagged);
        assert_string_equal(first.items[1].id, late);

        work.known = NULL; /* the third describe is the last one without tags */
        CLEANUP(ec2_instances_clear) Ec2Instances unknown = { 0 };
        assert_ok(find_app_instances(&work, &app, &unknown, err));
        assert_int_equal(unknown.count, 1);
        assert_ok(find_app_instances(&work, &app, &again, err));
        assert_int_equal(again.count, 2);
}

static void what_cannot_be_known_is_an_error(void **state) {
        CLEANUP(sandbox_case_clear) SandboxCase test = { 0 };
        CLEANUP(ec2_instances_clear) Ec2Instances found = { 0 };

        (void) state;
        if (!sandbox_case_open(&test))
                skip();
        Ec2Work work = { .session = &test.session, .job_id = "j1", .known = nobody_knows };
        CLEANUP(free) char *tagged = sandbox_case_launch(&test, "a", tags);
        assert_fails(ERROR_UNAVAILABLE, "the store is away", find_app_instances(&work, &app, &found, err));
        assert_int_equal(found.count, 0);
}

int main(void) {
        const struct CMUnitTest tests_of_instances[] = {
                cmocka_unit_test(what_is_known_is_found_without_its_tags),
                cmocka_unit_test(what_cannot_be_known_is_an_error),
        };

        return cmocka_run_group_tests(tests_of_instances, NULL, NULL);
}
