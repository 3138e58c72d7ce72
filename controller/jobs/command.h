/* How a command works. What everybody may know of it (summary, fields, when it is offered) is in
 * model/command.h, under the same name. */
#pragma once

#include "jobs/job_context.h"

typedef struct Command {
        const char *name; /* "deploy" */
        /* True: done. *ret_message is the job's last word, for both ends; when it stays NULL and the run
         * failed, the error's message is. Runs again from its top when the controller died meanwhile. */
        bool (*run)(JobContext *job, char **ret_message, Error **err);
        /* What the job leaves behind when it is not run again. NULL: its log says. job->app may be NULL. */
        void (*describe)(JobContext *job, Text *ret);
        /* Puts back what must not stay when the job is not run again. Before describe, with its application;
         * NULL: nothing. */
        void (*put_back)(JobContext *job);
} Command;

/* One file each in commands/. */
extern const Command command_build_image;
extern const Command command_create_instance;
extern const Command command_deploy;
extern const Command command_destroy_all_instances;
extern const Command command_destroy_instance;
extern const Command command_execute_script;
extern const Command command_recreate_instances;
extern const Command command_redeploy;
extern const Command command_update_autoscaling;
extern const Command command_update_lifecycle_hooks;
