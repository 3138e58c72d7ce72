#include "catalog/lists.h"

#include <stddef.h>

#include "aws/autoscaling.h"
#include "aws/ec2_image_search.h"
#include "aws/ec2_network.h"
#include "aws/elb.h"
#include "aws/elbv2.h"
#include "aws/iam.h"
#include "base/text.h"

/* How rows of C become objects of JSON. */
typedef enum FieldType { FIELD_TEXT, FIELD_INT, FIELD_BOOL, FIELD_TEXTS, FIELD_NAME_TAG } FieldType;

typedef struct Field {
        const char *name;
        size_t offset;
        FieldType type;
} Field;

typedef struct Layout {
        size_t row_size;
        const Field *fields;
        size_t count;
} Layout;

#define LAYOUT(type, table)                                                                                  \
        { .row_size = sizeof(type), .fields = (table), .count = sizeof(table) / sizeof((table)[0]) }
#define TEXT(type, name)                                                                                     \
        { #name, offsetof(type, name), FIELD_TEXT }

static void add_texts(Document *object, const char *name, const StringList *texts) {
        Document *list = document_array();

        for (size_t i = 0; i < texts->count; i++)
                document_append(list, document_string(texts->items[i]));
        document_set(object, name, list);
}

static void add_field(Document *object, const Field *field, const char *row) {
        const void *member = row + field->offset;

        switch (field->type) {
        case FIELD_TEXT:
                document_set_string(object, field->name, *(char *const *) member);
                return;
        case FIELD_INT:
                document_set_int(object, field->name, *(const int64_t *) member);
                return;
        case FIELD_BOOL:
                document_set_bool(object, field->name, *(const bool *) member);
                return;
        case FIELD_TEXTS:
                add_texts(object, field->name, member);
                return;
        case FIELD_NAME_TAG: {
                const char *name = ec2_tags_value(member, "Name");
                document_set_string(object, field->name, name ? name : "");
                return;
        }
        }
}

static Document *object_of(const Layout *layout, const void *row) {
        Document *object = document_object();

        for (size_t i = 0; i < layout->count; i++)
                add_field(object, &layout->fields[i], row);
        return object;
}

static void append_rows(Document *list, const Layout *layout, const void *rows, size_t count) {
        for (size_t i = 0; i < count; i++)
                document_append(list, object_of(layout, (const char *) rows + i * layout->row_size));
}

/* ---- EC2 ---- */

static void add_filter(Ec2Filters *filters, const char *name, const char *value) {
        if (!text_empty(value))
                ec2_filters_add(filters, name, value);
}

/* One for each describe action of EC2 whose filters are the question's. */
#define EC2_LIST(function, list_type, describe, clear, type, ...)                                            \
        static bool function(                                                                                \
                AwsSession *session, const CatalogQuestion *question, Document *ret, Error **err) {          \
                static const Field fields[] = { __VA_ARGS__ };                                               \
                static const Layout layout = LAYOUT(type, fields);                                           \
                CLEANUP(ec2_filters_clear) Ec2Filters filters = { 0 };                                       \
                CLEANUP(clear) list_type found = { 0 };                                                      \
                                                                                                             \
                add_filter(&filters, "vpc-id", question->vpc_id);                                            \
                if (!describe(session, &filters, &found, err))                                               \
                        return false;                                                                        \
                append_rows(ret, &layout, found.items, found.count);                                         \
                return true;                                                                                 \
        }

EC2_LIST(
        regions, Ec2Regions, ec2_describe_regions, ec2_regions_clear, Ec2Region, TEXT(Ec2Region, name),
        TEXT(Ec2Region, opt_in_status))
EC2_LIST(
        vpcs, Ec2Vpcs, ec2_describe_vpcs, ec2_vpcs_clear, Ec2Vpc, TEXT(Ec2Vpc, id), TEXT(Ec2Vpc, cidr),
        TEXT(Ec2Vpc, state), { "is_default", offsetof(Ec2Vpc, is_default), FIELD_BOOL },
        { "name", offsetof(Ec2Vpc, tags), FIELD_NAME_TAG })
EC2_LIST(
        subnets, Ec2Subnets, ec2_describe_subnets, ec2_subnets_clear, Ec2Subnet, TEXT(Ec2Subnet, id),
        TEXT(Ec2Subnet, vpc_id), TEXT(Ec2Subnet, cidr), TEXT(Ec2Subnet, zone),
        { "free_addresses", offsetof(Ec2Subnet, free_addresses), FIELD_INT },
        { "gives_public_ip", offsetof(Ec2Subnet, gives_public_ip), FIELD_BOOL },
        { "name", offsetof(Ec2Subnet, tags), FIELD_NAME_TAG })
EC2_LIST(
        security_groups, Ec2SecurityGroups, ec2_describe_security_groups, ec2_security_groups_clear,
        Ec2SecurityGroup, TEXT(Ec2SecurityGroup, id), TEXT(Ec2SecurityGroup, name),
        TEXT(Ec2SecurityGroup, description), TEXT(Ec2SecurityGroup, vpc_id))
EC2_LIST(
        key_pairs, Ec2KeyPairs, ec2_describe_key_pairs, ec2_key_pairs_clear, Ec2KeyPair,
        TEXT(Ec2KeyPair, name), TEXT(Ec2KeyPair, id), TEXT(Ec2KeyPair, type))
EC2_LIST(
        instance_types, Ec2InstanceTypes, ec2_describe_instance_types, ec2_instance_types_clear,
        Ec2InstanceType, TEXT(Ec2InstanceType, name), { "cpus", offsetof(Ec2InstanceType, cpus), FIELD_INT },
        { "memory_mib", offsetof(Ec2InstanceType, memory_mib), FIELD_INT },
        { "is_current", offsetof(Ec2InstanceType, is_current), FIELD_BOOL },
        { "is_burstable", offsetof(Ec2InstanceType, is_burstable), FIELD_BOOL },
        { "architectures", offsetof(Ec2InstanceType, architectures), FIELD_TEXTS })

static bool images(AwsSession *session, const CatalogQuestion *question, Document *ret, Error **err) {
        static const Field fields[] = { TEXT(Ec2Image, id),
                                        TEXT(Ec2Image, name),
                                        TEXT(Ec2Image, architecture),
                                        TEXT(Ec2Image, owner_id),
                                        TEXT(Ec2Image, root_device_name),
                                        TEXT(Ec2Image, creation_date) };
        static const Layout layout = LAYOUT(Ec2Image, fields);
        const Ec2ImageQuery query = { .owner = text_empty(question->owner) ? "self" : question->owner,
                                      .name_pattern = question->name,
                                      .architecture = question->architecture };
        CLEANUP(ec2_images_clear) Ec2Images found = { 0 };

        /* Everything a big publisher ever made is of use to nobody. */
        if (!text_equal(query.owner, "self") && text_empty(query.name_pattern))
                return error_set(
                        err, ERROR_INVALID,
                        "name: needed with an owner other than self, such as 'debian-12-*'");
        if (!ec2_find_images(session, &query, &found, err))
                return false;
        append_rows(ret, &layout, found.items, found.count);
        return true;
}

/* ---- the others ---- */

static bool profiles(AwsSession *session, const CatalogQuestion *question, Document *ret, Error **err) {
        static const Field fields[] = { TEXT(IamInstanceProfile, name),
                                        TEXT(IamInstanceProfile, arn),
                                        TEXT(IamInstanceProfile, path),
                                        { "roles", offsetof(IamInstanceProfile, role_names), FIELD_TEXTS } };
        static const Layout layout = LAYOUT(IamInstanceProfile, fields);
        CLEANUP(iam_instance_profiles_clear) IamInstanceProfiles found = { 0 };

        (void) question;
        if (!iam_list_instance_profiles(session, NULL, &found, err))
                return false;
        append_rows(ret, &layout, found.items, found.count);
        return true;
}

static bool groups(AwsSession *session, const CatalogQuestion *question, Document *ret, Error **err) {
        static const Field fields[] = {
                TEXT(AutoScalingGroup, name),
                { "min_size", offsetof(AutoScalingGroup, min_size), FIELD_INT },
                { "max_size", offsetof(AutoScalingGroup, max_size), FIELD_INT },
                { "desired_capacity", offsetof(AutoScalingGroup, desired_capacity), FIELD_INT },
                { "subnet_ids", offsetof(AutoScalingGroup, subnet_ids), FIELD_TEXTS },
                { "load_balancers", offsetof(AutoScalingGroup, load_balancers), FIELD_TEXTS },
                { "target_group_arns", offsetof(AutoScalingGroup, target_group_arns), FIELD_TEXTS }
        };
        static const Layout layout = LAYOUT(AutoScalingGroup, fields);
        CLEANUP(auto_scaling_groups_clear) AutoScalingGroups found = { 0 };

        (void) question;
        if (!asg_list_groups(session, &found, err))
                return false;
        append_rows(ret, &layout, found.items, found.count);
        return true;
}

static bool is_wanted(const CatalogQuestion *question, const char *vpc_id) {
        return text_empty(question->vpc_id) || text_equal(question->vpc_id, vpc_id);
}

static bool balancers(AwsSession *session, const CatalogQuestion *question, Document *ret, Error **err) {
        static const Field classic_fields[] = { TEXT(ElbLoadBalancer, name), TEXT(ElbLoadBalancer, dns_name),
                                                TEXT(ElbLoadBalancer, scheme),
                                                TEXT(ElbLoadBalancer, vpc_id) };
        static const Layout classic = LAYOUT(ElbLoadBalancer, classic_fields);
        static const Field modern_fields[] = { TEXT(LoadBalancer, name),   TEXT(LoadBalancer, dns_name),
                                               TEXT(LoadBalancer, scheme), TEXT(LoadBalancer, vpc_id),
                                               TEXT(LoadBalancer, type),   TEXT(LoadBalancer, arn),
                                               TEXT(LoadBalancer, state) };
        static const Layout modern = LAYOUT(LoadBalancer, modern_fields);
        CLEANUP(elb_load_balancers_clear) ElbLoadBalancers old = { 0 };
        CLEANUP(load_balancers_clear) LoadBalancers found = { 0 };

        if (!elb_list_load_balancers(session, &old, err) || !elbv2_list_load_balancers(session, &found, err))
                return false;
        for (size_t i = 0; i < old.count; i++)
                if (is_wanted(question, old.items[i].vpc_id)) {
                        Document *object = object_of(&classic, &old.items[i]);
                        document_set_string(object, "type", "classic");
                        document_append(ret, object);
                }
        for (size_t i = 0; i < found.count; i++)
                if (is_wanted(question, found.items[i].vpc_id))
                        document_append(ret, object_of(&modern, &found.items[i]));
        return true;
}

static bool target_groups(AwsSession *session, const CatalogQuestion *question, Document *ret, Error **err) {
        static const Field fields[] = { TEXT(TargetGroup, name),
                                        TEXT(TargetGroup, arn),
                                        TEXT(TargetGroup, protocol),
                                        { "port", offsetof(TargetGroup, port), FIELD_INT },
                                        TEXT(TargetGroup, vpc_id),
                                        TEXT(TargetGroup, target_type),
                                        { "load_balancer_arns", offsetof(TargetGroup, load_balancer_arns),
                                          FIELD_TEXTS } };
        static const Layout layout = LAYOUT(TargetGroup, fields);
        CLEANUP(target_groups_clear) TargetGroups found = { 0 };

        if (!elbv2_list_target_groups(session, &found, err))
                return false;
        for (size_t i = 0; i < found.count; i++)
                if (is_wanted(question, found.items[i].vpc_id))
                        document_append(ret, object_of(&layout, &found.items[i]));
        return true;
}

bool catalog_list_fetch(AwsSession *session, const CatalogQuestion *question, Document **ret, Error **err) {
        static bool (*const fetch[CATALOG_LIST_COUNT])(
                AwsSession *, const CatalogQuestion *, Document *, Error **) = {
                [CATALOG_REGIONS] = regions,
                [CATALOG_VPCS] = vpcs,
                [CATALOG_SUBNETS] = subnets,
                [CATALOG_SECURITY_GROUPS] = security_groups,
                [CATALOG_KEY_PAIRS] = key_pairs,
                [CATALOG_INSTANCE_TYPES] = instance_types,
                [CATALOG_INSTANCE_PROFILES] = profiles,
                [CATALOG_IMAGES] = images,
                [CATALOG_AUTOSCALING_GROUPS] = groups,
                [CATALOG_LOAD_BALANCERS] = balancers,
                [CATALOG_TARGET_GROUPS] = target_groups,
        };
        CLEANUP(document_free) Document *list = document_array();

        if (!fetch[question->list](session, question, list, err))
                return false;
        *ret = TAKE(list);
        return true;
}
