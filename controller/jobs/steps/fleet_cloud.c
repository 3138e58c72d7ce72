/* What AWS knows of the instances that a run is for. */
#include <stdlib.h>

#include "aws/autoscaling.h"
#include "base/memory.h"
#include "jobs/steps/app_instances.h"
#include "jobs/steps/fleet_state.h"
#include "jobs/steps/job_ec2.h"
#include "jobs/steps/taken_away.h"

enum { LOOK_TIMEOUT_MS = 60 * 1000, MS_US = 1000 };

typedef struct Cloud {
        JobEc2 *ec2;
        Ec2Instances found;   /* by the application's tags */
        Ec2Instances members; /* of its group, in service, found by no tag */
} Cloud;
static void cloud_clearp(Cloud *cloud) {
        ec2_instances_clear(&cloud->found);
        ec2_instances_clear(&cloud->members);
}

static const Document *find_document(const Document *instances, const char *id) {
        for (size_t i = 0; i < document_count(instances); i++)
                if (text_equal(document_get_string(document_at(instances, i), "instance_id"), id))
                        return document_at(instances, i);
        return NULL;
}

static const Ec2Instance *find_instance(const Ec2Instances *found, const char *id) {
        for (size_t i = 0; i < found->count; i++)
                if (text_equal(found->items[i].id, id))
                        return &found->items[i];
        return NULL;
}

/* ---- looking ---- */

static bool find_members(Cloud *cloud, Error **err) {
        const char *name = document_get_string(cloud->ec2->job->app, "autoscale.name");
        CLEANUP(auto_scaling_group_clear) AutoScalingGroup group = { 0 };
        CLEANUP(string_list_clear) StringList ids = { 0 };
        CLEANUP(error_free) Error *error = NULL;

        if (text_empty(name))
                return true;
        if (!asg_describe_group(&cloud->ec2->session, name, &group, &error)) {
                if (error_kind(error) == ERROR_NOT_FOUND)
                        return true;
                *err = TAKE(error);
                return false;
        }
        for (size_t i = 0; i < group.instances.count; i++)
                if (group.instances.items[i].state == ASG_IN_SERVICE &&
                    !find_instance(&cloud->found, group.instances.items[i].id))
                        string_list_add(&ids, group.instances.items[i].id);
        return ids.count == 0 || ec2_find_instances(&cloud->ec2->session, &ids, &cloud->members, err);
}

static bool look(Cloud *cloud, Error **err) {
        return find_app_instances(&cloud->ec2->work, &cloud->ec2->app, &cloud->found, err) &&
               find_members(cloud, err);
}

/* ---- sorting ---- */

/* Young enough to be on its way to its first session. */
static bool may_boot(const Fleet *fleet, const Ec2Instance *instance) {
        const JobLimits *limits = &fleet->job->services->limits;
        int64_t launched_us = 0;

        if (instance->state == EC2_PENDING || !clock_parse_iso(instance->launch_time, &launched_us))
                return true;
        return clock_now_us() - launched_us < (limits->boot_timeout_ms + limits->group_ready_ms) * MS_US;
}

static void add_unknown(Fleet *fleet, const Ec2Instance *instance) {
        if ((instance->state != EC2_RUNNING && instance->state != EC2_PENDING) ||
            text_equal(ec2_tags_value(&instance->tags, "ghost:purpose"), "bake"))
                return;
        if (may_boot(fleet, instance)) {
                fleet_leave_out(fleet, instance->id, "it boots, and gets what is wanted then");
        } else
                string_list_add(&fleet->unreachable, instance->id);
}

static bool has_agent(const Document *instances, const char *id) {
        const Document *known = find_document(instances, id);

        return known && *document_get_string(known, "agent_id");
}

static void sort_found(Fleet *fleet, const Cloud *cloud, const Document *instances) {
        for (size_t i = 0; i < cloud->found.count; i++)
                if (!has_agent(instances, cloud->found.items[i].id))
                        add_unknown(fleet, &cloud->found.items[i]);
        for (size_t i = 0; i < cloud->members.count; i++)
                if (!has_agent(instances, cloud->members.items[i].id))
                        add_unknown(fleet, &cloud->members.items[i]);
}

static bool is_over(const Ec2Instance *instance) {
        return instance->state == EC2_TERMINATED || instance->state == EC2_SHUTTING_DOWN ||
               instance->state == EC2_STOPPING || instance->state == EC2_STOPPED;
}

/* Of these, the ones that EC2 shows as ended or stopped; one that it does not show is not judged. */
static bool add_ended(JobEc2 *ec2, const StringList *ids, StringList *ret, Error **err) {
        CLEANUP(ec2_instances_clear) Ec2Instances found = { 0 };

        if (ids->count == 0)
                return true;
        if (!ec2_find_instances(&ec2->session, ids, &found, err))
                return false;
        for (size_t i = 0; i < found.count; i++) {
                if (!is_over(&found.items[i]))
                        continue;
                job_log(ec2->job, "%s is left out: it is %s", found.items[i].id,
                        ec2_instance_state_word(found.items[i].state));
                string_list_add(ret, found.items[i].id);
        }
        return true;
}

static bool find_ended(Cloud *cloud, const Document *instances, StringList *ret, Error **err) {
        CLEANUP(string_list_clear) StringList ids = { 0 };

        for (size_t i = 0; i < document_count(instances); i++) {
                const Document *one = document_at(instances, i);
                const char *id = document_get_string(one, "instance_id");
                const Ec2Instance *instance = find_instance(&cloud->found, id);

                if (!text_equal(document_get_string(one, "state"), "gone") &&
                    (!instance || instance->state != EC2_RUNNING))
                        string_list_add(&ids, id);
        }
        return add_ended(cloud->ec2, &ids, ret, err);
}

static void open_session(JobEc2 *ec2, JobContext *job) {
        job_ec2_init(ec2, job);
        /* A deploy does not depend on AWS answering. */
        ec2->session.deadline = deadline_earlier(ec2->session.deadline, deadline_after_ms(LOOK_TIMEOUT_MS));
}

void fleet_look_at_cloud(Fleet *fleet, const Document *instances, StringList *ret_ended) {
        CLEANUP(error_free) Error *error = NULL;

        if (!fleet->job->services->aws)
                return;
        CLEANUP(job_ec2_clear) JobEc2 ec2;
        open_session(&ec2, fleet->job);
        __attribute__((cleanup(cloud_clearp))) Cloud cloud = { .ec2 = &ec2 };
        if (!look(&cloud, &error) || !find_ended(&cloud, instances, ret_ended, &error)) {
                job_log(fleet->job, "WARNING: whether other instances run is not known: %s",
                        error_message(error));
                return;
        }
        sort_found(fleet, &cloud, instances);
}

static void mark_ended(Fleet *fleet, size_t from, size_t to, const StringList *ended) {
        for (size_t i = from; i < to; i++) {
                FleetInstance *one = &fleet->items[i];

                if (!string_list_contains(ended, one->id))
                        continue;
                one->gone = true;
                free(one->failed);
                one->failed = NULL;
        }
}

/* *ret_expected: one was cancelled and nobody asked for it: its agent was shut down, as with the instance. */
static void find_failed(const Fleet *fleet, size_t from, size_t to, StringList *ret, bool *ret_expected) {
        *ret_expected = false;
        for (size_t i = from; i < to; i++) {
                const FleetInstance *one = &fleet->items[i];

                if (!one->failed || one->gone)
                        continue;
                string_list_add(ret, one->id);
                *ret_expected = *ret_expected || one->task.kind == ERROR_CANCELLED;
        }
}

void fleet_forget_ended(Fleet *fleet, size_t from, size_t to) {
        Deadline patience = deadline_after_ms(TAKEN_AWAY_PATIENCE_MS);
        CLEANUP(error_free) Error *error = NULL;
        CLEANUP(string_list_clear) StringList failed = { 0 };
        bool expected = false;

        find_failed(fleet, from, to, &failed, &expected);
        if (failed.count == 0 || !fleet->job->services->aws)
                return;
        CLEANUP(job_ec2_clear) JobEc2 ec2;
        open_session(&ec2, fleet->job);
        do {
                CLEANUP(string_list_clear) StringList ids = { 0 };
                CLEANUP(string_list_clear) StringList ended = { 0 };

                find_failed(fleet, from, to, &ids, &expected);
                if (!add_ended(&ec2, &ids, &ended, &error)) {
                        job_log(fleet->job, "WARNING: whether it still runs is not known: %s",
                                error_message(error));
                        return;
                }
                mark_ended(fleet, from, to, &ended);
                if (expected &&
                    (ended.count == ids.count || deadline_passed(patience) ||
                     !aws_session_sleep(&ec2.session, aws_poll_interval_ms(ec2.session.aws), &error)))
                        return;
        } while (expected);
}
