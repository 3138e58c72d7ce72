/* webhook create, update */
#include "cli_commands.h"

#include <stdio.h>
#include <string.h>

#include "base/crypto.h"
#include "base/memory.h"
#include "output.h"
#include "prompt.h"
#include "run_options.h"

static void set_string(const Arguments *arguments, const char *option, const char *field, Document *body) {
        if (arguments_value(arguments, option))
                document_set_string(body, field, arguments_value(arguments, option));
}

static void set_list(const Arguments *arguments, const char *option, const char *field, Document *body) {
        const StringList *values = arguments_values(arguments, option);
        Document *list;

        if (values->count == 0)
                return;
        list = document_array();
        for (size_t i = 0; i < values->count; i++)
                document_append(list, document_string(values->items[i]));
        document_set(body, field, list);
}

static void set_options(const Arguments *arguments, const Document *current, Document *body) {
        if (!arguments_given(arguments, "strategy") && !arguments_given(arguments, "safe-deploy-strategy") &&
            !arguments_given(arguments, "approve") && !arguments_given(arguments, "instance-type"))
                return;

        CLEANUP(document_free)
        Document *options = document_get(current, "options") ? document_copy(document_get(current, "options"))
                                                             : document_object();

        set_string(arguments, "strategy", "fabric_execution_strategy", options);
        set_string(arguments, "safe-deploy-strategy", "safe_deployment_strategy", options);
        set_string(arguments, "approve", "approve", options);
        set_string(arguments, "instance-type", "instance_type", options);
        document_set(body, "options", TAKE(options));
}

static bool set_secret(const Arguments *arguments, Document *body, Error **err) {
        CLEANUP(free) char *secret = NULL;

        set_string(arguments, "secret-token", "secret_token", body);
        if (!arguments_given(arguments, "ask-secret-token"))
                return true;
        if (!prompt_new_password("secret token", &secret, err))
                return false;
        document_set_string(body, "secret_token", secret);
        crypto_wipe(secret, strlen(secret));
        return true;
}

static bool fill(const Arguments *arguments, const Document *current, Document *body, Error **err) {
        set_string(arguments, "module", "module", body);
        set_string(arguments, "rev", "rev", body);
        set_list(arguments, "event", "events", body);
        set_list(arguments, "command", "commands", body);
        set_options(arguments, current, body);
        return set_secret(arguments, body, err);
}

static bool check_create(const Arguments *arguments, Error **err) {
        static const char *const needed[] = { "rev", "event", "command" };

        for (size_t i = 0; i < sizeof(needed) / sizeof(needed[0]); i++)
                if (!arguments_given(arguments, needed[i]))
                        return error_set(err, ERROR_INVALID, "missing option '--%s'", needed[i]);
        return true;
}

static bool run_create(CliContext *context, const Arguments *arguments, Error **err) {
        CLEANUP(free) char *app_id = client_find_app(context->client, arguments->words.items[0], err);
        CLEANUP(document_free) Document *body = document_object();
        CLEANUP(document_free) Document *made = NULL;

        if (!app_id || !fill(arguments, NULL, body, err))
                return false;
        document_set_string(body, "app_id", app_id);
        if (!client_call(context->client, "POST", "/webhooks", body, NULL, &made, err))
                return false;

        const char *id = document_get_string(made, "_id");
        if (!output_change(context, made, "Webhook creation", id, err))
                return false;
        output_notice(
                "The sender's address for it: %s/webhooks/%s/invocations", client_endpoint(context->client),
                id);
        return true;
}

static bool run_update(CliContext *context, const Arguments *arguments, Error **err) {
        CLEANUP(document_free) Document *current = NULL;
        CLEANUP(document_free) Document *body = document_object();
        CLEANUP(document_free) Document *updated = NULL;
        CLEANUP(free) char *path = client_path("/webhooks/", arguments->words.items[0]);
        const char *etag = arguments_value(arguments, "etag");

        if (!client_get(context->client, path, &current, err) || !fill(arguments, current, body, err))
                return false;
        if (document_count(body) == 0)
                return error_set(err, ERROR_INVALID, "nothing to change was given");
        return client_call(
                       context->client, "PATCH", path, body,
                       etag ? etag : document_get_string(current, "_etag"), &updated, err) &&
               output_change(context, updated, "Webhook update", arguments->words.items[0], err);
}

#define WEBHOOK_OPTIONS                                                                                      \
        { "module", 'm', "MODULE", "The module whose repository it is about" },                              \
                { "rev", 0, "REGEX", "Which revisions it is about; '.*' for all" },                          \
                { "event", 0, "push|tag|merge", "What it reacts to; repeatable" },                           \
                { "command", 0, "deploy|buildimage", "What it makes Ghost do; repeatable" },                 \
                { "secret-token", 0, "TOKEN", "What the sender proves that it knows" },                      \
                { "ask-secret-token", 0, NULL, "Ask for that, or read it from standard input" },             \
                STRATEGY_OPTIONS, APPROVE_OPTION, {                                                          \
                "instance-type", 0, "TYPE", "Type of the instance that builds the image"                     \
        }

static const CliOption create_options[] = { WEBHOOK_OPTIONS, { NULL } };
static const CliOption update_options[] = {
        WEBHOOK_OPTIONS,
        { "etag", 0, "ETAG", "Refuse when it was changed since that version" },
        { NULL },
};

const CliCommand webhook_create_cli = {
        .name = "webhook create",
        .words = "APP",
        .summary = "Create a webhook of an application",
        .options = create_options,
        .run = run_create,
        .check = check_create,
        .details = "The sender (GitHub, GitLab or Bitbucket) is given the address "
                   "ENDPOINT/webhooks/ID/invocations and the secret token.",
};
const CliCommand webhook_update_cli = {
        .name = "webhook update",
        .words = "WEBHOOK",
        .summary = "Change a webhook",
        .options = update_options,
        .run = run_update,
};
