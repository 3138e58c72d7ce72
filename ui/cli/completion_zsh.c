#include <string.h>

#include "base/memory.h"
#include "completion.h"

/* ":what:action" of _arguments. */
static void print_value(const char *argument, FILE *out) {
        CLEANUP(string_list_clear) StringList choices = { 0 };
        CLEANUP(text_clear) Text spec = { 0 };

        arguments_choices(&(CliOption){ .argument = argument }, &choices);
        if (choices.count) {
                text_append(&spec, ":value:(");
                for (size_t i = 0; i < choices.count; i++)
                        text_appendf(&spec, "%s%s", i ? " " : "", choices.items[i]);
                text_append(&spec, ")");
        } else if (completion_is_file(argument)) {
                text_append(&spec, ":file:_files");
        } else if (completion_knows(argument)) {
                text_appendf(&spec, ":%s:_ghost_names %s", argument, argument);
        } else {
                text_append(&spec, ":value: ");
        }
        completion_quote(spec.data, "", out);
}

static void print_option(const CliOption *option, FILE *out) {
        CLEANUP(text_clear) Text escaped = { 0 };

        for (const char *c = option->help; *c; c++)
                text_appendf(&escaped, "%s%c", strchr("[]:\\", *c) ? "\\" : "", *c);
        for (int form = 0; form < (option->letter ? 2 : 1); form++) {
                CLEANUP(free)
                char *spec = form ? xasprintf("*-%c[%s]", option->letter, escaped.data)
                                  : xasprintf(
                                            "*--%s%s[%s]", option->name, option->argument ? "=" : "",
                                            escaped.data);

                (void) fputs(" \\\n            ", out);
                completion_quote(spec, "", out);
                if (option->argument)
                        print_value(option->argument, out);
        }
}

static void print_words(const CliCommand *command, FILE *out) {
        CLEANUP(string_list_clear) StringList words = { 0 };

        if (!*command->words)
                return;
        text_split(command->words, ' ', &words);
        for (size_t i = 0; i < words.count; i++) {
                CLEANUP(free) char *word = xstrdup(words.items[i] + (words.items[i][0] == '['));

                word[strcspn(word, "]")] = '\0';
                (void) fprintf(out, " \\\n            '%zu'", i + 1);
                print_value(word, out);
        }
}

static void print_arguments(const CliCommand *command, FILE *out) {
        static const CliOption help = { "help", 'h', NULL, "Explain this command" };
        CliOption options[CLI_OPTION_MAX + 1];

        cli_command_options(command, options);
        (void) fputs("        _arguments -s", out);
        print_option(&help, out);
        for (const CliOption *option = options; option->name; option++)
                print_option(option, out);
        print_words(command, out);
        (void) fputs(" ;;\n", out);
}

static void print_entry(const char *word, const char *summary, FILE *out) {
        CLEANUP(free) char *entry = xasprintf("%s:%s", word, summary);

        (void) fputs("\n            ", out);
        completion_quote(entry, "", out);
}

static void print_group(const CliGroup *group, FILE *out) {
        (void) fprintf(
                out,
                "_ghost_%s() {\n    local state line\n    local -a commands\n"
                "    _arguments -C '1: :->command' '*:: :->rest'\n    case $state in\n"
                "    command)\n        commands=(",
                group->word);
        for (const CliCommand *const *command = cli_commands; *command; command++)
                if (cli_command_in_group(*command, group))
                        print_entry(cli_command_in_group(*command, group), (*command)->summary, out);
        (void) fputs(
                ")\n        _describe -t commands command commands ;;\n    rest)\n        case $line[1] in\n",
                out);
        for (const CliCommand *const *command = cli_commands; *command; command++)
                if (cli_command_in_group(*command, group)) {
                        (void) fprintf(out, "        %s)\n    ", cli_command_in_group(*command, group));
                        print_arguments(*command, out);
                }
        (void) fputs("        esac ;;\n    esac\n}\n", out);
}

static void print_top(FILE *out) {
        (void) fputs(
                "_ghost() {\n    local state line\n    local -a commands\n    _arguments -C"
                " '(-h --help)'{-h,--help}'[Explain]' '(-v --version)'{-v,--version}'[Print the version]'",
                out);
        for (const CliOption *option = cli_common_options; option->name; option++)
                print_option(option, out);
        (void) fputs(
                " '1: :->command' '*:: :->rest'\n    case $state in\n    command)\n        commands=(", out);
        for (const CliGroup *group = cli_groups; group->word; group++)
                print_entry(group->word, group->summary, out);
        for (const CliCommand *const *command = cli_commands; *command; command++)
                if (!strchr((*command)->name, ' '))
                        print_entry((*command)->name, (*command)->summary, out);
        (void) fputs(
                ")\n        _describe -t commands command commands ;;\n    rest)\n        case $line[1] in\n",
                out);
        for (const CliGroup *group = cli_groups; group->word; group++)
                (void) fprintf(out, "        %s) _ghost_%s ;;\n", group->word, group->word);
        for (const CliCommand *const *command = cli_commands; *command; command++)
                if (!strchr((*command)->name, ' ')) {
                        (void) fprintf(out, "        %s)\n    ", (*command)->name);
                        print_arguments(*command, out);
                }
        (void) fputs("        esac ;;\n    esac\n}\n", out);
}

void completion_zsh(FILE *out) {
        (void) fputs(
                "#compdef ghost\n# zsh completion of ghost, printed by 'ghost completion zsh'\n"
                "_ghost_names() {\n    local -a names\n"
                "    names=(${(f)\"$(ghost --complete $1 2>/dev/null </dev/null)\"})\n"
                "    compadd -a names\n}\n",
                out);
        for (const CliGroup *group = cli_groups; group->word; group++)
                print_group(group, out);
        print_top(out);
        /* Sourced it registers itself; found in $fpath it is the function's body. */
        (void) fputs(
                "if [ \"$funcstack[1]\" = _ghost ]; then\n    _ghost \"$@\"\nelse\n    compdef _ghost ghost\n"
                "fi\n",
                out);
}
