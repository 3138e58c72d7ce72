#include <stdlib.h>

#include "aws/elbv2.h"
#include "aws/query_form.h"
#include "base/memory.h"

void listeners_clear(Listeners *listeners) {
        for (size_t i = 0; i < listeners->count; i++) {
                free(listeners->items[i].arn);
                free(listeners->items[i].protocol);
                free(listeners->items[i].priority);
                string_list_clear(&listeners->items[i].target_group_arns);
        }
        free(listeners->items);
        *listeners = (Listeners){ 0 };
}

/* AWS writes one target group both plainly and as a list of one. */
static void read_forwards(const Xml *actions, StringList *ret) {
        for (const Xml *action = xml_first(actions, "member"); action; action = xml_next(action, "member")) {
                const Xml *groups = xml_find(action, "ForwardConfig/TargetGroups");
                const char *plain = xml_text(action, "TargetGroupArn");

                for (const Xml *one = xml_first(groups, "member"); one; one = xml_next(one, "member")) {
                        const char *arn = xml_text(one, "TargetGroupArn");

                        if (arn && !string_list_contains(ret, arn))
                                string_list_add(ret, arn);
                }
                if (!text_empty(plain) && !string_list_contains(ret, plain))
                        string_list_add(ret, plain);
        }
}

/* Listeners and rules differ in the names of their members alone. */
typedef struct Reader {
        const char *list, *arn, *actions;
        Listeners *ret;
} Reader;

static void add_listener(void *context, const Xml *item) {
        const Reader *reader = context;
        Listeners *ret = reader->ret;

        ret->items = xrealloc(ret->items, (ret->count + 1) * sizeof(*ret->items));
        Listener *listener = &ret->items[ret->count++];
        *listener = (Listener){ .arn = xml_text_copy(item, reader->arn),
                                .protocol = xml_text_copy(item, "Protocol"),
                                .priority = xml_text_copy(item, "Priority"),
                                .port = xml_int(item, "Port") };
        read_forwards(xml_first(item, reader->actions), &listener->target_group_arns);
}

static bool describe(
        AwsSession *session, const char *action, const AwsForm *form, Reader *reader, Error **err) {
        const QueryPages pages = { .service = &aws_elbv2,
                                   .action = action,
                                   .form = form,
                                   .token_sent = "Marker",
                                   .token_read = "NextMarker",
                                   .list = reader->list,
                                   .key = reader->arn,
                                   .read = add_listener,
                                   .context = reader };

        if (query_read_pages(session, &pages, err))
                return true;
        listeners_clear(reader->ret);
        return false;
}

bool elbv2_describe_listeners(
        AwsSession *session, const char *load_balancer_arn, Listeners *ret, Error **err) {
        CLEANUP(form_clear) AwsForm form = { 0 };
        Reader reader = { "Listeners", "ListenerArn", "DefaultActions", ret };

        form_add(&form, load_balancer_arn, "LoadBalancerArn");
        return describe(session, "DescribeListeners", &form, &reader, err);
}

bool elbv2_describe_rules(AwsSession *session, const char *listener_arn, Listeners *ret, Error **err) {
        CLEANUP(form_clear) AwsForm form = { 0 };
        Reader reader = { "Rules", "RuleArn", "Actions", ret };

        form_add(&form, listener_arn, "ListenerArn");
        return describe(session, "DescribeRules", &form, &reader, err);
}

static void add_forwards(AwsForm *form, const char *list, const Forward *forwards, size_t count) {
        form_add(form, "forward", "%s.member.1.Type", list);
        if (count == 1) {
                form_add(form, forwards->target_group_arn, "%s.member.1.TargetGroupArn", list);
                return;
        }
        for (size_t i = 0; i < count; i++) {
                CLEANUP(free)
                char *group = xasprintf("%s.member.1.ForwardConfig.TargetGroups.member.%zu", list, i + 1);

                form_add(form, forwards[i].target_group_arn, "%s.TargetGroupArn", group);
                form_add_int(form, forwards[i].weight, "%s.Weight", group);
        }
}

bool elbv2_forward_listener(
        AwsSession *session, const char *listener_arn, const Forward *forwards, size_t count, Error **err) {
        CLEANUP(form_clear) AwsForm form = { 0 };

        form_add(&form, listener_arn, "ListenerArn");
        add_forwards(&form, "DefaultActions", forwards, count);
        return query_do(session, &aws_elbv2, "ModifyListener", &form, err);
}

bool elbv2_forward_rule(
        AwsSession *session, const char *rule_arn, const Forward *forwards, size_t count, Error **err) {
        CLEANUP(form_clear) AwsForm form = { 0 };

        form_add(&form, rule_arn, "RuleArn");
        add_forwards(&form, "Actions", forwards, count);
        return query_do(session, &aws_elbv2, "ModifyRule", &form, err);
}

/* ---- load balancers ---- */

void load_balancers_clear(LoadBalancers *balancers) {
        for (size_t i = 0; i < balancers->count; i++) {
                LoadBalancer *balancer = &balancers->items[i];
                char *const strings[] = { balancer->arn,    balancer->name, balancer->dns_name,
                                          balancer->scheme, balancer->type, balancer->vpc_id,
                                          balancer->state };

                for (size_t j = 0; j < sizeof(strings) / sizeof(strings[0]); j++)
                        free(strings[j]);
        }
        free(balancers->items);
        *balancers = (LoadBalancers){ 0 };
}

static void add_load_balancer(void *context, const Xml *item) {
        LoadBalancers *ret = context;

        ret->items = xrealloc(ret->items, (ret->count + 1) * sizeof(*ret->items));
        ret->items[ret->count++] = (LoadBalancer){
                .arn = xml_text_copy(item, "LoadBalancerArn"),
                .name = xml_text_copy(item, "LoadBalancerName"),
                .dns_name = xml_text_copy(item, "DNSName"),
                .scheme = xml_text_copy(item, "Scheme"),
                .type = xml_text_copy(item, "Type"),
                .vpc_id = xml_text_copy(item, "VpcId"),
                .state = xml_text_copy(item, "State/Code"),
        };
}

static bool describe_load_balancers(
        AwsSession *session, const AwsForm *form, LoadBalancers *ret, Error **err) {
        const QueryPages pages = { .service = &aws_elbv2,
                                   .action = "DescribeLoadBalancers",
                                   .form = form,
                                   .token_sent = "Marker",
                                   .token_read = "NextMarker",
                                   .list = "LoadBalancers",
                                   .key = "LoadBalancerArn",
                                   .read = add_load_balancer,
                                   .context = ret };

        if (query_read_pages(session, &pages, err))
                return true;
        load_balancers_clear(ret);
        return false;
}

bool elbv2_describe_load_balancers(
        AwsSession *session, const StringList *arns, LoadBalancers *ret, Error **err) {
        CLEANUP(form_clear) AwsForm form = { 0 };

        if (arns->count == 0)
                return error_set(err, ERROR_INVALID, "DescribeLoadBalancers: no ARN would be everybody's");
        query_form_add_list(&form, "LoadBalancerArns", arns);
        return describe_load_balancers(session, &form, ret, err);
}

bool elbv2_list_load_balancers(AwsSession *session, LoadBalancers *ret, Error **err) {
        const AwsForm form = { 0 };

        return describe_load_balancers(session, &form, ret, err);
}
