/* deploy: every module of the job, in its order, a full cycle each. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "jobs/command.h"
#include "jobs/steps/deployment_record.h"
#include "jobs/steps/module_environment.h"
#include "jobs/steps/package_module.h"
#include "jobs/steps/roll_out.h"

static bool check(const Document *job, const Document *app, Error **err) {
        const Document *wanted = document_get(job, "modules");

        if (!document_is_array(wanted))
                return error_set(err, ERROR_INVALID, "Module to deploy not found");
        for (size_t i = 0; i < document_count(wanted); i++)
                if (!module_find(app, document_get_string(document_at(wanted, i), "name")))
                        return error_set(err, ERROR_INVALID, "Module to deploy not found");
        return true;
}

static void list_names(const Document *modules, Text *ret) {
        for (size_t i = 0; i < document_count(modules); i++)
                text_appendf(
                        ret, "%s%s", i ? ", " : "", document_get_string(document_at(modules, i), "name"));
}

static bool find_missing(JobContext *job, const Document *wanted, Error **err) {
        CLEANUP(text_clear) Text missing = { 0 };

        for (size_t i = 0; i < document_count(wanted); i++) {
                const char *name = document_get_string(document_at(wanted, i), "name");
                if (!module_find(job->app, name))
                        text_appendf(&missing, "%s%s", missing.length ? ", " : "", name);
        }
        if (missing.length == 0 && document_count(wanted) > 0)
                return true;
        return job_abort(
                job, err, "Deployment Aborted: missing modules [%s]", missing.data ? missing.data : "");
}

static bool deploy_module(
        JobContext *job, const Document *wanted, StringList *done, size_t *instances, Error **err) {
        const char *name = document_get_string(wanted, "name");
        const Document *module = module_find(job->app, name);
        CLEANUP(document_free) Document *package = NULL;
        CLEANUP(free) char *id = NULL;

        if (!job_check(job, err) ||
            !package_module(job, module, document_get_string(wanted, "rev"), &package, err))
                return false;
        RollOut plan = { .module = name,
                         .manifest_sha256 = document_get_string(package, "manifest_sha256"),
                         .parallel = roll_out_is_parallel(job_option(job, 0)) };
        if (!roll_out(job, &plan, instances, err) || !package_run_after_all(job, plan.manifest_sha256, err) ||
            !deployment_record(job, name, document_get_string(module, "path"), package, &id, err))
                return false;
        string_list_addf(done, "%s: %s", name, id);
        return true;
}

static int by_name(const void *a, const void *b) {
        return strcmp(*(char *const *) a, *(char *const *) b);
}

static char *success_message(StringList *done, size_t instances) {
        Text message = { 0 };

        qsort(done->items, done->count, sizeof(char *), by_name);
        text_append(&message, "Deployment OK: [");
        for (size_t i = 0; i < done->count; i++)
                text_appendf(&message, "%s%s", i ? ", " : "", done->items[i]);
        text_append(&message, "]");
        if (instances == 0)
                text_append(&message, " (no instance is running: instances get it when they boot)");
        return text_take(&message);
}

static bool run(JobContext *job, char **ret_message, Error **err) {
        const Document *wanted = document_get(job->job, "modules");
        CLEANUP(string_list_clear) StringList done = { 0 };
        CLEANUP(error_free) Error *failed = NULL;
        size_t instances = 0;
        bool ok = true;

        if (!find_missing(job, wanted, err))
                return false;
        for (size_t i = 0; ok && i < document_count(wanted); i++)
                ok = deploy_module(job, document_at(wanted, i), &done, &instances, &failed);
        if (ok) {
                *ret_message = success_message(&done, instances);
                return true;
        }
        CLEANUP(text_clear) Text names = { 0 };
        list_names(wanted, &names);
        *ret_message = xasprintf("Deployment Failed: [%s] %s", names.data, error_message(failed));
        return error_set(err, error_kind(failed), "%s", error_message(failed));
}

static const char *const fields[] = { "modules", NULL };

const Command command_deploy = {
        .name = "deploy",
        .description = "Deploy module(s)",
        .fields = fields,
        .check = check,
        .run = run,
};
