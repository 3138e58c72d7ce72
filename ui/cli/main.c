/* ghost: the command line. A client of the REST API like any other. */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/names.h"
#include "cli_commands.h"
#include "usage.h"

enum { EXIT_FAILED = 1, EXIT_USAGE = 2 };

static const char *const format_words[OUTPUT_FORMAT_COUNT] = {
        [OUTPUT_TABLE] = "table",
        [OUTPUT_JSON] = "json",
        [OUTPUT_YAML] = "yaml",
};
static const Names format_names = NAMES(format_words);

typedef struct Invocation {
        ProfileSource profile;
        int format;
        bool help;
        bool version;
        int words_at; /* index of the first word of the command in argv */
} Invocation;

static bool option_value(int argc, char **argv, int *index, const char *name, const char **ret) {
        size_t length = strlen(name);

        if (strncmp(argv[*index], name, length) != 0)
                return false;
        if (argv[*index][length] == '=') {
                *ret = argv[*index] + length + 1;
                return true;
        }
        if (argv[*index][length] || *index + 1 >= argc)
                return false;
        *ret = argv[++*index];
        return true;
}

static bool is_switch(const char *word, const char *name, const char *letter) {
        return strcmp(word, name) == 0 || strcmp(word, letter) == 0;
}

/* Options in front of the command, taken by hand because getopt_long would also take the command's own. */
static bool parse_front(int argc, char **argv, Invocation *ret, Error **err) {
        int index = 1;

        for (; index < argc && argv[index][0] == '-'; index++) {
                const char *format = NULL;

                if (is_switch(argv[index], "--help", "-h"))
                        ret->help = true;
                else if (is_switch(argv[index], "--version", "-v"))
                        ret->version = true;
                else if (option_value(argc, argv, &index, "--output", &format)) {
                        if (!names_value(&format_names, format, &ret->format))
                                return error_set(
                                        err, ERROR_INVALID, "--output: table, json or yaml, not '%s'",
                                        format);
                } else if (
                        !option_value(argc, argv, &index, "--profile", &ret->profile.name) &&
                        !option_value(argc, argv, &index, "--config-file", &ret->profile.config_file))
                        return error_set(
                                err, ERROR_INVALID, "no such option, or its value is missing: '%s'",
                                argv[index]);
        }
        ret->words_at = index;
        return true;
}

/* The command whose words argv begins with; *ret_last is the index of its last word. */
static const CliCommand *find_command(int argc, char **argv, int at, int *ret_last) {
        for (const CliCommand *const *command = cli_commands; *command; command++) {
                const char *space = strchr((*command)->name, ' ');
                size_t length = space ? (size_t) (space - (*command)->name) : strlen((*command)->name);

                if (strncmp(argv[at], (*command)->name, length) != 0 || argv[at][length])
                        continue;
                if (!space) {
                        *ret_last = at;
                        return *command;
                }
                if (at + 1 < argc && strcmp(argv[at + 1], space + 1) == 0) {
                        *ret_last = at + 1;
                        return *command;
                }
        }
        return NULL;
}

static int wrong_use(const char *message) {
        (void) fprintf(stderr, "ghost: %s\nTry 'ghost --help'.\n", message);
        return EXIT_USAGE;
}

static bool asks_for_help(int argc, char **argv, int at) {
        for (int i = at; i < argc && strcmp(argv[i], "--") != 0; i++)
                if (is_switch(argv[i], "--help", "-h"))
                        return true;
        return false;
}

static int run_command(const Invocation *invocation, const CliCommand *command, int argc, char **argv) {
        CLEANUP(arguments_clear) Arguments arguments = { 0 };
        CLEANUP(profile_clear) Profile profile = { 0 };
        CLEANUP(client_free) Client *client = NULL;
        CLEANUP(error_free) Error *why = NULL;

        if (!arguments_parse(command->options, argc, argv, &arguments, &why) ||
            !arguments_check_words(&arguments, command->words, &why))
                return wrong_use(error_message(why));
        if (profile_load(&invocation->profile, &profile, &why)) {
                client = client_new(&profile);

                CliContext context = {
                        .client = client,
                        .format = (OutputFormat) invocation->format,
                        .colour = isatty(STDOUT_FILENO),
                };
                if (command->run(&context, &arguments, &why))
                        return fflush(stdout) == 0 ? 0 : EXIT_FAILED;
        }
        (void) fflush(stdout);
        (void) fprintf(
                stderr, "%sghost: %s%s\n", isatty(STDERR_FILENO) ? "\033[31m" : "", error_message(why),
                isatty(STDERR_FILENO) ? "\033[0m" : "");
        return EXIT_FAILED;
}

int main(int argc, char **argv) {
        CLEANUP(error_free) Error *why = NULL;
        Invocation invocation = { 0 };
        int last = 0;

        (void) signal(SIGPIPE, SIG_IGN);
        if (!parse_front(argc, argv, &invocation, &why))
                return wrong_use(error_message(why));
        if (invocation.version) {
                (void) printf("ghost %s\n", GHOST_VERSION);
                return 0;
        }
        if (invocation.help || invocation.words_at == argc) {
                usage_program();
                return invocation.help ? 0 : EXIT_USAGE;
        }
        if (strcmp(argv[invocation.words_at], "completion") == 0) {
                usage_completion();
                return 0;
        }

        const CliCommand *command = find_command(argc, argv, invocation.words_at, &last);
        if (!command)
                return wrong_use("no such command");
        if (asks_for_help(argc, argv, last + 1)) {
                usage_command(command);
                return 0;
        }
        return run_command(&invocation, command, argc - last, argv + last);
}
