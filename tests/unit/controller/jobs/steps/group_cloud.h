/* A little AWS in memory: one Auto Scaling group with a target group, instances that come and go look by
 * look, a launch template. What it answers; for group_lab.h. */
#pragma once

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "harness/query_parameters.h"

#define PLAYED __attribute__((unused)) static
#define SET(slot, text) snprintf((slot), sizeof(slot), "%s", (text))

enum { INSTANCES = 64, TAGS = 40, VERSIONS = 40, GROUP_OF_FOUR = 4 };

typedef enum MemberState { NO_MEMBER, PENDING, IN_SERVICE, TERMINATING, LEFT } MemberState;

typedef struct FakeInstance {
        char id[24], ip[20], token[80];
        MemberState member;
        int looks;  /* at the group since the state began */
        int checks; /* at the target's health since it is in service */
        int code;   /* of its EC2 state */
        bool registered, protected, own_job, unhealthy;
        bool ends_at_joining; /* at that moment, nobody could have seen it before */
        int ended;            /* how often it was asked to end */
        int draining;         /* looks at the targets until it is out */
        int port;             /* of the target; 0: 80 */
} FakeInstance;

typedef struct FakeVersion {
        int number;
        char hash[80], image[40], user_data[400];
} FakeVersion;

typedef struct Cloud {
        FakeInstance instances[INSTANCES];
        int count;
        int min, max, desired, max_seen;
        int serving_min; /* fewest that were in service and healthy at any time */
        bool launches_fail, absent, no_image, detaching, resume_refused;
        char suspended[200]; /* "AZRebalance Launch" */
        char tags[TAGS][3][200];
        int tag_count;
        char template_owner[40]; /* ""; there is no template */
        FakeVersion versions[VERSIONS];
        int version_count, default_version;
        char group_template[40], group_version[20], launch_configuration[40];
        bool mixed;
        int refresh_looks;    /* somebody's refresh runs from that look on; 0: never */
        char mixed_sent[400]; /* what the policy was set to */
        char hook[60];        /* "ABANDON 900" */
        char subnets[100], metrics[20];
        int address_taken; /* so many launches are told that their address is in use */
        int launched;
        Text answer;
} Cloud;

/* ---- the group ---- */

PLAYED FakeInstance *lab_instance(Cloud *cloud, const char *id) {
        for (int i = 0; i < cloud->count; i++)
                if (text_equal(cloud->instances[i].id, id))
                        return &cloud->instances[i];
        fprintf(stderr, "no instance %s\n", id);
        abort();
}

PLAYED FakeInstance *lab_add(Cloud *cloud, MemberState member) {
        FakeInstance *instance = &cloud->instances[cloud->count++];

        assert_true(cloud->count < INSTANCES);
        snprintf(instance->id, sizeof(instance->id), "i-%08d", cloud->count);
        snprintf(instance->ip, sizeof(instance->ip), "10.0.0.%d", cloud->count);
        instance->member = member;
        instance->code = 16;
        instance->registered = member != NO_MEMBER;
        instance->checks = member == IN_SERVICE ? 9 : 0;
        return instance;
}

PLAYED bool is_suspended(const Cloud *cloud, const char *process) {
        return strstr(cloud->suspended, process) != NULL;
}

PLAYED int members_in(const Cloud *cloud, MemberState state) {
        int count = 0;

        for (int i = 0; i < cloud->count; i++)
                count += cloud->instances[i].member == state;
        return count;
}

PLAYED void note_serving(Cloud *cloud) {
        int serving = 0;

        for (int i = 0; i < cloud->count; i++)
                serving += cloud->instances[i].member == IN_SERVICE && cloud->instances[i].checks > 1;
        cloud->serving_min = serving < cloud->serving_min ? serving : cloud->serving_min;
        cloud->max_seen = cloud->max > cloud->max_seen ? cloud->max : cloud->max_seen;
}

PLAYED void tick(Cloud *cloud) {
        for (int i = 0; i < cloud->count; i++) {
                FakeInstance *instance = &cloud->instances[i];
                bool over = ++instance->looks > 1;

                if (instance->member == PENDING && over) {
                        instance->member = IN_SERVICE;
                        instance->registered = true;
                } else if (instance->member == TERMINATING && over) {
                        instance->member = LEFT;
                        instance->registered = false;
                        instance->code = 48;
                }
        }
        if (!cloud->launches_fail && !is_suspended(cloud, "Launch"))
                while (members_in(cloud, PENDING) + members_in(cloud, IN_SERVICE) < cloud->desired)
                        lab_add(cloud, PENDING);
        note_serving(cloud);
}

static const char *const member_words[] = { "", "Pending:Wait", "InService", "Terminating", "" };

PLAYED void answer_group_template(Cloud *cloud) {
        Text *out = &cloud->answer;

        if (cloud->mixed)
                text_appendf(
                        out,
                        "<MixedInstancesPolicy><LaunchTemplate><LaunchTemplateSpecification>"
                        "<LaunchTemplateId>%s</LaunchTemplateId><LaunchTemplateName>n"
                        "</LaunchTemplateName><Version>%s</Version></LaunchTemplateSpecification>"
                        "<Overrides><member><InstanceType>m5.large</InstanceType></member><member>"
                        "<InstanceType>m6.large</InstanceType><WeightedCapacity>2</WeightedCapacity>"
                        "</member></Overrides></LaunchTemplate><InstancesDistribution>"
                        "<SpotMaxPrice>0.1</SpotMaxPrice></InstancesDistribution>"
                        "</MixedInstancesPolicy>",
                        cloud->group_template, cloud->group_version);
        else if (*cloud->group_template)
                text_appendf(
                        out,
                        "<LaunchTemplate><LaunchTemplateId>%s</LaunchTemplateId><Version>%s</Version>"
                        "</LaunchTemplate>",
                        cloud->group_template, cloud->group_version);
}

PLAYED void answer_group(Cloud *cloud) {
        Text *out = &cloud->answer;

        tick(cloud);
        text_append(out, "<AnyResponse><DescribeAutoScalingGroupsResult><AutoScalingGroups>");
        if (!cloud->absent) {
                text_appendf(
                        out,
                        "<member><AutoScalingGroupName>web</AutoScalingGroupName><MinSize>%d</MinSize>"
                        "<MaxSize>%d</MaxSize><DesiredCapacity>%d</DesiredCapacity><TargetGroupARNs>"
                        "<member>arn:aws:tg/web</member></TargetGroupARNs><Instances>",
                        cloud->min, cloud->max, cloud->desired);
                for (int i = 0; i < cloud->count; i++) {
                        const FakeInstance *instance = &cloud->instances[i];
                        if (instance->member == NO_MEMBER || instance->member == LEFT)
                                continue;
                        text_appendf(
                                out,
                                "<member><InstanceId>%s</InstanceId><LifecycleState>%s</LifecycleState>"
                                "<HealthStatus>Healthy</HealthStatus></member>",
                                instance->id, member_words[instance->member]);
                }
                text_append(out, "</Instances><SuspendedProcesses>");
                CLEANUP(string_list_clear) StringList processes = { 0 };
                text_split(cloud->suspended, ' ', &processes);
                for (size_t i = 0; i < processes.count; i++)
                        if (*processes.items[i])
                                text_appendf(
                                        out, "<member><ProcessName>%s</ProcessName></member>",
                                        processes.items[i]);
                text_append(out, "</SuspendedProcesses><Tags>");
                for (int i = 0; i < cloud->tag_count; i++)
                        text_appendf(
                                out,
                                "<member><Key>%s</Key><Value>%s</Value><PropagateAtLaunch>%s"
                                "</PropagateAtLaunch></member>",
                                cloud->tags[i][0], cloud->tags[i][1], cloud->tags[i][2]);
                text_append(out, "</Tags>");
                answer_group_template(cloud);
                text_appendf(
                        out, "<LaunchConfigurationName>%s</LaunchConfigurationName></member>",
                        cloud->launch_configuration);
        }
        text_append(out, "</AutoScalingGroups></DescribeAutoScalingGroupsResult></AnyResponse>");
}

PLAYED void answer_members(Cloud *cloud, const char *request) {
        text_append(
                &cloud->answer, "<AnyResponse><DescribeAutoScalingInstancesResult><AutoScalingInstances>");
        for (int i = 1; *sent_at(request, "InstanceIds.member.%d", i); i++) {
                const FakeInstance *instance =
                        lab_instance(cloud, sent_at(request, "InstanceIds.member.%d", i));
                if (instance->member != NO_MEMBER && instance->member != LEFT)
                        text_appendf(
                                &cloud->answer,
                                "<member><InstanceId>%s</InstanceId><AutoScalingGroupName>web"
                                "</AutoScalingGroupName><LifecycleState>%s</LifecycleState></member>",
                                instance->id, member_words[instance->member]);
        }
        text_append(
                &cloud->answer, "</AutoScalingInstances></DescribeAutoScalingInstancesResult></AnyResponse>");
}

PLAYED void answer_health(Cloud *cloud) {
        text_append(&cloud->answer, "<AnyResponse><DescribeTargetHealthResult><TargetHealthDescriptions>");
        for (int i = 0; i < cloud->count; i++) {
                FakeInstance *instance = &cloud->instances[i];
                bool draining = !instance->registered && instance->draining-- > 0;
                if (!instance->registered && !draining)
                        continue;
                const char *state = draining || instance->member == TERMINATING ? "draining"
                                    : instance->unhealthy                       ? "unhealthy"
                                    : ++instance->checks > 1                    ? "healthy"
                                                                                : "initial";
                text_appendf(
                        &cloud->answer,
                        "<member><Target><Id>%s</Id><Port>%d</Port></Target><TargetHealth><State>%s</State>"
                        "</TargetHealth></member>",
                        instance->id, instance->port ? instance->port : 80, state);
        }
        text_append(&cloud->answer, "</TargetHealthDescriptions></DescribeTargetHealthResult></AnyResponse>");
}

PLAYED void answer_instances(Cloud *cloud, const char *request) {
        bool by_id = false, by_token = false, by_job = false;
        CLEANUP(text_clear) Text wanted = { 0 };

        for (int filter = 1; *sent_at(request, "Filter.%d.Name", filter); filter++) {
                const char *name = sent_at(request, "Filter.%d.Name", filter);
                char format[60];

                by_id = by_id || text_equal(name, "instance-id");
                by_token = by_token || text_equal(name, "client-token");
                by_job = by_job || text_equal(name, "tag:ghost:job");
                if (!text_equal(name, "instance-id") && !text_equal(name, "client-token"))
                        continue;
                snprintf(format, sizeof(format), "Filter.%d.Value.%%d", filter);
                for (int i = 1; *sent_at(request, format, i); i++) {
                        text_appendf(&wanted, "%s,", sent_at(request, format, i));
                }
        }
        text_append(&cloud->answer, "<AnyResponse><reservationSet><item><instancesSet>");
        for (int i = 0; i < cloud->count; i++) {
                FakeInstance *instance = &cloud->instances[i];
                char marked[90];

                snprintf(marked, sizeof(marked), "%s,", by_token ? instance->token : instance->id);
                if ((by_id || by_token) ? !strstr(wanted.data ? wanted.data : "", marked)
                                        : instance->code == 48)
                        continue;
                if (by_job && !instance->own_job)
                        continue;
                if (instance->code == 32)
                        instance->code = 48;
                text_appendf(
                        &cloud->answer,
                        "<item><instanceId>%s</instanceId><instanceState><code>%d</code><name>%s</name></"
                        "instanceState>"
                        "<subnetId>subnet-1</subnetId><privateIpAddress>%s</privateIpAddress></item>",
                        instance->id, instance->code,
                        instance->code == 16   ? "running"
                        : instance->code == 32 ? "shutting-down"
                                               : "terminated",
                        instance->ip);
        }
        text_append(&cloud->answer, "</instancesSet></item></reservationSet></AnyResponse>");
}

/* ---- templates ---- */

PLAYED void answer_versions(Cloud *cloud) {
        text_append(&cloud->answer, "<AnyResponse><launchTemplateVersionSet>");
        for (int i = 0; i < cloud->version_count; i++)
                if (cloud->versions[i].number)
                        text_appendf(
                                &cloud->answer,
                                "<item><versionNumber>%d</versionNumber><versionDescription>%s"
                                "</versionDescription><defaultVersion>%s</defaultVersion></item>",
                                cloud->versions[i].number, cloud->versions[i].hash,
                                cloud->versions[i].number == cloud->default_version ? "true" : "false");
        text_append(&cloud->answer, "</launchTemplateVersionSet></AnyResponse>");
}

PLAYED void answer_template(Cloud *cloud) {
        text_append(&cloud->answer, "<AnyResponse><launchTemplates>");
        if (*cloud->template_owner)
                text_appendf(
                        &cloud->answer,
                        "<item><launchTemplateId>lt-1</launchTemplateId><launchTemplateName>ghost-app1"
                        "</launchTemplateName><tagSet><item><key>ghost:app-id</key><value>%s</value></item>"
                        "</tagSet></item>",
                        cloud->template_owner);
        text_append(&cloud->answer, "</launchTemplates></AnyResponse>");
}

PLAYED void add_version(Cloud *cloud, const char *request) {
        FakeVersion *version = &cloud->versions[cloud->version_count++];

        version->number = cloud->version_count;
        snprintf(version->hash, sizeof(version->hash), "%s", sent(request, "VersionDescription"));
        snprintf(version->image, sizeof(version->image), "%s", sent(request, "LaunchTemplateData.ImageId"));
        if (!cloud->default_version)
                cloud->default_version = 1;
}

PLAYED void answer_refreshes(Cloud *cloud) {
        text_appendf(
                &cloud->answer,
                "<DescribeInstanceRefreshesResponse><DescribeInstanceRefreshesResult><"
                "InstanceRefreshes>%s<member><InstanceRefreshId>"
                "old</InstanceRefreshId><Status>Cancelled</Status></member></InstanceRefreshes>"
                "</DescribeInstanceRefreshesResult></DescribeInstanceRefreshesResponse>",
                cloud->refresh_looks && --cloud->refresh_looks == 0
                        ? "<member><InstanceRefreshId>r-1</InstanceRefreshId><Status>InProgress"
                          "</Status><PercentageComplete>40</PercentageComplete></member>"
                        : "");
}

PLAYED void answer_target_groups(Cloud *cloud) {
        text_appendf(
                &cloud->answer,
                "<AnyResponse><DescribeLoadBalancerTargetGroupsResult><LoadBalancerTargetGroups>"
                "<member><LoadBalancerTargetGroupARN>arn:aws:tg/web</LoadBalancerTargetGroupARN>"
                "<State>%s</State></member></LoadBalancerTargetGroups>"
                "</DescribeLoadBalancerTargetGroupsResult></AnyResponse>",
                cloud->detaching ? "Removing" : "InService");
}

PLAYED bool answer_look(Cloud *cloud, const char *action, const char *request) {
        if (text_equal(action, "DescribeAutoScalingGroups"))
                answer_group(cloud);
        else if (text_equal(action, "DescribeAutoScalingInstances"))
                answer_members(cloud, request);
        else if (text_equal(action, "DescribeTargetHealth"))
                answer_health(cloud);
        else if (text_equal(action, "DescribeInstances"))
                answer_instances(cloud, request);
        else if (text_equal(action, "DescribeLaunchTemplateVersions"))
                answer_versions(cloud);
        else if (text_equal(action, "DescribeLaunchTemplates"))
                answer_template(cloud);
        else if (text_equal(action, "DescribeInstanceRefreshes"))
                answer_refreshes(cloud);
        else if (text_equal(action, "DescribeLifecycleHooks"))
                text_append(&cloud->answer, "<AnyResponse><DescribeLifecycleHooksResult/></AnyResponse>");
        else if (text_equal(action, "DescribeLoadBalancerTargetGroups"))
                answer_target_groups(cloud);
        else if (text_equal(action, "DescribeTargetGroupAttributes"))
                text_append(
                        &cloud->answer,
                        "<AnyResponse><DescribeTargetGroupAttributesResult><Attributes><member><Key>"
                        "deregistration_delay.timeout_seconds</Key><Value>0</Value></member></Attributes>"
                        "</DescribeTargetGroupAttributesResult></AnyResponse>");
        else if (text_equal(action, "DescribeScalingActivities"))
                text_append(
                        &cloud->answer,
                        "<AnyResponse><DescribeScalingActivitiesResult><Activities><member><StatusCode>Failed"
                        "</StatusCode><Description>Launching.</Description><StatusMessage>no capacity"
                        "</StatusMessage></member></Activities></DescribeScalingActivitiesResult></"
                        "AnyResponse>");
        else if (text_equal(action, "DescribeLaunchConfigurations"))
                text_append(
                        &cloud->answer,
                        "<AnyResponse><DescribeLaunchConfigurationsResult><LaunchConfigurations><member><"
                        "ImageId>ami-"
                        "old"
                        "</ImageId><InstanceType>t2.nano</InstanceType></member></LaunchConfigurations>"
                        "</DescribeLaunchConfigurationsResult></AnyResponse>");
        else if (text_equal(action, "DescribeImages"))
                text_append(
                        &cloud->answer,
                        "<AnyResponse><imagesSet><item><imageId>ami-1</imageId><imageState>available</"
                        "imageState>"
                        "<rootDeviceName>/dev/xvda</rootDeviceName></item></imagesSet></AnyResponse>");
        else
                return false;
        return true;
}
