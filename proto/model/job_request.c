#include "model/job_request.h"

#include <string.h>

#include "model/app_module.h"
#include "model/command.h"
#include "model/job_options.h"

static const SchemaField module_fields[] = {
        { "name", SCHEMA_STRING, SCHEMA_REQUIRED, .max = 128 },
        { "rev", SCHEMA_STRING, .fallback = "HEAD", .max = 256 },
        { "deploy_id", SCHEMA_STRING, SCHEMA_READ_ONLY },
};
static const Schema module_schema = SCHEMA(module_fields);

/* Of instances and batches: 0 where they are not known, or not what the job is about. */
static const SchemaField progress_fields[] = {
        { "phase", SCHEMA_STRING },       { "instances_total", SCHEMA_INT },
        { "instances_done", SCHEMA_INT }, { "instances_failed", SCHEMA_INT },
        { "batch", SCHEMA_INT },          { "batches", SCHEMA_INT },
};
static const Schema progress_schema = SCHEMA(progress_fields);

/* What a person has to approve of before the job goes on. */
static const SchemaField approval_fields[] = {
        { "point", SCHEMA_STRING },
        { "question", SCHEMA_STRING },
        { "asked_at", SCHEMA_STRING },
};
static const Schema approval_schema = SCHEMA(approval_fields);

static const SchemaField job_fields[] = {
        { "command", SCHEMA_STRING, SCHEMA_REQUIRED, .words = command_names },
        { "app_id", SCHEMA_ID, SCHEMA_REQUIRED },
        { "status", SCHEMA_STRING, SCHEMA_READ_ONLY },
        { "started_at", SCHEMA_STRING, SCHEMA_READ_ONLY },
        { "message", SCHEMA_STRING, SCHEMA_READ_ONLY },
        { "log_id", SCHEMA_STRING, SCHEMA_READ_ONLY },
        { "progress", SCHEMA_OBJECT, SCHEMA_READ_ONLY | SCHEMA_MAY_BE_NULL, .schema = &progress_schema },
        { "approval", SCHEMA_OBJECT, SCHEMA_READ_ONLY | SCHEMA_MAY_BE_NULL, .schema = &approval_schema },
        { "user", SCHEMA_STRING, .max = 256 },
        { "instance_type", SCHEMA_STRING, .fallback = "t2.micro", .max = 64 },
        { "options", SCHEMA_LIST, .max = 20 },
        { "modules", SCHEMA_LIST, .schema = &module_schema, .max = 100 },
};
const Schema job_request_schema = SCHEMA(job_fields);

Document *job_request_tidy_input(const Document *input) {
        Document *tidy = document_copy(input);

        if (strcmp(document_get_string(tidy, "command"), "rollback") == 0)
                document_set_string(tidy, "command", "redeploy");
        return tidy;
}

static bool check_deploy(const Document *job, const Document *app, Error **err) {
        const Document *modules = document_get(job, "modules");

        if (!modules)
                return error_set(err, ERROR_INVALID, "A deploy job needs modules");
        for (size_t i = 0; i < document_count(modules); i++) {
                const char *revision = document_get_string(document_at(modules, i), "rev");

                if (!module_find(app, document_get_string(document_at(modules, i), "name")))
                        return error_set(err, ERROR_INVALID, "Module to deploy not found");
                if (revision[0] == '-')
                        return error_set(err, ERROR_INVALID, "A revision cannot start with '-'");
        }
        return true;
}

/* Whether the script is one is the job's to say, as it always was. */
static bool check_script(const JobOptions *options, const Document *app, Error **err) {
        if (options->execution == EXECUTION_SINGLE && !*options->address)
                return error_set(
                        err, ERROR_INVALID,
                        "executescript with \"single\" needs the instance's private IP as fourth option");
        return !*options->module || module_find(app, options->module) ||
               error_set(
                       err, ERROR_INVALID, "executescript: the application has no module \"%.128s\"",
                       options->module);
}

bool job_request_check(const Document *job, const Document *app, Error **err) {
        const char *command = document_get_string(job, "command");
        size_t options = document_count(document_get(job, "options"));
        const CommandInfo *info = command_info_find(command);
        JobOptions read;

        if (info && info->unbuilt)
                return error_set(err, ERROR_INVALID, "The command \"%s\" is not available yet", command);
        if (!job_options_read(command, document_get(job, "options"), &read, err))
                return false;
        if (strcmp(command, "deploy") == 0)
                return check_deploy(job, app, err);
        if (strcmp(command, "executescript") == 0)
                return check_script(&read, app, err);
        if (strcmp(command, "redeploy") == 0 && options == 0)
                return error_set(
                        err, ERROR_INVALID, "A redeploy job needs the deployment's id as first option");
        if (strcmp(command, "destroyinstance") == 0 && options == 0)
                return error_set(
                        err, ERROR_INVALID, "A destroyinstance job needs the instance's id as first option");
        return true;
}
