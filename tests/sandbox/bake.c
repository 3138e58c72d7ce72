/* The controller's own AWS code through a bake, for test_controller_client.py: launch, stop, image, clean-up.
 *
 *   bake ENDPOINT ACCESS_KEY SECRET_KEY REGION IMAGE SUBNET JOB
 *
 * Prints the id of what it made; fails at the first call that fails. */
#include <stdio.h>

#include "aws/aws.h"
#include "aws/ec2.h"
#include "aws/ec2_wait.h"
#include "aws/sts.h"
#include "base/memory.h"

enum { BAKE_TIMEOUT_MS = 60000 };

static void tell(void *context, const char *text) {
        (void) context;
        fprintf(stderr, "bake: %s\n", text);
}

static const Ec2Wait wait_patiently = { .progress = tell };

static bool launch(AwsSession *session, char **argv, const Ec2Tags *tags, Ec2Instance *ret, Error **err) {
        CLEANUP(free) char *token = xasprintf("ghost-bake-%s-1", argv[7]);
        const Ec2BlockDevice disk = { .name = "/dev/xvda", .size_gib = 20 };
        const Ec2RunSpec spec = {
                .image_id = argv[5],
                .instance_type = "t3.micro",
                .client_token = token,
                .subnet_id = argv[6],
                .user_data = "#!/bin/sh\n",
                .terminate_on_shutdown = true,
                .tags_in_metadata = true,
                .devices = &disk,
                .device_count = 1,
                .tags = tags,
        };

        return ec2_run_instance(session, &spec, ret, err) &&
               ec2_wait_instance(session, ret->id, EC2_RUNNING, &wait_patiently, NULL, err);
}

static bool save(
        AwsSession *session, const char *instance_id, const char *job, const Ec2Tags *tags,
        char **ret_image_id, Error **err) {
        CLEANUP(free) char *wanted = xasprintf("ami.prod.eu-west-1.webfront.demo.%s", job);
        CLEANUP(free) char *name = ec2_image_name(wanted);
        CLEANUP(ec2_image_clear) Ec2Image image = { 0 };
        const Ec2ImageSpec spec = {
                .instance_id = instance_id, .name = name, .description = "", .tags = tags
        };

        return ec2_stop_instance(session, instance_id, false, err) &&
               ec2_wait_instance(session, instance_id, EC2_STOPPED, &wait_patiently, NULL, err) &&
               ec2_create_image(session, &spec, ret_image_id, err) &&
               ec2_wait_image(session, *ret_image_id, &wait_patiently, &image, err);
}

static bool end(AwsSession *session, const char *instance_id, Error **err) {
        CLEANUP(string_list_clear) StringList ids = { 0 };

        string_list_add(&ids, instance_id);
        return ec2_terminate_instances(session, &ids, err) &&
               ec2_wait_instance(session, instance_id, EC2_TERMINATED, &wait_patiently, NULL, err);
}

static bool bake(AwsSession *session, char **argv, Error **err) {
        CLEANUP(caller_identity_clear) CallerIdentity caller = { 0 };
        CLEANUP(ec2_instance_clear) Ec2Instance instance = { 0 };
        CLEANUP(ec2_tags_clear) Ec2Tags tags = { 0 };
        CLEANUP(free) char *image_id = NULL;

        ec2_tags_add(&tags, "ghost:job", argv[7]);
        ec2_tags_add(&tags, "app", "demo & <co>");
        if (!sts_get_caller_identity(session, &caller, err) ||
            !launch(session, argv, &tags, &instance, err) ||
            !save(session, instance.id, argv[7], &tags, &image_id, err) || !end(session, instance.id, err))
                return false;
        printf("%s %s %s\n", caller.account, instance.id, image_id);
        return true;
}

int main(int argc, char **argv) {
        CLEANUP(error_free) Error *error = NULL;

        if (argc != 8) {
                fprintf(stderr, "usage: bake ENDPOINT ACCESS_KEY SECRET_KEY REGION IMAGE SUBNET JOB\n");
                return 2;
        }
        const AwsOptions options = {
                .endpoint_url = argv[1],
                .access_key_id = argv[2],
                .secret_access_key = argv[3],
                .region = argv[4],
                .poll_interval_ms = 50,
                .retry_base_ms = 20,
        };
        CLEANUP(aws_free) Aws *aws = aws_new(&options, &error);
        AwsSession session = { .aws = aws, .deadline = deadline_after_ms(BAKE_TIMEOUT_MS) };

        if (aws && bake(&session, argv, &error))
                return 0;
        fprintf(stderr, "bake: %s (%s)\n", error_message(error), session.failure.code);
        return 1;
}
