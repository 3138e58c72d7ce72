/* completion */
#include "cli_commands.h"

#include <stdio.h>
#include <string.h>

#include "completion.h"

static const struct {
        const char *name;
        void (*print)(FILE *out);
} shells[] = {
        { "bash", completion_bash },
        { "fish", completion_fish },
        { "zsh", completion_zsh },
};

static void (*printer_of(const Arguments *arguments))(FILE *out) {
        const char *name = arguments->words.count ? arguments->words.items[0] : "bash";

        for (size_t i = 0; i < sizeof(shells) / sizeof(shells[0]); i++)
                if (strcmp(shells[i].name, name) == 0)
                        return shells[i].print;
        return NULL;
}

static bool check(const Arguments *arguments, Error **err) {
        return printer_of(arguments) || error_set(err, ERROR_INVALID, "the shells are bash, fish and zsh");
}

static bool run(CliContext *context, const Arguments *arguments, Error **err) {
        (void) context, (void) err;
        printer_of(arguments)(stdout);
        return true;
}

const CliCommand completion_cli = {
        .name = "completion",
        .words = "[bash|fish|zsh]",
        .summary = "Print a completion script for a shell",
        .run = run,
        .check = check,
        .flags = CLI_NO_LOGIN,
        .details =
                "For bash: eval \"$(ghost completion bash)\"; for zsh: source <(ghost completion zsh); for "
                "fish: ghost completion fish | source. Packages install them where the shells look.",
};
