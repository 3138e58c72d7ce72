/* EC2 launch templates: what a group launches, kept in numbered versions that never change. A version is
 * known by the hash of its content, which stands in its description, so that the same content makes no second
 * version. */
#pragma once

#include "aws/ec2.h"

/* NULL and empty members are not sent. */
typedef struct LaunchTemplateData {
        const char *image_id, *instance_type, *key_name, *instance_profile;
        const char *user_data; /* as the instance shall see it; at most 16,384 bytes */
        const StringList *security_groups;
        bool public_ip, monitoring;
        bool tags_in_metadata;
        const Ec2BlockDevice *devices; /* every one is deleted with the instance */
        size_t device_count;
        const Ec2Tags *instance_tags; /* of what is launched: instances, volumes, network interfaces */
} LaunchTemplateData;

/* 64 hex digits; the same for the same content. Caller frees. */
char *launch_template_hash(const LaunchTemplateData *data);

typedef struct LaunchTemplate {
        char *id, *name;
        int64_t default_version, latest_version;
        Ec2Tags tags;
} LaunchTemplate;
void launch_template_clear(LaunchTemplate *launch_template);
static inline void launch_template_clearp(LaunchTemplate *launch_template) {
        launch_template_clear(launch_template);
}

typedef struct LaunchTemplateSpec {
        const char *name;         /* 3 to 128 characters, unique in account and region */
        const char *client_token; /* the same token: the same template */
        const LaunchTemplateData *data;
        const Ec2Tags *tags; /* of the template itself */
} LaunchTemplateSpec;

/* With its version 1. CONFLICT when one of the name exists: look whether it is ours. */
bool ec2_create_launch_template(
        AwsSession *session, const LaunchTemplateSpec *spec, LaunchTemplate *ret, Error **err);
/* By name; NOT_FOUND. */
bool ec2_find_launch_template(AwsSession *session, const char *name, LaunchTemplate *ret, Error **err);
/* One that is gone is success. */
bool ec2_delete_launch_template(AwsSession *session, const char *id, Error **err);

typedef struct LaunchTemplateVersion {
        int64_t number;
        char *description; /* the hash, of those that are ours */
        char *image_id, *instance_type;
        bool is_default;
} LaunchTemplateVersion;

typedef struct LaunchTemplateVersions {
        LaunchTemplateVersion *items;
        size_t count;
} LaunchTemplateVersions;
void launch_template_versions_clear(LaunchTemplateVersions *versions);
static inline void launch_template_versions_clearp(LaunchTemplateVersions *versions) {
        launch_template_versions_clear(versions);
}

bool ec2_create_launch_template_version(
        AwsSession *session, const char *id, const char *client_token, const LaunchTemplateData *data,
        int64_t *ret_number, Error **err);
/* All of them. */
bool ec2_describe_launch_template_versions(
        AwsSession *session, const char *id, LaunchTemplateVersions *ret, Error **err);
bool ec2_set_default_launch_template_version(
        AwsSession *session, const char *id, int64_t number, Error **err);
/* The default one cannot go: CONFLICT. Those that are gone are success. */
bool ec2_delete_launch_template_versions(
        AwsSession *session, const char *id, const int64_t *numbers, size_t count, Error **err);
