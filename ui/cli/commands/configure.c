/* configure */
#include "cli_commands.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/crypto.h"
#include "base/memory.h"
#include "output.h"
#include "prompt.h"

static void take_option(const Arguments *arguments, const char *name, char **slot) {
        const char *value = arguments_value(arguments, name);

        if (value)
                *slot = xstrdup(value);
}

static bool complete(const char *what, bool hidden, char **slot, Error **err) {
        CLEANUP(free) char *question = xasprintf("Ghost %s", what);

        if (*slot)
                return true;
        /* A password may come through a pipe, the rest is asked of a person only. */
        if (!hidden && !prompt_possible())
                return error_set(err, ERROR_INVALID, "no --%s given and nobody to ask", what);
        return prompt_ask(question, hidden, slot, err);
}

static bool fill(const Arguments *arguments, Profile *profile, Error **err) {
        take_option(arguments, "endpoint", &profile->endpoint);
        take_option(arguments, "username", &profile->username);
        take_option(arguments, "token", &profile->token);
        take_option(arguments, "ca-file", &profile->ca_file);
        if (!complete("endpoint", false, &profile->endpoint, err))
                return false;
        if (profile->token)
                return true;
        return complete("username", false, &profile->username, err) &&
               complete("password", true, &profile->password, err);
}

/* A token of its own instead of the password, so that the file can be disowned without changing the password.
 */
static bool exchange_for_token(Client *client, const char *name, Profile *profile, Error **err) {
        CLEANUP(document_free) Document *body = document_object();
        CLEANUP(document_free) Document *made = NULL;

        document_set_string(body, "name", name);
        if (!client_call(client, "POST", "/tokens", body, NULL, &made, err))
                return false;
        if (!*document_get_string(made, "token"))
                return error_set(err, ERROR_INTERNAL, "the controller made a token but did not show it");
        free(profile->token);
        profile->token = xstrdup(document_get_string(made, "token"));
        crypto_wipe(profile->password, strlen(profile->password));
        free(TAKE(profile->password));
        return true;
}

static bool check_login(const Arguments *arguments, Profile *profile, Error **err) {
        CLEANUP(client_free) Client *client = client_new(profile);
        CLEANUP(document_free) Document *version = NULL;
        const char *name = arguments_value(arguments, "make-token");

        if (!client_get(client, "/version", &version, err))
                return error_prefix(err, "not saved");
        return !name || !profile->password || exchange_for_token(client, name, profile, err);
}

static bool run(CliContext *context, const Arguments *arguments, Error **err) {
        CLEANUP(profile_clear) Profile profile = { 0 };
        const char *home = getenv("HOME"); /* NOLINT(concurrency-mt-unsafe): one thread */
        const char *section = context->profile->name ? context->profile->name : "default";
        CLEANUP(free)
        char *path = context->profile->config_file ? xstrdup(context->profile->config_file)
                                                   : xasprintf("%s/.ghost", home ? home : "");

        if (!fill(arguments, &profile, err))
                return false;
        while (text_ends_with(profile.endpoint, "/"))
                profile.endpoint[strlen(profile.endpoint) - 1] = '\0';
        if ((!arguments_given(arguments, "no-check") && !check_login(arguments, &profile, err)) ||
            !profile_save(path, section, &profile, err))
                return false;
        (void) printf("Profile '%s' saved in %s\n", section, path);
        return true;
}

static const CliOption options[] = {
        { "endpoint", 0, "URL", "Where the controller is: https://ghost.example.com" },
        { "username", 0, "NAME", "Who you are to it" },
        { "token", 0, "TOKEN", "An API token, instead of name and password" },
        { "ca-file", 0, "FILE", "Authority of the controller's certificate, when it is not a public one" },
        { "make-token", 0, "NAME", "Keep an API token made for this, not the password" },
        { "no-check", 0, NULL, "Save without trying the login" },
        { NULL },
};

const CliCommand configure_cli = {
        .name = "configure",
        .words = "",
        .summary = "Save where the controller is and who you are in ~/.ghost",
        .options = options,
        .run = run,
        .flags = CLI_NO_LOGIN,
        .details =
                "Asks for what the options do not say and tries it. The password is asked for, or read from "
                "standard input when that is no terminal. --profile names the section that is written, "
                "--config-file the file; the file is private to you (mode 0600).",
};
