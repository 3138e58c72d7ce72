/* token ls, add, remove */
#include "cli_commands.h"

#include <stdio.h>

#include "base/clock.h"
#include "base/memory.h"
#include "list_query.h"

enum { DAY_S = 86400 };

static const Column columns[] = {
        { "ID", "_id", NULL },    { "Name", "name", NULL },       { "User", "user", NULL },
        { "Role", "role", NULL }, { "Expires", "expires", NULL }, { NULL },
};

static bool run_ls(CliContext *context, const Arguments *arguments, Error **err) {
        CLEANUP(document_free) Document *where = document_object();
        const ListSpec spec = {
                .path = "/tokens", .what = "tokens", .where = where, .sort = "-_created", .columns = columns
        };

        list_filter(arguments, "user", "user", where);
        return list_run(context, arguments, &spec, err);
}

static bool run_add(CliContext *context, const Arguments *arguments, Error **err) {
        CLEANUP(document_free) Document *body = document_object();
        CLEANUP(document_free) Document *made = NULL;
        const char *days = arguments_value(arguments, "days");
        uint64_t count = 0;

        document_set_string(body, "name", arguments->words.items[0]);
        if (arguments_value(arguments, "user"))
                document_set_string(body, "user", arguments_value(arguments, "user"));
        if (arguments_value(arguments, "role"))
                document_set_string(body, "role", arguments_value(arguments, "role"));
        if (days) {
                if (!text_parse_uint(days, 1, INT32_MAX, &count, err))
                        return false;
                CLEANUP(free)
                char *date = clock_format_http(clock_now_us() + (int64_t) count * DAY_S * 1000000);
                document_set_string(body, "expires", date);
        }
        if (!client_call(context->client, "POST", "/tokens", body, NULL, &made, err) ||
            !output_change(context, made, "Token creation", document_get_string(made, "_id"), err))
                return false;
        if (context->format == OUTPUT_TABLE)
                (void) printf("%s\n", document_get_string(made, "token"));
        output_notice("The token is shown this once only");
        return true;
}

static bool run_remove(CliContext *context, const Arguments *arguments, Error **err) {
        CLEANUP(document_free) Document *token = NULL;
        CLEANUP(free) char *path = client_path("/tokens/", arguments->words.items[0]);

        return client_get(context->client, path, &token, err) &&
               client_call(
                       context->client, "DELETE", path, NULL, document_get_string(token, "_etag"), NULL,
                       err) &&
               output_change(context, NULL, "Token deletion", arguments->words.items[0], err);
}

static const CliOption ls_options[] = {
        LIST_OPTIONS,
        { "user", 0, "USER", "Only tokens of this user" },
        { NULL },
};
static const CliOption add_options[] = {
        { "user", 0, "USER", "Whose it is (yours)" },
        { "role", 0, "admin|operator|viewer", "What it allows, at most what the user may (the same)" },
        { "days", 0, "N", "How long it is good for" },
        { NULL },
};

const CliCommand token_add_cli = {
        .name = "token add",
        .words = "NAME",
        .summary = "Make an API token; it is shown this once",
        .options = add_options,
        .run = run_add,
};
const CliCommand token_ls_cli = { "token ls", "", "List API tokens", ls_options, run_ls };
const CliCommand token_remove_cli = { "token remove", "TOKEN", "Remove an API token by its id", NULL,
                                      run_remove };
