/* ghost: the command line. A client of the REST API like any other. */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/names.h"
#include "cli_commands.h"
#include "completion.h"
#include "output.h"
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
        bool verbose;
        bool help;
        bool version;
        bool manual;
        const char *complete; /* --complete WORD, for the completion scripts */
        int words_at;         /* index of the first word of the command in argv */
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
        return strcmp(word, name) == 0 || (letter && strcmp(word, letter) == 0);
}

static bool take_switch(const char *word, Invocation *ret) {
        if (is_switch(word, "--help", "-h"))
                ret->help = true;
        else if (is_switch(word, "--version", "-v"))
                ret->version = true;
        else if (is_switch(word, "--verbose", NULL))
                ret->verbose = true;
        else if (is_switch(word, "--man", NULL))
                ret->manual = true;
        else
                return false;
        return true;
}

static bool set_format(const char *word, Invocation *ret, Error **err) {
        return names_value(&format_names, word, &ret->format) ||
               error_set(
                       err, ERROR_INVALID,
                       "invalid value for '--output': invalid choice: %s. (choose from table, json, yaml)",
                       word);
}

/* Options in front of the command, taken by hand because getopt_long would also take the command's own. */
static bool parse_front(int argc, char **argv, Invocation *ret, Error **err) {
        int index = 1;

        for (; index < argc && argv[index][0] == '-'; index++) {
                const char *format = NULL;

                if (take_switch(argv[index], ret))
                        continue;
                if (option_value(argc, argv, &index, "--output", &format)) {
                        if (!set_format(format, ret, err))
                                return false;
                } else if (
                        !option_value(argc, argv, &index, "--profile", &ret->profile.name) &&
                        !option_value(argc, argv, &index, "--config-file", &ret->profile.config_file) &&
                        !option_value(argc, argv, &index, "--complete", &ret->complete))
                        return error_set(
                                err, ERROR_INVALID, "no such option, or its value is missing: '%s'",
                                argv[index]);
        }
        ret->words_at = index;
        return true;
}

/* The same options after the command, where it has none of that name. */
static bool take_common_options(
        const CliCommand *command, const Arguments *arguments, Invocation *invocation, Error **err) {
        const char *profile = arguments_value(arguments, "profile");
        const char *file = arguments_value(arguments, "config-file");
        const char *format = arguments_value(arguments, "output");

        if (profile)
                invocation->profile.name = profile;
        if (file)
                invocation->profile.config_file = file;
        invocation->verbose |= arguments_given(arguments, "verbose");
        for (const CliOption *own = command->options; own && own->name; own++)
                if (strcmp(own->name, "output") == 0)
                        return true;
        return !format || set_format(format, invocation, err);
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

static const CliGroup *find_group(const char *word) {
        for (const CliGroup *group = cli_groups; group->word; group++)
                if (strcmp(group->word, word) == 0)
                        return group;
        return NULL;
}

static void say_error(const char *message) {
        bool colour = output_colours(STDERR_FILENO);

        output_progress(NULL);
        (void) fflush(stdout);
        (void) fprintf(stderr, "%sError: %s%s\n", colour ? "\033[31m" : "", message, colour ? "\033[0m" : "");
}

static int wrong_use(const CliCommand *command, const char *message) {
        if (command) {
                usage_line(command, stderr);
                (void) fprintf(stderr, "Try 'ghost %s --help' for help.\n\n", command->name);
        } else {
                (void) fprintf(
                        stderr, "Usage: ghost [OPTIONS] COMMAND [ARGS]...\nTry 'ghost --help' for help.\n\n");
        }
        say_error(message);
        return EXIT_USAGE;
}

static bool asks_for_help(int argc, char **argv, int at) {
        for (int i = at; i < argc && strcmp(argv[i], "--") != 0; i++)
                if (is_switch(argv[i], "--help", "-h"))
                        return true;
        return false;
}

static bool log_in(const Invocation *invocation, Client **ret, Error **err) {
        CLEANUP(profile_clear) Profile profile = { 0 };

        if (!profile_load(&invocation->profile, &profile, err))
                return false;
        *ret = client_new(&profile);
        client_set_verbose(*ret, invocation->verbose);
        return true;
}

static bool run(
        const Invocation *invocation, const CliCommand *command, const Arguments *arguments, Error **err) {
        CLEANUP(client_free) Client *client = NULL;

        if (!(command->flags & CLI_NO_LOGIN) && !log_in(invocation, &client, err))
                return false;

        CliContext context = {
                .client = client,
                .profile = &invocation->profile,
                .format = (OutputFormat) invocation->format,
                .colour = output_colours(STDOUT_FILENO),
        };
        return command->run(&context, arguments, err) &&
               (fflush(stdout) == 0 ||
                error_set(err, ERROR_UNAVAILABLE, "standard output cannot be written to"));
}

static int run_command(Invocation *invocation, const CliCommand *command, int argc, char **argv) {
        CliOption options[CLI_OPTION_MAX + 1];
        CLEANUP(arguments_clear) Arguments arguments = { 0 };
        CLEANUP(error_free) Error *why = NULL;

        cli_command_options(command, options);
        if (!arguments_parse(options, argc, argv, &arguments, &why) ||
            !arguments_check_words(&arguments, command->words, &why) ||
            !take_common_options(command, &arguments, invocation, &why) ||
            (command->check && !command->check(&arguments, &why)))
                return wrong_use(command, error_message(why));
        if (run(invocation, command, &arguments, &why))
                return 0;
        say_error(error_message(why));
        return EXIT_FAILED;
}

/* While somebody types: no question, no message. */
static int complete(const Invocation *invocation) {
        CLEANUP(client_free) Client *client = NULL;
        CLEANUP(error_free) Error *why = NULL;

        return log_in(invocation, &client, &why) && completion_print_names(client, invocation->complete, &why)
                       ? 0
                       : EXIT_FAILED;
}

static int find_and_run(Invocation *invocation, int argc, char **argv) {
        int at = invocation->words_at, last = 0;
        const CliGroup *group = find_group(argv[at]);
        const CliCommand *command = find_command(argc, argv, at, &last);

        if (!command && group && (at + 1 == argc || asks_for_help(argc, argv, at + 1))) {
                usage_group(group, stdout);
                return at + 1 == argc ? EXIT_USAGE : 0;
        }
        if (!command)
                return wrong_use(NULL, "no such command");
        if (asks_for_help(argc, argv, last + 1)) {
                usage_command(command);
                return 0;
        }
        return run_command(invocation, command, argc - last, argv + last);
}

int main(int argc, char **argv) {
        CLEANUP(error_free) Error *why = NULL;
        Invocation invocation = { 0 };

        (void) signal(SIGPIPE, SIG_IGN);
        if (!parse_front(argc, argv, &invocation, &why))
                return wrong_use(NULL, error_message(why));
        if (invocation.version) {
                (void) printf("ghost, version %s\n", GHOST_VERSION);
                return 0;
        }
        if (invocation.manual) {
                usage_manual(stdout);
                return 0;
        }
        if (invocation.complete)
                return complete(&invocation);
        if (invocation.words_at + 1 == argc && strcmp(argv[invocation.words_at], "help") == 0)
                invocation.help = true;
        if (invocation.help || invocation.words_at == argc) {
                usage_program();
                return invocation.help ? 0 : EXIT_USAGE;
        }
        return find_and_run(&invocation, argc, argv);
}
