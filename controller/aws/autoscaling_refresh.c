#include <stdlib.h>

#include "aws/autoscaling.h"
#include "aws/query_form.h"
#include "base/memory.h"

void asg_refresh_clear(AsgRefresh *refresh) {
        free(refresh->id);
        free(refresh->status);
        free(refresh->reason);
        *refresh = (AsgRefresh){ 0 };
}

bool asg_start_refresh(AwsSession *session, const AsgRefreshSpec *spec, char **ret_id, Error **err) {
        CLEANUP(form_clear) AwsForm form = { 0 };
        CLEANUP(xml_free) Xml *answer = NULL;
        const Xml *result = NULL;

        form_add(&form, spec->group, "AutoScalingGroupName");
        form_add(&form, "Rolling", "Strategy");
        form_add(&form, spec->launch_template_id, "DesiredConfiguration.LaunchTemplate.LaunchTemplateId");
        form_add(&form, spec->launch_template_version, "DesiredConfiguration.LaunchTemplate.Version");
        form_add_int(&form, spec->min_healthy_percent, "Preferences.MinHealthyPercentage");
        if (spec->max_healthy_percent > 0)
                form_add_int(&form, spec->max_healthy_percent, "Preferences.MaxHealthyPercentage");
        form_add_int(&form, spec->warmup_s, "Preferences.InstanceWarmup");
        form_add_bool(&form, spec->skip_matching, "Preferences.SkipMatching");
        form_add_bool(&form, spec->auto_rollback, "Preferences.AutoRollback");
        if (!query_call(session, &aws_autoscaling, "StartInstanceRefresh", &form, &answer, &result, err))
                return false;
        *ret_id = xml_text_copy(result, "InstanceRefreshId");
        return true;
}

static AsgRefresh read_refresh(const Xml *item) {
        return (AsgRefresh){ .id = xml_text_copy(item, "InstanceRefreshId"),
                             .status = xml_text_copy(item, "Status"),
                             .reason = xml_text_copy(item, "StatusReason"),
                             .percent = xml_int(item, "PercentageComplete"),
                             .left = xml_int(item, "InstancesToUpdate") };
}

bool asg_describe_refresh(
        AwsSession *session, const char *group, const char *id, AsgRefresh *ret, Error **err) {
        CLEANUP(form_clear) AwsForm form = { 0 };
        CLEANUP(xml_free) Xml *answer = NULL;
        const Xml *result = NULL;

        form_add(&form, group, "AutoScalingGroupName");
        form_add(&form, id, "InstanceRefreshIds.member.1");
        if (!query_call(session, &aws_autoscaling, "DescribeInstanceRefreshes", &form, &answer, &result, err))
                return false;
        const Xml *item = xml_find(result, "InstanceRefreshes/member");
        if (!item)
                return error_set(err, ERROR_NOT_FOUND, "group '%s' has no instance refresh %s", group, id);
        *ret = read_refresh(item);
        return true;
}

/* What AWS adds to the words is taken for one that runs. */
static bool is_over(const char *status) {
        static const char *const ends[] = { "Successful", "Failed", "Cancelled" }; /* of its rollback too */

        for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
                if (text_ends_with(status, ends[i]))
                        return true;
        return false;
}

/* The newest come first: one that runs is on the first page. */
bool asg_find_running_refresh(AwsSession *session, const char *group, AsgRefresh *ret, Error **err) {
        CLEANUP(form_clear) AwsForm form = { 0 };
        CLEANUP(xml_free) Xml *answer = NULL;
        const Xml *result = NULL;

        form_add(&form, group, "AutoScalingGroupName");
        if (!query_call(session, &aws_autoscaling, "DescribeInstanceRefreshes", &form, &answer, &result, err))
                return false;
        const Xml *list = xml_find(result, "InstanceRefreshes");
        for (const Xml *item = xml_first(list, "member"); item; item = xml_next(item, "member"))
                if (!is_over(xml_text(item, "Status"))) {
                        *ret = read_refresh(item);
                        return true;
                }
        *ret = (AsgRefresh){ .id = xstrdup("") };
        return true;
}

static bool stop(AwsSession *session, const char *action, const char *group, Error **err) {
        CLEANUP(form_clear) AwsForm form = { 0 };

        form_add(&form, group, "AutoScalingGroupName");
        return query_do(session, &aws_autoscaling, action, &form, err);
}

bool asg_cancel_refresh(AwsSession *session, const char *group, Error **err) {
        return stop(session, "CancelInstanceRefresh", group, err);
}

bool asg_roll_back_refresh(AwsSession *session, const char *group, Error **err) {
        return stop(session, "RollbackInstanceRefresh", group, err);
}
