/* Ending instances: members through their group, others after they have drained, protected ones not. */
#include "group_lab.h"

#include "jobs/steps/destroy.h"

static bool destroy(GroupLab *lab, const char *ids, bool shrink, DestroyResult *ret, Error **err) {
        CLEANUP(string_list_clear) StringList list = { 0 };
        const DestroySpec spec = { .group = "web", .ids = &list, .shrink = shrink };

        if (*ids)
                text_split(ids, ' ', &list);
        return destroy_instances(&lab->job.work, &spec, ret, err);
}

static void a_member_makes_its_group_smaller(void **state) {
        CLEANUP(lab_free) GroupLab *lab = lab_new();
        CLEANUP(destroy_result_clear) DestroyResult result = { 0 };

        (void) state;
        lab->cloud.instances[1].code = 48; /* as soon as anybody looks */
        assert_ok(destroy(lab, "i-00000002", true, &result, err));
        assert_int_equal(lab->cloud.desired, 3);
        assert_int_equal(lab->cloud.instances[1].member, TERMINATING);
        assert_int_equal(result.replaced_by.count, 0);
}

static void a_group_at_its_minimum_launches_another(void **state) {
        CLEANUP(lab_free) GroupLab *lab = lab_new();
        CLEANUP(destroy_result_clear) DestroyResult result = { 0 };

        (void) state;
        lab->cloud.min = GROUP_OF_FOUR;
        lab->cloud.instances[1].code = 48;
        assert_ok(destroy(lab, "i-00000002", true, &result, err));
        assert_int_equal(lab->cloud.desired, GROUP_OF_FOUR);
        assert_int_equal(result.replaced_by.count, 1);
        assert_string_equal(result.replaced_by.items[0], "web");
}

static void outside_of_the_group_it_is_taken_out_of_the_balancer_first(void **state) {
        CLEANUP(lab_free) GroupLab *lab = lab_new();
        CLEANUP(destroy_result_clear) DestroyResult result = { 0 };
        FakeInstance *instance = lab_add(&lab->cloud, NO_MEMBER);

        (void) state;
        instance->registered = true;
        assert_ok(destroy(lab, instance->id, false, &result, err));
        assert_false(instance->registered);
        assert_int_equal(instance->code, 48);
        assert_int_equal(lab->cloud.desired, GROUP_OF_FOUR);
}

static void a_protected_one_stays_and_the_others_go(void **state) {
        CLEANUP(lab_free) GroupLab *lab = lab_new();
        CLEANUP(destroy_result_clear) DestroyResult result = { 0 };
        FakeInstance *protected = lab_add(&lab->cloud, NO_MEMBER), *other = lab_add(&lab->cloud, NO_MEMBER);

        (void) state;
        protected->protected = true;
        assert_fails(
                ERROR_CONFLICT, "protected against termination, so they stay: i-00000005",
                destroy(lab, "i-00000005 i-00000006", false, &result, err));
        assert_int_equal(protected->code, 16);
        assert_int_equal(other->code, 48);
}

static void none_are_none(void **state) {
        CLEANUP(lab_free) GroupLab *lab = lab_new();
        CLEANUP(destroy_result_clear) DestroyResult result = { 0 };

        (void) state;
        assert_ok(destroy(lab, "", false, &result, err));
        assert_int_equal(scripted_http_request_count(lab->server), 0);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_member_makes_its_group_smaller),
                cmocka_unit_test(a_group_at_its_minimum_launches_another),
                cmocka_unit_test(outside_of_the_group_it_is_taken_out_of_the_balancer_first),
                cmocka_unit_test(a_protected_one_stays_and_the_others_go),
                cmocka_unit_test(none_are_none),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
