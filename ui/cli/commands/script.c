/* executescript */
#include "cli_commands.h"

#include <string.h>

#include "base/crypto.h"
#include "base/file.h"
#include "base/memory.h"
#include "job_options.h"
#include "run_options.h"

enum { SCRIPT_MAX_BYTES = 128 * 1024 };

static bool has_shebang(const char *script) {
        static const char *const starts[] = { "#!/bin/bash", "#! /bin/bash", "#!/bin/sh", "#! /bin/sh" };

        for (size_t i = 0; i < sizeof(starts) / sizeof(starts[0]); i++)
                if (text_starts_with(script, starts[i]))
                        return true;
        return false;
}

/* Lines that end as on Windows would not run. */
static void drop_carriage_returns(char *script) {
        char *to = script;

        for (const char *from = script; *from; from++)
                if (from[0] != '\r' || from[1] != '\n')
                        *to++ = *from;
        *to = '\0';
}

static bool read_script(const char *name, char **ret_encoded, Error **err) {
        CLEANUP(free) char *script = NULL;
        size_t length = 0;

        if (!file_read(strcmp(name, "-") == 0 ? "/dev/stdin" : name, SCRIPT_MAX_BYTES, &script, &length, err))
                return false;
        if (strlen(script) != length)
                return error_set(err, ERROR_INVALID, "%s: this is no script", name);
        if (!has_shebang(script))
                return error_set(
                        err, ERROR_INVALID, "%s: the first line must say #!/bin/bash or #!/bin/sh", name);
        drop_carriage_returns(script);
        *ret_encoded = base64_encode(script, strlen(script));
        return true;
}

static const char *or_default(const Arguments *arguments, const char *name, const char *fallback) {
        const char *value = arguments_value(arguments, name);

        return value ? value : fallback;
}

static bool is_single(const Arguments *arguments) {
        return strcmp(or_default(arguments, "strategy", "serial"), "single") == 0;
}

static bool check(const Arguments *arguments, Error **err) {
        return !is_single(arguments) || arguments_given(arguments, "instance-ip") ||
               error_set(
                       err, ERROR_INVALID,
                       "instance IP must be specified for \"single\" script execution strategy");
}

/* NULL when it is not given. */
static char *named_option(const char *name, const char *value) {
        return value ? xasprintf("%s=%s", name, value) : NULL;
}

static bool run(CliContext *context, const Arguments *arguments, Error **err) {
        CLEANUP(free) char *script = NULL;

        if (!read_script(arguments->words.items[1], &script, err))
                return false;

        Document *body = document_object();
        CLEANUP(free) char *deadline = named_option("deadline", arguments_value(arguments, "deadline"));
        CLEANUP(free) char *user = named_option("user", arguments_value(arguments, "user"));
        const char *options[] = {
                script,
                or_default(arguments, "module-context", ""),
                or_default(arguments, "strategy", "serial"),
                is_single(arguments) ? arguments_value(arguments, "instance-ip")
                                     : or_default(arguments, "safe-deploy-strategy", "1by1"),
        };
        Document *list = run_options(options, 4);
        run_options_add_failures(arguments, list);
        run_options_add_approve(arguments, list);
        if (deadline)
                document_append(list, document_string(deadline));
        if (user)
                document_append(list, document_string(user));
        document_set(body, "options", list);
        return job_submit(context, arguments, "executescript", arguments->words.items[0], body, err);
}

static const CliOption options[] = {
        { "strategy", 0, "single|serial|parallel",
          "On one instance, one after the other, or all at once (serial)" },
        { "safe-deploy-strategy", 0, SAFE_STRATEGIES, "In groups, each out of its load balancer (1by1)" },
        { "instance-ip", 0, "IP", "The instance, with --strategy single" },
        { "module-context", 0, "MODULE", "Run in the folder and as the owner of this module" },
        FAILURE_OPTIONS,
        APPROVE_OPTION,
        { "user", 0, "NAME", "Run as this user of the instances (the module's owner, or root)" },
        { "deadline", 0, "SECONDS", "End it on an instance where it runs longer" },
        JOB_OPTIONS,
};

const CliCommand execute_script_cli = {
        .name = "executescript",
        .words = "APP FILE",
        .summary = "Run a script on the instances of the application",
        .options = options,
        .run = run,
        .check = check,
        .details = "FILE (-: standard input) begins with #!/bin/bash or #!/bin/sh.",
};
