/* What the metrics say of this moment: asked of all the parts, for the composition root. */
#pragma once

#include "agents/link_identity.h"
#include "aws/aws.h"
#include "http/server.h"
#include "hub/hub.h"
#include "janitor/janitor.h"
#include "jobs/job_log.h"
#include "metrics/metrics.h"
#include "settings.h"
#include "store/store.h"

typedef struct MeasureSources {
        const ControllerSettings *settings;
        Store *store;
        JobLogs *logs;
        Janitor *janitor; /* may be NULL, as all below: not started yet */
        Hub *hub;
        LinkIdentity *identity;
} MeasureSources;

/* The text for Prometheus. Caller frees. Asks the database and the disk, nobody else. */
char *measures_text(Metrics *metrics, const MeasureSources *sources);

/* What the parts tell while they work; metrics is the Metrics. */
void measures_count_answer(void *metrics, const ServerAnswer *answer);
void measures_count_aws(void *metrics, const AwsAttempt *attempt);
