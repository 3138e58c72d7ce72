#include "jobs/plan.h"

#include <stdarg.h>
#include <stdlib.h>

#include "base/memory.h"
#include "jobs/plan_parts.h"
#include "jobs/steps/fleet_choice.h"

void job_plan_clear(JobPlan *plan) {
        for (size_t i = 0; i < plan->module_count; i++) {
                free(plan->modules[i].url);
                free(plan->modules[i].revision);
                free(plan->modules[i].from_commit);
                document_free(plan->modules[i].shown);
        }
        free(plan->modules);
        document_free(plan->shown);
        *plan = (JobPlan){ 0 };
}

void plan_warn(Planning *planning, const char *format, ...) {
        CLEANUP(free) char *text = NULL;
        va_list arguments;

        va_start(arguments, format);
        text = xvasprintf(format, arguments);
        va_end(arguments);
        document_append(planning->warnings, document_string(text));
}

/* ---- what each command does ---- */

static bool plan_deploy(Planning *planning, Error **err) {
        if (!plan_deploy_modules(planning, err))
                return false;
        plan_fleet(planning);
        return true;
}

static bool plan_redeploy(Planning *planning, Error **err) {
        if (!plan_redeploy_module(planning, err))
                return false;
        plan_fleet(planning);
        return true;
}

static void plan_script(Planning *planning) {
        fleet_script_options(planning->app, &planning->options);
        if (planning->options.execution == EXECUTION_SINGLE)
                plan_single(planning, planning->options.address);
        else
                plan_fleet(planning);
}

static const struct {
        const char *command;
        bool (*read)(Planning *planning, Error **err); /* either of these */
        void (*say)(Planning *planning);
} commands[] = {
        { "buildimage", .say = plan_build_image },
        { "createinstance", .say = plan_create_instance },
        { "deploy", .read = plan_deploy },
        { "destroyallinstances", .say = plan_destroy_all },
        { "destroyinstance", .say = plan_destroy_one },
        { "executescript", .say = plan_script },
        { "recreateinstances", .say = plan_recreate },
        { "redeploy", .read = plan_redeploy },
        { "updateautoscaling", .say = plan_update_group },
        { "updatelifecyclehooks", .say = plan_update_hooks },
};

static bool plan_command(Planning *planning, Error **err) {
        const char *command = document_get_string(planning->job, "command");

        for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
                if (!text_equal(commands[i].command, command))
                        continue;
                if (commands[i].read)
                        return commands[i].read(planning, err);
                commands[i].say(planning);
                return true;
        }
        return error_set(err, ERROR_INVALID, "The command \"%s\" has no plan", command);
}

/* ---- the whole ---- */

/* One job of an application at a time. */
static bool warn_of_others(Planning *planning, Error **err) {
        static const char *const open[] = { "started", "init" };

        for (size_t i = 0; i < sizeof(open) / sizeof(open[0]); i++) {
                CLEANUP(document_free) Document *where = document_object();
                CLEANUP(list_result_clear) ListResult found = { 0 };
                const ListQuery query = { .where = where, .page = 1, .max_results = 1 };

                document_set_string(where, "app_id", document_get_string(planning->job, "app_id"));
                document_set_string(where, "status", open[i]);
                if (!collection_list(planning->store, COLLECTION_JOBS, &query, &found, err))
                        return false;
                if (found.total > 0)
                        plan_warn(
                                planning, "%lld job%s of the application %s: this one would begin after",
                                (long long) found.total, found.total == 1 ? "" : "s",
                                i == 0             ? "runs"
                                : found.total == 1 ? "waits"
                                                   : "wait");
        }
        return true;
}

static void begin(Planning *planning, const Document *job) {
        Document *shown = planning->plan->shown = document_object();

        document_set_string(shown, "command", document_get_string(job, "command"));
        document_set_string(shown, "app_id", document_get_string(job, "app_id"));
        document_set(shown, "batches", document_array());
        document_set(shown, "strategy", document_object());
}

static bool make(Planning *planning, Error **err) {
        const char *command = document_get_string(planning->job, "command");

        return job_options_read(command, document_get(planning->job, "options"), &planning->options, err) &&
               plan_find_instances(planning, err) && plan_command(planning, err) &&
               warn_of_others(planning, err);
}

bool job_plan_make(Store *store, const Document *job, const Document *app, JobPlan *ret, Error **err) {
        Planning planning = {
                .store = store, .job = job, .app = app, .plan = ret, .warnings = document_array()
        };

        *ret = (JobPlan){ 0 };
        begin(&planning, job);
        bool made = make(&planning, err);
        document_set(ret->shown, "warnings", planning.warnings);
        document_free(planning.instances);
        if (!made)
                job_plan_clear(ret);
        return made;
}

/* A name that was asked for stays; a redeployment's hash is looked for in its place. */
void job_plan_compare(JobPlan *plan, size_t module, const Document *comparison) {
        static const char *const members[] = { "commit", "commits",     "commits_total",
                                               "files",  "files_total", "message" };
        Document *shown = plan->modules[module].shown;

        for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++)
                document_set(shown, members[i], document_copy(document_get(comparison, members[i])));
        if (text_equal(document_get_string(shown, "revision"), "HEAD"))
                document_set_string(shown, "revision", document_get_string(comparison, "revision"));
}

void job_plan_say(JobPlan *plan, size_t module, const char *message) {
        document_set_string(plan->modules[module].shown, "message", message);
}

char *job_plan_text(const JobPlan *plan) {
        CLEANUP(document_free) Document *whole = document_copy(plan->shown);
        Document *modules = document_array();

        for (size_t i = 0; i < plan->module_count; i++)
                document_append(modules, document_copy(plan->modules[i].shown));
        document_set(whole, "modules", modules);
        return document_text(whole);
}
