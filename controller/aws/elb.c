#include "aws/elb.h"

#include <stdlib.h>
#include <string.h>

#include "aws/query_form.h"
#include "base/memory.h"
#include "net/url.h"

static void load_balancer_clear(ElbLoadBalancer *balancer) {
        free(balancer->name);
        free(balancer->dns_name);
        free(balancer->scheme);
        free(balancer->vpc_id);
        free(balancer->health_target);
        string_list_clear(&balancer->instance_ids);
        string_list_clear(&balancer->subnet_ids);
        string_list_clear(&balancer->security_groups);
}

void elb_load_balancers_clear(ElbLoadBalancers *balancers) {
        for (size_t i = 0; i < balancers->count; i++)
                load_balancer_clear(&balancers->items[i]);
        free(balancers->items);
        *balancers = (ElbLoadBalancers){ 0 };
}

static void read_load_balancer(const Xml *item, ElbLoadBalancer *ret) {
        const Xml *instances = xml_first(item, "Instances");

        *ret = (ElbLoadBalancer){
                .name = xml_text_copy(item, "LoadBalancerName"),
                .dns_name = xml_text_copy(item, "DNSName"),
                .scheme = xml_text_copy(item, "Scheme"),
                .vpc_id = xml_text_copy(item, "VPCId"),
                .health_target = xml_text_copy(item, "HealthCheck/Target"),
                .health_interval_s = xml_int(item, "HealthCheck/Interval"),
                .health_timeout_s = xml_int(item, "HealthCheck/Timeout"),
                .unhealthy_threshold = xml_int(item, "HealthCheck/UnhealthyThreshold"),
                .healthy_threshold = xml_int(item, "HealthCheck/HealthyThreshold"),
        };
        query_read_list(item, "Subnets", &ret->subnet_ids);
        query_read_list(item, "SecurityGroups", &ret->security_groups);
        for (const Xml *one = xml_first(instances, "member"); one; one = xml_next(one, "member"))
                string_list_take(&ret->instance_ids, xml_text_copy(one, "InstanceId"));
}

static void add_load_balancer(void *context, const Xml *item) {
        ElbLoadBalancers *balancers = context;

        balancers->items = xrealloc(balancers->items, (balancers->count + 1) * sizeof(*balancers->items));
        read_load_balancer(item, &balancers->items[balancers->count++]);
}

static bool describe(AwsSession *session, const AwsForm *form, ElbLoadBalancers *ret, Error **err) {
        ElbLoadBalancers found = { 0 };
        const QueryPages pages = { .service = &aws_elb,
                                   .action = "DescribeLoadBalancers",
                                   .form = form,
                                   .token_sent = "Marker",
                                   .token_read = "NextMarker",
                                   .list = "LoadBalancerDescriptions",
                                   .key = "LoadBalancerName",
                                   .read = add_load_balancer,
                                   .context = &found };

        if (!query_read_pages(session, &pages, err)) {
                elb_load_balancers_clear(&found);
                return false;
        }
        *ret = found;
        return true;
}

bool elb_describe_load_balancers(
        AwsSession *session, const StringList *names, ElbLoadBalancers *ret, Error **err) {
        CLEANUP(form_clear) AwsForm form = { 0 };

        if (names->count == 0)
                return error_set(err, ERROR_INVALID, "DescribeLoadBalancers: no name would be everybody's");
        query_form_add_list(&form, "LoadBalancerNames", names);
        return describe(session, &form, ret, err);
}

bool elb_list_load_balancers(AwsSession *session, ElbLoadBalancers *ret, Error **err) {
        const AwsForm form = { 0 };

        return describe(session, &form, ret, err);
}

static void fill(AwsForm *form, const char *name, const StringList *ids) {
        form_add(form, name, "LoadBalancerName");
        for (size_t i = 0; i < ids->count; i++)
                form_add(form, ids->items[i], "Instances.member.%zu.InstanceId", i + 1);
}

static bool change(
        AwsSession *session, const char *action, const char *name, const StringList *ids, Error **err) {
        CLEANUP(form_clear) AwsForm form = { 0 };

        if (ids->count == 0)
                return true;
        fill(&form, name, ids);
        return query_do(session, &aws_elb, action, &form, err);
}

bool elb_register_instances(AwsSession *session, const char *name, const StringList *ids, Error **err) {
        return change(session, "RegisterInstancesWithLoadBalancer", name, ids, err);
}

bool elb_deregister_instances(AwsSession *session, const char *name, const StringList *ids, Error **err) {
        return change(session, "DeregisterInstancesFromLoadBalancer", name, ids, err);
}

/* ---- health ---- */

void elb_health_clear(ElbHealth *health) {
        for (size_t i = 0; i < health->count; i++) {
                free(health->items[i].instance_id);
                free(health->items[i].state);
                free(health->items[i].reason);
                free(health->items[i].description);
        }
        free(health->items);
        *health = (ElbHealth){ 0 };
}

bool elb_instance_is_leaving(const ElbInstanceHealth *health) {
        return strstr(health->description, "deregistration currently in progress") != NULL;
}

bool elb_describe_instance_health(
        AwsSession *session, const char *name, const StringList *ids, ElbHealth *ret, Error **err) {
        CLEANUP(form_clear) AwsForm form = { 0 };
        CLEANUP(xml_free) Xml *answer = NULL;
        const Xml *result = NULL;

        fill(&form, name, ids);
        if (!query_call(session, &aws_elb, "DescribeInstanceHealth", &form, &answer, &result, err))
                return false;
        const Xml *list = xml_first(result, "InstanceStates");
        for (const Xml *item = xml_first(list, "member"); item; item = xml_next(item, "member")) {
                ret->items = xrealloc(ret->items, (ret->count + 1) * sizeof(*ret->items));
                ret->items[ret->count++] = (ElbInstanceHealth){
                        .instance_id = xml_text_copy(item, "InstanceId"),
                        .state = xml_text_copy(item, "State"),
                        .reason = xml_text_copy(item, "ReasonCode"),
                        .description = xml_text_copy(item, "Description"),
                };
        }
        return true;
}

bool elb_configure_health_check(
        AwsSession *session, const char *name, const ElbHealthCheck *check, Error **err) {
        CLEANUP(form_clear) AwsForm form = { 0 };

        form_add(&form, name, "LoadBalancerName");
        form_add(&form, check->target, "HealthCheck.Target");
        form_add_int(&form, check->interval_s, "HealthCheck.Interval");
        form_add_int(&form, check->timeout_s, "HealthCheck.Timeout");
        form_add_int(&form, check->unhealthy_threshold, "HealthCheck.UnhealthyThreshold");
        form_add_int(&form, check->healthy_threshold, "HealthCheck.HealthyThreshold");
        return query_do(session, &aws_elb, "ConfigureHealthCheck", &form, err);
}

/* ---- draining ---- */

#define DRAINING "LoadBalancerAttributes.ConnectionDraining"

bool elb_get_draining(AwsSession *session, const char *name, int64_t *ret_seconds, Error **err) {
        CLEANUP(form_clear) AwsForm form = { 0 };
        CLEANUP(xml_free) Xml *answer = NULL;
        const Xml *result = NULL;

        form_add(&form, name, "LoadBalancerName");
        if (!query_call(session, &aws_elb, "DescribeLoadBalancerAttributes", &form, &answer, &result, err))
                return false;
        const Xml *draining = xml_find(result, "LoadBalancerAttributes/ConnectionDraining");
        *ret_seconds = xml_bool(draining, "Enabled") ? xml_int(draining, "Timeout") : 0;
        return true;
}

bool elb_set_draining(AwsSession *session, const char *name, int64_t seconds, Error **err) {
        CLEANUP(form_clear) AwsForm form = { 0 };

        form_add(&form, name, "LoadBalancerName");
        form_add_bool(&form, seconds > 0, DRAINING ".Enabled");
        if (seconds > 0)
                form_add_int(&form, seconds, DRAINING ".Timeout");
        return query_do(session, &aws_elb, "ModifyLoadBalancerAttributes", &form, err);
}

/* ---- making and removing ---- */

static void add_listeners(AwsForm *form, const ElbSpec *spec) {
        for (size_t i = 0; i < spec->listener_count; i++) {
                const ElbListener *listener = &spec->listeners[i];

                form_add(form, listener->protocol, "Listeners.member.%zu.Protocol", i + 1);
                form_add_int(form, listener->port, "Listeners.member.%zu.LoadBalancerPort", i + 1);
                form_add(form, listener->instance_protocol, "Listeners.member.%zu.InstanceProtocol", i + 1);
                form_add_int(form, listener->instance_port, "Listeners.member.%zu.InstancePort", i + 1);
                form_add(form, listener->certificate_id, "Listeners.member.%zu.SSLCertificateId", i + 1);
        }
}

bool elb_create_load_balancer(AwsSession *session, const ElbSpec *spec, char **ret_dns_name, Error **err) {
        CLEANUP(form_clear) AwsForm form = { 0 };
        CLEANUP(xml_free) Xml *answer = NULL;
        const Xml *result = NULL;

        form_add(&form, spec->name, "LoadBalancerName");
        add_listeners(&form, spec);
        query_form_add_list(&form, "Subnets", spec->subnet_ids);
        query_form_add_list(&form, "SecurityGroups", spec->security_groups);
        form_add(&form, spec->scheme, "Scheme");
        for (size_t i = 0; spec->tags && spec->tags[2 * i]; i++) {
                CLEANUP(free) char *value = xasprintf("Tags.member.%zu.Value", i + 1);

                form_add(&form, spec->tags[2 * i], "Tags.member.%zu.Key", i + 1);
                url_append_parameter(&form.body, value, spec->tags[2 * i + 1]);
        }
        if (!query_call(session, &aws_elb, "CreateLoadBalancer", &form, &answer, &result, err))
                return false;
        *ret_dns_name = xml_text_copy(result, "DNSName");
        return true;
}

bool elb_delete_load_balancer(AwsSession *session, const char *name, Error **err) {
        CLEANUP(form_clear) AwsForm form = { 0 };

        form_add(&form, name, "LoadBalancerName");
        return query_do(session, &aws_elb, "DeleteLoadBalancer", &form, err);
}
