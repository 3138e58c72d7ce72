#include "usage.h"

#include <stdio.h>
#include <string.h>

static const char global_help[] =
        "Before the command:\n"
        "  --profile NAME       section of ~/.ghost to use (default)\n"
        "  --config-file FILE   instead of ~/.ghost and ./.ghost\n"
        "  --output FORMAT      table, json or yaml\n"
        "  -v, --version        print the version\n"
        "  -h, --help           this help; after a command: its help\n"
        "\n"
        "GHOST_URL, GHOST_USER, GHOST_PASSWORD (or GHOST_TOKEN) win over the file.\n"
        "APP is an id or NAME/ENV/ROLE. Exit status: 0 well, 1 failed, 2 wrong use.\n";

void usage_program(void) {
        (void) printf("Usage: ghost [OPTION]... COMMAND [WORD]... [OPTION]...\n\nCommands:\n");
        for (const CliCommand *const *command = cli_commands; *command; command++)
                (void) printf("  %-20s %s\n", (*command)->name, (*command)->summary);
        (void) printf("  %-20s %s\n\n%s", "completion", "Print a bash completion script", global_help);
}

void usage_command(const CliCommand *command) {
        (void) printf(
                "Usage: ghost %s%s%s%s\n\n%s.\n", command->name, *command->words ? " " : "", command->words,
                command->options ? " [OPTION]..." : "", command->summary);
        if (command->options)
                (void) printf("\nOptions:\n");
        for (const CliOption *option = command->options; option && option->name; option++) {
                char left[64];

                (void) snprintf(
                        left, sizeof(left), "%c%c%s --%s%s%s", option->letter ? '-' : ' ',
                        option->letter ? option->letter : ' ', option->letter ? "," : " ", option->name,
                        option->argument ? " " : "", option->argument ? option->argument : "");
                (void) printf("  %-38s %s\n", left, option->help);
        }
}

static void print_words_after(const char *first) {
        size_t length = strlen(first);

        for (const CliCommand *const *command = cli_commands; *command; command++)
                if (strncmp((*command)->name, first, length) == 0 && (*command)->name[length] == ' ')
                        (void) printf(" %s", (*command)->name + length + 1);
}

static void print_first_words(void) {
        const char *last = "";

        for (const CliCommand *const *command = cli_commands; *command; command++) {
                size_t length = strcspn((*command)->name, " ");

                if (strncmp(last, (*command)->name, length) != 0 || last[length] > ' ')
                        (void) printf(" %.*s", (int) length, (*command)->name);
                last = (*command)->name;
        }
}

void usage_completion(void) {
        (void) printf("_ghost() {\n  local word=${COMP_WORDS[COMP_CWORD]} "
                      "line=\"${COMP_WORDS[*]:1:COMP_CWORD-1}\"\n"
                      "  local choices\n  case \"$line\" in\n");
        for (const CliCommand *const *command = cli_commands; *command; command++) {
                (void) printf("    \"%s\" | \"%s \"*) choices=\"--help", (*command)->name, (*command)->name);
                for (const CliOption *option = (*command)->options; option && option->name; option++)
                        (void) printf(" --%s", option->name);
                (void) printf("\" ;;\n");
        }
        static const char *const nouns[] = { "app", "deployment", "instance", "job" };
        for (size_t i = 0; i < sizeof(nouns) / sizeof(nouns[0]); i++) {
                (void) printf("    %s) choices=\"", nouns[i]);
                print_words_after(nouns[i]);
                (void) printf("\" ;;\n");
        }
        (void) printf("    *) choices=\"--profile --config-file --output --version --help completion");
        print_first_words();
        (void) printf("\" ;;\n  esac\n  mapfile -t COMPREPLY < <(compgen -W \"$choices\" -- \"$word\")\n}\n"
                      "complete -F _ghost ghost\n");
}
