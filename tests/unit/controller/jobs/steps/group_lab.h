/* A job whose memory outlives its runs, against the AWS of group_cloud.h over HTTP. Each call that changes
 * something and each thing remembered is a point at which a user cancels or the controller dies. */
#pragma once

#include "harness/ghost_test.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "aws/autoscaling.h"
#include "base/memory.h"
#include "group_cloud.h"
#include "harness/job_memory.h"
#include "harness/scripted_http.h"
#include "jobs/steps/ec2_work.h"

typedef struct FakeJob {
        Ec2Work work;
        AwsSession session;
        const char *id;
        JobMemory memory;
        Text log;
        int end_at;
        bool by_death;
        atomic_int events;
        atomic_bool ended;
        bool bootstrap_fails;
} FakeJob;

typedef struct GroupLab {
        Cloud cloud;
        FakeJob job;
        ScriptedHttp *server;
        Aws *aws;
} GroupLab;

static const char *const lab_environment[] = { "HOME=/nonexistent", "AWS_EC2_METADATA_DISABLED=true", NULL };

/* ---- the job ---- */

/* True: it is over now. */
PLAYED bool lab_event(FakeJob *job) {
        if (atomic_fetch_add(&job->events, 1) + 1 == job->end_at)
                atomic_store(&job->ended, true);
        return atomic_load(&job->ended);
}

PLAYED bool lab_remember(void *context, const char *step, const char *value, Error **err) {
        FakeJob *job = context;

        if (job->by_death && job->ended)
                return error_set(err, ERROR_CANCELLED, "dead");
        job_memory_put(&job->memory, step, value);
        return !(lab_event(job) && job->by_death) || error_set(err, ERROR_CANCELLED, "dead");
}

PLAYED bool lab_recall(void *context, const char *step, char **ret, Error **err) {
        FakeJob *job = context;

        (void) err;
        *ret = job_memory_get(&job->memory, step);
        return true;
}

PLAYED void lab_log(void *context, const char *line) {
        FakeJob *job = context;

        text_appendf(&job->log, "%s\n", line);
}

PLAYED bool lab_interrupted(void *context) {
        FakeJob *job = context;

        return job->by_death && job->ended;
}

PLAYED bool lab_should_stop(void *context) {
        FakeJob *job = context;

        return job->ended;
}

PLAYED bool lab_join_info(void *context, const char *purpose, JoinInfo *ret, Error **err) {
        (void) context;
        (void) err;
        *ret = (JoinInfo){ xstrdup("127.0.0.1:5001"), xstrdup("ghost-controller"),
                           xasprintf("token-for-%s", purpose), xstrdup("PEM") };
        return true;
}

PLAYED bool lab_wait_agent(void *context, const char *id, Deadline deadline, char **ret, Error **err) {
        (void) context;
        (void) deadline;
        (void) err;
        *ret = xasprintf("agent-of-%s", id);
        return true;
}

PLAYED bool lab_bootstrap(void *context, const char *agent_id, Error **err) {
        FakeJob *job = context;

        (void) agent_id;
        return !job->bootstrap_fails || error_set(err, ERROR_INVALID, "hook exited with code 3");
}

PLAYED void lab_run(GroupLab *lab) {
        FakeJob *job = &lab->job;

        job->id = "aaaaaaaaaaaaaaaaaaaaaaa1";
        job->session = (AwsSession){ .aws = lab->aws,
                                     .deadline = deadline_after_ms(15000),
                                     .cancelled = lab_should_stop,
                                     .context = job };
        job->work = (Ec2Work){ .context = job,
                               .session = &job->session,
                               .job_id = job->id,
                               .boot_timeout_ms = 5000,
                               .log = lab_log,
                               .remember = lab_remember,
                               .recall = lab_recall,
                               .interrupted = lab_interrupted,
                               .make_join_info = lab_join_info,
                               .wait_agent = lab_wait_agent,
                               .bootstrap = lab_bootstrap };
        job->events = 0;
        job->ended = false;
}

/* ---- changes ---- */

PLAYED void update_group(Cloud *cloud, const char *request) {
        static const char policy[] = "MixedInstancesPolicy.LaunchTemplate.";
        const char *template = sent(
                request, "MixedInstancesPolicy.LaunchTemplate.LaunchTemplateSpecification.LaunchTemplateId");

        cloud->min = sent_number(request, "MinSize", cloud->min);
        cloud->max = sent_number(request, "MaxSize", cloud->max);
        if (*sent(request, "VPCZoneIdentifier"))
                snprintf(cloud->subnets, sizeof(cloud->subnets), "%s", sent(request, "VPCZoneIdentifier"));
        if (*sent(request, "LaunchTemplate.LaunchTemplateId")) {
                snprintf(cloud->group_template, 40, "%s", sent(request, "LaunchTemplate.LaunchTemplateId"));
                snprintf(cloud->group_version, 20, "%s", sent(request, "LaunchTemplate.Version"));
                cloud->launch_configuration[0] = '\0';
        }
        if (*template) {
                char name[100];
                snprintf(name, sizeof(name), "%sOverrides.member.2.WeightedCapacity", policy);
                snprintf(
                        cloud->mixed_sent, sizeof(cloud->mixed_sent), "%s %s %s %s", template,
                        sent(request, "MixedInstancesPolicy.LaunchTemplate.Overrides.member.1.InstanceType"),
                        sent(request, name),
                        sent(request, "MixedInstancesPolicy.InstancesDistribution.SpotMaxPrice"));
        }
        note_serving(cloud);
}

PLAYED void put_tags(Cloud *cloud, const char *request) {
        for (int i = 1; *sent_at(request, "Tags.member.%d.Key", i); i++) {
                const char *key = sent_at(request, "Tags.member.%d.Key", i);
                int at = 0;

                while (at < cloud->tag_count && !text_equal(cloud->tags[at][0], key))
                        at++;
                if (at == cloud->tag_count)
                        cloud->tag_count++;
                snprintf(cloud->tags[at][0], 200, "%s", key);
                snprintf(cloud->tags[at][1], 200, "%s", sent_at(request, "Tags.member.%d.Value", i));
                snprintf(
                        cloud->tags[at][2], 200, "%s",
                        sent_at(request, "Tags.member.%d.PropagateAtLaunch", i));
        }
}

PLAYED void delete_tags(Cloud *cloud, const char *request) {
        for (int i = 1; *sent_at(request, "Tags.member.%d.Key", i); i++)
                for (int at = 0; at < cloud->tag_count; at++)
                        if (text_equal(cloud->tags[at][0], sent_at(request, "Tags.member.%d.Key", i)))
                                memcpy(cloud->tags[at], cloud->tags[--cloud->tag_count],
                                       sizeof(cloud->tags[at]));
}

PLAYED void change_processes(Cloud *cloud, const char *request, bool suspend) {
        CLEANUP(string_list_clear) StringList now = { 0 };
        CLEANUP(text_clear) Text left = { 0 };

        text_split(cloud->suspended, ' ', &now);
        for (size_t i = 0; i < now.count; i++) {
                bool named = !*now.items[i];
                for (int j = 1; *sent_at(request, "ScalingProcesses.member.%d", j); j++)
                        named = named ||
                                text_equal(now.items[i], sent_at(request, "ScalingProcesses.member.%d", j));
                if (!named)
                        text_appendf(&left, "%s%s", left.length ? " " : "", now.items[i]);
        }
        for (int j = 1; suspend && *sent_at(request, "ScalingProcesses.member.%d", j); j++)
                text_appendf(
                        &left, "%s%s", left.length ? " " : "",
                        sent_at(request, "ScalingProcesses.member.%d", j));
        snprintf(cloud->suspended, sizeof(cloud->suspended), "%s", left.data ? left.data : "");
}

PLAYED void end_member_of(Cloud *cloud, const char *request) {
        FakeInstance *instance = lab_instance(cloud, sent(request, "InstanceId"));

        if (!instance)
                return;
        instance->ended++;
        if (instance->member == TERMINATING || instance->member == LEFT)
                return;
        instance->member = TERMINATING;
        instance->looks = 0;
        if (text_equal(sent(request, "ShouldDecrementDesiredCapacity"), "true"))
                cloud->desired--;
        note_serving(cloud);
}

PLAYED int terminate(Cloud *cloud, const char *request) {
        for (int i = 1; *sent_at(request, "InstanceId.%d", i); i++)
                if (lab_instance(cloud, sent_at(request, "InstanceId.%d", i))->protected)
                        return 400;
        for (int i = 1; *sent_at(request, "InstanceId.%d", i); i++) {
                FakeInstance *instance = lab_instance(cloud, sent_at(request, "InstanceId.%d", i));
                instance->code = instance->code == 48 ? 48 : 32;
                instance->ended++;
        }
        return 200;
}

PLAYED int launch_one(Cloud *cloud, const char *request) {
        const char *token = sent(request, "ClientToken");

        if (cloud->address_taken > 0) {
                cloud->address_taken--;
                text_append(
                        &cloud->answer,
                        "<AnyResponse><Errors><Error><Code>InvalidIPAddress.InUse</Code><Message>taken"
                        "</Message></Error></Errors></AnyResponse>");
                return 400;
        }
        FakeInstance *instance = NULL;
        for (int i = 0; i < cloud->count; i++)
                if (text_equal(cloud->instances[i].token, token))
                        instance = &cloud->instances[i];
        if (!instance) {
                instance = lab_add(cloud, NO_MEMBER);
                snprintf(instance->token, sizeof(instance->token), "%s", token);
                snprintf(
                        instance->ip, sizeof(instance->ip), "%s",
                        sent(request, "NetworkInterface.1.PrivateIpAddress"));
                instance->own_job = true;
                cloud->launched++;
        }
        text_appendf(
                &cloud->answer,
                "<AnyResponse><instancesSet><item><instanceId>%s</instanceId></item></instancesSet></"
                "AnyResponse>",
                instance->id);
        return 200;
}

PLAYED void put_hook(Cloud *cloud, const char *request) {
        snprintf(
                cloud->hook, sizeof(cloud->hook), "%s %s", sent(request, "DefaultResult"),
                sent(request, "HeartbeatTimeout"));
}

PLAYED void leave_targets(Cloud *cloud, const char *request) {
        for (int i = 1; *sent_at(request, "Targets.member.%d.Id", i); i++) {
                FakeInstance *instance = lab_instance(cloud, sent_at(request, "Targets.member.%d.Id", i));

                if (instance->registered)
                        instance->draining = 3;
                instance->registered = false;
        }
}

/* All or none: an instance that does not run is refused. */
PLAYED int join_targets(Cloud *cloud, const char *request) {
        for (int i = 0; i < cloud->count; i++)
                if (cloud->instances[i].ends_at_joining)
                        cloud->instances[i].code = 48;
        for (int i = 1; *sent_at(request, "Targets.member.%d.Id", i); i++)
                if (lab_instance(cloud, sent_at(request, "Targets.member.%d.Id", i))->code != 16)
                        return 400;
        for (int i = 1; *sent_at(request, "Targets.member.%d.Id", i); i++) {
                FakeInstance *instance = lab_instance(cloud, sent_at(request, "Targets.member.%d.Id", i));

                instance->checks = instance->registered ? instance->checks : 0;
                instance->registered = true;
                instance->port = (int) strtol(sent_at(request, "Targets.member.%d.Port", i), NULL, 10);
        }
        return 200;
}

PLAYED int change(Cloud *cloud, const char *action, const char *request) {
        if (text_equal(action, "UpdateAutoScalingGroup"))
                update_group(cloud, request);
        else if (text_equal(action, "SetDesiredCapacity")) {
                int wanted = sent_number(request, "DesiredCapacity", -1);
                if (wanted < cloud->min || wanted > cloud->max)
                        return 400;
                cloud->desired = wanted;
        } else if (text_equal(action, "TerminateInstanceInAutoScalingGroup"))
                end_member_of(cloud, request);
        else if (text_equal(action, "ResumeProcesses") && cloud->resume_refused)
                return 400;
        else if (text_equal(action, "SuspendProcesses") || text_equal(action, "ResumeProcesses"))
                change_processes(cloud, request, *action == 'S');
        else if (text_equal(action, "CreateOrUpdateTags"))
                put_tags(cloud, request);
        else if (text_equal(action, "DeleteTags"))
                delete_tags(cloud, request);
        else if (text_equal(action, "PutLifecycleHook"))
                put_hook(cloud, request);
        else if (
                text_equal(action, "EnableMetricsCollection") ||
                text_equal(action, "DisableMetricsCollection"))
                snprintf(cloud->metrics, sizeof(cloud->metrics), "%.6s", action);
        else if (text_equal(action, "ModifyLaunchTemplate"))
                cloud->default_version = sent_number(request, "SetDefaultVersion", 0);
        else if (text_equal(action, "DeleteLaunchTemplateVersions"))
                for (int i = 1; *sent_at(request, "LaunchTemplateVersion.%d", i); i++)
                        cloud->versions[strtol(sent_at(request, "LaunchTemplateVersion.%d", i), NULL, 10) - 1]
                                .number = 0;
        else if (text_equal(action, "DeregisterTargets"))
                leave_targets(cloud, request);
        else if (text_equal(action, "RegisterTargets"))
                return join_targets(cloud, request);
        else if (text_equal(action, "TerminateInstances"))
                return terminate(cloud, request);
        return 200;
}

PLAYED int create(Cloud *cloud, const char *action, const char *request) {
        if (text_equal(action, "RunInstances"))
                return launch_one(cloud, request);
        /* The same token is the same version. */
        for (int i = 0; i < cloud->version_count; i++)
                if (text_equal(cloud->versions[i].user_data, sent(request, "ClientToken"))) {
                        text_appendf(
                                &cloud->answer,
                                "<AnyResponse><launchTemplate><launchTemplateId>lt-1"
                                "</launchTemplateId></launchTemplate><launchTemplateVersion>"
                                "<versionNumber>%d</versionNumber></launchTemplateVersion></AnyResponse>",
                                i + 1);
                        return 200;
                }
        add_version(cloud, request);
        snprintf(
                cloud->versions[cloud->version_count - 1].user_data, 400, "%s", sent(request, "ClientToken"));
        if (text_equal(action, "CreateLaunchTemplate"))
                snprintf(cloud->template_owner, 40, "%s", "app1");
        text_appendf(
                &cloud->answer,
                "<AnyResponse><launchTemplate><launchTemplateId>lt-1</launchTemplateId>"
                "</launchTemplate><launchTemplateVersion><versionNumber>%d</versionNumber>"
                "</launchTemplateVersion></AnyResponse>",
                cloud->version_count);
        return 200;
}

PLAYED ScriptedReply lab_answer(void *context, const char *request) {
        GroupLab *lab = context;
        Cloud *cloud = &lab->cloud;
        char action[80];
        int status = 200;

        snprintf(action, sizeof(action), "%s", sent(request, "Action"));
        text_clear(&cloud->answer);
        if (lab->job.by_death && lab->job.ended)
                return (ScriptedReply){ .status = 0 };
        if (!answer_look(cloud, action, request)) {
                if (lab_event(&lab->job) && lab->job.by_death) /* before it took effect */
                        return (ScriptedReply){ .status = 0 };
                status = text_starts_with(action, "Create") && !strstr(action, "Tags")
                                 ? create(cloud, action, request)
                         : text_equal(action, "RunInstances") ? create(cloud, action, request)
                                                              : change(cloud, action, request);
                if (lab_event(&lab->job) && lab->job.by_death) /* its answer is lost */
                        return (ScriptedReply){ .status = 0 };
        }
        if (status == 400 && !cloud->answer.length)
                text_appendf(
                        &cloud->answer,
                        "<AnyResponse><Errors><Error><Code>%s</Code><Message>refused</Message></Error>"
                        "</Errors><Error><Code>ValidationError</Code></Error></AnyResponse>",
                        text_equal(action, "TerminateInstances") ? "OperationNotPermitted"
                                                                 : "ValidationError");
        return (ScriptedReply){ .status = status,
                                .body = cloud->answer.length ? cloud->answer.data : "<AnyResponse/>" };
}

/* A group of four that serve. */
PLAYED GroupLab *lab_new(void) {
        GroupLab *lab = xcalloc(1, sizeof(*lab));

        lab->server = scripted_http_start_handler(lab_answer, lab);
        AwsOptions options = { .region = "eu-west-1",
                               .endpoint_url = scripted_http_url(lab->server),
                               .access_key_id = "AKIDEXAMPLE",
                               .secret_access_key = "secret",
                               .retry_base_ms = 2,
                               .poll_interval_ms = 5,
                               .environment = lab_environment };
        assert_ok(lab->aws = aws_new(&options, err));
        lab->cloud.min = 2;
        lab->cloud.max = lab->cloud.desired = lab->cloud.serving_min = GROUP_OF_FOUR;
        for (int i = 0; i < GROUP_OF_FOUR; i++)
                lab_add(&lab->cloud, IN_SERVICE);
        lab_run(lab);
        return lab;
}

PLAYED void lab_free(GroupLab *lab) {
        scripted_http_stop(lab->server);
        aws_free(lab->aws);
        text_clear(&lab->cloud.answer);
        job_memory_clear(&lab->job.memory);
        text_clear(&lab->job.log);
        free(lab);
}
PLAYED void lab_freep(GroupLab **lab) {
        lab_free(*lab);
}
