/* Which revision of which module a job would bring, and what is live of it. */
#include <stdlib.h>

#include "base/memory.h"
#include "jobs/plan_parts.h"
#include "model/app_module.h"

/* *ret stays NULL when the module was never deployed. */
static bool find_live(Planning *planning, const char *module, Document **ret, Error **err) {
        CLEANUP(document_free) Document *where = document_object();
        CLEANUP(list_result_clear) ListResult found = { 0 };
        const ListQuery query = { .where = where, .sort = "-timestamp", .page = 1, .max_results = 1 };

        document_set_string(where, "app_id", document_get_string(planning->job, "app_id"));
        document_set_string(where, "module", module);
        if (!collection_list(planning->store, COLLECTION_DEPLOYMENTS, &query, &found, err))
                return false;
        if (document_count(found.items) > 0)
                *ret = document_copy(document_at(found.items, 0));
        return true;
}

static Document *live_document(const Document *live) {
        Document *from = document_object();

        if (!live) {
                document_free(from);
                return document_null();
        }
        document_set_string(from, "revision", document_get_string(live, "revision"));
        document_set_string(from, "commit", document_get_string(live, "commit"));
        return from;
}

static Document *shown_module(const Document *module, const char *revision, const Document *live) {
        Document *shown = document_object();
        bool in_s3 = module_is_in_s3(module);

        document_set_string(shown, "name", document_get_string(module, "name"));
        document_set_string(shown, "revision", *revision ? revision : "HEAD");
        document_set(shown, "commit", document_null());
        document_set(shown, "from", live_document(live));
        document_set(shown, "commits", document_array());
        document_set_int(shown, "commits_total", 0);
        document_set(shown, "files", document_array());
        document_set_int(shown, "files_total", 0);
        document_set_string(
                shown, "message", in_s3 ? "its source is a bucket: there are no commits to compare" : "");
        return shown;
}

static bool add_module(
        Planning *planning, const Document *module, const char *revision, const char *compared, Error **err) {
        CLEANUP(document_free) Document *live = NULL;
        JobPlan *plan = planning->plan;

        if (!find_live(planning, document_get_string(module, "name"), &live, err))
                return false;
        plan->modules = xrealloc(plan->modules, (plan->module_count + 1) * sizeof(*plan->modules));
        plan->modules[plan->module_count++] =
                (PlanModule){ .url = xstrdup(module_repository(module)),
                              .revision = xstrdup(compared),
                              .from_commit = xstrdup(document_get_string(live, "commit")),
                              .has_commits = !module_is_in_s3(module),
                              .shown = shown_module(module, revision, live) };
        return true;
}

static bool is_listed(const JobPlan *plan, const char *name) {
        for (size_t i = 0; i < plan->module_count; i++)
                if (text_equal(document_get_string(plan->modules[i].shown, "name"), name))
                        return true;
        return false;
}

bool plan_deploy_modules(Planning *planning, Error **err) {
        const Document *wanted = document_get(planning->job, "modules");

        if (document_count(wanted) == 0)
                plan_warn(planning, "the job would be aborted: it names no module");
        for (size_t i = 0; i < document_count(wanted); i++) {
                const char *name = document_get_string(document_at(wanted, i), "name");
                const char *revision = document_get_string(document_at(wanted, i), "rev");

                if (is_listed(planning->plan, name)) {
                        plan_warn(planning, "the job would be aborted: module %s is listed twice", name);
                        continue;
                }
                if (!add_module(planning, module_find(planning->app, name), revision, revision, err))
                        return false;
        }
        return true;
}

/* Why the job would fail, or NULL. */
static const char *refusal(const Planning *planning, const Document *deployment) {
        if (!text_equal(
                    document_get_string(deployment, "app_id"), document_get_string(planning->job, "app_id")))
                return "it is another application's";
        return module_find(planning->app, document_get_string(deployment, "module"))
                       ? NULL
                       : "the application has no such module any more";
}

bool plan_redeploy_module(Planning *planning, Error **err) {
        CLEANUP(document_free) Document *deployment = NULL;
        CLEANUP(error_free) Error *absent = NULL;
        const char *id = planning->options.deploy_id;

        if (!collection_get(planning->store, COLLECTION_DEPLOYMENTS, id, &deployment, &absent) &&
            error_kind(absent) != ERROR_NOT_FOUND)
                return error_set(err, error_kind(absent), "%s", error_message(absent));
        const char *why = deployment ? refusal(planning, deployment) : error_message(absent);
        if (why) {
                plan_warn(
                        planning, "the job would fail: Redeploy on deployment ID: %.40s failed: %s", id, why);
                return true;
        }
        const Document *module = module_find(planning->app, document_get_string(deployment, "module"));
        const char *commit = document_get_string(deployment, "commit");
        if (!add_module(planning, module, document_get_string(deployment, "revision"), commit, err))
                return false;
        PlanModule *added = &planning->plan->modules[planning->plan->module_count - 1];
        added->has_commits = added->has_commits && *commit;
        return true;
}
