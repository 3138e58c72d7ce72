/* One order being carried out: what it may use, what has come of it so far. A Task lives in one thread of the
 * runner; TaskServices is shared by all and read-only. */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/text.h"
#include "release/fetch.h"
#include "release/releases.h"
#include "run/spool.h"
#include "run/task_journal.h"
#include "wire/ghost.pb-c.h"

typedef struct TaskServices {
        Releases *releases;
        TaskJournal *journal;
        PackageSource source;
        const uint8_t *release_key;
        const char *download_ca; /* PEM file; NULL: the system's */
        const char *scratch;     /* folder for the hooks' files */
        const char *root; /* put in front of every path outside the agent's own folders; "" on an instance */
        const char *instance_id; /* for the hooks */
        const char *private_ip;

        /* Called from task threads; they only note and wake. */
        void (*on_progress)(
                void *context, const char *task_id, const char *stage, uint64_t done, uint64_t total);
        void (*on_modules_changed)(void *context);
        void (*on_bootstrapped)(void *context);
        void (*on_image_cleaned)(void *context);
        void *context;
} TaskServices;

typedef struct TaskHookRun {
        char *module, *hook;
        int32_t exit_code;
        uint32_t duration_ms;
} TaskHookRun;

typedef struct TaskHealthRun {
        char *module, *kind, *message;
        bool ok;
        uint32_t attempts, duration_ms;
} TaskHealthRun;

typedef struct Task {
        const TaskServices *services;
        const Ghost__Order *order;
        const atomic_bool *cancelled;
        Deadline deadline;
        Spool *spool;

        /* for the receipt */
        TaskHookRun *hooks;
        size_t hook_count;
        TaskHealthRun *health;
        size_t health_count;
        StringList modules; /* whose state it reports */
        uint64_t bytes_fetched, bytes_reused;
} Task;

/* CANCELLED or TIMEOUT when the task shall end. */
bool task_check(const Task *task, Error **err);
void task_stage(const Task *task, const char *stage);
void task_touches(Task *task, const char *module);

typedef struct TaskHook {
        const char *module; /* "": none */
        const char *name;
        ProtobufCBinaryData content;
        const char *folder; /* NULL: a private one */
        const StringList *environment;
        int64_t uid, gid;    /* PROCESS_KEEP_ID: as the agent */
        uint32_t timeout_ms; /* 0: the default */
        bool to_the_end;     /* not cut short by a cancel or by the task's deadline: it puts things back */
        bool quiet;          /* neither announced nor noted */
} TaskHook;
/* Runs it, if it has content; noted for the receipt. */
bool task_run_hook(Task *task, const TaskHook *hook, Error **err);

/* A copy, for the receipt. */
void task_note_health(Task *task, const TaskHealthRun *run);
/* Frees what was collected for the receipt. */
void task_clear(Task *task);

/* The order's variables as "NAME=value", then the instance's own. */
void task_environment(const Task *task, Ghost__Variable *const *variables, size_t count, StringList *ret);
void task_environment_default(StringList *environment, const char *name, const char *value);
