/* A job that bakes or creates in a sandbox. Each thing remembered and each order to an agent is an event at
 * which a user cancels or the controller dies; agents are played. */
#pragma once

#include "harness/ghost_test.h"

#include <stdlib.h>

#include "aws/request.h"
#include "base/memory.h"
#include "harness/job_memory.h"
#include "harness/sandbox.h"
#include "jobs/steps/ec2_work.h"

#define PLAYED __attribute__((unused)) static

typedef struct Lab {
        Sandbox *sandbox;
        Aws *aws;
} Lab;

/* One job: its memory outlives its runs. */
typedef struct FakeJob {
        Ec2Work work;
        AwsSession session;
        char *id;
        JobMemory memory;
        Text log;
        int events;    /* calls that change something the job remembers or that an agent sees */
        int end_at;    /* at the event of that number … */
        bool by_death; /* … the controller dies; else a user cancels */
        bool ended;
        int scripts;
        bool agent_fails;
        bool untags; /* takes the tags of the snapshots away as soon as there is an image */
        bool dies;   /* the instance, while it boots */
        bool silent; /* its agent never comes */
        int waits;
        Text failures; /* "i-…: why", as told */
} FakeJob;

PLAYED bool count_event(FakeJob *job, Error **err) {
        if (++job->events == job->end_at)
                job->ended = true;
        return !job->ended || error_set(err, ERROR_CANCELLED, "cancelled");
}

PLAYED void untag_snapshots(FakeJob *job) {
        CLEANUP(ec2_filters_clear) Ec2Filters filters = { 0 };
        CLEANUP(ec2_snapshots_clear) Ec2Snapshots snapshots = { 0 };

        ec2_filters_add_tag(&filters, "ghost:job", job->id);
        assert_ok(ec2_describe_own_snapshots(&job->session, &filters, &snapshots, err));
        assert_true(snapshots.count > 0);
        for (size_t i = 0; i < snapshots.count; i++) {
                CLEANUP(form_clear) AwsForm form = { 0 };
                CLEANUP(xml_free) Xml *answer = NULL;

                form_add(&form, snapshots.items[i].id, "ResourceId.1");
                form_add(&form, "ghost:job", "Tag.1.Key");
                assert_ok(aws_call(&job->session, &aws_ec2, "DeleteTags", &form, &answer, err));
        }
}

PLAYED bool fake_remember(void *context, const char *step, const char *value, Error **err) {
        FakeJob *job = context;

        if (job->by_death && job->ended)
                return error_set(err, ERROR_CANCELLED, "dead");
        job_memory_put(&job->memory, step, value);
        if (job->untags && text_equal(step, "bake.image"))
                untag_snapshots(job);
        return count_event(job, err);
}

PLAYED bool fake_recall(void *context, const char *step, char **ret, Error **err) {
        FakeJob *job = context;

        (void) err;
        *ret = job_memory_get(&job->memory, step);
        return true;
}

PLAYED void fake_log(void *context, const char *line) {
        FakeJob *job = context;

        text_appendf(&job->log, "%s\n", line);
}

PLAYED bool fake_interrupted(void *context) {
        FakeJob *job = context;

        return job->ended && job->by_death;
}

PLAYED bool fake_should_stop(void *context) {
        FakeJob *job = context;

        return job->ended;
}

PLAYED bool fake_join_info(void *context, const char *purpose, JoinInfo *ret, Error **err) {
        (void) purpose;
        *ret = (JoinInfo){ xstrdup("127.0.0.1:5001"), xstrdup("ghost-controller"), xstrdup("secret-token"),
                           xstrdup("PEM") };
        return count_event(context, err);
}

PLAYED bool fake_wait_agent(void *context, const char *id, Deadline deadline, char **ret, Error **err) {
        FakeJob *job = context;
        CLEANUP(string_list_clear) StringList ids = { 0 };

        (void) deadline;
        if (job->silent)
                return error_set(err, ERROR_TIMEOUT, "it never came");
        if (job->dies) {
                string_list_add(&ids, id);
                if (job->waits++ == 0 && !ec2_terminate_instances(&job->session, &ids, err))
                        return false;
                return error_set(err, ERROR_TIMEOUT, "it never came");
        }
        *ret = xasprintf("agent-of-%s", id);
        return count_event(context, err);
}

PLAYED bool fake_script(void *context, const char *agent_id, const AgentScript *script, Error **err) {
        FakeJob *job = context;

        (void) agent_id;
        job->scripts++;
        if (job->agent_fails)
                return error_set(err, ERROR_INVALID, "%s exited with code 3", script->name);
        return count_event(job, err);
}

PLAYED bool fake_order(void *context, const char *agent_id, Error **err) {
        FakeJob *job = context;

        (void) agent_id;
        if (job->agent_fails)
                return error_set(err, ERROR_INVALID, "hook exited with code 3");
        return count_event(job, err);
}

PLAYED bool fake_failed(void *context, const char *id, const char *reason, Error **err) {
        FakeJob *job = context;

        (void) err;
        text_appendf(&job->failures, "%s: %s\n", id, reason);
        return true;
}

PLAYED void job_start(FakeJob *job, Lab *lab, const char *id) {
        if (!job->id)
                job->id = xstrdup(id);
        job->session = (AwsSession){ .aws = lab->aws,
                                     .deadline = deadline_after_ms(60000),
                                     .cancelled = fake_should_stop,
                                     .context = job };
        job->work = (Ec2Work){ .context = job,
                               .session = &job->session,
                               .job_id = job->id,
                               .boot_timeout_ms = 10000,
                               .stop_patience_ms = 600000,
                               .image_stall_ms = 30000,
                               .log = fake_log,
                               .remember = fake_remember,
                               .recall = fake_recall,
                               .interrupted = fake_interrupted,
                               .make_join_info = fake_join_info,
                               .wait_agent = fake_wait_agent,
                               .run_script = fake_script,
                               .clean_image = fake_order,
                               .bootstrap = fake_order,
                               .failed = fake_failed };
        job->events = 0;
        job->ended = false;
}

PLAYED void job_clearp(FakeJob *job) {
        free(job->id);
        job_memory_clear(&job->memory);
        text_clear(&job->log);
        text_clear(&job->failures);
}
