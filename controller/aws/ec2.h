/* EC2: instances, images and snapshots. One function per action; each is safe to repeat, by a client token, a
 * name or its nature ("gone already" is success). All block, retry and respect the session (aws/aws.h). */
#pragma once

#include "aws/aws.h"
#include "base/text.h"

/* ---- tags and filters ---- */

typedef struct Ec2Tag {
        char *key;
        char *value;
} Ec2Tag;

typedef struct Ec2Tags {
        Ec2Tag *items;
        size_t count;
} Ec2Tags;

void ec2_tags_add(
        Ec2Tags *tags, const char *key, const char *value); /* replaces the value of a key that is there */
const char *ec2_tags_value(const Ec2Tags *tags, const char *key); /* NULL: no such tag */
void ec2_tags_clear(Ec2Tags *tags);
static inline void ec2_tags_clearp(Ec2Tags *tags) {
        ec2_tags_clear(tags);
}

enum { EC2_MAX_FILTERS = 12 };

/* All filters must hold; one value of each is enough. */
typedef struct Ec2Filters {
        struct {
                char *name;
                StringList values;
        } items[EC2_MAX_FILTERS];
        size_t count;
} Ec2Filters;

/* Adds a value to the filter of that name. Wildcards in value are taken literally. */
void ec2_filters_add(Ec2Filters *filters, const char *name, const char *value);
void ec2_filters_add_tag(Ec2Filters *filters, const char *key, const char *value);
/* pending, running, stopping, stopped, shutting-down: everything that exists. */
void ec2_filters_add_living(Ec2Filters *filters);
void ec2_filters_clear(Ec2Filters *filters);
static inline void ec2_filters_clearp(Ec2Filters *filters) {
        ec2_filters_clear(filters);
}

/* ---- instances ---- */

typedef enum Ec2InstanceState {
        EC2_PENDING,
        EC2_RUNNING,
        EC2_SHUTTING_DOWN,
        EC2_TERMINATED,
        EC2_STOPPING,
        EC2_STOPPED,
        EC2_STATE_UNKNOWN,
        EC2_INSTANCE_STATE_COUNT,
} Ec2InstanceState;
const char *ec2_instance_state_word(Ec2InstanceState state); /* as AWS writes it: "shutting-down" */

typedef struct Ec2Instance {
        char *id, *image_id, *type, *client_token;
        Ec2InstanceState state;
        char *state_reason_code, *state_reason;
        char *private_ip, *public_ip, *private_dns_name;
        char *subnet_id, *vpc_id, *zone, *key_name, *launch_time;
        char *lifecycle; /* "spot" */
        Ec2Tags tags;
} Ec2Instance; /* strings are never NULL; "": none */

typedef struct Ec2Instances {
        Ec2Instance *items;
        size_t count;
} Ec2Instances;

void ec2_instance_clear(Ec2Instance *instance);
static inline void ec2_instance_clearp(Ec2Instance *instance) {
        ec2_instance_clear(instance);
}
void ec2_instances_clear(Ec2Instances *instances);
static inline void ec2_instances_clearp(Ec2Instances *instances) {
        ec2_instances_clear(instances);
}

typedef struct Ec2BlockDevice {
        const char *name; /* "/dev/xvda"; of the root device: exactly as the image names it */
        const char *type; /* NULL: gp3 */
        int64_t size_gib; /* 0: the snapshot's */
        int64_t iops;     /* 0: the type's */
} Ec2BlockDevice;

/* NULL and empty members are not sent. */
typedef struct Ec2RunSpec {
        const char *image_id, *instance_type;
        const char
                *client_token; /* required: makes a repeated launch the same launch; at most 64 characters */
        const char *key_name, *instance_profile;
        const char *subnet_id, *private_ip;
        const StringList *security_groups;
        bool public_ip;
        const char *user_data; /* as the instance shall see it; at most 16,384 bytes */
        bool terminate_on_shutdown;
        bool monitoring;
        bool spot;                     /* once, ended by an interruption */
        const char *spot_max_price;    /* US dollars an hour, "0.05"; NULL: the price on demand */
        bool tags_in_metadata;         /* then tag keys may hold only letters, digits and + - = . , _ : @ */
        const Ec2BlockDevice *devices; /* every one is encrypted, and deleted with the instance */
        size_t device_count;
        const Ec2Tags *tags; /* on all that is made, spot request included, from the first moment */
} Ec2RunSpec;

bool ec2_run_instance(AwsSession *session, const Ec2RunSpec *spec, Ec2Instance *ret, Error **err);

/* Refuses to ask without a filter: that would be everybody's instances. Follows all pages. */
bool ec2_describe_instances(AwsSession *session, const Ec2Filters *filters, Ec2Instances *ret, Error **err);
/* By filter, so that ids that are not there are simply missing from the answer. */
bool ec2_find_instances(AwsSession *session, const StringList *ids, Ec2Instances *ret, Error **err);

/* All or nothing on an unknown id (NOT_FOUND): see ec2_find_instances(). An empty list is success. */
bool ec2_terminate_instances(AwsSession *session, const StringList *ids, Error **err);
bool ec2_stop_instance(AwsSession *session, const char *id, bool force, Error **err);
bool ec2_create_tags(AwsSession *session, const StringList *ids, const Ec2Tags *tags, Error **err);
/* Whatever its value. One that is not there is success. */
bool ec2_delete_tag(AwsSession *session, const StringList *ids, const char *key, Error **err);
/* What the instance printed at boot, the last 64 KB of it, as text; "" when AWS has nothing (yet). */
bool ec2_get_console_output(AwsSession *session, const char *id, char **ret, Error **err);

/* ---- images and snapshots ---- */

typedef struct Ec2Image {
        char *id, *name, *state; /* "pending", "available", "failed" … */
        char *state_reason_code, *state_reason;
        char *root_device_name, *architecture, *owner_id, *creation_date;
        StringList snapshot_ids;
        Ec2Tags tags;
} Ec2Image;

typedef struct Ec2Images {
        Ec2Image *items;
        size_t count;
} Ec2Images;

void ec2_image_clear(Ec2Image *image);
static inline void ec2_image_clearp(Ec2Image *image) {
        ec2_image_clear(image);
}
void ec2_images_clear(Ec2Images *images);
static inline void ec2_images_clearp(Ec2Images *images) {
        ec2_images_clear(images);
}

typedef struct Ec2ImageSpec {
        const char *instance_id;
        const char *name; /* unique in account and region: what makes a repeated call the same image */
        const char *description;
        const Ec2BlockDevice *devices; /* that its instances get beyond those of the instance; empty ones */
        size_t device_count;
        const Ec2Tags *tags; /* on the image and its snapshots; an image of that name is adopted when its
                              * ghost:job is the one given here */
} Ec2ImageSpec;

bool ec2_create_image(AwsSession *session, const Ec2ImageSpec *spec, char **ret_image_id, Error **err);
/* NOT_FOUND when there is no such image. */
bool ec2_describe_image(AwsSession *session, const char *id, Ec2Image *ret, Error **err);
/* Our own images only. */
bool ec2_describe_own_images(AwsSession *session, const Ec2Filters *filters, Ec2Images *ret, Error **err);
bool ec2_deregister_image(AwsSession *session, const char *id, Error **err);

/* Letters, digits and ()[] ./-'@_ in a name of 3 to 128 characters; what is not allowed becomes '-'. Caller
 * frees. */
char *ec2_image_name(const char *wanted);

typedef struct Ec2Snapshot {
        char *id, *state, *progress; /* "pending", "37%" */
        Ec2Tags tags;
} Ec2Snapshot;

typedef struct Ec2Snapshots {
        Ec2Snapshot *items;
        size_t count;
} Ec2Snapshots;

void ec2_snapshots_clear(Ec2Snapshots *snapshots);
static inline void ec2_snapshots_clearp(Ec2Snapshots *snapshots) {
        ec2_snapshots_clear(snapshots);
}
bool ec2_describe_own_snapshots(
        AwsSession *session, const Ec2Filters *filters, Ec2Snapshots *ret, Error **err);
/* CONFLICT while an image uses it. */
bool ec2_delete_snapshot(AwsSession *session, const char *id, Error **err);
