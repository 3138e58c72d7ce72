/* One thing done on the application's running instances, batch by batch: the engine of deploy, redeploy and
 * executescript. It chooses the instances, says what it will do, counts failures, takes batches out of the
 * balancer and puts them back, and goes back when it must. What is done on an instance is the action's. */
#pragma once

#include "jobs/steps/agent_task.h"
#include "jobs/steps/deploy_balancer.h"
#include "model/job_options.h"

typedef struct FleetTarget {
        const char *instance_id, *agent_id;
} FleetTarget;

/* How the engine speaks of it; whole words of sentences. */
typedef struct FleetWords {
        const char *doing;     /* "Deploying module site" */
        const char *done;      /* "deployed": "i-1: deployed" */
        const char *failed;    /* "Deploy error on": "Deploy error on: i-1 (why)" */
        const char *kept;      /* "on the new release": of instances that have it and keep it */
        const char *untouched; /* "unchanged": of those that it was not done on */
        const char *undoing;   /* "back to the previous release": "i-1: back to …"; NULL with no undo */
        const char *went_back; /* "went back": of those that did so by themselves; NULL with no undo */
        const char *undone;    /* "back on it"; NULL with no undo */
        const char *mixed;     /* what to do when some keep it and others do not have it; NULL: nothing */
} FleetWords;

typedef struct FleetAction {
        const char *name; /* in the job's memory, unique in the job: "site" */
        FleetWords words;
        /* The steps of the tasks (AgentTaskSpec): a receipt of them is looked up by these. */
        const char *step, *undo_step; /* undo_step NULL: it cannot be undone */

        /* When nothing stands in the way: what is to be remembered before anything is changed. Failing here
         * changes nothing. Again in a resumed job. NULL: nothing. */
        bool (*prepare)(JobContext *job, void *context, Error **err);
        /* What is to be true from now on; a failure goes back. Again in a resumed job. NULL: nothing. */
        bool (*begin)(JobContext *job, void *context, Error **err);
        /* Gives the task to the agent: one agent_task_start() with that step. Again in a resumed job. */
        void (*start)(
                JobContext *job, void *context, const FleetTarget *target, const char *step, AgentTask *ret);
        /* The same for the way back. NULL: it cannot be undone. */
        void (*start_undo)(
                JobContext *job, void *context, const FleetTarget *target, const char *step, AgentTask *ret);
        /* Whether a receipt that says ok is good; why it is not goes to ret. NULL: it is. */
        bool (*judge)(void *context, const AgentTask *task, Text *ret);
        /* There is no way but back, before instances are sent back: what is to be true from now on, and at
         * the end of ret what the job's message says of it. False: CANCELLED when the controller is stopping.
         * NULL: nothing. */
        bool (*stand_back)(JobContext *job, void *context, Text *ret, Error **err);
        /* At the end, of each instance that it was given to. why: it stays other than it should be, and by
         * its own word; NULL: it is as it should be, or nobody knows. NULL: nothing is kept of it. */
        void (*settle)(JobContext *job, void *context, const char *instance_id, const char *why);
        void *context;
} FleetAction;

typedef struct FleetSpec {
        const FleetAction *action;
        const JobOptions *options;
        const DeployBalancer *balancer;  /* NULL: none */
        const StringList *failed_before; /* instances that count towards max_failures already; NULL: none */
} FleetSpec;

typedef struct FleetResult {
        size_t instances;      /* that it was done on */
        StringList left_out;   /* "i-1 (why)": they boot */
        StringList failed;     /* "i-1 (why)": tolerated */
        StringList failed_ids; /* each once */
} FleetResult;
void fleet_result_clear(FleetResult *result);
static inline void fleet_result_clearp(FleetResult *result) {
        fleet_result_clear(result);
}

/* Refuses before anything is changed when the batches cannot keep what the options ask for. On failure the
 * batch in hand goes back, with rollback_all those before it too, and the message names who is on what. ret
 * is added to. A resumed job goes on where it was, also with going back. */
bool fleet_run(JobContext *job, const FleetSpec *spec, FleetResult *ret, Error **err);

/* It is done: what a resumed job finds. */
bool fleet_finished(JobContext *job, const char *name, bool *ret, Error **err);
/* What success leaves to say: " (no instance is running …)", or nothing. */
void fleet_note(const FleetResult *result, Text *ret);
/* Which instances it was given to, for a job that is not taken up again. */
void fleet_describe(JobContext *job, const char *name, Text *ret);
