/* A client of a sandbox without agents: what tests of steps in EC2 work with. */
#pragma once

#include "aws/ec2.h"
#include "harness/ghost_test.h"
#include "harness/sandbox.h"

typedef struct SandboxCase {
        Sandbox *sandbox;
        Aws *aws;
        AwsSession session;
} SandboxCase;

static const char *const sandbox_environment[] = { "HOME=/nonexistent", "AWS_EC2_METADATA_DISABLED=true",
                                                   NULL };

/* False: this machine cannot run one, and the test is to skip. */
static inline bool sandbox_case_open(SandboxCase *ret) {
        Sandbox *sandbox = sandbox_start();

        if (!sandbox)
                return false;
        const AwsOptions options = { .region = sandbox_value(sandbox, "region"),
                                     .endpoint_url = sandbox_value(sandbox, "endpoint"),
                                     .access_key_id = sandbox_value(sandbox, "access_key"),
                                     .secret_access_key = sandbox_value(sandbox, "secret_key"),
                                     .poll_interval_ms = 20,
                                     .retry_base_ms = 2,
                                     .environment = sandbox_environment };
        *ret = (SandboxCase){ .sandbox = sandbox };
        assert_ok(ret->aws = aws_new(&options, err));
        ret->session = (AwsSession){ .aws = ret->aws, .deadline = deadline_after_ms(60000) };
        return true;
}

static inline void sandbox_case_clearp(SandboxCase *test) {
        aws_free(test->aws);
        sandbox_stopp(&test->sandbox);
}

/* Runs, with these tags ("key", "value", …, NULL). Caller frees the id. */
static inline char *sandbox_case_launch(SandboxCase *test, const char *token, const char *const *tags) {
        CLEANUP(ec2_tags_clear) Ec2Tags own = { 0 };
        CLEANUP(ec2_instance_clear) Ec2Instance instance = { 0 };
        const Ec2BlockDevice root = { .name = "/dev/xvda", .size_gib = 20 };

        for (; *tags; tags += 2)
                ec2_tags_add(&own, tags[0], tags[1]);
        const Ec2RunSpec spec = { .image_id = sandbox_value(test->sandbox, "base_image_id"),
                                  .instance_type = sandbox_value(test->sandbox, "instance_type"),
                                  .client_token = token,
                                  .subnet_id = sandbox_value(test->sandbox, "subnet_ids.0"),
                                  .devices = &root,
                                  .device_count = 1,
                                  .tags = &own };
        assert_ok(ec2_run_instance(&test->session, &spec, &instance, err));
        return TAKE(instance.id);
}

static inline Ec2InstanceState sandbox_case_state(SandboxCase *test, const char *id) {
        CLEANUP(string_list_clear) StringList ids = { 0 };
        CLEANUP(ec2_instances_clear) Ec2Instances found = { 0 };

        string_list_add(&ids, id);
        assert_ok(ec2_find_instances(&test->session, &ids, &found, err));
        return found.count == 1 ? found.items[0].state : EC2_TERMINATED;
}
