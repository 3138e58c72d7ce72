#include "usage.h"

#include <stdio.h>
#include <string.h>

enum { OPTION_WIDTH = 36 };

static const char notes[] = "\n'ghost COMMAND --help' explains a command; 'man ghost' all of them.\n"
                            "The controller serves the documentation at /docs/.\n"
                            "GHOST_URL, GHOST_USER and GHOST_PASSWORD (or GHOST_TOKEN) win over the file.\n"
                            "APP is an id or NAME/ENV/ROLE. Exit status: 0 well, 1 failed, 2 wrong use.\n";

static void print_option(const CliOption *option) {
        char left[OPTION_WIDTH * 4];
        int length = snprintf(
                left, sizeof(left), "%c%c%s --%s%s%s", option->letter ? '-' : ' ',
                option->letter ? option->letter : ' ', option->letter ? "," : " ", option->name,
                option->argument ? " " : "", option->argument ? option->argument : "");

        if (length <= OPTION_WIDTH)
                (void) printf("  %-*s  %s\n", OPTION_WIDTH, left, option->help);
        else
                (void) printf("  %s\n  %*s  %s\n", left, OPTION_WIDTH, "", option->help);
}

static void print_options(const CliOption *options, const char *title) {
        if (options && options->name)
                (void) printf("\n%s:\n", title);
        for (const CliOption *option = options; option && option->name; option++)
                print_option(option);
}

void usage_program(void) {
        (void) printf("Usage: ghost [OPTIONS] COMMAND [ARGS]...\n\nManagement Commands:\n");
        for (const CliGroup *group = cli_groups; group->word; group++)
                (void) printf("  %-20s  %s\n", group->word, group->summary);
        (void) printf("\nCommands:\n");
        for (const CliCommand *const *command = cli_commands; *command; command++)
                if (!strchr((*command)->name, ' '))
                        (void) printf("  %-20s  %s\n", (*command)->name, (*command)->summary);
        print_options(cli_common_options, "Options");
        (void) printf("  %-*s  %s\n", OPTION_WIDTH, "-v, --version", "Print the version");
        (void) printf("  %-*s  %s\n%s", OPTION_WIDTH, "-h, --help", "Print this help", notes);
}

void usage_group(const CliGroup *group, FILE *out) {
        (void) fprintf(
                out, "Usage: ghost %s COMMAND [OPTIONS] [ARGS]...\n\n%s.\n\nCommands:\n", group->word,
                group->summary);
        for (const CliCommand *const *command = cli_commands; *command; command++)
                if (cli_command_in_group(*command, group))
                        (void) fprintf(
                                out, "  %-20s  %s\n", cli_command_in_group(*command, group),
                                (*command)->summary);
}

void usage_line(const CliCommand *command, FILE *out) {
        (void) fprintf(
                out, "Usage: ghost %s [OPTIONS]%s%s\n", command->name, *command->words ? " " : "",
                command->words);
}

/* Words of a paragraph in lines that fit a terminal. */
static void print_filled(const char *text) {
        enum { WIDTH = 79 };
        size_t column = 0;

        while (*text) {
                size_t length = strcspn(text, " ");

                if (column && column + 1 + length > WIDTH) {
                        (void) putchar('\n');
                        column = 0;
                }
                (void) printf("%s%.*s", column ? " " : "", (int) length, text);
                column += length + (column ? 1 : 0);
                text += length + strspn(text + length, " ");
        }
        (void) putchar('\n');
}

void usage_command(const CliCommand *command) {
        CliOption options[CLI_OPTION_MAX + 1];
        size_t own = 0;

        usage_line(command, stdout);
        (void) printf("\n%s.\n", command->summary);
        if (command->details) {
                (void) putchar('\n');
                print_filled(command->details);
        }
        print_options(command->options, "Options");
        cli_command_options(command, options);
        while (command->options && command->options[own].name)
                own++;
        print_options(options + own, "Options of every command");
}
