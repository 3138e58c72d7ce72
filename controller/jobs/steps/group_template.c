#include "jobs/steps/group_template.h"

#include <stdlib.h>
#include <string.h>

#include "aws/autoscaling.h"
#include "aws/launch_template.h"
#include "base/crypto.h"
#include "base/memory.h"
#include "jobs/steps/launch_instance.h"
#include "jobs/steps/user_data.h"
#include "model/scaling_group.h"

enum { VERSIONS_KEPT = 5, HASH_DIGITS = 64, TOKEN_HASH_DIGITS = 16 };

#define STEP_INTENT "template.content"  /* the hash that a version is being made for */
#define STEP_VERSION "template.version" /* … was made */

void group_template_clear(GroupTemplate *ret) {
        free(ret->id);
        free(ret->name);
        free(ret->version);
        *ret = (GroupTemplate){ 0 };
}

/* ---- what it launches ---- */

typedef struct Content {
        LaunchTemplateData data;
        Ec2Tags tags;
        Ec2BlockDevice *devices;
        char *root_device_name, *user_data, *hash;
} Content;

static void content_clearp(Content *content) {
        ec2_tags_clear(&content->tags);
        free(content->devices);
        free(content->root_device_name);
        if (content->user_data)
                crypto_wipe(content->user_data, strlen(content->user_data));
        free(content->user_data);
        free(content->hash);
}

static bool read_content(Ec2Work *work, const Ec2App *app, Content *ret, Error **err) {
        CLEANUP(join_info_clear) JoinInfo info = { 0 };

        if (!launch_root_device(work, app, &ret->root_device_name, err) ||
            !work->make_join_info(work->context, JOIN_PURPOSE_GROUP, &info, err))
                return false;
        ret->user_data = user_data_write(&info, 0);
        ret->devices = xcalloc(app->volume_count + 1, sizeof(*ret->devices));
        ret->devices[0] = (Ec2BlockDevice){ .name = ret->root_device_name, .size_gib = app->root_device_gib };
        for (size_t i = 0; i < app->volume_count; i++)
                ret->devices[i + 1] = app->volumes[i];
        launch_app_tags(app, &ret->tags);
        ec2_tags_add(&ret->tags, "ghost:purpose", JOIN_PURPOSE_GROUP);
        ret->data = (LaunchTemplateData){ .image_id = app->image_id,
                                          .instance_type = app->instance_type,
                                          .key_name = app->key_name,
                                          .instance_profile = app->instance_profile,
                                          .user_data = ret->user_data,
                                          .security_groups = app->security_groups,
                                          .public_ip = app->public_ip,
                                          .monitoring = app->monitoring,
                                          .tags_in_metadata = launch_tags_fit_metadata(&ret->tags),
                                          .devices = ret->devices,
                                          .device_count = app->volume_count + 1,
                                          .instance_tags = &ret->tags };
        ret->hash = launch_template_hash(&ret->data);
        return true;
}

/* ---- the version ---- */

/* The content's hash alone would bring back, for a while, a version that has been deleted. */
static char *client_token(const Ec2Work *work, const Content *content) {
        return xasprintf("ghost-%s-%.*s", work->job_id, TOKEN_HASH_DIGITS, content->hash);
}

static bool create_template(
        Ec2Work *work, const Ec2App *app, const Content *content, GroupTemplate *ret, Error **err) {
        CLEANUP(launch_template_clear) LaunchTemplate made = { 0 };
        CLEANUP(free) char *token = client_token(work, content);
        CLEANUP(ec2_tags_clear) Ec2Tags tags = { 0 };
        LaunchTemplateSpec spec = {
                .name = ret->name, .client_token = token, .data = &content->data, .tags = &tags
        };

        ec2_tags_add(&tags, "ghost:managed", "true");
        ec2_tags_add(&tags, "ghost:app-id", app->id);
        if (!work->remember(work->context, STEP_INTENT, content->hash, err) ||
            !ec2_create_launch_template(work->session, &spec, &made, err))
                return false;
        ret->id = TAKE(made.id);
        ret->version = xstrdup("1");
        ret->made = true;
        work_log(work, "Made launch template %s (%s)", ret->name, ret->id);
        return work->remember(work->context, STEP_VERSION, ret->version, err);
}

static int64_t find_version(const LaunchTemplateVersions *versions, const char *hash) {
        int64_t newest = 0;

        for (size_t i = 0; i < versions->count; i++)
                if (text_equal(versions->items[i].description, hash) && versions->items[i].number > newest)
                        newest = versions->items[i].number;
        return newest;
}

static bool create_version(Ec2Work *work, const Content *content, GroupTemplate *ret, Error **err) {
        CLEANUP(free) char *token = client_token(work, content);
        int64_t number = 0;

        if (!work->remember(work->context, STEP_INTENT, content->hash, err) ||
            !ec2_create_launch_template_version(work->session, ret->id, token, &content->data, &number, err))
                return false;
        ret->version = xasprintf("%lld", (long long) number);
        ret->made = true;
        work_log(work, "Made version %s of launch template %s", ret->version, ret->name);
        return work->remember(work->context, STEP_VERSION, ret->version, err);
}

static bool check_owner(const LaunchTemplate *found, const Ec2App *app, Error **err) {
        const char *owner = ec2_tags_value(&found->tags, "ghost:app-id");

        return text_equal(owner, app->id) ||
               error_set(
                       err, ERROR_CONFLICT,
                       "launch template %s (%s) was not made for this application (it has no tag "
                       "ghost:app-id=%s): rename or delete it",
                       found->name, found->id, app->id);
}

static bool use_version(Ec2Work *work, const Content *content, GroupTemplate *ret, Error **err) {
        CLEANUP(launch_template_versions_clear) LaunchTemplateVersions versions = { 0 };

        if (!ec2_describe_launch_template_versions(work->session, ret->id, &versions, err))
                return false;
        int64_t number = find_version(&versions, content->hash);
        if (number == 0)
                return create_version(work, content, ret, err);
        ret->version = xasprintf("%lld", (long long) number);
        work_log(work, "Launch template %s has that content already: version %s", ret->name, ret->version);
        return true;
}

static bool ensure(Ec2Work *work, const Ec2App *app, GroupTemplate *ret, Error **err) {
        CLEANUP(content_clear) Content content = { 0 };
        CLEANUP(launch_template_clear) LaunchTemplate found = { 0 };
        CLEANUP(error_free) Error *error = NULL;

        ret->name = xasprintf(SCALING_GROUP_TEMPLATE_PREFIX "%s", app->id);
        if (!read_content(work, app, &content, err))
                return false;
        if (!ec2_find_launch_template(work->session, ret->name, &found, &error)) {
                if (error_kind(error) == ERROR_NOT_FOUND)
                        return create_template(work, app, &content, ret, err);
                *err = TAKE(error);
                return false;
        }
        if (!check_owner(&found, app, err))
                return false;
        ret->id = TAKE(found.id);
        return use_version(work, &content, ret, err);
}

bool group_template_ensure(Ec2Work *work, const Ec2App *app, GroupTemplate *ret, Error **err) {
        CLEANUP(group_template_clear) GroupTemplate made = { 0 };

        if (!ensure(work, app, &made, err))
                return error_prefix(err, "launch template %s", made.name);
        *ret = made;
        made = (GroupTemplate){ 0 };
        return true;
}

/* ---- old versions ---- */

static void add_used(const AsgInstances *instances, const char *template_id, StringList *ret) {
        for (size_t i = 0; i < instances->count; i++)
                if (text_equal(instances->items[i].launch_template_id, template_id))
                        string_list_add(ret, instances->items[i].launch_template_version);
}

static void add_used_by_group(const AutoScalingGroup *group, const char *template_id, StringList *ret) {
        if (text_equal(group->launch_template_id, template_id))
                string_list_add(ret, group->launch_template_version);
        add_used(&group->instances, template_id, ret);
}

/* The application's group, others that carry its tag, and instances that have left their group. */
static bool find_used(
        Ec2Work *work, const Ec2App *app, const char *group_name, const char *template_id, StringList *ret,
        Error **err) {
        CLEANUP(auto_scaling_group_clear) AutoScalingGroup group = { 0 };
        CLEANUP(auto_scaling_groups_clear) AutoScalingGroups others = { 0 };
        CLEANUP(ec2_filters_clear) Ec2Filters filters = { 0 };
        CLEANUP(ec2_instances_clear) Ec2Instances instances = { 0 };

        ec2_filters_add_tag(&filters, "aws:ec2launchtemplate:id", template_id);
        ec2_filters_add_living(&filters);
        if (!asg_describe_group(work->session, group_name, &group, err) ||
            !asg_find_groups(work->session, "app_id", app->id, &others, err) ||
            !ec2_describe_instances(work->session, &filters, &instances, err))
                return false;
        add_used_by_group(&group, template_id, ret);
        for (size_t i = 0; i < others.count; i++)
                add_used_by_group(&others.items[i], template_id, ret);
        for (size_t i = 0; i < instances.count; i++) {
                const char *version =
                        ec2_tags_value(&instances.items[i].tags, "aws:ec2launchtemplate:version");

                if (version)
                        string_list_add(ret, version);
        }
        return true;
}

/* Only what Ghost made has a hash as its description. */
static bool is_ours(const LaunchTemplateVersion *version) {
        return strlen(version->description) == HASH_DIGITS &&
               strspn(version->description, "0123456789abcdef") == HASH_DIGITS;
}

static size_t newer_than(const LaunchTemplateVersions *versions, int64_t number) {
        size_t count = 0;

        for (size_t i = 0; i < versions->count; i++)
                if (versions->items[i].number > number)
                        count++;
        return count;
}

static bool prune(Ec2Work *work, const GroupTemplate *current, const StringList *used, Error **err) {
        CLEANUP(launch_template_versions_clear) LaunchTemplateVersions versions = { 0 };
        size_t count = 0;

        if (!ec2_describe_launch_template_versions(work->session, current->id, &versions, err))
                return false;
        CLEANUP(free) int64_t *numbers = xcalloc(versions.count + 1, sizeof(*numbers));
        for (size_t i = 0; i < versions.count; i++) {
                const LaunchTemplateVersion *version = &versions.items[i];
                CLEANUP(free) char *number = xasprintf("%lld", (long long) version->number);

                if (!version->is_default && is_ours(version) && !string_list_contains(used, number) &&
                    !text_equal(number, current->version) &&
                    newer_than(&versions, version->number) >= VERSIONS_KEPT)
                        numbers[count++] = version->number;
        }
        if (count > 0)
                work_log(work, "Deleting %zu old versions of launch template %s", count, current->name);
        return ec2_delete_launch_template_versions(work->session, current->id, numbers, count, err);
}

bool group_template_tidy(
        Ec2Work *work, const Ec2App *app, const char *group, const GroupTemplate *current, Error **err) {
        CLEANUP(string_list_clear) StringList used = { 0 };
        CLEANUP(error_free) Error *error = NULL;
        uint64_t number = 0;

        if (!text_parse_uint(current->version, 1, INT64_MAX, &number, err) ||
            !ec2_set_default_launch_template_version(work->session, current->id, (int64_t) number, err))
                return false;
        if (!find_used(work, app, group, current->id, &used, &error) ||
            !prune(work, current, &used, &error)) {
                if (error_kind(error) == ERROR_CANCELLED) {
                        *err = TAKE(error);
                        return false;
                }
                work_log(
                        work, "Old versions of launch template %s stay: %s", current->name,
                        error_message(error));
        }
        return true;
}
