/* One command: what a job can be asked to do. The table is in commands.c; REST describes and checks by it. */
#pragma once

#include "jobs/job_context.h"

typedef struct Command {
        const char *name;          /* "deploy" */
        const char *description;   /* "Deploy module(s)" */
        const char *const *fields; /* NULL-terminated: the pending_changes that its success clears */
        /* Whether it is offered for the application; app NULL: at all. NULL: always. */
        bool (*available)(const Document *app);
        /* Before a job is stored; INVALID becomes 422 with this message. NULL: everything goes. */
        bool (*check)(const Document *job, const Document *app, Error **err);
        /* True: done. *ret_message is the job's last word, for both ends; when it stays NULL and the run
         * failed, the error's message is. Runs again from its top when the controller died meanwhile. */
        bool (*run)(JobContext *job, char **ret_message, Error **err);
} Command;

/* One file each in commands/. */
extern const Command command_build_image;
extern const Command command_create_instance;
extern const Command command_deploy;
extern const Command command_destroy_all_instances;
extern const Command command_destroy_instance;
extern const Command command_redeploy;
