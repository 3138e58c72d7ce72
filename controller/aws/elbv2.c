#include "aws/elbv2.h"

#include <stdlib.h>

#include "aws/query_form.h"
#include "base/memory.h"
#include "base/names.h"
#include "net/url.h"

static const char *const state_words[TARGET_STATE_COUNT] = {
        [TARGET_INITIAL] = "initial",   [TARGET_HEALTHY] = "healthy",   [TARGET_UNHEALTHY] = "unhealthy",
        [TARGET_UNUSED] = "unused",     [TARGET_DRAINING] = "draining", [TARGET_UNAVAILABLE] = "unavailable",
        [TARGET_STATE_OTHER] = "other",
};

const char *target_state_word(TargetState state) {
        return state_words[state];
}

/* "unhealthy.draining" is draining too. */
static TargetState read_state(const char *word) {
        static const Names names = NAMES(state_words);
        int state;

        if (word && text_ends_with(word, ".draining"))
                return TARGET_DRAINING;
        return word && names_value(&names, word, &state) ? (TargetState) state : TARGET_STATE_OTHER;
}

/* ---- groups ---- */

void target_groups_clear(TargetGroups *groups) {
        for (size_t i = 0; i < groups->count; i++) {
                TargetGroup *group = &groups->items[i];
                char *const strings[] = {
                        group->arn,         group->name,        group->protocol,        group->vpc_id,
                        group->target_type, group->health_path, group->health_protocol, group->health_codes
                };

                for (size_t j = 0; j < sizeof(strings) / sizeof(strings[0]); j++)
                        free(strings[j]);
                string_list_clear(&group->load_balancer_arns);
        }
        free(groups->items);
        *groups = (TargetGroups){ 0 };
}

static void add_group(void *context, const Xml *item) {
        TargetGroups *groups = context;

        groups->items = xrealloc(groups->items, (groups->count + 1) * sizeof(*groups->items));
        TargetGroup *group = &groups->items[groups->count++];
        *group = (TargetGroup){
                .arn = xml_text_copy(item, "TargetGroupArn"),
                .name = xml_text_copy(item, "TargetGroupName"),
                .protocol = xml_text_copy(item, "Protocol"),
                .vpc_id = xml_text_copy(item, "VpcId"),
                .target_type = xml_text_copy(item, "TargetType"),
                .port = xml_int(item, "Port"),
                .health_path = xml_text_copy(item, "HealthCheckPath"),
                .health_protocol = xml_text_copy(item, "HealthCheckProtocol"),
                .health_codes = xml_text_copy(item, "Matcher/HttpCode"),
                .health_interval_s = xml_int(item, "HealthCheckIntervalSeconds"),
                .health_timeout_s = xml_int(item, "HealthCheckTimeoutSeconds"),
                .healthy_threshold = xml_int(item, "HealthyThresholdCount"),
                .unhealthy_threshold = xml_int(item, "UnhealthyThresholdCount"),
        };
        query_read_list(item, "LoadBalancerArns", &group->load_balancer_arns);
}

static bool describe_groups(AwsSession *session, const AwsForm *form, TargetGroups *ret, Error **err) {
        TargetGroups found = { 0 };
        const QueryPages pages = { .service = &aws_elbv2,
                                   .action = "DescribeTargetGroups",
                                   .form = form,
                                   .token_sent = "Marker",
                                   .token_read = "NextMarker",
                                   .list = "TargetGroups",
                                   .key = "TargetGroupArn",
                                   .read = add_group,
                                   .context = &found };

        if (!query_read_pages(session, &pages, err)) {
                target_groups_clear(&found);
                return false;
        }
        *ret = found;
        return true;
}

bool elbv2_describe_target_groups(
        AwsSession *session, const StringList *arns, TargetGroups *ret, Error **err) {
        CLEANUP(form_clear) AwsForm form = { 0 };

        if (arns->count == 0)
                return error_set(err, ERROR_INVALID, "DescribeTargetGroups: no ARN would be everybody's");
        query_form_add_list(&form, "TargetGroupArns", arns);
        return describe_groups(session, &form, ret, err);
}

bool elbv2_list_target_groups(AwsSession *session, TargetGroups *ret, Error **err) {
        const AwsForm form = { 0 };

        return describe_groups(session, &form, ret, err);
}

bool elbv2_find_target_group(AwsSession *session, const char *name, TargetGroups *ret, Error **err) {
        CLEANUP(form_clear) AwsForm form = { 0 };

        if (text_empty(name))
                return error_set(err, ERROR_INVALID, "DescribeTargetGroups: no name would be everybody's");
        form_add(&form, name, "Names.member.1");
        return describe_groups(session, &form, ret, err);
}

bool elbv2_describe_target_groups_of(
        AwsSession *session, const char *load_balancer_arn, TargetGroups *ret, Error **err) {
        CLEANUP(form_clear) AwsForm form = { 0 };

        if (text_empty(load_balancer_arn))
                return error_set(err, ERROR_INVALID, "DescribeTargetGroups: no ARN would be everybody's");
        form_add(&form, load_balancer_arn, "LoadBalancerArn");
        return describe_groups(session, &form, ret, err);
}

/* ---- targets ---- */

static void fill(AwsForm *form, const char *arn, const Target *targets, size_t count) {
        form_add(form, arn, "TargetGroupArn");
        for (size_t i = 0; i < count; i++) {
                form_add(form, targets[i].id, "Targets.member.%zu.Id", i + 1);
                if (targets[i].port > 0)
                        form_add_int(form, targets[i].port, "Targets.member.%zu.Port", i + 1);
        }
}

bool elbv2_register_targets(
        AwsSession *session, const char *arn, const Target *targets, size_t count, Error **err) {
        CLEANUP(form_clear) AwsForm form = { 0 };

        fill(&form, arn, targets, count);
        return count == 0 || query_do(session, &aws_elbv2, "RegisterTargets", &form, err);
}

bool elbv2_deregister_targets(
        AwsSession *session, const char *arn, const Target *targets, size_t count, Error **err) {
        CLEANUP(form_clear) AwsForm form = { 0 };

        fill(&form, arn, targets, count);
        return count == 0 || query_do(session, &aws_elbv2, "DeregisterTargets", &form, err);
}

void target_healths_clear(TargetHealths *healths) {
        for (size_t i = 0; i < healths->count; i++) {
                free(healths->items[i].id);
                free(healths->items[i].reason);
                free(healths->items[i].description);
        }
        free(healths->items);
        *healths = (TargetHealths){ 0 };
}

bool elbv2_describe_target_health(
        AwsSession *session, const char *arn, const Target *targets, size_t count, TargetHealths *ret,
        Error **err) {
        CLEANUP(form_clear) AwsForm form = { 0 };
        CLEANUP(xml_free) Xml *answer = NULL;
        const Xml *result = NULL;

        fill(&form, arn, targets, count);
        if (!query_call(session, &aws_elbv2, "DescribeTargetHealth", &form, &answer, &result, err))
                return false;
        const Xml *list = xml_first(result, "TargetHealthDescriptions");
        for (const Xml *item = xml_first(list, "member"); item; item = xml_next(item, "member")) {
                ret->items = xrealloc(ret->items, (ret->count + 1) * sizeof(*ret->items));
                ret->items[ret->count++] = (TargetHealth){
                        .id = xml_text_copy(item, "Target/Id"),
                        .port = xml_int(item, "Target/Port"),
                        .state = read_state(xml_text(item, "TargetHealth/State")),
                        .reason = xml_text_copy(item, "TargetHealth/Reason"),
                        .description = xml_text_copy(item, "TargetHealth/Description"),
                };
        }
        return true;
}

/* ---- attributes ---- */

bool elbv2_get_target_group_attribute(
        AwsSession *session, const char *arn, const char *key, char **ret, Error **err) {
        CLEANUP(form_clear) AwsForm form = { 0 };
        CLEANUP(xml_free) Xml *answer = NULL;
        const Xml *result = NULL, *item;

        form_add(&form, arn, "TargetGroupArn");
        if (!query_call(session, &aws_elbv2, "DescribeTargetGroupAttributes", &form, &answer, &result, err))
                return false;
        item = xml_find(result, "Attributes/member");
        while (item && !text_equal(xml_text(item, "Key"), key))
                item = xml_next(item, "member");
        *ret = xml_text_copy(item, "Value");
        return true;
}

bool elbv2_set_target_group_attribute(
        AwsSession *session, const char *arn, const char *key, const char *value, Error **err) {
        CLEANUP(form_clear) AwsForm form = { 0 };

        form_add(&form, arn, "TargetGroupArn");
        form_add(&form, key, "Attributes.member.1.Key");
        form_add(&form, value, "Attributes.member.1.Value");
        return query_do(session, &aws_elbv2, "ModifyTargetGroupAttributes", &form, err);
}

/* ---- making and removing ---- */

static void add_positive(AwsForm *form, int64_t value, const char *name) {
        if (value > 0)
                form_add_int(form, value, "%s", name);
}

bool elbv2_create_target_group(
        AwsSession *session, const TargetGroupSpec *spec, char **ret_arn, Error **err) {
        CLEANUP(form_clear) AwsForm form = { 0 };
        CLEANUP(xml_free) Xml *answer = NULL;
        const Xml *result = NULL;

        form_add(&form, spec->name, "Name");
        form_add(&form, spec->protocol, "Protocol");
        form_add_int(&form, spec->port, "Port");
        form_add(&form, spec->vpc_id, "VpcId");
        form_add(&form, "instance", "TargetType");
        form_add(&form, spec->health_path, "HealthCheckPath");
        form_add(&form, spec->health_codes, "Matcher.HttpCode");
        add_positive(&form, spec->health_interval_s, "HealthCheckIntervalSeconds");
        add_positive(&form, spec->health_timeout_s, "HealthCheckTimeoutSeconds");
        add_positive(&form, spec->healthy_threshold, "HealthyThresholdCount");
        add_positive(&form, spec->unhealthy_threshold, "UnhealthyThresholdCount");
        for (size_t i = 0; spec->tags && spec->tags[2 * i]; i++) {
                CLEANUP(free) char *value = xasprintf("Tags.member.%zu.Value", i + 1);

                form_add(&form, spec->tags[2 * i], "Tags.member.%zu.Key", i + 1);
                url_append_parameter(&form.body, value, spec->tags[2 * i + 1]);
        }
        if (!query_call(session, &aws_elbv2, "CreateTargetGroup", &form, &answer, &result, err))
                return false;
        *ret_arn = xml_text_copy(result, "TargetGroups/member/TargetGroupArn");
        return true;
}

bool elbv2_delete_target_group(AwsSession *session, const char *arn, Error **err) {
        CLEANUP(form_clear) AwsForm form = { 0 };

        form_add(&form, arn, "TargetGroupArn");
        return query_do(session, &aws_elbv2, "DeleteTargetGroup", &form, err);
}
