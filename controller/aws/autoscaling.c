#include "aws/autoscaling.h"

#include <stdlib.h>
#include <string.h>

#include "aws/autoscaling_change.h"
#include "aws/query_form.h"
#include "base/memory.h"

enum { INSTANCES_AT_ONCE = 20, ACTIVITIES_MAX = 100 };

/* What all these say: which group, which instances. */
static bool fill(AwsForm *form, const char *action, const char *name, const StringList *ids, Error **err) {
        if (ids->count == 0 || ids->count > INSTANCES_AT_ONCE)
                return error_set(
                        err, ERROR_INVALID, "%s: 1 to %d instances at a time", action, INSTANCES_AT_ONCE);
        form_add(form, name, "AutoScalingGroupName");
        query_form_add_list(form, "InstanceIds", ids);
        return true;
}

bool asg_attach_instances(AwsSession *session, const char *name, const StringList *ids, Error **err) {
        static const char action[] = "AttachInstances";
        CLEANUP(form_clear) AwsForm form = { 0 };

        return fill(&form, action, name, ids, err) && asg_change(session, action, &form, err);
}

bool asg_exit_standby(AwsSession *session, const char *name, const StringList *ids, Error **err) {
        static const char action[] = "ExitStandby";
        CLEANUP(form_clear) AwsForm form = { 0 };

        return fill(&form, action, name, ids, err) && asg_change(session, action, &form, err);
}

bool asg_detach_instances(
        AwsSession *session, const char *name, const StringList *ids, bool decrement, Error **err) {
        static const char action[] = "DetachInstances";
        CLEANUP(form_clear) AwsForm form = { 0 };

        if (!fill(&form, action, name, ids, err))
                return false;
        form_add_bool(&form, decrement, "ShouldDecrementDesiredCapacity");
        return asg_change(session, action, &form, err);
}

bool asg_enter_standby(
        AwsSession *session, const char *name, const StringList *ids, bool decrement, Error **err) {
        static const char action[] = "EnterStandby";
        CLEANUP(form_clear) AwsForm form = { 0 };

        if (!fill(&form, action, name, ids, err))
                return false;
        form_add_bool(&form, decrement, "ShouldDecrementDesiredCapacity");
        return asg_change(session, action, &form, err);
}

bool asg_protect_instances(
        AwsSession *session, const char *name, const StringList *ids, bool protect, Error **err) {
        static const char action[] = "SetInstanceProtection";
        CLEANUP(form_clear) AwsForm form = { 0 };

        if (!fill(&form, action, name, ids, err))
                return false;
        form_add_bool(&form, protect, "ProtectedFromScaleIn");
        return asg_change(session, action, &form, err);
}

bool asg_terminate_instance(AwsSession *session, const char *id, bool decrement, Error **err) {
        CLEANUP(error_free) Error *why = NULL;
        CLEANUP(form_clear) AwsForm form = { 0 };

        form_add(&form, id, "InstanceId");
        form_add_bool(&form, decrement, "ShouldDecrementDesiredCapacity");
        if (asg_change(session, "TerminateInstanceInAutoScalingGroup", &form, &why) ||
            (error_kind(why) == ERROR_INVALID && strstr(error_message(why), "No managed instance found")))
                return true;
        *err = TAKE(why);
        return false;
}

bool asg_set_health(AwsSession *session, const char *id, bool healthy, Error **err) {
        CLEANUP(form_clear) AwsForm form = { 0 };

        form_add(&form, id, "InstanceId");
        form_add(&form, healthy ? "Healthy" : "Unhealthy", "HealthStatus");
        form_add_bool(&form, false, "ShouldRespectGracePeriod");
        return query_do(session, &aws_autoscaling, "SetInstanceHealth", &form, err);
}

/* ---- what happened ---- */

void asg_activities_clear(AsgActivities *activities) {
        for (size_t i = 0; i < activities->count; i++) {
                AsgActivity *activity = &activities->items[i];
                char *const strings[] = { activity->id,    activity->status,  activity->description,
                                          activity->cause, activity->message, activity->start_time };

                for (size_t j = 0; j < sizeof(strings) / sizeof(strings[0]); j++)
                        free(strings[j]);
        }
        free(activities->items);
        *activities = (AsgActivities){ 0 };
}

bool asg_describe_activities(
        AwsSession *session, const char *name, int64_t count, AsgActivities *ret, Error **err) {
        CLEANUP(form_clear) AwsForm form = { 0 };
        CLEANUP(xml_free) Xml *answer = NULL;
        const Xml *result = NULL;

        form_add(&form, name, "AutoScalingGroupName");
        form_add_int(&form, count < ACTIVITIES_MAX ? count : ACTIVITIES_MAX, "MaxRecords");
        if (!query_call(session, &aws_autoscaling, "DescribeScalingActivities", &form, &answer, &result, err))
                return false;
        const Xml *list = xml_first(result, "Activities");
        for (const Xml *item = xml_first(list, "member"); item; item = xml_next(item, "member")) {
                ret->items = xrealloc(ret->items, (ret->count + 1) * sizeof(*ret->items));
                ret->items[ret->count++] = (AsgActivity){
                        .id = xml_text_copy(item, "ActivityId"),
                        .status = xml_text_copy(item, "StatusCode"),
                        .description = xml_text_copy(item, "Description"),
                        .cause = xml_text_copy(item, "Cause"),
                        .message = xml_text_copy(item, "StatusMessage"),
                        .start_time = xml_text_copy(item, "StartTime"),
                        .progress = xml_int(item, "Progress"),
                };
        }
        return true;
}

/* ---- load balancers ---- */

void asg_attachments_clear(AsgAttachments *attachments) {
        for (size_t i = 0; i < attachments->count; i++) {
                free(attachments->items[i].name);
                free(attachments->items[i].state);
        }
        free(attachments->items);
        *attachments = (AsgAttachments){ 0 };
}

typedef struct AttachmentReader {
        const char *action, *list, *name;
        AsgAttachments *ret;
} AttachmentReader;

static void add_attachment(void *context, const Xml *item) {
        const AttachmentReader *reader = context;
        AsgAttachments *ret = reader->ret;

        ret->items = xrealloc(ret->items, (ret->count + 1) * sizeof(*ret->items));
        ret->items[ret->count++] =
                (AsgAttachment){ xml_text_copy(item, reader->name), xml_text_copy(item, "State") };
}

static bool describe(AwsSession *session, const char *group, AttachmentReader *reader, Error **err) {
        CLEANUP(form_clear) AwsForm form = { 0 };
        const QueryPages pages = { .service = &aws_autoscaling,
                                   .action = reader->action,
                                   .form = &form,
                                   .token_sent = "NextToken",
                                   .token_read = "NextToken",
                                   .list = reader->list,
                                   .key = reader->name,
                                   .read = add_attachment,
                                   .context = reader };

        form_add(&form, group, "AutoScalingGroupName");
        if (query_read_pages(session, &pages, err))
                return true;
        asg_attachments_clear(reader->ret);
        return false;
}

bool asg_describe_target_groups(AwsSession *session, const char *name, AsgAttachments *ret, Error **err) {
        AttachmentReader reader = { "DescribeLoadBalancerTargetGroups", "LoadBalancerTargetGroups",
                                    "LoadBalancerTargetGroupARN", ret };

        return describe(session, name, &reader, err);
}

bool asg_describe_load_balancers(AwsSession *session, const char *name, AsgAttachments *ret, Error **err) {
        AttachmentReader reader = { "DescribeLoadBalancers", "LoadBalancers", "LoadBalancerName", ret };

        return describe(session, name, &reader, err);
}

static bool change(
        AwsSession *session, const char *action, const char *group, const char *list,
        const StringList *values, Error **err) {
        CLEANUP(form_clear) AwsForm form = { 0 };

        if (values->count == 0)
                return true;
        form_add(&form, group, "AutoScalingGroupName");
        query_form_add_list(&form, list, values);
        return query_do(session, &aws_autoscaling, action, &form, err);
}

bool asg_attach_target_groups(AwsSession *session, const char *name, const StringList *arns, Error **err) {
        return change(session, "AttachLoadBalancerTargetGroups", name, "TargetGroupARNs", arns, err);
}

bool asg_detach_target_groups(AwsSession *session, const char *name, const StringList *arns, Error **err) {
        return change(session, "DetachLoadBalancerTargetGroups", name, "TargetGroupARNs", arns, err);
}

bool asg_attach_load_balancers(AwsSession *session, const char *name, const StringList *names, Error **err) {
        return change(session, "AttachLoadBalancers", name, "LoadBalancerNames", names, err);
}

bool asg_detach_load_balancers(AwsSession *session, const char *name, const StringList *names, Error **err) {
        return change(session, "DetachLoadBalancers", name, "LoadBalancerNames", names, err);
}
