/* rollback: back to what was live before, without knowing any id. */
#include "cli_commands.h"

#include <stdio.h>

#include "base/memory.h"
#include "base/text.h"
#include "job_options.h"
#include "net/url.h"
#include "run_options.h"

enum { LOOKED_AT = 200 };

/* Newest first. */
static bool list_deployments(
        CliContext *context, const char *app_id, const char *module, Document **ret, Error **err) {
        CLEANUP(document_free) Document *where = document_object();
        CLEANUP(text_clear) Text path = { 0 };

        document_set_string(where, "app_id", app_id);
        if (module)
                document_set_string(where, "module", module);
        CLEANUP(free) char *text = document_text(where);
        CLEANUP(free) char *limit = xasprintf("%d", LOOKED_AT);
        text_append(&path, "/deployments?");
        url_append_parameter(&path, "where", text);
        url_append_parameter(&path, "sort", "-timestamp");
        url_append_parameter(&path, "max_results", limit);
        return client_get(context->client, path.data, ret, err);
}

static bool list_instances(CliContext *context, const char *app_id, Document **ret, Error **err) {
        CLEANUP(document_free) Document *where = document_object(), *there = document_object();
        CLEANUP(text_clear) Text path = { 0 };

        document_set_string(where, "app_id", app_id);
        document_set_string(there, "$ne", "gone");
        document_set(where, "state", TAKE(there));
        CLEANUP(free) char *text = document_text(where);
        CLEANUP(free) char *limit = xasprintf("%d", LOOKED_AT);
        text_append(&path, "/instances?");
        url_append_parameter(&path, "where", text);
        url_append_parameter(&path, "max_results", limit);
        return client_get(context->client, path.data, ret, err);
}

/* Some instance has another release of the module than the newest deployment: one that failed half-way left
 * it there, and to go back is to bring all to the newest again. */
static bool is_mixed(const Document *instances, const char *module, const char *newest) {
        const Document *items = document_get(instances, "_items");

        for (size_t i = 0; i < document_count(items); i++) {
                const Document *modules = document_get(document_at(items, i), "modules");

                for (size_t k = 0; k < document_count(modules); k++) {
                        const Document *one = document_at(modules, k);
                        const char *release = document_get_string(one, "manifest_sha256");

                        if (text_equal(document_get_string(one, "module"), module) && *release &&
                            !text_equal(release, newest))
                                return true;
                }
        }
        return false;
}

static const Document *choose(
        const Document *deployments, const Document *instances, const char *module, Error **err) {
        const Document *items = document_get(deployments, "_items");
        const char *newest = document_get_string(document_at(items, 0), "manifest_sha256");

        if (document_count(items) == 0) {
                error_set(err, ERROR_NOT_FOUND, "module %s was never deployed", module);
                return NULL;
        }
        if (is_mixed(instances, module, newest))
                return document_at(items, 0);
        for (size_t i = 1; i < document_count(items); i++)
                if (!text_equal(document_get_string(document_at(items, i), "manifest_sha256"), newest))
                        return document_at(items, i);
        error_set(err, ERROR_NOT_FOUND, "module %s has no earlier release: it was deployed once", module);
        return NULL;
}

static void tell(const Document *deployment) {
        const char *commit = document_get_string(deployment, "commit");

        (void) printf(
                "%s goes back to %s%s%s%s, deployment %s\n", document_get_string(deployment, "module"),
                document_get_string(deployment, "revision"), *commit ? " (" : "", commit, *commit ? ")" : "",
                document_get_string(deployment, "_id"));
        (void) fflush(stdout);
}

static bool roll_back(
        CliContext *context, const Arguments *arguments, const char *app_id, const char *module,
        Error **err) {
        CLEANUP(document_free) Document *deployments = NULL, *instances = NULL;
        const char *strategy = arguments_value(arguments, "strategy");

        if (!list_deployments(context, app_id, module, &deployments, err) ||
            !list_instances(context, app_id, &instances, err))
                return false;
        const Document *chosen = choose(deployments, instances, module, err);
        if (!chosen)
                return false;
        if (context->format == OUTPUT_TABLE)
                tell(chosen);
        const char *options[] = { document_get_string(chosen, "_id"), strategy ? strategy : "serial",
                                  arguments_value(arguments, "safe-deploy-strategy") };
        Document *body = document_object();
        Document *list = run_options(options, 3);
        run_options_add_failures(arguments, list);
        run_options_add_approve(arguments, list);
        document_set(body, "options", list);
        return job_submit(context, arguments, "redeploy", app_id, body, err);
}

/* Those that the last deployment's job brought, as it brought them. */
static bool last_modules(CliContext *context, const char *app_id, StringList *ret, Error **err) {
        CLEANUP(document_free) Document *deployments = NULL;

        if (!list_deployments(context, app_id, NULL, &deployments, err))
                return false;
        const Document *items = document_get(deployments, "_items");
        const char *job_id = document_get_string(document_at(items, 0), "job_id");
        for (size_t i = document_count(items); i-- > 0;)
                if (text_equal(document_get_string(document_at(items, i), "job_id"), job_id))
                        string_list_add(ret, document_get_string(document_at(items, i), "module"));
        return ret->count > 0 || error_set(err, ERROR_NOT_FOUND, "the application was never deployed");
}

static bool run(CliContext *context, const Arguments *arguments, Error **err) {
        CLEANUP(free) char *app_id = client_find_app(context->client, arguments->words.items[0], err);
        CLEANUP(string_list_clear) StringList modules = { 0 };

        if (!app_id)
                return false;
        if (arguments->words.count > 1)
                string_list_add(&modules, arguments->words.items[1]);
        else if (!last_modules(context, app_id, &modules, err))
                return false;
        for (size_t i = 0; i < modules.count; i++)
                if (!roll_back(context, arguments, app_id, modules.items[i], err))
                        return false;
        return true;
}

static const CliOption options[] = { STRATEGY_OPTIONS, FAILURE_OPTIONS, APPROVE_OPTION, JOB_OPTIONS };

const CliCommand rollback_cli = {
        .name = "rollback",
        .words = "APP [MODULE]",
        .summary = "Go back to the release that was live before",
        .options = options,
        .run = run,
        .details = "Without MODULE: the modules of the last deployment. Where a deployment that failed has "
                   "left\n"
                   "instances on different releases, all go back to the last one that succeeded.",
};
