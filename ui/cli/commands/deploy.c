/* deploy, redeploy */
#include "cli_commands.h"

#include <string.h>

#include "app_document.h"
#include "base/memory.h"
#include "job_options.h"
#include "plan_output.h"
#include "run_options.h"

static const char *strategy_of(const Arguments *arguments) {
        const char *strategy = arguments_value(arguments, "strategy");

        return strategy ? strategy : "serial";
}

static Document *options_of(const Arguments *arguments, const char *const *places, size_t count) {
        Document *options = run_options(places, count);

        run_options_add_failures(arguments, options);
        run_options_add_rollback(arguments, options);
        run_options_add_approve(arguments, options);
        return options;
}

static void add_module(Document *modules, const char *word) {
        const char *colon = strchr(word, ':');
        CLEANUP(free) char *name = xstrndup(word, colon ? (size_t) (colon - word) : strlen(word));
        Document *module = document_object();

        document_set_string(module, "name", name);
        document_set_string(module, "rev", colon && colon[1] ? colon + 1 : "HEAD");
        document_append(modules, module);
}

static bool add_all_modules(CliContext *context, const char *app, Document *modules, Error **err) {
        CLEANUP(document_free) Document *document = NULL;

        if (!app_document_get(context->client, app, &document, err))
                return false;

        const Document *all = document_get(document, "modules");
        for (size_t i = 0; i < document_count(all); i++)
                add_module(modules, document_get_string(document_at(all, i), "name"));
        return document_count(modules) > 0 ||
               error_set(err, ERROR_INVALID, "the application has no module to deploy");
}

static bool check_deploy(const Arguments *arguments, Error **err) {
        bool all = arguments_given(arguments, "all-modules");

        if (!all && !arguments_given(arguments, "module"))
                return error_set(
                        err, ERROR_INVALID,
                        "you must have one (and only one) from --module and --all-modules parameters");
        if (all && arguments_given(arguments, "module"))
                return error_set(
                        err, ERROR_INVALID,
                        "you must have only one from --module and --all-modules parameters");
        return true;
}

static bool run_deploy(CliContext *context, const Arguments *arguments, Error **err) {
        CLEANUP(document_free) Document *modules = document_array();
        const StringList *named = arguments_values(arguments, "module");
        const char *app = arguments->words.items[0];
        const char *options[] = {
                strategy_of(arguments),
                arguments_value(arguments, "safe-deploy-strategy"),
        };

        for (size_t i = 0; i < named->count; i++)
                add_module(modules, named->items[i]);
        if (named->count == 0 && !add_all_modules(context, app, modules, err))
                return false;

        Document *body = document_object();
        document_set(body, "modules", TAKE(modules));
        document_set(body, "options", options_of(arguments, options, 2));
        return job_submit(context, arguments, "deploy", app, body, err);
}

static bool run_redeploy(CliContext *context, const Arguments *arguments, Error **err) {
        Document *body = document_object();
        const char *options[] = {
                arguments->words.items[1],
                strategy_of(arguments),
                arguments_value(arguments, "safe-deploy-strategy"),
        };

        document_set(body, "options", options_of(arguments, options, 3));
        return job_submit(context, arguments, "redeploy", arguments->words.items[0], body, err);
}

static const CliOption redeploy_options[] = { STRATEGY_OPTIONS, FAILURE_OPTIONS, ROLLBACK_OPTION,
                                              APPROVE_OPTION,   PLAN_OPTION,     JOB_OPTIONS };
static const CliOption deploy_options[] = {
        { "module", 'm', "NAME[:REV]",
          "Deploy this module at REV (branch, tag or hash; HEAD when left out); repeatable" },
        { "all-modules", 'a', NULL, "Deploy every module of the application at HEAD" },
        STRATEGY_OPTIONS,
        FAILURE_OPTIONS,
        ROLLBACK_OPTION,
        APPROVE_OPTION,
        PLAN_OPTION,
        JOB_OPTIONS,
};

const CliCommand deploy_cli = {
        "deploy", "APP", "Deploy modules to every instance", deploy_options, run_deploy, check_deploy,
};
const CliCommand redeploy_cli = {
        "redeploy",       "APP DEPLOYMENT", "Deploy the package of an earlier deployment again",
        redeploy_options, run_redeploy,
};
