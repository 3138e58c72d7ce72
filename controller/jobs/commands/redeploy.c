/* redeploy: a package that was deployed before, again. */
#include <stdlib.h>

#include "base/memory.h"
#include "jobs/command.h"
#include "jobs/steps/approval.h"
#include "jobs/steps/deployment_record.h"
#include "jobs/steps/job_balancer.h"
#include "jobs/steps/job_scaling.h"
#include "jobs/steps/module_environment.h"
#include "jobs/steps/package_module.h"
#include "jobs/steps/roll_out.h"

static bool load(JobContext *job, const char *id, Document **ret, Error **err) {
        CLEANUP(error_free) Error *failed = NULL;
        uint8_t key[ED25519_KEY_BYTES];

        if (!collection_get(job->services->store, COLLECTION_DEPLOYMENTS, id, ret, &failed))
                return error_set(
                        err, error_kind(failed), "Redeploy on deployment ID: %.40s failed: %s", id,
                        error_message(failed));
        if (!text_equal(document_get_string(*ret, "app_id"), job->app_id))
                return error_set(
                        err, ERROR_INVALID,
                        "Redeploy on deployment ID: %s failed: it is another application's", id);
        if (!module_find(job->app, document_get_string(*ret, "module")))
                return error_set(
                        err, ERROR_INVALID, "the application has no module %s any more",
                        document_get_string(*ret, "module"));
        signing_key_public(job->services->release_key, key);
        return package_store_verify(
                job->services->packages, document_get_string(*ret, "manifest_sha256"), key, err);
}

/* What the new record has in common with the old one. */
static Document *package_of(const Document *deployment) {
        static const char *const strings[] = { "manifest_sha256", "revision", "commit", "commit_message",
                                               "package" };
        Document *package = document_object();

        for (size_t i = 0; i < sizeof(strings) / sizeof(strings[0]); i++)
                document_set_string(package, strings[i], document_get_string(deployment, strings[i]));
        document_set_int(package, "timestamp", clock_now_us() / 1000000);
        return package;
}

static bool redeploy(JobContext *job, const char *id, FleetResult *result, Error **err) {
        CLEANUP(document_free) Document *deployment = NULL;
        CLEANUP(free) char *record_id = NULL;
        JobOptions options;

        if (!job_options_read("redeploy", document_get(job->job, "options"), &options, err) ||
            !load(job, id, &deployment, err))
                return false;
        CLEANUP(document_free) Document *package = package_of(deployment);
        const char *module = document_get_string(deployment, "module");
        CLEANUP(job_balancer_clear) JobBalancer balancer = { 0 };
        RollOut plan = { .module = module,
                         .manifest_sha256 = document_get_string(deployment, "manifest_sha256"),
                         .options = &options };
        if (!approval_await_start(job, &options, err) || !job_scaling_hold(job, err))
                return false;
        bool done = job_balancer_open(job, &options, &balancer, err);
        plan.balancer = balancer.balancer;
        done = done && roll_out(job, &plan, result, err) &&
               deployment_finish(
                       job, module, document_get_string(deployment, "module_path"), package, &record_id, err);
        job_scaling_release(job);
        return done;
}

static bool run(JobContext *job, char **ret_message, Error **err) {
        CLEANUP(error_free) Error *failed = NULL;
        CLEANUP(fleet_result_clear) FleetResult result = { 0 };
        CLEANUP(text_clear) Text message = { 0 };
        const char *id = job_option(job, 0);

        if (!*id)
                return error_set(
                        err, ERROR_INVALID, "Incorrect job request: missing options field deploy_id");
        if (redeploy(job, id, &result, &failed)) {
                text_appendf(&message, "Redeploy OK: [%s]", id);
                fleet_note(&result, &message);
                *ret_message = text_take(&message);
                return true;
        }
        *ret_message = xasprintf(
                "Redeploy %s: [%.40s]\n%s", error_kind(failed) == ERROR_CANCELLED ? "Cancelled" : "Failed",
                id, error_message(failed));
        return error_set(err, error_kind(failed), "%s", error_message(failed));
}

static void put_back(JobContext *job) {
        job_balancer_put_back(job);
        job_scaling_release(job);
}

static void describe(JobContext *job, Text *ret) {
        CLEANUP(document_free) Document *deployment = NULL;
        CLEANUP(error_free) Error *failed = NULL;
        const char *id = job_option(job, 0);

        if (collection_get(job->services->store, COLLECTION_DEPLOYMENTS, id, &deployment, &failed))
                roll_out_describe(job, document_get_string(deployment, "module"), ret);
        else
                text_append(ret, error_message(failed));
}

const Command command_redeploy = {
        .name = "redeploy",
        .run = run,
        .describe = describe,
        .put_back = put_back,
};
