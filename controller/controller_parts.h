/* The parts of the controller; for controller*.c alone. */
#pragma once

#include "agents/admission.h"
#include "agents/agent_events.h"
#include "agents/enrolment.h"
#include "agents/link_identity.h"
#include "api/item_cache.h"
#include "api/services.h"
#include "aws/aws.h"
#include "catalog/catalog.h"
#include "catalog/comparisons.h"
#include "catalog/revisions.h"
#include "controller.h"
#include "groups/group_watcher.h"
#include "http/server.h"
#include "hub/hub.h"
#include "janitor/janitor.h"
#include "jobs/job_queue.h"
#include "measures.h"
#include "notify/notifier.h"
#include "socketio/engine_session.h"
#include "socketio/log_token.h"
#include "store/changes.h"

struct Controller {
        const ControllerSettings *settings;
        char *logs_folder, *packages_folder, *mirrors_folder, *work_folder;
        Metrics *metrics;
        Store *store;
        Changes *changes;
        LinkIdentity *identity;
        PackageStore *packages;
        GitMirrors *mirrors;
        Aws *aws;
        Janitor *janitor;
        Catalog *catalog;
        Revisions *revisions;
        Comparisons *comparisons;
        JobLogs *logs;
        TaskBoard *tasks;
        AgentProgram agent_program;
        GroupWatcher *group_watcher;
        Admission *admission;
        char *identity_certificate; /* PEM; NULL: AWS's own */
        Enrolment enrolment;
        AgentEvents agent_events;
        Hub *hub;
        JobServices job_services;
        StringList provisioners; /* that are set up */
        JobQueue *queue;
        Services api_services;
        Auth *auth;
        ItemCache *items;
        EngineSessions *engine_sessions;
        uint8_t log_token_key[LOG_TOKEN_KEY_BYTES];
        Server *_Atomic server; /* whoever wakes its streams may come before it runs */
        Notifier *notifier;
};
