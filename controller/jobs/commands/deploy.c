/* deploy: every module of the job, in its order, a full cycle each. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "jobs/command.h"
#include "jobs/steps/approval.h"
#include "jobs/steps/deployment_record.h"
#include "jobs/steps/job_balancer.h"
#include "jobs/steps/job_scaling.h"
#include "jobs/steps/module_environment.h"
#include "jobs/steps/package_module.h"
#include "jobs/steps/roll_out.h"

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

/* A module has its steps in the job's memory under its name. */
static bool check_once(JobContext *job, const Document *wanted, Error **err) {
        for (size_t i = 0; i < document_count(wanted); i++)
                for (size_t before = 0; before < i; before++) {
                        const char *name = document_get_string(document_at(wanted, i), "name");
                        if (text_equal(document_get_string(document_at(wanted, before), "name"), name))
                                return job_abort(
                                        job, err, "Deployment Aborted: module %s is listed twice", name);
                }
        return true;
}

typedef struct Deploy {
        JobContext *job;
        JobOptions options;
        JobBalancer balancer;
        StringList done; /* "module: deployment id" */
        FleetResult result;
} Deploy;
static void deploy_clearp(Deploy *deploy) {
        job_balancer_clear(&deploy->balancer);
        string_list_clear(&deploy->done);
        fleet_result_clear(&deploy->result);
}

static bool deploy_module(Deploy *deploy, const Document *wanted, Error **err) {
        JobContext *job = deploy->job;
        const char *name = document_get_string(wanted, "name");
        const Document *module = module_find(job->app, name);
        CLEANUP(document_free) Document *package = NULL;
        CLEANUP(free) char *id = NULL;

        if (!package_module(job, module, document_get_string(wanted, "rev"), &package, err))
                return false;
        RollOut plan = { .module = name,
                         .manifest_sha256 = document_get_string(package, "manifest_sha256"),
                         .options = &deploy->options,
                         .balancer = deploy->balancer.balancer };
        if (!roll_out(job, &plan, &deploy->result, err) ||
            !deployment_finish(job, name, document_get_string(module, "path"), package, &id, err))
                return false;
        string_list_addf(&deploy->done, "%s: %s", name, id);
        return true;
}

static int by_name(const void *a, const void *b) {
        return strcmp(*(char *const *) a, *(char *const *) b);
}

static void list_done(StringList *done, Text *ret) {
        if (done->count > 1)
                qsort(done->items, done->count, sizeof(char *), by_name);
        for (size_t i = 0; i < done->count; i++)
                text_appendf(ret, "%s%s", i ? ", " : "", done->items[i]);
}

static char *success_message(StringList *done, const FleetResult *result) {
        Text message = { 0 };

        text_append(&message, "Deployment OK: [");
        list_done(done, &message);
        text_append(&message, "]");
        fleet_note(result, &message);
        return text_take(&message);
}

static char *failure_message(const Document *wanted, StringList *done, const Error *failed) {
        Text message = { 0 };

        text_appendf(
                &message, "Deployment %s: [", error_kind(failed) == ERROR_CANCELLED ? "Cancelled" : "Failed");
        list_names(wanted, &message);
        text_appendf(&message, "] %s", error_message(failed));
        if (done->count > 0) {
                text_append(&message, "; deployed before it, and live: ");
                list_done(done, &message);
        }
        return text_take(&message);
}

static bool deploy_all(Deploy *deploy, const Document *wanted, Error **err) {
        if (!job_balancer_open(deploy->job, &deploy->options, &deploy->balancer, err))
                return false;
        for (size_t i = 0; i < document_count(wanted); i++)
                if (!deploy_module(deploy, document_at(wanted, i), err))
                        return false;
        return true;
}

static bool run(JobContext *job, char **ret_message, Error **err) {
        const Document *wanted = document_get(job->job, "modules");
        __attribute__((cleanup(deploy_clearp))) Deploy deploy = { .job = job };
        CLEANUP(error_free) Error *failed = NULL;

        if (!job_options_read("deploy", document_get(job->job, "options"), &deploy.options, err) ||
            !find_missing(job, wanted, err) || !check_once(job, wanted, err) ||
            !approval_await_start(job, &deploy.options, err) || !job_scaling_hold(job, err))
                return false;
        bool ok = deploy_all(&deploy, wanted, &failed);
        job_scaling_release(job);
        *ret_message = ok ? success_message(&deploy.done, &deploy.result)
                          : failure_message(wanted, &deploy.done, failed);
        return ok || error_set(err, error_kind(failed), "%s", error_message(failed));
}

static void put_back(JobContext *job) {
        job_balancer_put_back(job);
        job_scaling_release(job);
}

static void describe(JobContext *job, Text *ret) {
        const Document *wanted = document_get(job->job, "modules");

        for (size_t i = 0; i < document_count(wanted); i++) {
                text_append(ret, i ? "; " : "");
                roll_out_describe(job, document_get_string(document_at(wanted, i), "name"), ret);
        }
}

const Command command_deploy = {
        .name = "deploy",
        .run = run,
        .describe = describe,
        .put_back = put_back,
};
