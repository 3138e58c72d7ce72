/* Auto Scaling: what is sent is what botocore sends, what is answered is understood. */
#include "harness/golden_request.h"

#include "aws/autoscaling.h"

static const char *const environment[] = { "HOME=/nonexistent", "AWS_EC2_METADATA_DISABLED=true", NULL };

typedef struct Fixture {
        ScriptedHttp *server;
        Aws *aws;
        AwsSession session;
        StringList one_id; /* "i" */
} Fixture;

static void fixture_clearp(Fixture *fixture) {
        aws_free(fixture->aws);
        scripted_http_stop(fixture->server);
        string_list_clear(&fixture->one_id);
}

static Fixture start(ScriptedHttp *server) {
        Fixture fixture = { .server = server };
        AwsOptions options = { .region = "eu-west-1",
                               .endpoint_url = scripted_http_url(server),
                               .access_key_id = "AKIDEXAMPLE",
                               .secret_access_key = "secret",
                               .retry_base_ms = 2,
                               .poll_interval_ms = 5,
                               .environment = environment };

        assert_ok(fixture.aws = aws_new(&options, err));
        fixture.session = (AwsSession){ .aws = fixture.aws, .deadline = deadline_after_ms(20000) };
        string_list_add(&fixture.one_id, "i");
        return fixture;
}
#define START(table) start(scripted_http_start_table(table))

static StringList list_of(const char *first, const char *second) {
        StringList list = { 0 };

        string_list_add(&list, first);
        if (second)
                string_list_add(&list, second);
        return list;
}

/* ---- requests ---- */

static void create_group(Fixture *fixture) {
        CLEANUP(string_list_clear) StringList subnets = list_of("s1", "s2"), balancers = list_of("c", NULL);
        CLEANUP(string_list_clear) StringList arns = list_of("t", NULL);
        CLEANUP(string_list_clear) StringList policies = list_of("OldestLaunchTemplate", "Default");
        CLEANUP(asg_tags_clear) AsgTags tags = { 0 };
        const AsgHook hook = { "h", true, 300, true };
        AsgSpec spec = ASG_SPEC("a");

        asg_tags_add(&tags, "k", "v", true);
        spec.launch_template_id = "lt";
        spec.launch_template_version = "3";
        spec.min_size = 0;
        spec.max_size = 4;
        spec.desired_capacity = 2;
        spec.subnet_ids = &subnets;
        spec.load_balancers = &balancers;
        spec.target_group_arns = &arns;
        spec.termination_policies = &policies;
        spec.health_check_type = "ELB";
        spec.health_check_grace_s = 60;
        spec.default_warmup_s = 10;
        spec.tags = &tags;
        spec.hooks = &hook;
        spec.hook_count = 1;
        assert_ok(asg_create_group(&fixture->session, &spec, err));
}

static void update_group(Fixture *fixture) {
        CLEANUP(string_list_clear)
        StringList subnets = list_of("s1", "s2"), policies = list_of("Default", NULL);
        AsgSpec spec = ASG_SPEC("a");

        spec.min_size = 0;
        spec.desired_capacity = 1;
        spec.subnet_ids = &subnets;
        spec.termination_policies = &policies;
        assert_ok(asg_update_group(&fixture->session, &spec, err));
}

static void change_tags(Fixture *fixture) {
        CLEANUP(asg_tags_clear) AsgTags tags = { 0 };

        asg_tags_add(&tags, "k", "v", true);
        assert_ok(asg_put_tags(&fixture->session, "a", &tags, err));
        assert_ok(asg_delete_tags(&fixture->session, "a", &tags, err));
}

static void change_processes(Fixture *fixture) {
        CLEANUP(string_list_clear)
        StringList both = list_of("Launch", "Terminate"), one = list_of("Launch", NULL);

        assert_ok(asg_suspend_processes(&fixture->session, "a", &both, err));
        assert_ok(asg_resume_processes(&fixture->session, "a", &one, err));
}

static void change_instances(Fixture *fixture) {
        AwsSession *session = &fixture->session;
        const StringList *ids = &fixture->one_id;

        assert_ok(asg_attach_instances(session, "a", ids, err));
        assert_ok(asg_detach_instances(session, "a", ids, true, err));
        assert_ok(asg_enter_standby(session, "a", ids, true, err));
        assert_ok(asg_exit_standby(session, "a", ids, err));
        assert_ok(asg_terminate_instance(session, "i", false, err));
        assert_ok(asg_protect_instances(session, "a", ids, true, err));
        assert_ok(asg_set_health(session, "i", false, err));
}

static void change_balancers(Fixture *fixture) {
        CLEANUP(string_list_clear) StringList names = list_of("t", NULL);
        CLEANUP(asg_attachments_clear) AsgAttachments found = { 0 };
        AwsSession *session = &fixture->session;

        assert_ok(asg_attach_target_groups(session, "a", &names, err));
        assert_ok(asg_detach_target_groups(session, "a", &names, err));
        assert_ok(asg_describe_target_groups(session, "a", &found, err));
        assert_ok(asg_attach_load_balancers(session, "a", &names, err));
        assert_ok(asg_detach_load_balancers(session, "a", &names, err));
        assert_ok(asg_describe_load_balancers(session, "a", &found, err));
}

static void change_hooks(Fixture *fixture) {
        const AsgHook hook = { "h", true, 300, true };
        const AsgLifecycleAction action = { "a", "h", "i" };
        CLEANUP(asg_lifecycle_hooks_clear) AsgLifecycleHooks hooks = { 0 };
        AwsSession *session = &fixture->session;

        assert_ok(asg_put_lifecycle_hook(session, "a", &hook, err));
        assert_ok(asg_describe_lifecycle_hooks(session, "a", &hooks, err));
        assert_ok(asg_complete_lifecycle_action(session, &action, true, err));
        assert_ok(asg_record_heartbeat(session, &action, err));
        assert_ok(asg_delete_lifecycle_hook(session, "a", "h", err));
}

static void change_refresh(Fixture *fixture) {
        const AsgRefreshSpec spec = { "a", "lt", "3", 90, 110, 30, true, true };
        CLEANUP(asg_refresh_clear) AsgRefresh refresh = { 0 };
        CLEANUP(free) char *id = NULL;
        AwsSession *session = &fixture->session;

        assert_ok(asg_start_refresh(session, &spec, &id, err));
        assert_fails(
                ERROR_NOT_FOUND, "group 'a' has no instance refresh x",
                asg_describe_refresh(session, "a", "x", &refresh, err));
        assert_ok(asg_cancel_refresh(session, "a", err));
        assert_ok(asg_roll_back_refresh(session, "a", err));
}

static void describe_all(Fixture *fixture) {
        CLEANUP(string_list_clear)
        StringList names = list_of("a", "b"), metrics = list_of("GroupMinSize", NULL);
        CLEANUP(string_list_clear) StringList none = { 0 };
        CLEANUP(auto_scaling_groups_clear) AutoScalingGroups groups = { 0 };
        CLEANUP(asg_instances_clear) AsgInstances instances = { 0 };
        CLEANUP(asg_activities_clear) AsgActivities activities = { 0 };
        AwsSession *session = &fixture->session;

        assert_ok(asg_describe_groups(session, &names, &groups, err));
        assert_ok(asg_describe_instances(session, &fixture->one_id, &instances, err));
        assert_ok(asg_describe_activities(session, "a", 20, &activities, err));
        assert_ok(asg_enable_metrics(session, "a", &metrics, err));
        assert_ok(asg_disable_metrics(session, "a", &none, err));
        assert_ok(asg_delete_group(session, "a", true, err));
        assert_ok(asg_set_desired_capacity(session, "a", 2, err));
}

/* In the order they are sent below. */
static const struct {
        const char *operation;
        size_t not_sent; /* what Ghost has no use for */
} operations[] = {
        { "CreateAutoScalingGroup", 17 },
        { "UpdateAutoScalingGroup", 2 },
        { "CreateOrUpdateTags", 0 },
        { "DeleteTags", 0 },
        { "SuspendProcesses", 0 },
        { "ResumeProcesses", 0 },
        { "AttachInstances", 0 },
        { "DetachInstances", 0 },
        { "EnterStandby", 0 },
        { "ExitStandby", 0 },
        { "TerminateInstanceInAutoScalingGroup", 0 },
        { "SetInstanceProtection", 0 },
        { "SetInstanceHealth", 0 },
        { "AttachLoadBalancerTargetGroups", 0 },
        { "DetachLoadBalancerTargetGroups", 0 },
        { "DescribeLoadBalancerTargetGroups", 0 },
        { "AttachLoadBalancers", 0 },
        { "DetachLoadBalancers", 0 },
        { "DescribeLoadBalancers", 0 },
        { "PutLifecycleHook", 0 },
        { "DescribeLifecycleHooks", 1 },
        { "CompleteLifecycleAction", 0 },
        { "RecordLifecycleActionHeartbeat", 0 },
        { "DeleteLifecycleHook", 0 },
        { "StartInstanceRefresh", 5 },
        { "DescribeInstanceRefreshes", 1 },
        { "CancelInstanceRefresh", 0 },
        { "RollbackInstanceRefresh", 0 },
        { "DescribeAutoScalingGroups", 3 },
        { "DescribeAutoScalingInstances", 2 },
        { "DescribeScalingActivities", 0 },
        { "EnableMetricsCollection", 0 },
        { "DisableMetricsCollection", 0 },
        { "DeleteAutoScalingGroup", 0 },
        { "SetDesiredCapacity", 0 },
};

static void requests_are_botocores(void **state) {
        static const ScriptedReply replies[] = { { 200, .body = "<AnyResponse/>" } };
        json_t *golden = golden_requests();

        (void) state;
        if (!golden)
                skip();
        CLEANUP(fixture_clear) Fixture fixture = START(replies);
        create_group(&fixture);
        update_group(&fixture);
        change_tags(&fixture);
        change_processes(&fixture);
        change_instances(&fixture);
        change_balancers(&fixture);
        change_hooks(&fixture);
        change_refresh(&fixture);
        describe_all(&fixture);
        assert_int_equal(
                scripted_http_request_count(fixture.server), sizeof(operations) / sizeof(operations[0]));
        for (size_t i = 0; i < sizeof(operations) / sizeof(operations[0]); i++)
                assert_golden(
                        fixture.server, i, golden, "autoscaling", operations[i].operation,
                        operations[i].not_sent);
        json_decref(golden);
}

/* ---- answers ---- */

#define GROUP(name, more)                                                                                    \
        "<member><AutoScalingGroupName>" name                                                                \
        "</AutoScalingGroupName><MinSize>1</MinSize><MaxSize>4</MaxSize>"                                    \
        "<DesiredCapacity>2</DesiredCapacity><VPCZoneIdentifier>s1, s2</VPCZoneIdentifier>" more "</member>"
#define GROUPS(members, token)                                                                               \
        "<DescribeAutoScalingGroupsResponse><DescribeAutoScalingGroupsResult><AutoScalingGroups>" members    \
        "</AutoScalingGroups>" token                                                                         \
        "</DescribeAutoScalingGroupsResult></DescribeAutoScalingGroupsResponse>"

static void a_group_is_read(void **state) {
        static const ScriptedReply replies[] = {
                { 200,
                  .body = GROUPS(
                          GROUP("a",
                                "<LaunchTemplate><LaunchTemplateId>lt</LaunchTemplateId><Version>3</Version>"
                                "</LaunchTemplate><TargetGroupARNs><member>arn</member></TargetGroupARNs>"
                                "<SuspendedProcesses><member><ProcessName>Launch</ProcessName></member>"
                                "</SuspendedProcesses><Instances><member><InstanceId>i-1</InstanceId>"
                                "<LifecycleState>Pending:Wait</LifecycleState><HealthStatus>Healthy"
                                "</HealthStatus><LaunchTemplate><Version>2</Version></LaunchTemplate>"
                                "<ProtectedFromScaleIn>true</ProtectedFromScaleIn></member><member>"
                                "<InstanceId>i-2</InstanceId><LifecycleState>Warmed:Running"
                                "</LifecycleState></member></Instances><Tags><member><Key>k</Key><Value/>"
                                "<PropagateAtLaunch>true</PropagateAtLaunch></member></Tags>"),
                          "") },
        };
        CLEANUP(fixture_clear) Fixture fixture = START(replies);
        CLEANUP(auto_scaling_group_clear) AutoScalingGroup group = { 0 };

        (void) state;
        assert_ok(asg_describe_group(&fixture.session, "a", &group, err));
        assert_string_equal(group.launch_template_version, "3");
        assert_int_equal(group.desired_capacity, 2);
        assert_int_equal(group.subnet_ids.count, 2);
        assert_string_equal(group.subnet_ids.items[1], "s2");
        assert_string_equal(group.target_group_arns.items[0], "arn");
        assert_string_equal(group.suspended_processes.items[0], "Launch");
        assert_int_equal(group.instances.count, 2);
        assert_int_equal(group.instances.items[0].state, ASG_PENDING_WAIT);
        assert_true(group.instances.items[0].protected_from_scale_in);
        assert_string_equal(group.instances.items[0].launch_template_version, "2");
        assert_int_equal(group.instances.items[1].state, ASG_STATE_OTHER);
        assert_string_equal(group.tags.items[0].value, "");
        assert_true(group.tags.items[0].propagate);
        assert_string_equal(group.status, "");
}

static void pages_are_followed(void **state) {
        static const ScriptedReply replies[] = {
                { 200, .body = GROUPS(GROUP("a", ""), "<NextToken>more</NextToken>") },
                { 200, .body = GROUPS("", "<NextToken>still</NextToken>") },
                { 200, .body = GROUPS(GROUP("b", ""), "<NextToken/>") },
        };
        CLEANUP(fixture_clear) Fixture fixture = START(replies);
        CLEANUP(auto_scaling_groups_clear) AutoScalingGroups groups = { 0 };

        (void) state;
        assert_ok(asg_find_groups(&fixture.session, "app_id", "1", &groups, err));
        assert_int_equal(groups.count, 2);
        assert_string_equal(groups.items[1].name, "b");
        assert_has(scripted_http_request(fixture.server, 0), "Filters.member.1.Name=tag%3Aapp_id");
        assert_has(scripted_http_request(fixture.server, 2), "NextToken=still");
}

static void nothing_of_everybodys_is_asked_for(void **state) {
        static const ScriptedReply replies[] = { { 200, .body = GROUPS("", "") } };
        CLEANUP(fixture_clear) Fixture fixture = START(replies);
        CLEANUP(auto_scaling_groups_clear) AutoScalingGroups groups = { 0 };
        CLEANUP(auto_scaling_group_clear) AutoScalingGroup group = { 0 };
        CLEANUP(asg_instances_clear) AsgInstances instances = { 0 };
        const StringList none = { 0 };
        AwsSession *session = &fixture.session;

        (void) state;
        assert_fails(
                ERROR_INVALID, "DescribeAutoScalingGroups: no name would be everybody's groups",
                asg_describe_groups(session, &none, &groups, err));
        assert_fails(
                ERROR_INVALID, "an Auto Scaling group has a name",
                asg_describe_group(session, "", &group, err));
        assert_fails(
                ERROR_INVALID, "DescribeAutoScalingGroups: no tag would be everybody's groups",
                asg_find_groups(session, "app", "", &groups, err));
        assert_fails(
                ERROR_INVALID, "DescribeAutoScalingInstances: 1 to 50 ids at a time",
                asg_describe_instances(session, &none, &instances, err));
        assert_fails(
                ERROR_INVALID, "SuspendProcesses: no process would be all of them",
                asg_suspend_processes(session, "a", &none, err));
        assert_fails(
                ERROR_INVALID, "EnterStandby: 1 to 20 instances at a time",
                asg_enter_standby(session, "a", &none, true, err));
        assert_int_equal(scripted_http_request_count(fixture.server), 0);
        assert_fails(
                ERROR_NOT_FOUND, "there is no Auto Scaling group 'gone'",
                asg_describe_group(session, "gone", &group, err));
}

static void a_template_is_given_by_number(void **state) {
        static const ScriptedReply replies[] = { { 200, .body = "<AnyResponse/>" } };
        CLEANUP(fixture_clear) Fixture fixture = START(replies);
        AsgSpec spec = ASG_SPEC("a");

        (void) state;
        spec.launch_template_id = "lt";
        static const char *const bad[] = { NULL, "$Latest", "$Default", "v3" };
        for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
                spec.launch_template_version = bad[i];
                assert_fails(
                        ERROR_INVALID, "a group is given a launch template by its id and a version number",
                        asg_update_group(&fixture.session, &spec, err));
        }
        assert_int_equal(scripted_http_request_count(fixture.server), 0);
}

#define FAILURE(code, words)                                                                                 \
        "<ErrorResponse><Error><Type>Sender</Type><Code>" code "</Code><Message>" words                      \
        "</Message></Error><RequestId>r</RequestId></ErrorResponse>"

static void what_is_gone_is_deleted(void **state) {
        static const ScriptedReply gone = {
                400, .body =
                             FAILURE("ValidationError",
                                     "AutoScalingGroup name not found - AutoScalingGroup 'a' not found")
        };
        static const ScriptedReply left = {
                400, .body = FAILURE(
                             "ValidationError",
                             "Instance Id not found - No managed instance found for instance ID: i")
        };
        static const ScriptedReply busy = { 400, .body = FAILURE("ResourceInUse", "You cannot delete it") };

        (void) state;
        CLEANUP(fixture_clear) Fixture first = start(scripted_http_start(&gone, 1));
        CLEANUP(fixture_clear) Fixture second = start(scripted_http_start(&busy, 1));
        CLEANUP(fixture_clear) Fixture third = start(scripted_http_start(&left, 1));
        assert_ok(asg_terminate_instance(&third.session, "i", true, err));
        assert_ok(asg_delete_group(&first.session, "a", true, err));
        assert_fails(
                ERROR_CONFLICT, "DeleteAutoScalingGroup: ResourceInUse: You cannot delete it (request r)",
                asg_delete_group(&second.session, "a", false, err));
}

static void activities_say_why(void **state) {
        static const ScriptedReply replies[] = {
                { 200,
                  .body = "<DescribeScalingActivitiesResponse><DescribeScalingActivitiesResult><Activities>"
                          "<member><ActivityId>1</ActivityId><StatusCode>Failed</StatusCode><StatusMessage>"
                          "no capacity</StatusMessage><Progress>100</Progress></member></Activities>"
                          "</DescribeScalingActivitiesResult></DescribeScalingActivitiesResponse>" },
        };
        CLEANUP(fixture_clear) Fixture fixture = START(replies);
        CLEANUP(asg_activities_clear) AsgActivities activities = { 0 };

        (void) state;
        assert_ok(asg_describe_activities(&fixture.session, "a", 500, &activities, err));
        assert_int_equal(activities.count, 1);
        assert_string_equal(activities.items[0].message, "no capacity");
        assert_int_equal(activities.items[0].progress, 100);
        assert_has(scripted_http_request(fixture.server, 0), "MaxRecords=100");
}

static void a_busy_group_is_asked_again_for_a_while(void **state) {
        static const ScriptedReply busy = { 400, .body = FAILURE(
                                                         "ScalingActivityInProgress", "Activity x is in "
                                                                                      "progress") };
        static const ScriptedReply replies[] = {
                { 400, .body = FAILURE("ScalingActivityInProgress", "Activity x is in progress") },
                { 400, .body = FAILURE("ScalingActivityInProgress", "Activity x is in progress") },
                { 200, .body = "<SetDesiredCapacityResponse/>" },
        };
        CLEANUP(fixture_clear) Fixture first = START(replies);
        CLEANUP(fixture_clear) Fixture second = start(scripted_http_start(&busy, 1));

        (void) state;
        assert_ok(asg_set_desired_capacity(&first.session, "a", 2, err));
        assert_int_equal(scripted_http_request_count(first.server), 3);
        second.session.deadline = deadline_after_ms(300);
        assert_fails(
                ERROR_CONFLICT,
                "TerminateInstanceInAutoScalingGroup: ScalingActivityInProgress: Activity x is in progress "
                "(request r)",
                asg_terminate_instance(&second.session, "i", true, err));
        assert_true(scripted_http_request_count(second.server) > 1);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(requests_are_botocores),
                cmocka_unit_test(a_group_is_read),
                cmocka_unit_test(pages_are_followed),
                cmocka_unit_test(nothing_of_everybodys_is_asked_for),
                cmocka_unit_test(a_template_is_given_by_number),
                cmocka_unit_test(what_is_gone_is_deleted),
                cmocka_unit_test(activities_say_why),
                cmocka_unit_test(a_busy_group_is_asked_again_for_a_while),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
