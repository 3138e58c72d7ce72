#include <string.h>

#include "base/memory.h"
#include "completion.h"

static void print_description(const char *text, FILE *out) {
        (void) fputs(" -d '", out);
        for (; *text; text++)
                (void) fprintf(out, "%s%c", strchr("'\\", *text) ? "\\" : "", *text);
        (void) fputs("'\n", out);
}

static void print_value(const char *argument, FILE *out) {
        CLEANUP(string_list_clear) StringList choices = { 0 };

        arguments_choices(&(CliOption){ .argument = argument }, &choices);
        if (completion_is_file(argument)) {
                (void) fputs(" -r -F", out);
                return;
        }
        (void) fputs(" -x", out);
        for (size_t i = 0; i < choices.count; i++)
                (void) fprintf(
                        out, "%s%s%s", i ? " " : " -a '", choices.items[i], i + 1 < choices.count ? "" : "'");
}

static void print_options(const char *condition, const CliOption *options, FILE *out) {
        for (const CliOption *option = options; option->name; option++) {
                (void) fprintf(out, "complete -c ghost -n '%s' -l %s", condition, option->name);
                if (option->letter)
                        (void) fprintf(out, " -s %c", option->letter);
                if (option->argument)
                        print_value(option->argument, out);
                print_description(option->help, out);
        }
}

static void print_word(const CliCommand *command, size_t index, const char *word, FILE *out) {
        CLEANUP(string_list_clear) StringList choices = { 0 };

        arguments_choices(&(CliOption){ .argument = word }, &choices);
        if (completion_knows(word))
                (void) fprintf(
                        out,
                        "complete -c ghost -n '__ghost_at %zu %s' -a '(ghost --complete %s 2>/dev/null "
                        "</dev/null)'\n",
                        index, command->name, word);
        else if (completion_is_file(word))
                (void) fprintf(out, "complete -c ghost -n '__ghost_at %zu %s' -F\n", index, command->name);
        for (size_t i = 0; i < choices.count; i++)
                (void) fprintf(
                        out, "complete -c ghost -n '__ghost_at %zu %s' -a %s\n", index, command->name,
                        choices.items[i]);
}

static void print_words(const CliCommand *command, FILE *out) {
        CLEANUP(string_list_clear) StringList words = { 0 };

        if (!*command->words)
                return;
        text_split(command->words, ' ', &words);
        for (size_t i = 0; i < words.count; i++) {
                CLEANUP(free) char *word = xstrdup(words.items[i] + (words.items[i][0] == '['));

                word[strcspn(word, "]")] = '\0';
                print_word(command, i, word, out);
        }
}

static void print_command(const CliCommand *command, FILE *out) {
        CliOption options[CLI_OPTION_MAX + 1];
        CLEANUP(free) char *condition = xasprintf("__ghost_in %s", command->name);
        const char *space = strchr(command->name, ' ');

        if (space)
                (void) fprintf(
                        out, "complete -c ghost -n '__ghost_at 0 %.*s' -a %s", (int) (space - command->name),
                        command->name, space + 1);
        else
                (void) fprintf(out, "complete -c ghost -n '__ghost_at 0' -a %s", command->name);
        print_description(command->summary, out);
        cli_command_options(command, options);
        print_options(condition, options, out);
        print_words(command, out);
}

/* Options that take a value, of whatever command: what follows them is no word. */
static void print_value_options(FILE *out) {
        for (const CliCommand *const *command = cli_commands; *command; command++) {
                CliOption options[CLI_OPTION_MAX + 1];

                cli_command_options(*command, options);
                for (const CliOption *option = options; option->name; option++) {
                        if (option->argument && option->letter)
                                (void) fprintf(out, " -%c", option->letter);
                        if (option->argument)
                                (void) fprintf(out, " --%s", option->name);
                }
        }
}

static const char walk[] =
        "# The words typed so far, without options and their values.\n"
        "function __ghost_words\n"
        "    set -l skip 0\n"
        "    for word in (commandline -opc)[2..-1]\n"
        "        if test $skip = 1\n"
        "            set skip 0\n"
        "        else if contains -- $word $__ghost_value_options\n"
        "            set skip 1\n"
        "        else if not string match -q -- '-*' $word\n"
        "            echo $word\n"
        "        end\n"
        "    end\n"
        "end\n"
        "# __ghost_in COMMAND: it is that command's line.\n"
        "function __ghost_in\n"
        "    set -l words (__ghost_words)\n"
        "    test (count $words) -ge (count $argv); or return 1\n"
        "    for i in (seq (count $argv))\n"
        "        test $words[$i] = $argv[$i]; or return 1\n"
        "    end\n"
        "end\n"
        "# __ghost_at N COMMAND: and N words follow it so far.\n"
        "function __ghost_at\n"
        "    test (count (__ghost_words)) -eq (math $argv[1] + (count $argv) - 1); or return 1\n"
        "    test (count $argv) -eq 1; or __ghost_in $argv[2..-1]\n"
        "end\n";

void completion_fish(FILE *out) {
        (void) fputs("# fish completion of ghost, printed by 'ghost completion fish'\n", out);
        (void) fputs("set -g __ghost_value_options", out);
        print_value_options(out);
        (void) fprintf(out, "\n%scomplete -c ghost -f\n", walk);
        (void) fputs(
                "complete -c ghost -s h -l help -d 'Explain'\n"
                "complete -c ghost -n '__ghost_at 0' -s v -l version -d 'Print the version'\n",
                out);
        print_options("__ghost_at 0", cli_common_options, out);
        for (const CliGroup *group = cli_groups; group->word; group++) {
                (void) fprintf(out, "complete -c ghost -n '__ghost_at 0' -a %s", group->word);
                print_description(group->summary, out);
        }
        for (const CliCommand *const *command = cli_commands; *command; command++)
                print_command(*command, out);
}
