#include "agents/admission_check.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/text.h"

static const int64_t skew_us = INT64_C(10) * 60 * 1000 * 1000;

static const Ec2Instance *find_instance(const AdmissionCase *admission) {
        for (size_t i = 0; i < admission->instances->count; i++)
                if (text_equal(admission->instances->items[i].id, admission->identity->instance_id))
                        return &admission->instances->items[i];
        return NULL;
}

static bool check_document(const AdmissionCase *admission, const Ec2Instance *instance, Error **err) {
        const InstanceIdentity *identity = admission->identity;

        if (!text_equal(identity->account_id, admission->account_id))
                return error_set(
                        err, ERROR_FORBIDDEN, "instance %s is of account %s, the application of %s",
                        identity->instance_id, identity->account_id, admission->account_id);
        if (instance->state != EC2_PENDING && instance->state != EC2_RUNNING)
                return error_set(
                        err, ERROR_FORBIDDEN, "instance %s is %s", instance->id,
                        ec2_instance_state_word(instance->state));
        if (!text_equal(identity->image_id, instance->image_id) ||
            !text_equal(identity->private_ip, instance->private_ip))
                return error_set(
                        err, ERROR_FORBIDDEN,
                        "the identity document of %s names another image or address than EC2", instance->id);
        return true;
}

/* The document is of this start, and the start is not long past: an old one that somebody kept is worth
 * nothing. */
static bool check_time(const AdmissionCase *admission, const Ec2Instance *instance, Error **err) {
        int64_t launch_us = 0;

        if (!clock_parse_iso(instance->launch_time, &launch_us))
                return error_set(
                        err, ERROR_UNAVAILABLE, "EC2 does not say when %s was launched", instance->id);
        if (llabs(launch_us - admission->identity->pending_us) > skew_us)
                return error_set(
                        err, ERROR_FORBIDDEN, "the identity document of %s is of another start",
                        instance->id);
        if (admission->now_us - launch_us > admission->window_ms * 1000)
                return error_set(
                        err, ERROR_FORBIDDEN,
                        "instance %s was launched too long ago to join; terminate it, or set "
                        "group.join_window",
                        instance->id);
        return true;
}

static bool check_tag(const Ec2Instance *instance, const char *key, const char *wanted, Error **err) {
        const char *value = ec2_tags_value(&instance->tags, key);

        if (!value)
                return error_set(
                        err, ERROR_UNAVAILABLE, "instance %s has no tag %s (yet)", instance->id, key);
        return text_equal(value, wanted) ||
               error_set(
                       err, ERROR_FORBIDDEN,
                       "instance %s is not the application's: its tag %s is '%s', not '%s'", instance->id,
                       key, value, wanted);
}

static bool check_tags(const AdmissionCase *admission, const Ec2Instance *instance, Error **err) {
        const char *color = document_get_string(admission->app, "blue_green.color");

        return check_tag(instance, "app", document_get_string(admission->app, "name"), err) &&
               check_tag(instance, "env", document_get_string(admission->app, "env"), err) &&
               check_tag(instance, "role", document_get_string(admission->app, "role"), err) &&
               (!*color || check_tag(instance, "color", color, err)) &&
               (!ec2_tags_value(&instance->tags, "app_id") ||
                check_tag(instance, "app_id", document_get_string(admission->app, "_id"), err));
}

static bool check_group(const AdmissionCase *admission, Error **err) {
        const char *wanted = document_get_string(admission->app, "autoscale.name");
        const char *id = admission->identity->instance_id;

        if (!*wanted)
                return error_set(err, ERROR_FORBIDDEN, "the application of %s has no Auto Scaling group", id);
        for (size_t i = 0; i < admission->members->count; i++) {
                const AsgInstance *member = &admission->members->items[i];

                if (text_equal(member->id, id))
                        return text_equal(member->group_name, wanted) ||
                               error_set(
                                       err, ERROR_FORBIDDEN, "instance %s is of the group %s, not of %s", id,
                                       member->group_name, wanted);
        }
        return error_set(err, ERROR_UNAVAILABLE, "instance %s is in no Auto Scaling group (yet)", id);
}

bool admission_check(const AdmissionCase *admission, Error **err) {
        const Ec2Instance *instance = find_instance(admission);

        if (!instance)
                return error_set(
                        err, ERROR_UNAVAILABLE, "EC2 does not show instance %s (yet)",
                        admission->identity->instance_id);
        return check_document(admission, instance, err) && check_time(admission, instance, err) &&
               check_tags(admission, instance, err) && check_group(admission, err);
}
