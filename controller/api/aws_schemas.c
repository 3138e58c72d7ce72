#include "api/aws_schemas.h"

/* A document with a list of rows. */
#define ROWS(name, ...)                                                                                      \
        static const SchemaField name##_row_fields[] = { __VA_ARGS__ };                                      \
        static const Schema name##_row_schema = SCHEMA(name##_row_fields);                                   \
        static const SchemaField name##_fields[] = {                                                         \
                { "region", SCHEMA_STRING, SCHEMA_REQUIRED },                                                \
                { "asked_at", SCHEMA_STRING, SCHEMA_REQUIRED },                                              \
                { "_items", SCHEMA_LIST, SCHEMA_REQUIRED, .schema = &name##_row_schema },                    \
        };                                                                                                   \
        const Schema aws_##name##_schema = SCHEMA(name##_fields)
#define WORD(name)                                                                                           \
        { name, SCHEMA_STRING }
#define NUMBER(name)                                                                                         \
        { name, SCHEMA_INT }
#define FLAG(name)                                                                                           \
        { name, SCHEMA_BOOL }
#define WORDS(name)                                                                                          \
        { name, SCHEMA_LIST }

ROWS(regions, WORD("name"), WORD("opt_in_status"));
ROWS(vpcs, WORD("id"), WORD("name"), WORD("cidr"), WORD("state"), FLAG("is_default"));
ROWS(subnets, WORD("id"), WORD("name"), WORD("vpc_id"), WORD("cidr"), WORD("zone"), NUMBER("free_addresses"),
     FLAG("gives_public_ip"));
ROWS(security_groups, WORD("id"), WORD("name"), WORD("description"), WORD("vpc_id"));
ROWS(key_pairs, WORD("name"), WORD("id"), WORD("type"));
ROWS(instance_types, WORD("name"), NUMBER("cpus"), NUMBER("memory_mib"), FLAG("is_current"),
     FLAG("is_burstable"), WORDS("architectures"));
ROWS(instance_profiles, WORD("name"), WORD("arn"), WORD("path"), WORDS("roles"));
ROWS(images, WORD("id"), WORD("name"), WORD("architecture"), WORD("owner_id"), WORD("root_device_name"),
     WORD("creation_date"));
ROWS(autoscaling_groups, WORD("name"), NUMBER("min_size"), NUMBER("max_size"), NUMBER("desired_capacity"),
     WORDS("subnet_ids"), WORDS("load_balancers"), WORDS("target_group_arns"));
ROWS(load_balancers, WORD("name"), WORD("type"), WORD("dns_name"), WORD("scheme"), WORD("vpc_id"),
     WORD("arn"), WORD("state"));
ROWS(target_groups, WORD("name"), WORD("arn"), WORD("protocol"), NUMBER("port"), WORD("vpc_id"),
     WORD("target_type"), WORDS("load_balancer_arns"));
