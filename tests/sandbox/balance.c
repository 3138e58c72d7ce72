/* The controller's own AWS code with load balancers, for test_controller_balancers.py: an instance goes
 * behind a listener and a classic load balancer, is healthy, drains and is gone.
 *
 *   balance ENDPOINT ACCESS_KEY SECRET_KEY REGION VPC SUBNET INSTANCE PORT LISTENER CLASSIC_PORT
 *
 * Prints every state it saw once, in order; fails at the first call that fails. */
#include <stdio.h>
#include <stdlib.h>

#include "aws/elb.h"
#include "aws/elbv2.h"
#include "base/memory.h"

enum { BALANCE_TIMEOUT_MS = 60000, LOOK_EVERY_MS = 20, DRAINING_S = 20 };

typedef struct Wishes {
        const char *vpc, *subnet, *instance, *listener;
        int64_t port, classic_port;
} Wishes;

/* A state that was not the last one is told. */
static void tell(char **last, const char *what, const char *state, const char *reason) {
        char *line = xasprintf("%s %s %s", what, state, text_empty(reason) ? "-" : reason);

        if (!text_equal(*last, line))
                printf("%s\n", line);
        free(*last);
        *last = line;
}

static bool wait_target(
        AwsSession *session, const char *arn, const Target *target, TargetState wanted, Error **err) {
        CLEANUP(free) char *last = NULL;

        while (true) {
                CLEANUP(target_healths_clear) TargetHealths healths = { 0 };

                if (!elbv2_describe_target_health(session, arn, target, 1, &healths, err))
                        return false;
                if (healths.count != 1)
                        return error_set(err, ERROR_INVALID, "%zu healths of one target", healths.count);
                const TargetHealth *health = &healths.items[0];
                tell(&last, "target", target_state_word(health->state), health->reason);
                if (health->state == wanted)
                        return true;
                if (!aws_session_sleep(session, LOOK_EVERY_MS, err))
                        return false;
        }
}

static bool check_group(AwsSession *session, const char *arn, Error **err) {
        CLEANUP(target_groups_clear) TargetGroups groups = { 0 };
        CLEANUP(free) char *delay = NULL;

        if (!elbv2_find_target_group(session, "controller", &groups, err) ||
            !elbv2_get_target_group_attribute(
                    session, arn, "deregistration_delay.timeout_seconds", &delay, err))
                return false;
        const TargetGroup *group = &groups.items[0];
        printf("group %s %s:%lld %s %s %lld/%lld %s\n", group->name, group->protocol, (long long) group->port,
               group->health_path, group->health_codes, (long long) group->healthy_threshold,
               (long long) group->health_interval_s, delay);
        return true;
}

static bool check_listener(AwsSession *session, const Wishes *wishes, const char *arn, Error **err) {
        CLEANUP(listeners_clear) Listeners rules = { 0 };

        if (!elbv2_describe_rules(session, wishes->listener, &rules, err))
                return false;
        const Listener *rule = &rules.items[0];
        printf("rule %s forwards to %s\n", rule->priority,
               string_list_contains(&rule->target_group_arns, arn) ? "the group" : "another");
        return true;
}

static bool through_listener(AwsSession *session, const Wishes *wishes, Error **err) {
        CLEANUP(free) char *arn = NULL, *seconds = xasprintf("%d", DRAINING_S);
        const Target target = { .id = wishes->instance, .port = wishes->port };
        const TargetGroupSpec spec = {
                .name = "controller",
                .protocol = "HTTP",
                .vpc_id = wishes->vpc,
                .port = wishes->port,
                .health_path = "/health",
                .health_codes = "200-299",
                .health_interval_s = 5,
                .health_timeout_s = 2,
                .healthy_threshold = 2,
                .unhealthy_threshold = 2,
        };

        if (!elbv2_create_target_group(session, &spec, &arn, err) ||
            !elbv2_set_target_group_attribute(
                    session, arn, "deregistration_delay.timeout_seconds", seconds, err) ||
            !check_group(session, arn, err))
                return false;
        const Forward forward = { .target_group_arn = arn };
        return elbv2_forward_listener(session, wishes->listener, &forward, 1, err) &&
               check_listener(session, wishes, arn, err) &&
               elbv2_register_targets(session, arn, &target, 1, err) &&
               wait_target(session, arn, &target, TARGET_HEALTHY, err) &&
               elbv2_deregister_targets(session, arn, &target, 1, err) &&
               wait_target(session, arn, &target, TARGET_UNUSED, err);
}

/* Until it is in that state, or is no longer told of. */
static bool wait_classic(
        AwsSession *session, const StringList *ids, const char *state, bool gone, Error **err) {
        static const StringList all = { 0 };
        CLEANUP(free) char *last = NULL;

        while (true) {
                CLEANUP(elb_health_clear) ElbHealth health = { 0 };

                if (!elb_describe_instance_health(session, "controller", gone ? &all : ids, &health, err))
                        return false;
                if (health.count == 0)
                        return gone || error_set(err, ERROR_INVALID, "no health of the instance");
                tell(&last, "instance", health.items[0].state, health.items[0].reason);
                if (!gone && text_equal(health.items[0].state, state))
                        return true;
                if (!aws_session_sleep(session, LOOK_EVERY_MS, err))
                        return false;
        }
}

static bool check_classic(AwsSession *session, Error **err) {
        CLEANUP(string_list_clear) StringList names = { 0 };
        CLEANUP(elb_load_balancers_clear) ElbLoadBalancers balancers = { 0 };
        int64_t draining_s;

        string_list_add(&names, "controller");
        if (!elb_describe_load_balancers(session, &names, &balancers, err) ||
            !elb_get_draining(session, "controller", &draining_s, err))
                return false;
        const ElbLoadBalancer *balancer = &balancers.items[0];
        printf("classic %s %s %zu instances, drains %lld\n", balancer->name, balancer->health_target,
               balancer->instance_ids.count, (long long) draining_s);
        return true;
}

static bool through_classic(AwsSession *session, const Wishes *wishes, Error **err) {
        CLEANUP(string_list_clear) StringList subnets = { 0 }, ids = { 0 };
        CLEANUP(free)
        char *target = xasprintf("HTTP:%lld/health", (long long) wishes->port), *dns_name = NULL;
        const ElbListener listener = { .protocol = "HTTP",
                                       .port = wishes->classic_port,
                                       .instance_protocol = "HTTP",
                                       .instance_port = wishes->port };
        const ElbSpec spec = { .name = "controller",
                               .listeners = &listener,
                               .listener_count = 1,
                               .subnet_ids = &subnets,
                               .security_groups = &(const StringList){ 0 } };
        const ElbHealthCheck check = { .target = target,
                                       .interval_s = 5,
                                       .timeout_s = 2,
                                       .unhealthy_threshold = 2,
                                       .healthy_threshold = 2 };

        string_list_add(&subnets, wishes->subnet);
        string_list_add(&ids, wishes->instance);
        return elb_create_load_balancer(session, &spec, &dns_name, err) &&
               elb_configure_health_check(session, "controller", &check, err) &&
               elb_set_draining(session, "controller", DRAINING_S, err) &&
               elb_register_instances(session, "controller", &ids, err) && check_classic(session, err) &&
               wait_classic(session, &ids, "InService", false, err) &&
               elb_deregister_instances(session, "controller", &ids, err) &&
               wait_classic(session, &ids, NULL, true, err) && check_classic(session, err) &&
               elb_delete_load_balancer(session, "controller", err);
}

int main(int argc, char **argv) {
        CLEANUP(error_free) Error *error = NULL;

        if (argc != 11) {
                fprintf(stderr,
                        "usage: balance ENDPOINT ACCESS_KEY SECRET_KEY REGION VPC SUBNET INSTANCE PORT "
                        "LISTENER CLASSIC_PORT\n");
                return 2;
        }
        const AwsOptions options = {
                .endpoint_url = argv[1],
                .access_key_id = argv[2],
                .secret_access_key = argv[3],
                .region = argv[4],
                .retry_base_ms = 20,
        };
        const Wishes wishes = { .vpc = argv[5],
                                .subnet = argv[6],
                                .instance = argv[7],
                                .port = strtol(argv[8], NULL, 10),
                                .listener = argv[9],
                                .classic_port = strtol(argv[10], NULL, 10) };
        CLEANUP(aws_free) Aws *aws = aws_new(&options, &error);
        AwsSession session = { .aws = aws, .deadline = deadline_after_ms(BALANCE_TIMEOUT_MS) };

        if (aws && through_listener(&session, &wishes, &error) && through_classic(&session, &wishes, &error))
                return 0;
        fprintf(stderr, "balance: %s (%s)\n", error_message(error), session.failure.code);
        return 1;
}
