/* Where a run over the instances stands, and how a resumed job knows it again; for fleet*.c alone. */
#pragma once

#include "jobs/steps/fleet.h"
#include "jobs/steps/fleet_choice.h"

typedef struct FleetInstance {
        char *id, *agent;
        char *failed;   /* why; NULL: it has not */
        bool gone;      /* it ended meanwhile: it counts for nothing */
        bool stuck;     /* it should have gone back and did not */
        bool back;      /* it was sent back and is */
        AgentTask task; /* of this run of the controller; task_id NULL: none */
} FleetInstance;

typedef struct Fleet {
        JobContext *job;
        const FleetSpec *spec;
        FleetInstance *items; /* in the order in which they are gone through, batch by batch */
        size_t count, batches;
        StringList left_out;    /* "i-1 (why)": they boot */
        StringList unreachable; /* they run, and no agent of theirs is known */
        /* The rest changes on the way. */
        size_t given; /* so many of items have been given it, or were about to be */
        size_t at;    /* the batch in hand */
        bool worked;  /* it is done on that batch, which is to be put back */
        bool going_back;
} Fleet;
void fleet_clear(Fleet *fleet);
static inline void fleet_clearp(Fleet *fleet) {
        fleet_clear(fleet);
}

/* The steps of the job's memory. */
#define FLEET_PLAN "fleet.plan" /* the instances, before anything is done */
#define FLEET_STATE "fleet.state"
#define FLEET_UNDO "fleet.undo" /* {kind, why, at}: it goes back, and is not begun again */
#define FLEET_DONE "fleet.done"
/* Caller frees. */
char *fleet_step(const char *what, const char *name);
bool fleet_remember(const Fleet *fleet, const char *what, const Document *value, Error **err);
/* *ret stays NULL when there is none. */
bool fleet_recall(JobContext *job, const char *what, const char *name, Document **ret, Error **err);

/* Batch number n is items[fleet_first(n)] up to items[fleet_first(n + 1)]. */
size_t fleet_first(const Fleet *fleet, size_t batch);
/* Of the items [from, to), without those that ended. */
void fleet_ids(const Fleet *fleet, size_t from, size_t to, StringList *ret);
/* Instances that have failed in this job. */
size_t fleet_failures(const Fleet *fleet);
#define FLEET_UNREACHABLE "it runs, but no agent of it is known"

bool fleet_remember_plan(const Fleet *fleet, Error **err);
bool fleet_remember_state(const Fleet *fleet, Error **err);
/* Plan and state; *ret_known false: there is none. */
bool fleet_recall_all(Fleet *fleet, bool *ret_known, Error **err);

/* What AWS knows besides: instances that run and have no agent here are unreachable, or boot; those of the
 * documents that do not run any more are named in ret_ended. AWS not answering is only told
 * (fleet_cloud.c). */
void fleet_look_at_cloud(Fleet *fleet, const Document *instances, StringList *ret_ended);
/* Those of [from, to) that failed and have ended count for nothing. */
void fleet_forget_ended(Fleet *fleet, size_t from, size_t to);
/* The instances to do it on, for a fleet that has no plan (fleet_targets.c). */
bool fleet_choose(Fleet *fleet, Error **err);
/* Said in the job's log and at its end. */
void fleet_leave_out(Fleet *fleet, const char *id, const char *why);
/* AWS has announced its end since the plan was made, or took it away while it worked: it is gone, and left
 * out (fleet_lost.c). */
bool fleet_is_interrupted(Fleet *fleet, FleetInstance *instance);
bool fleet_is_lost(Fleet *fleet, FleetInstance *instance);
/* The lines that say what will be done (fleet_text.c). */
void fleet_announce(const Fleet *fleet);
/* Where the options ask for it, before the batch in hand (fleet_approval.c). */
bool fleet_await_approval(Fleet *fleet, Error **err);
/* In the job's progress: running are tasks that the instances do not know the end of yet. now: at once
 * (fleet_progress.c). */
void fleet_show(const Fleet *fleet, const AgentTask *running, size_t count, bool now);
/* As an AgentTasksWatch calls it. */
void fleet_show_tasks(void *fleet, const AgentTask *tasks, size_t count);
/* How many must stay healthy outside of a batch. */
size_t fleet_floor(const Fleet *fleet);

/* Whether it has to be sent back: it has it, or may have it. */
bool fleet_needs_undo(const Fleet *fleet, const FleetInstance *instance);
/* Whether it may be in the balancer: on the new, or surely on what it had before. */
bool fleet_serves(const Fleet *fleet, const FleetInstance *instance);
/* Tells the action what became of it, at the end of the run or of its way back. */
void fleet_settle(const Fleet *fleet, const FleetInstance *instance, bool went_back);
/* Sends back those of [from, to) that need it and waits; marks them. False: the controller is stopping. */
bool fleet_undo_instances(Fleet *fleet, size_t from, size_t to, Error **err);
/* Back from here, for why. Returns false with why and what became of the instances. */
bool fleet_go_back(Fleet *fleet, const Error *why, Error **err);
/* The same in a resumed job that was going back. *ret_going false: it was not, and true is returned. */
bool fleet_go_back_on(Fleet *fleet, bool *ret_going, Error **err);
