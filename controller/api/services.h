/* What the handlers may touch: the store, and a few wake-ups given as functions, none of which waits. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/crypto.h"
#include "base/text.h"
#include "http/auth.h"
#include "http/route.h"
#include "model/command.h"
#include "store/store.h"
#include "json/document.h"

struct Services {
        Store *store;
        Auth *auth;                             /* for logins that come in a body */
        struct ItemCache *items;                /* item_cache.h; NULL: nothing is kept */
        struct EngineSessions *engine_sessions; /* socketio/engine_session.h */
        struct Catalog *catalog;                /* catalog/catalog.h; NULL: AWS is asked nothing */
        struct Changes *changes;                /* store/changes.h; NULL: there is no /events/stream */
        struct Comparisons *comparisons; /* catalog/comparisons.h; NULL: repositories are asked nothing */
        struct Revisions *revisions;     /* catalog/revisions.h; NULL: sources are asked nothing */
        const uint8_t *log_token_key;    /* socketio/log_token.h */
        const char *data_dir;            /* whose free space /health tells */
        const char *logs_folder;         /* <job id>.txt */
        const char *agent_program;       /* a file, for /agent/; NULL: none */
        const SigningKey *release_key;   /* signs it; NULL: nothing is signed */
        const char *authority;           /* PEM, for /agent/ca; NULL: none */
        CommandSettings commands;
        const StringList *provisioners; /* that features may name; NULL: all that there are */
        const char *presets_dir;        /* <preset>.yml; NULL: none */

        void *context;
        void (*wake_jobs)(void *context);                        /* a job was queued */
        void (*stop_job)(void *context, const char *job_id);     /* a running job's stop was asked for */
        void (*wake_log)(void *context, const char *job_id);     /* a job ended without its engine */
        size_t (*count_agents)(void *context);                   /* connected now */
        Document *(*describe_janitor)(void *context);            /* for /health; caller frees */
        Document *(*describe_group_troubles)(void *context);     /* for /health; caller frees */
        Document *(*describe_enrolment_troubles)(void *context); /* for /health; caller frees */
        char *(*describe_metrics)(void *context);                /* for /metrics; caller frees; NULL: none */
};
