/* What agents say, carried to where it belongs: instances and receipts to the store, lines to the job logs,
 * packages from the package store, and a nudge to the jobs that wait. Called on hub workers. */
#pragma once

#include "agents/enrolment.h"
#include "hub/hub.h"
#include "jobs/job_log.h"
#include "jobs/task_board.h"
#include "packages/package_store.h"

typedef struct AgentEvents {
        const Enrolment *enrolment;
        Store *store;
        TaskBoard *tasks;
        JobLogs *logs;
        PackageStore *packages;
} AgentEvents;

/* events outlives the hub. */
HubEvents agent_events_for_hub(AgentEvents *events);
