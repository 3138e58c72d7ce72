/* EC2: volumes. See aws/ec2.h for filters and aws/aws.h for sessions. */
#pragma once

#include "aws/ec2.h"

typedef struct Ec2Volume {
        char *id;
        char *state; /* "available", "in-use" */
        char *type;
        char *zone;
        char *snapshot_id;
        char *created;
        char *instance_id; /* "": attached to none */
        int64_t size_gib;
        int64_t iops;
        Ec2Tags tags;
} Ec2Volume;

typedef struct Ec2Volumes {
        Ec2Volume *items;
        size_t count;
} Ec2Volumes;
void ec2_volumes_clear(Ec2Volumes *list);
static inline void ec2_volumes_clearp(Ec2Volumes *list) {
        ec2_volumes_clear(list);
}
/* Refuses to ask without a filter: that would be everybody's. Follows all pages. */
bool ec2_describe_volumes(AwsSession *session, const Ec2Filters *filters, Ec2Volumes *ret, Error **err);

/* One that is gone is success; CONFLICT while it is attached. */
bool ec2_delete_volume(AwsSession *session, const char *id, Error **err);
