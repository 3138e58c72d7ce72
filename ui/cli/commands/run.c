/* The commands that make a job of an application: one row of the table each, for they differ in their options
 * alone. */
#include "cli_commands.h"

#include <string.h>

#include "base/memory.h"
#include "job_options.h"

/* The contract's options are strings by position; trailing ones that were not given are left out. */
static void set_options(Document *body, const char *const *values, size_t count) {
        Document *options = document_array();

        while (count > 0 && !values[count - 1])
                count--;
        for (size_t i = 0; i < count; i++)
                document_append(options, document_string(values[i] ? values[i] : ""));
        document_set(body, "options", options);
}

static bool submit(
        CliContext *context, const Arguments *arguments, const char *command, const char *const *options,
        size_t count, Error **err) {
        const char *app = NULL;
        Document *body = NULL;

        if (!arguments_word(arguments, 0, "APP", &app, err))
                return false;
        body = document_object();
        set_options(body, options, count);
        if (strcmp(command, "buildimage") == 0 && arguments_value(arguments, "instance-type"))
                document_set_string(body, "instance_type", arguments_value(arguments, "instance-type"));
        return job_submit(context, arguments, command, app, body, err);
}

static bool run_build_image(CliContext *context, const Arguments *arguments, Error **err) {
        const char *options[] = { arguments_value(arguments, "skip-bootstrap") };

        return arguments_at_most(arguments, 1, err) &&
               submit(context, arguments, "buildimage", options, 1, err);
}

static bool run_create_instance(CliContext *context, const Arguments *arguments, Error **err) {
        const char *options[] = {
                arguments_value(arguments, "subnet-id"),
                arguments_value(arguments, "private-ip-address"),
        };

        return arguments_at_most(arguments, 1, err) &&
               submit(context, arguments, "createinstance", options, 2, err);
}

static bool run_destroy_instance(CliContext *context, const Arguments *arguments, Error **err) {
        const char *options[1] = { NULL };

        return arguments_word(arguments, 1, "INSTANCE", &options[0], err) &&
               arguments_at_most(arguments, 2, err) &&
               submit(context, arguments, "destroyinstance", options, 1, err);
}

static bool run_destroy_all_instances(CliContext *context, const Arguments *arguments, Error **err) {
        return arguments_at_most(arguments, 1, err) &&
               submit(context, arguments, "destroyallinstances", NULL, 0, err);
}

static bool run_redeploy(CliContext *context, const Arguments *arguments, Error **err) {
        const char *options[] = {
                NULL,
                arguments_value(arguments, "strategy"),
                arguments_value(arguments, "safe-deploy-strategy"),
        };

        return arguments_word(arguments, 1, "DEPLOYMENT", &options[0], err) &&
               arguments_at_most(arguments, 2, err) &&
               submit(context, arguments, "redeploy", options, 3, err);
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
        CLEANUP(free) char *app_id = client_find_app(context->client, app, err);
        CLEANUP(document_free) Document *document = NULL;

        if (!app_id)
                return false;

        CLEANUP(free) char *path = xasprintf("/apps/%s", app_id);
        if (!client_get(context->client, path, &document, err))
                return false;
        const Document *all = document_get(document, "modules");
        for (size_t i = 0; i < document_count(all); i++)
                add_module(modules, document_get_string(document_at(all, i), "name"));
        return document_count(modules) > 0 ||
               error_set(err, ERROR_INVALID, "the application has no module to deploy");
}

static bool run_deploy(CliContext *context, const Arguments *arguments, Error **err) {
        CLEANUP(document_free) Document *modules = document_array();
        const StringList *named = arguments_values(arguments, "module");
        const char *app = NULL;
        const char *options[] = {
                arguments_value(arguments, "strategy"),
                arguments_value(arguments, "safe-deploy-strategy"),
        };

        if (!arguments_word(arguments, 0, "APP", &app, err) || !arguments_at_most(arguments, 1, err))
                return false;
        if ((named->count > 0) == arguments_given(arguments, "all-modules"))
                return error_set(
                        err, ERROR_INVALID,
                        "say what to deploy: either --module NAME[:REV] or --all-modules");
        for (size_t i = 0; i < named->count; i++)
                add_module(modules, named->items[i]);
        if (named->count == 0 && !add_all_modules(context, app, modules, err))
                return false;

        Document *body = document_object();
        document_set(body, "modules", TAKE(modules));
        set_options(body, options, 2);
        return job_submit(context, arguments, "deploy", app, body, err);
}

#define STRATEGY_OPTIONS                                                                                     \
        { "strategy", 0, "serial|parallel", "One instance after the other, or all at once" }, {              \
                "safe-deploy-strategy", 0, "1by1|1/3|25%|50%", "In groups, each out of its load balancer"    \
        }

static const CliOption plain_options[] = { JOB_OPTIONS };
static const CliOption build_image_options[] = {
        { "instance-type", 0, "TYPE", "Type of the instance that builds the image" },
        { "skip-bootstrap", 0, "BOOL", "Do not install the provisioner first" },
        JOB_OPTIONS,
};
static const CliOption create_instance_options[] = {
        { "subnet-id", 0, "SUBNET", "Instead of the application's first subnet" },
        { "private-ip-address", 0, "IP", "Instead of any free one" },
        JOB_OPTIONS,
};
static const CliOption redeploy_options[] = { STRATEGY_OPTIONS, JOB_OPTIONS };
static const CliOption deploy_options[] = {
        { "module", 'm', "NAME[:REV]",
          "Deploy this module at REV (branch, tag or hash; HEAD when left out); repeatable" },
        { "all-modules", 'a', NULL, "Deploy every module of the application at HEAD" },
        STRATEGY_OPTIONS,
        JOB_OPTIONS,
};

const CliCommand build_image_cli = {
        "buildimage", "APP", "Build a machine image of the application", build_image_options, run_build_image,
};
const CliCommand create_instance_cli = {
        "createinstance", "APP", "Start one more instance", create_instance_options, run_create_instance,
};
const CliCommand deploy_cli = {
        "deploy", "APP", "Deploy modules to every instance", deploy_options, run_deploy,
};
const CliCommand destroy_all_instances_cli = {
        "destroyallinstances",     "APP", "Terminate every instance of the application", plain_options,
        run_destroy_all_instances,
};
const CliCommand destroy_instance_cli = {
        "destroyinstance", "APP INSTANCE", "Terminate one instance", plain_options, run_destroy_instance,
};
const CliCommand redeploy_cli = {
        "redeploy",       "APP DEPLOYMENT", "Deploy the package of an earlier deployment again",
        redeploy_options, run_redeploy,
};
