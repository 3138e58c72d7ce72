/* What the steps that make and remove instances and images need: the application as far as EC2 is concerned,
 * and the job that runs them as a table of functions, so that the steps can be run without engine and agents.
 */
#pragma once

#include "aws/ec2.h"

/* Borrowed views of the application. NULL and "" mean none, except where said. */
typedef struct Ec2App {
        const char *id, *name, *env, *role; /* never empty */
        const char *color;
        const char *region;
        const char *image_id; /* createinstance: the application's; bake: the source image */
        const char *instance_type;
        const char *key_name, *instance_profile;
        const StringList *security_groups;
        const StringList *subnet_ids; /* tried in order when one is full */
        bool public_ip;
        bool monitoring;
        const char *root_device_name;  /* NULL: as the image names it */
        int64_t root_device_gib;       /* 0: the image's own size */
        const Ec2BlockDevice *volumes; /* besides the root device */
        size_t volume_count;
        const Ec2Tags *instance_tags; /* the application's own; may hold Name */
} Ec2App;

/* How a new instance finds and trusts its controller. */
typedef struct JoinInfo {
        char *controller;  /* host:port of the agent link */
        char *server_name; /* in the controller's certificate */
        char *token;       /* works once, for this job and purpose */
        char *ca_pem;
        /* Where a builder without an agent gets one, and what proves it; NULL: its image has it. */
        char *agent_url, *agent_sha256;
        char *agent_key; /* PEM: the release key's public half */
} JoinInfo;
void join_info_clear(JoinInfo *info);
static inline void join_info_clearp(JoinInfo *info) {
        join_info_clear(info);
}

typedef struct AgentScript {
        const char *task; /* unique in the job: the same task again is not run twice */
        const char *name; /* in messages: "pre_buildimage", "feature nginx" */
        const void *content;
        size_t length;
        const StringList *environment; /* NAME=value */
        int64_t timeout_ms;            /* 0: the settings' */
} AgentScript;

/* What a job could not put back, as a sentence that says what to do; empty: nothing. Its message ends with
 * it. */
#define WORK_STEP_FOR_PEOPLE "for_people"

/* Everything blocks, and fails with CANCELLED when the job is to stop, TIMEOUT when its deadline passed. */
typedef struct Ec2Work {
        void *context;       /* handed to all functions */
        AwsSession *session; /* deadline and cancellation are the job's */
        const char *job_id;
        int64_t boot_timeout_ms;  /* from running to the agent's first hello */
        int64_t stop_patience_ms; /* a builder that stops no sooner is forced */
        int64_t image_stall_ms;   /* an image that gets no further for so long is given up */

        void (*log)(void *context, const char *line);

        /* The job's memory that survives the controller: one value per step name. recall gives NULL when
         * there is none. */
        bool (*remember)(void *context, const char *step, const char *value, Error **err);
        bool (*recall)(void *context, const char *step, char **ret, Error **err);

        /* The job may go on at least for so long from now, whatever its deadline was. NULL: it has none. */
        void (*extend)(void *context, int64_t duration_ms);

        /* True: the controller is stopping, so nothing is cleaned up: the job will be resumed. NULL: never.
         */
        bool (*interrupted)(void *context);

        /* purpose: "bake" or "instance". */
        bool (*make_join_info)(void *context, const char *purpose, JoinInfo *ret, Error **err);
        /* Until the agent of that instance has enrolled and is connected. */
        bool (*wait_agent)(
                void *context, const char *instance_id, Deadline deadline, char **ret_agent_id, Error **err);
        bool (*run_script)(void *context, const char *agent_id, const AgentScript *script, Error **err);
        bool (*clean_image)(void *context, const char *agent_id, Error **err);
        /* The application's modules as they are now, with its bootstrap hooks. */
        bool (*bootstrap)(void *context, const char *agent_id, Error **err);
        /* Ids of the application's instances that have joined and are not known to be gone, builders
         * excepted. NULL: nobody knows. */
        bool (*known)(void *context, StringList *ret, Error **err);
        /* The instance does not become one of the application's, and why. NULL: nobody wants to know. */
        bool (*failed)(void *context, const char *instance_id, const char *reason, Error **err);
        /* The instance is known to be terminated. NULL: nobody wants to know. */
        bool (*gone)(void *context, const char *instance_id, Error **err);
} Ec2Work;

void work_log(const Ec2Work *work, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* The states of a wait, as lines of the job's log. */
void work_log_progress(void *work, const char *text);

/* A list in the job's memory: one item a line, so items hold no line end. *ret_known false: there is none. */
bool work_remember_list(const Ec2Work *work, const char *step, const StringList *items, Error **err);
bool work_recall_list(const Ec2Work *work, const char *step, StringList *ret, bool *ret_known, Error **err);
/* The list has it from now on, once. */
bool work_remember_in_list(const Ec2Work *work, const char *step, const char *item, Error **err);

/* A session for putting things back: it works for a cancelled job and for one whose time is up. */
AwsSession work_last_session(const Ec2Work *work);
/* The controller is stopping: nothing is put back, the job will be resumed. */
bool work_interrupted(const Ec2Work *work);
