/* EC2: regions and zones, networks, key pairs, instance types: what an application may name. All only look,
 * but for deleting a network interface that was left behind. See aws/ec2.h for filters and aws/aws.h for
 * sessions.
 *
 * Filters may be NULL: everything in the region. Strings are never NULL; "": none. All pages are followed. */
#pragma once

#include "aws/ec2.h"

typedef struct Ec2Region {
        char *name;
        char *endpoint;
        char *opt_in_status; /* "opt-in-not-required", "opted-in" */
} Ec2Region;

typedef struct Ec2Regions {
        Ec2Region *items;
        size_t count;
} Ec2Regions;
void ec2_regions_clear(Ec2Regions *list);
static inline void ec2_regions_clearp(Ec2Regions *list) {
        ec2_regions_clear(list);
}
bool ec2_describe_regions(AwsSession *session, const Ec2Filters *filters, Ec2Regions *ret, Error **err);

typedef struct Ec2Zone {
        char *name;
        char *id;
        char *state;
        char *type;
} Ec2Zone;

typedef struct Ec2Zones {
        Ec2Zone *items;
        size_t count;
} Ec2Zones;
void ec2_zones_clear(Ec2Zones *list);
static inline void ec2_zones_clearp(Ec2Zones *list) {
        ec2_zones_clear(list);
}
bool ec2_describe_zones(AwsSession *session, const Ec2Filters *filters, Ec2Zones *ret, Error **err);

typedef struct Ec2Vpc {
        char *id;
        char *cidr;
        char *state;
        bool is_default;
        Ec2Tags tags;
} Ec2Vpc;

typedef struct Ec2Vpcs {
        Ec2Vpc *items;
        size_t count;
} Ec2Vpcs;
void ec2_vpcs_clear(Ec2Vpcs *list);
static inline void ec2_vpcs_clearp(Ec2Vpcs *list) {
        ec2_vpcs_clear(list);
}
bool ec2_describe_vpcs(AwsSession *session, const Ec2Filters *filters, Ec2Vpcs *ret, Error **err);

typedef struct Ec2Subnet {
        char *id;
        char *vpc_id;
        char *cidr;
        char *zone;
        char *state;
        int64_t free_addresses;
        bool gives_public_ip;
        Ec2Tags tags;
} Ec2Subnet;

typedef struct Ec2Subnets {
        Ec2Subnet *items;
        size_t count;
} Ec2Subnets;
void ec2_subnets_clear(Ec2Subnets *list);
static inline void ec2_subnets_clearp(Ec2Subnets *list) {
        ec2_subnets_clear(list);
}
bool ec2_describe_subnets(AwsSession *session, const Ec2Filters *filters, Ec2Subnets *ret, Error **err);

typedef struct Ec2SecurityGroup {
        char *id;
        char *name;
        char *description;
        char *vpc_id;
        Ec2Tags tags;
} Ec2SecurityGroup;

typedef struct Ec2SecurityGroups {
        Ec2SecurityGroup *items;
        size_t count;
} Ec2SecurityGroups;
void ec2_security_groups_clear(Ec2SecurityGroups *list);
static inline void ec2_security_groups_clearp(Ec2SecurityGroups *list) {
        ec2_security_groups_clear(list);
}
bool ec2_describe_security_groups(
        AwsSession *session, const Ec2Filters *filters, Ec2SecurityGroups *ret, Error **err);

typedef struct Ec2KeyPair {
        char *name;
        char *id;
        char *type;
        char *fingerprint;
        Ec2Tags tags;
} Ec2KeyPair;

typedef struct Ec2KeyPairs {
        Ec2KeyPair *items;
        size_t count;
} Ec2KeyPairs;
void ec2_key_pairs_clear(Ec2KeyPairs *list);
static inline void ec2_key_pairs_clearp(Ec2KeyPairs *list) {
        ec2_key_pairs_clear(list);
}
bool ec2_describe_key_pairs(AwsSession *session, const Ec2Filters *filters, Ec2KeyPairs *ret, Error **err);

typedef struct Ec2InstanceType {
        char *name;
        int64_t cpus;
        int64_t memory_mib;
        bool is_current;
        bool is_burstable;
        StringList architectures; /* "x86_64", "arm64" */
} Ec2InstanceType;

typedef struct Ec2InstanceTypes {
        Ec2InstanceType *items;
        size_t count;
} Ec2InstanceTypes;
void ec2_instance_types_clear(Ec2InstanceTypes *list);
static inline void ec2_instance_types_clearp(Ec2InstanceTypes *list) {
        ec2_instance_types_clear(list);
}
bool ec2_describe_instance_types(
        AwsSession *session, const Ec2Filters *filters, Ec2InstanceTypes *ret, Error **err);

typedef struct Ec2NetworkInterface {
        char *id;
        char *state; /* "available", "in-use" */
        char *description;
        char *subnet_id;
        char *vpc_id;
        char *zone;
        char *private_ip;
        char *instance_id;
        Ec2Tags tags;
} Ec2NetworkInterface;

typedef struct Ec2NetworkInterfaces {
        Ec2NetworkInterface *items;
        size_t count;
} Ec2NetworkInterfaces;
void ec2_network_interfaces_clear(Ec2NetworkInterfaces *list);
static inline void ec2_network_interfaces_clearp(Ec2NetworkInterfaces *list) {
        ec2_network_interfaces_clear(list);
}
bool ec2_describe_network_interfaces(
        AwsSession *session, const Ec2Filters *filters, Ec2NetworkInterfaces *ret, Error **err);

/* Names of the instance types that can be launched in the session's region; zone NULL: in any of its zones.
 */
bool ec2_list_offered_types(AwsSession *session, const char *zone, StringList *ret, Error **err);

/* One that is gone is success; CONFLICT while it is attached. */
bool ec2_delete_network_interface(AwsSession *session, const char *id, Error **err);
