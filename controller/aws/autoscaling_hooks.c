#include <stdlib.h>

#include "aws/autoscaling.h"
#include "aws/query_form.h"
#include "base/memory.h"

void asg_lifecycle_hooks_clear(AsgLifecycleHooks *hooks) {
        for (size_t i = 0; i < hooks->count; i++) {
                free(hooks->items[i].name);
                free(hooks->items[i].transition);
                free(hooks->items[i].default_result);
        }
        free(hooks->items);
        *hooks = (AsgLifecycleHooks){ 0 };
}

bool asg_put_lifecycle_hook(AwsSession *session, const char *name, const AsgHook *hook, Error **err) {
        CLEANUP(form_clear) AwsForm form = { 0 };

        form_add(&form, name, "AutoScalingGroupName");
        form_add(&form, hook->name, "LifecycleHookName");
        form_add(
                &form,
                hook->launching ? "autoscaling:EC2_INSTANCE_LAUNCHING"
                                : "autoscaling:EC2_INSTANCE_TERMINATING",
                "LifecycleTransition");
        form_add_int(&form, hook->heartbeat_s, "HeartbeatTimeout");
        form_add(&form, hook->abandon ? "ABANDON" : "CONTINUE", "DefaultResult");
        return query_do(session, &aws_autoscaling, "PutLifecycleHook", &form, err);
}

bool asg_describe_lifecycle_hooks(
        AwsSession *session, const char *name, AsgLifecycleHooks *ret, Error **err) {
        CLEANUP(form_clear) AwsForm form = { 0 };
        CLEANUP(xml_free) Xml *answer = NULL;
        const Xml *result = NULL;

        form_add(&form, name, "AutoScalingGroupName");
        if (!query_call(session, &aws_autoscaling, "DescribeLifecycleHooks", &form, &answer, &result, err))
                return false;
        const Xml *list = xml_first(result, "LifecycleHooks");
        for (const Xml *item = xml_first(list, "member"); item; item = xml_next(item, "member")) {
                ret->items = xrealloc(ret->items, (ret->count + 1) * sizeof(*ret->items));
                ret->items[ret->count++] = (AsgLifecycleHook){
                        .name = xml_text_copy(item, "LifecycleHookName"),
                        .transition = xml_text_copy(item, "LifecycleTransition"),
                        .default_result = xml_text_copy(item, "DefaultResult"),
                        .heartbeat_s = xml_int(item, "HeartbeatTimeout"),
                };
        }
        return true;
}

bool asg_delete_lifecycle_hook(AwsSession *session, const char *name, const char *hook, Error **err) {
        CLEANUP(form_clear) AwsForm form = { 0 };

        form_add(&form, name, "AutoScalingGroupName");
        form_add(&form, hook, "LifecycleHookName");
        return query_do(session, &aws_autoscaling, "DeleteLifecycleHook", &form, err);
}

static void fill_action(AwsForm *form, const AsgLifecycleAction *action) {
        form_add(form, action->group, "AutoScalingGroupName");
        form_add(form, action->hook, "LifecycleHookName");
        form_add(form, action->instance_id, "InstanceId");
}

bool asg_complete_lifecycle_action(
        AwsSession *session, const AsgLifecycleAction *action, bool proceed, Error **err) {
        CLEANUP(form_clear) AwsForm form = { 0 };

        fill_action(&form, action);
        form_add(&form, proceed ? "CONTINUE" : "ABANDON", "LifecycleActionResult");
        return query_do(session, &aws_autoscaling, "CompleteLifecycleAction", &form, err);
}

bool asg_record_heartbeat(AwsSession *session, const AsgLifecycleAction *action, Error **err) {
        CLEANUP(form_clear) AwsForm form = { 0 };

        fill_action(&form, action);
        return query_do(session, &aws_autoscaling, "RecordLifecycleActionHeartbeat", &form, err);
}
