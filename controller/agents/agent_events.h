/* What agents say, carried to where it belongs: instances and receipts to the store, lines to the job logs,
 * packages from the package store, and a nudge to the jobs that wait. Called on hub workers. */
#pragma once

#include "agents/enrolment.h"
#include "hub/hub.h"
#include "jobs/job_log.h"
#include "jobs/task_board.h"
#include "packages/package_store.h"

/* Which packs agents get from the package store itself, where it has URLs. */
typedef struct PackUrlRule {
        bool offered;
        uint64_t min_bytes; /* smaller ones come over the link */
        int64_t lifetime_s;
} PackUrlRule;

typedef struct AgentEvents {
        const Enrolment *enrolment;
        Store *store;
        TaskBoard *tasks;
        JobLogs *logs;
        PackageStore *packages;
        PackUrlRule pack_urls;
        bool tells_news; /* what instances do goes to the outbox */
} AgentEvents;

/* events outlives the hub. */
HubEvents agent_events_for_hub(AgentEvents *events);
