#include <stdlib.h>
#include <string.h>

#include "aws/ec2_form.h"
#include "base/crypto.h"
#include "base/memory.h"
#include "base/names.h"

enum { MAX_USER_DATA_BYTES = 16384, MAX_TOKEN_CHARACTERS = 64 };

static const char *const state_words[EC2_INSTANCE_STATE_COUNT] = {
        [EC2_PENDING] = "pending",       [EC2_RUNNING] = "running",   [EC2_SHUTTING_DOWN] = "shutting-down",
        [EC2_TERMINATED] = "terminated", [EC2_STOPPING] = "stopping", [EC2_STOPPED] = "stopped",
        [EC2_STATE_UNKNOWN] = "unknown",
};

const char *ec2_instance_state_word(Ec2InstanceState state) {
        return state_words[state];
}

static Ec2InstanceState read_state(const char *word) {
        static const Names names = NAMES(state_words);
        int state;

        return word && names_value(&names, word, &state) ? (Ec2InstanceState) state : EC2_STATE_UNKNOWN;
}

static void read_instance(const Xml *item, Ec2Instance *ret) {
        *ret = (Ec2Instance){
                .id = xml_text_copy(item, "instanceId"),
                .image_id = xml_text_copy(item, "imageId"),
                .type = xml_text_copy(item, "instanceType"),
                .client_token = xml_text_copy(item, "clientToken"),
                .state = read_state(xml_text(item, "instanceState/name")),
                .state_reason_code = xml_text_copy(item, "stateReason/code"),
                .state_reason = xml_text_copy(item, "stateReason/message"),
                .private_ip = xml_text_copy(item, "privateIpAddress"),
                .public_ip = xml_text_copy(item, "ipAddress"),
                .private_dns_name = xml_text_copy(item, "privateDnsName"),
                .subnet_id = xml_text_copy(item, "subnetId"),
                .vpc_id = xml_text_copy(item, "vpcId"),
                .zone = xml_text_copy(item, "placement/availabilityZone"),
                .key_name = xml_text_copy(item, "keyName"),
                .launch_time = xml_text_copy(item, "launchTime"),
                .lifecycle = xml_text_copy(item, "instanceLifecycle"),
        };
        ec2_read_tags(item, &ret->tags);
}

void ec2_instance_clear(Ec2Instance *instance) {
        char **const strings[] = { &instance->id,
                                   &instance->image_id,
                                   &instance->type,
                                   &instance->client_token,
                                   &instance->state_reason_code,
                                   &instance->state_reason,
                                   &instance->private_ip,
                                   &instance->public_ip,
                                   &instance->private_dns_name,
                                   &instance->subnet_id,
                                   &instance->vpc_id,
                                   &instance->zone,
                                   &instance->key_name,
                                   &instance->launch_time,
                                   &instance->lifecycle };

        for (size_t i = 0; i < sizeof(strings) / sizeof(strings[0]); i++)
                free(*strings[i]);
        ec2_tags_clear(&instance->tags);
        *instance = (Ec2Instance){ 0 };
}

void ec2_instances_clear(Ec2Instances *instances) {
        for (size_t i = 0; i < instances->count; i++)
                ec2_instance_clear(&instances->items[i]);
        free(instances->items);
        *instances = (Ec2Instances){ 0 };
}

/* A network interface carries subnet, groups and address: they may not be given beside it, and only there can
 * a public address be asked for. */
static void add_network(AwsForm *form, const Ec2RunSpec *spec) {
        form_add(form, "0", "NetworkInterface.1.DeviceIndex");
        form_add(form, spec->subnet_id, "NetworkInterface.1.SubnetId");
        form_add(form, spec->private_ip, "NetworkInterface.1.PrivateIpAddress");
        form_add_bool(form, spec->public_ip, "NetworkInterface.1.AssociatePublicIpAddress");
        form_add_bool(form, true, "NetworkInterface.1.DeleteOnTermination");
        for (size_t i = 0; spec->security_groups && i < spec->security_groups->count; i++)
                form_add(
                        form, spec->security_groups->items[i], "NetworkInterface.1.SecurityGroupId.%zu",
                        i + 1);
}

static void fill_run_form(AwsForm *form, const Ec2RunSpec *spec) {
        static const char *const tagged[] = { "instance", "volume", "network-interface",
                                              "spot-instances-request" };
        size_t tagged_count = sizeof(tagged) / sizeof(tagged[0]) - (spec->spot ? 0 : 1);

        form_add(form, spec->image_id, "ImageId");
        form_add(form, spec->instance_type, "InstanceType");
        form_add_int(form, 1, "MinCount");
        form_add_int(form, 1, "MaxCount");
        form_add(form, spec->client_token, "ClientToken");
        form_add(form, spec->key_name, "KeyName");
        form_add(form, spec->instance_profile, "IamInstanceProfile.Name");
        if (!text_empty(spec->user_data)) {
                CLEANUP(free) char *encoded = base64_encode(spec->user_data, strlen(spec->user_data));
                form_add(form, encoded, "UserData");
        }
        if (spec->terminate_on_shutdown)
                form_add(form, "terminate", "InstanceInitiatedShutdownBehavior");
        if (spec->monitoring)
                form_add_bool(form, true, "Monitoring.Enabled");
        form_add(form, "enabled", "MetadataOptions.HttpEndpoint");
        form_add(form, "required", "MetadataOptions.HttpTokens");
        if (spec->tags_in_metadata)
                form_add(form, "enabled", "MetadataOptions.InstanceMetadataTags");
        if (spec->spot) {
                form_add(form, "spot", "InstanceMarketOptions.MarketType");
                form_add(form, "one-time", "InstanceMarketOptions.SpotOptions.SpotInstanceType");
                form_add(form, spec->spot_max_price, "InstanceMarketOptions.SpotOptions.MaxPrice");
        }
        add_network(form, spec);
        ec2_form_add_devices(form, spec->devices, spec->device_count);
        for (size_t i = 0; i < tagged_count; i++)
                ec2_form_add_tags(form, (int) i + 1, tagged[i], spec->tags);
}

bool ec2_run_instance(AwsSession *session, const Ec2RunSpec *spec, Ec2Instance *ret, Error **err) {
        CLEANUP(form_clear) AwsForm form = { 0 };
        CLEANUP(xml_free) Xml *answer = NULL;

        if (text_empty(spec->client_token) || strlen(spec->client_token) > MAX_TOKEN_CHARACTERS)
                return error_set(
                        err, ERROR_INVALID, "RunInstances: a client token of 1 to 64 characters is needed");
        if (spec->user_data && strlen(spec->user_data) > MAX_USER_DATA_BYTES)
                return error_set(
                        err, ERROR_INVALID, "user data is longer than the %d bytes EC2 takes",
                        MAX_USER_DATA_BYTES);
        fill_run_form(&form, spec);
        bool good = aws_call(session, &aws_ec2, "RunInstances", &form, &answer, err);
        crypto_wipe(form.body.data, form.body.length); /* user data holds a join token */
        if (!good)
                return false;

        const Xml *item = xml_find(answer, "instancesSet/item");
        if (text_empty(xml_text(item, "instanceId")))
                return error_set(err, ERROR_INTERNAL, "RunInstances: the answer names no instance");
        read_instance(item, ret);
        return true;
}

static void add_instance(void *context, const Xml *item) {
        Ec2Instances *instances = context;

        instances->items = xrealloc(instances->items, (instances->count + 1) * sizeof(*instances->items));
        read_instance(item, &instances->items[instances->count++]);
}

bool ec2_describe_instances(AwsSession *session, const Ec2Filters *filters, Ec2Instances *ret, Error **err) {
        CLEANUP(form_clear) AwsForm form = { 0 };
        Ec2Instances found = { 0 };

        if (!ec2_filters_check(filters, err))
                return error_prefix(err, "DescribeInstances");
        ec2_form_add_filters(&form, filters);
        const Ec2Pages pages = {
                "DescribeInstances", &form,        true,  "reservationSet/item/instancesSet/item",
                "instanceId",        add_instance, &found
        };
        if (!ec2_read_pages(session, &pages, err)) {
                ec2_instances_clear(&found);
                return false;
        }
        *ret = found;
        return true;
}

bool ec2_find_instances(AwsSession *session, const StringList *ids, Ec2Instances *ret, Error **err) {
        CLEANUP(ec2_filters_clear) Ec2Filters filters = { 0 };

        if (ids->count == 0) {
                *ret = (Ec2Instances){ 0 };
                return true;
        }
        for (size_t i = 0; i < ids->count; i++)
                ec2_filters_add(&filters, "instance-id", ids->items[i]);
        return ec2_describe_instances(session, &filters, ret, err);
}

static void add_ids(AwsForm *form, const char *name, const StringList *ids) {
        for (size_t i = 0; i < ids->count; i++)
                form_add(form, ids->items[i], "%s.%zu", name, i + 1);
}

bool ec2_terminate_instances(AwsSession *session, const StringList *ids, Error **err) {
        CLEANUP(form_clear) AwsForm form = { 0 };
        CLEANUP(xml_free) Xml *answer = NULL;

        if (ids->count == 0)
                return true;
        add_ids(&form, "InstanceId", ids);
        return aws_call(session, &aws_ec2, "TerminateInstances", &form, &answer, err);
}

bool ec2_stop_instance(AwsSession *session, const char *id, bool force, Error **err) {
        CLEANUP(form_clear) AwsForm form = { 0 };
        CLEANUP(xml_free) Xml *answer = NULL;

        form_add(&form, id, "InstanceId.1");
        if (force)
                form_add_bool(&form, true, "Force");
        return aws_call(session, &aws_ec2, "StopInstances", &form, &answer, err);
}

bool ec2_create_tags(AwsSession *session, const StringList *ids, const Ec2Tags *tags, Error **err) {
        CLEANUP(form_clear) AwsForm form = { 0 };
        CLEANUP(xml_free) Xml *answer = NULL;

        if (ids->count == 0 || tags->count == 0)
                return true;
        add_ids(&form, "ResourceId", ids);
        for (size_t i = 0; i < tags->count; i++) {
                form_add(&form, tags->items[i].key, "Tag.%zu.Key", i + 1);
                form_add(&form, tags->items[i].value, "Tag.%zu.Value", i + 1);
        }
        return aws_call(session, &aws_ec2, "CreateTags", &form, &answer, err);
}

bool ec2_delete_tag(AwsSession *session, const StringList *ids, const char *key, Error **err) {
        CLEANUP(form_clear) AwsForm form = { 0 };
        CLEANUP(xml_free) Xml *answer = NULL;

        if (ids->count == 0)
                return true;
        add_ids(&form, "ResourceId", ids);
        form_add(&form, key, "Tag.1.Key");
        return aws_call(session, &aws_ec2, "DeleteTags", &form, &answer, err);
}

bool ec2_get_console_output(AwsSession *session, const char *id, char **ret, Error **err) {
        CLEANUP(form_clear) AwsForm form = { 0 };
        CLEANUP(xml_free) Xml *answer = NULL;
        CLEANUP(text_clear) Text encoded = { 0 };
        const char *output;
        size_t length;

        form_add(&form, id, "InstanceId");
        if (!aws_call(session, &aws_ec2, "GetConsoleOutput", &form, &answer, err))
                return false;
        output = xml_text(answer, "output");
        for (; output && *output; output++)
                if (!strchr(" \t\r\n", *output)) /* AWS breaks the lines of its base64 */
                        text_append_bytes(&encoded, output, 1);
        return base64_decode(encoded.data ? encoded.data : "", ret, &length, err) ||
               error_prefix(err, "GetConsoleOutput");
}
