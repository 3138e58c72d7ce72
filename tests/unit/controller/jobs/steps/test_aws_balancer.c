/* A batch is taken out of the group's target group and put back as it was, whatever happens meanwhile. */
#include "group_lab.h"

#include "jobs/steps/aws_balancer.h"

static const AwsBalancerSpec spec = { .group = "web", .type = "alb", .in_service_ms = 3000 };

static bool open_it(GroupLab *lab, AwsBalancer *aws, Error **err) {
        bool found = false;

        return aws_balancer_open(&lab->job.work, &spec, aws, &found, err);
}

/* The first two instances. */
static void batch_of(const GroupLab *lab, StringList *ret) {
        for (int i = 0; i < 2; i++)
                string_list_add(ret, lab->cloud.instances[i].id);
}

static int registered(const Cloud *cloud) {
        int count = 0;

        for (int i = 0; i < cloud->count; i++)
                count += cloud->instances[i].registered;
        return count;
}

static size_t requests_with(const GroupLab *lab, const char *part) {
        size_t count = 0;

        for (size_t i = 0; i < scripted_http_request_count(lab->server); i++)
                count += strstr(scripted_http_request(lab->server, i), part) != NULL;
        return count;
}

static void what_is_taken_out_is_put_back_with_its_port(void **state) {
        CLEANUP(lab_free) GroupLab *lab = lab_new();
        CLEANUP(aws_balancer_clear) AwsBalancer aws = { 0 };
        CLEANUP(string_list_clear) StringList ids = { 0 };
        CLEANUP(text_clear) Text name = { 0 };
        size_t healthy = 0;

        (void) state;
        lab->cloud.instances[0].port = 8080;
        batch_of(lab, &ids);
        assert_ok(open_it(lab, &aws, err));
        const DeployBalancer *balancer = &aws.balancer;
        balancer->describe(balancer->context, &name);
        assert_string_equal(name.data, "target group tg/web");
        assert_ok(balancer->check(balancer->context, err));
        assert_ok(balancer->count_healthy(balancer->context, &ids, &healthy, err));
        assert_int_equal(healthy, 2);
        assert_ok(balancer->take_out(balancer->context, "site.0", &ids, err));
        assert_int_equal(registered(&lab->cloud), 2);
        assert_true(lab->cloud.instances[0].draining <= 0); /* it was waited for */
        assert_ok(balancer->put_back(balancer->context, "site.0", &ids, err));
        assert_int_equal(registered(&lab->cloud), 4);
        assert_int_equal(lab->cloud.instances[0].port, 8080);
        assert_int_equal(lab->cloud.instances[1].port, 80);
        assert_true(lab->cloud.instances[0].checks > 1); /* so was this */
        assert_non_null(strstr(lab->job.log.data, "Waiting at most 0s: The connection draining time"));
        assert_non_null(
                strstr(lab->job.log.data, "Waiting because the instance is not in service in the ELB: "
                                          "i-00000001 is initial in tg/web"));
}

static bool once(GroupLab *lab, const StringList *ids, Error **err) {
        CLEANUP(aws_balancer_clear) AwsBalancer aws = { 0 };

        return open_it(lab, &aws, err) && aws.balancer.take_out(aws.balancer.context, "site.0", ids, err) &&
               aws.balancer.put_back(aws.balancer.context, "site.0", ids, err);
}

static void after_the_controllers_death_anywhere_the_same_are_put_back(void **state) {
        (void) state;
        for (int at = 1; at < 60; at++) {
                CLEANUP(lab_free) GroupLab *lab = lab_new();
                CLEANUP(string_list_clear) StringList ids = { 0 };
                CLEANUP(error_free) Error *error = NULL;

                batch_of(lab, &ids);
                lab->job.end_at = at;
                lab->job.by_death = true;
                bool over = once(lab, &ids, &error);
                if (over && !lab->job.ended) {
                        assert_true(at > 5);
                        return;
                }
                lab->job.end_at = 0;
                lab_run(lab);
                assert_ok(once(lab, &ids, err));
                assert_int_equal(registered(&lab->cloud), 4);
        }
        fail_msg("it never came to its end");
}

static void a_job_that_is_not_run_again_leaves_nothing_out(void **state) {
        CLEANUP(lab_free) GroupLab *lab = lab_new();
        CLEANUP(aws_balancer_clear) AwsBalancer aws = { 0 };
        CLEANUP(string_list_clear) StringList ids = { 0 };

        (void) state;
        batch_of(lab, &ids);
        assert_ok(open_it(lab, &aws, err));
        assert_ok(aws.balancer.take_out(aws.balancer.context, "site.0", &ids, err));
        lab->cloud.instances[1].code = 48;
        aws_balancer_put_back_all(&lab->job.work);
        assert_true(lab->cloud.instances[0].registered);
        assert_false(lab->cloud.instances[1].registered);
}

static void a_cancelled_job_puts_back_too(void **state) {
        CLEANUP(lab_free) GroupLab *lab = lab_new();
        CLEANUP(aws_balancer_clear) AwsBalancer aws = { 0 };
        CLEANUP(string_list_clear) StringList ids = { 0 };

        (void) state;
        batch_of(lab, &ids);
        assert_ok(open_it(lab, &aws, err));
        assert_ok(aws.balancer.take_out(aws.balancer.context, "site.0", &ids, err));
        lab->job.ended = true;
        CLEANUP(error_free) Error *stopped = NULL;
        assert_false(aws.balancer.put_back(aws.balancer.context, "site.0", &ids, &stopped));
        aws.balancer.going_back(aws.balancer.context);
        assert_ok(aws.balancer.put_back(aws.balancer.context, "site.0", &ids, err));
        assert_int_equal(registered(&lab->cloud), 4);
}

static void one_that_ends_is_not_waited_for(void **state) {
        CLEANUP(lab_free) GroupLab *lab = lab_new();
        CLEANUP(aws_balancer_clear) AwsBalancer aws = { 0 };
        CLEANUP(string_list_clear) StringList ids = { 0 };

        (void) state;
        batch_of(lab, &ids);
        assert_ok(open_it(lab, &aws, err));
        assert_ok(aws.balancer.take_out(aws.balancer.context, "site.0", &ids, err));
        lab->cloud.instances[0].code = 48;
        assert_ok(aws.balancer.put_back(aws.balancer.context, "site.0", &ids, err));
        assert_non_null(strstr(lab->job.log.data, "i-00000001 does not run any more: it is not put back"));
        assert_int_equal(registered(&lab->cloud), 3);
}

static void one_that_ends_while_it_is_put_back_keeps_out_nobody_else(void **state) {
        CLEANUP(lab_free) GroupLab *lab = lab_new();
        CLEANUP(aws_balancer_clear) AwsBalancer aws = { 0 };
        CLEANUP(string_list_clear) StringList ids = { 0 };

        (void) state;
        batch_of(lab, &ids);
        assert_ok(open_it(lab, &aws, err));
        assert_ok(aws.balancer.take_out(aws.balancer.context, "site.0", &ids, err));
        lab->cloud.instances[0].ends_at_joining = true;
        assert_ok(aws.balancer.put_back(aws.balancer.context, "site.0", &ids, err));
        assert_non_null(strstr(lab->job.log.data, "i-00000001 does not run any more: it is not put back"));
        assert_int_equal(registered(&lab->cloud), 3);
        assert_int_equal(requests_with(lab, "Action=RegisterTargets"), 2);
}

static void what_does_not_come_into_service_is_named_in_time(void **state) {
        CLEANUP(lab_free) GroupLab *lab = lab_new();
        CLEANUP(aws_balancer_clear) AwsBalancer aws = { 0 };
        CLEANUP(string_list_clear) StringList ids = { 0 };
        const AwsBalancerSpec soon = { .group = "web", .type = "", .in_service_ms = 100 };
        bool found = false;

        (void) state;
        batch_of(lab, &ids);
        assert_ok(aws_balancer_open(&lab->job.work, &soon, &aws, &found, err));
        assert_ok(aws.balancer.take_out(aws.balancer.context, "site.0", &ids, err));
        lab->cloud.instances[1].unhealthy = true;
        assert_fails(
                ERROR_TIMEOUT, "not in service within 0s: i-00000002 is unhealthy in tg/web",
                aws.balancer.put_back(aws.balancer.context, "site.0", &ids, err));
}

static void what_is_not_well_is_not_touched(void **state) {
        CLEANUP(lab_free) GroupLab *lab = lab_new();
        CLEANUP(aws_balancer_clear) AwsBalancer aws = { 0 };
        CLEANUP(aws_balancer_clear) AwsBalancer other = { 0 };
        const AwsBalancerSpec classic = { .group = "web", .type = "elb" };
        bool found = false;

        (void) state;
        lab->cloud.instances[2].unhealthy = true;
        assert_fails(
                ERROR_INVALID,
                "Cannot continue because there is no ELB configured in the AutoScaling Group web",
                aws_balancer_open(&lab->job.work, &classic, &other, &found, err));
        assert_ok(open_it(lab, &aws, err));
        assert_fails(
                ERROR_CONFLICT,
                "Cannot continue because one or more instances are in the out of service state: i-00000003 "
                "is unhealthy in tg/web",
                aws.balancer.check(aws.balancer.context, err));
        assert_int_equal(requests_with(lab, "Action=DeregisterTargets"), 0);
}

static void what_is_being_detached_is_none(void **state) {
        CLEANUP(lab_free) GroupLab *lab = lab_new();
        CLEANUP(aws_balancer_clear) AwsBalancer aws = { 0 };
        const AwsBalancerSpec any = { .group = "web", .type = "" };
        bool found = true;

        (void) state;
        lab->cloud.detaching = true;
        assert_ok(aws_balancer_open(&lab->job.work, &any, &aws, &found, err));
        assert_false(found);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(what_is_taken_out_is_put_back_with_its_port),
                cmocka_unit_test(after_the_controllers_death_anywhere_the_same_are_put_back),
                cmocka_unit_test(a_job_that_is_not_run_again_leaves_nothing_out),
                cmocka_unit_test(a_cancelled_job_puts_back_too),
                cmocka_unit_test(one_that_ends_is_not_waited_for),
                cmocka_unit_test(one_that_ends_while_it_is_put_back_keeps_out_nobody_else),
                cmocka_unit_test(what_does_not_come_into_service_is_named_in_time),
                cmocka_unit_test(what_is_not_well_is_not_touched),
                cmocka_unit_test(what_is_being_detached_is_none),
        };
        return cmocka_run_group_tests_name("aws_balancer", tests, NULL, NULL);
}
