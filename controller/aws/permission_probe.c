#include "aws/permission_probe.h"

#include <stdlib.h>
#include <string.h>

#include "aws/aws_state.h"
#include "aws/request.h"
#include "aws/signed_request.h"
#include "base/clock.h"
#include "base/memory.h"

enum { CLOCK_TIMEOUT_MS = 10000, PARAMETERS_MAX = 8 };

static const struct {
        const char *name;
        const AwsService *service;
        bool dry_run;
        const char *parameters[PARAMETERS_MAX]; /* name, value, … */
} probes[] = {
        { "ec2:DescribeInstances", &aws_ec2, true, { NULL } },
        { "ec2:DescribeImages", &aws_ec2, true, { "Owner.1", "self" } },
        { "ec2:DescribeSnapshots", &aws_ec2, true, { "Owner.1", "self" } },
        { "ec2:DescribeVolumes", &aws_ec2, true, { NULL } },
        { "ec2:DescribeSubnets", &aws_ec2, true, { NULL } },
        { "ec2:DescribeVpcs", &aws_ec2, true, { NULL } },
        { "ec2:DescribeSecurityGroups", &aws_ec2, true, { NULL } },
        { "ec2:DescribeKeyPairs", &aws_ec2, true, { NULL } },
        { "ec2:DescribeLaunchTemplates", &aws_ec2, true, { NULL } },
        { "ec2:DescribeInstanceTypes", &aws_ec2, true, { NULL } },
        { "ec2:CreateLaunchTemplate",
          &aws_ec2,
          true,
          { "LaunchTemplateName", "ghost-check", "LaunchTemplateData.InstanceType", "t3.micro" } },
        { "autoscaling:DescribeAutoScalingGroups", &aws_autoscaling, false, { "MaxRecords", "1" } },
        { "autoscaling:DescribeScalingActivities", &aws_autoscaling, false, { "MaxRecords", "1" } },
        { "elasticloadbalancing:DescribeLoadBalancers", &aws_elbv2, false, { "PageSize", "1" } },
        { "elasticloadbalancing:DescribeTargetGroups", &aws_elbv2, false, { "PageSize", "1" } },
        { "iam:ListInstanceProfiles", &aws_iam, false, { "MaxItems", "1" } },
};
enum { PROBES = sizeof(probes) / sizeof(probes[0]) };

const char *permission_probe_name(size_t index) {
        return index < PROBES ? probes[index].name : NULL;
}

/* What Ghost makes carries this from its first moment, and the policy asks for it. */
static void add_tag(AwsForm *form) {
        form_add(form, "launch-template", "TagSpecification.1.ResourceType");
        form_add(form, "ghost:managed", "TagSpecification.1.Tag.1.Key");
        form_add(form, "true", "TagSpecification.1.Tag.1.Value");
}

bool permission_probe(AwsSession *session, size_t index, bool *ret_allowed, char **ret_why, Error **err) {
        const char *action = strchr(probes[index].name, ':') + 1;
        const char *const *parameters = probes[index].parameters;
        CLEANUP(form_clear) AwsForm form = { 0 };
        CLEANUP(xml_free) Xml *answer = NULL;
        CLEANUP(error_free) Error *failed = NULL;

        for (size_t i = 0; i + 1 < PARAMETERS_MAX && parameters[i]; i += 2)
                form_add(&form, parameters[i + 1], "%s", parameters[i]);
        if (probes[index].dry_run)
                form_add_bool(&form, true, "DryRun");
        if (text_starts_with(action, "Create"))
                add_tag(&form);
        *ret_allowed = aws_call(session, probes[index].service, action, &form, &answer, &failed) ||
                       text_equal(session->failure.code, "DryRunOperation");
        if (*ret_allowed)
                return true;
        if (session->failure.class != AWS_ERROR_PERMISSION) {
                *err = TAKE(failed);
                return false;
        }
        *ret_why = xstrdup(error_message(failed));
        return true;
}

/* Whatever it answers to somebody who is nobody, it says what time it is. */
bool aws_clock_offset(AwsSession *session, int64_t *ret_offset_us, Error **err) {
        const EndpointSources sources = session_endpoints(session);
        CLEANUP(endpoint_clear) Endpoint endpoint = { 0 };
        CLEANUP(http_response_clear) HttpResponse response = { 0 };
        const char *region = NULL;
        int64_t theirs_us = 0;

        if (!session_region(session, "the clock", &region, err) ||
            !endpoint_resolve(&aws_sts, region, &sources, &endpoint, err))
                return false;
        const HttpRequest request = { .method = "GET", .url = endpoint.url, .timeout_ms = CLOCK_TIMEOUT_MS };
        HttpClient *client = aws_take_client(session->aws);
        int64_t before_us = clock_now_us();
        bool sent = http_client_send(client, &request, &response, err);
        int64_t after_us = clock_now_us();
        aws_return_client(session->aws, client);
        if (!sent)
                return error_prefix(err, "%s", endpoint.url);
        const char *date = http_response_header(&response, "date");
        if (!date || !clock_parse_http(date, &theirs_us))
                return error_set(err, ERROR_INTERNAL, "%s does not say what time it is", endpoint.url);
        *ret_offset_us = theirs_us + 500000 - (before_us + after_us) / 2; /* whole seconds, cut off */
        return true;
}
