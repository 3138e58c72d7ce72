/* EC2: other people's images, and images beyond their region and account. */
#pragma once

#include "aws/ec2.h"

typedef struct Ec2ImageQuery {
        const char *owner;         /* "self", "amazon", "136693071363"; required: names can be squatted */
        const char *name_pattern;  /* with * and ?; NULL: any */
        const char *architecture;  /* NULL: any */
        const Ec2Filters *filters; /* NULL: none more */
} Ec2ImageQuery;

/* Those that are available, newest first. */
bool ec2_find_images(AwsSession *session, const Ec2ImageQuery *query, Ec2Images *ret, Error **err);

typedef struct Ec2CopySpec {
        const char *source_region, *source_image_id;
        const char *name, *description;
        const char *client_token; /* required: makes a repeated copy the same copy */
        const char *kms_key_id;   /* NULL: as the source is encrypted */
        const Ec2Tags *tags;      /* on the copy and its snapshots */
} Ec2CopySpec;
/* Into the session's region. */
bool ec2_copy_image(AwsSession *session, const Ec2CopySpec *spec, char **ret_image_id, Error **err);

/* Accounts that may launch from the image, and those that no longer may. Lists may be NULL; with both empty
 * nothing is sent. */
bool ec2_change_launch_permission(
        AwsSession *session, const char *image_id, const StringList *add, const StringList *remove,
        Error **err);
