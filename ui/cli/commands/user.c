/* user ls, show, add, update, remove, password */
#include "cli_commands.h"

#include <stdio.h>
#include <string.h>

#include "base/crypto.h"
#include "base/memory.h"
#include "list_query.h"
#include "prompt.h"

static const Column columns[] = {
        { "Name", "name", NULL },
        { "Role", "role", NULL },
        { "Created", "_created", NULL },
        { NULL },
};

static bool run_ls(CliContext *context, const Arguments *arguments, Error **err) {
        CLEANUP(document_free) Document *where = document_object();
        const ListSpec spec = {
                .path = "/users", .what = "users", .where = where, .sort = "name", .columns = columns
        };

        list_filter(arguments, "role", "role", where);
        return list_run(context, arguments, &spec, err);
}

static char *path_of(const Arguments *arguments) {
        return client_path("/users/", arguments->words.items[0]);
}

static bool run_show(CliContext *context, const Arguments *arguments, Error **err) {
        CLEANUP(free) char *path = path_of(arguments);

        return list_show(context, arguments, path, err);
}

static bool set_password(Document *body, Error **err) {
        CLEANUP(free) char *password = NULL;

        if (!prompt_new_password("password", &password, err))
                return false;
        document_set_string(body, "password", password);
        crypto_wipe(password, strlen(password));
        return true;
}

static bool run_add(CliContext *context, const Arguments *arguments, Error **err) {
        CLEANUP(document_free) Document *body = document_object();
        CLEANUP(document_free) Document *made = NULL;
        const char *name = arguments->words.items[0];

        document_set_string(body, "name", name);
        document_set_string(body, "role", arguments_value(arguments, "role"));
        return set_password(body, err) &&
               client_call(context->client, "POST", "/users", body, NULL, &made, err) &&
               output_change(context, made, "User creation", name, err);
}

static bool check_role(const Arguments *arguments, Error **err) {
        return arguments_given(arguments, "role") || error_set(err, ERROR_INVALID, "missing option '--role'");
}

/* With the etag of the account as it is now. */
static bool change(
        CliContext *context, const Arguments *arguments, const char *method, const Document *body,
        const char *what, Error **err) {
        CLEANUP(document_free) Document *user = NULL;
        CLEANUP(document_free) Document *changed = NULL;
        CLEANUP(free) char *path = path_of(arguments);

        return client_get(context->client, path, &user, err) &&
               client_call(
                       context->client, method, path, body, document_get_string(user, "_etag"),
                       body ? &changed : NULL, err) &&
               output_change(context, changed, what, arguments->words.items[0], err);
}

static bool run_update(CliContext *context, const Arguments *arguments, Error **err) {
        CLEANUP(document_free) Document *body = document_object();

        document_set_string(body, "role", arguments_value(arguments, "role"));
        return change(context, arguments, "PATCH", body, "User update", err);
}

static bool run_remove(CliContext *context, const Arguments *arguments, Error **err) {
        return change(context, arguments, "DELETE", NULL, "User deletion", err);
}

/* Whoever is no admin shows that it is their own by the password it was. */
static bool set_old_password(CliContext *context, Document *body, Error **err) {
        CLEANUP(document_free) Document *me = NULL;
        CLEANUP(free) char *password = NULL;

        if (!client_get(context->client, "/me", &me, err))
                return false;
        if (strcmp(document_get_string(me, "role"), "admin") == 0)
                return true;
        if (!prompt_password("old password", &password, err))
                return false;
        document_set_string(body, "old_password", password);
        crypto_wipe(password, strlen(password));
        return true;
}

static bool run_password(CliContext *context, const Arguments *arguments, Error **err) {
        CLEANUP(document_free) Document *body = document_object();

        return set_old_password(context, body, err) && set_password(body, err) &&
               change(context, arguments, "PATCH", body, "User password update", err);
}

#define ROLES "admin|operator|viewer"
static const CliOption ls_options[] = {
        LIST_OPTIONS,
        { "role", 0, ROLES, "Only users with this role" },
        { NULL },
};
static const CliOption show_options[] = { FORMAT_OPTION, { NULL } };
static const CliOption role_options[] = {
        { "role", 0, ROLES, "What the user may do: everything, run jobs and edit, or only look" },
        { NULL },
};

const CliCommand user_add_cli = {
        .name = "user add",
        .words = "NAME",
        .summary = "Add a user; the password is asked for or read from standard input",
        .options = role_options,
        .run = run_add,
        .check = check_role,
};
const CliCommand user_ls_cli = { "user ls", "", "List users", ls_options, run_ls };
const CliCommand user_password_cli = {
        .name = "user password",
        .words = "NAME",
        .summary = "Change a user's password; it is asked for or read from standard input (the old one "
                   "first, but by "
                   "admins)",
        .run = run_password,
};
const CliCommand user_remove_cli = { "user remove", "NAME", "Remove a user", NULL, run_remove };
const CliCommand user_show_cli = { "user show", "NAME", "Show a user", show_options, run_show };
const CliCommand user_update_cli = {
        "user update", "NAME", "Change a user's role", role_options, run_update, check_role,
};
