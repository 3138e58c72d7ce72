#include <string.h>

#include "base/memory.h"
#include "completion.h"

/* $1: the command, $2: an option; prints what its value is, nothing for a switch. */
static void print_values(FILE *out) {
        (void) fputs("_ghost_value() {\n    case \"$1 $2\" in\n", out);
        for (const CliCommand *const *command = cli_commands; *command; command++) {
                CliOption options[CLI_OPTION_MAX + 1];

                cli_command_options(*command, options);
                for (const CliOption *option = options; option->name; option++) {
                        if (!option->argument)
                                continue;
                        (void) fprintf(out, "    '%s --%s'", (*command)->name, option->name);
                        if (option->letter)
                                (void) fprintf(out, " | '%s -%c'", (*command)->name, option->letter);
                        (void) fputs(") echo ", out);
                        completion_quote(option->argument, "", out);
                        (void) fputs(" ;;\n", out);
                }
        }
        for (const CliOption *option = cli_common_options; option->name; option++)
                if (option->argument)
                        (void) fprintf(out, "    ' --%s') echo '%s' ;;\n", option->name, option->argument);
        (void) fputs("    esac\n}\n", out);
}

/* $1: the command; prints its options. */
static void print_options(FILE *out) {
        (void) fputs("_ghost_options() {\n    case $1 in\n", out);
        for (const CliCommand *const *command = cli_commands; *command; command++) {
                CliOption options[CLI_OPTION_MAX + 1];

                cli_command_options(*command, options);
                (void) fprintf(out, "    '%s') echo '--help", (*command)->name);
                for (const CliOption *option = options; option->name; option++)
                        (void) fprintf(out, " --%s", option->name);
                (void) fputs("' ;;\n", out);
        }
        (void) fputs("    *) echo '--help --version", out);
        for (const CliOption *option = cli_common_options; option->name; option++)
                (void) fprintf(out, " --%s", option->name);
        (void) fputs("' ;;\n    esac\n}\n", out);
}

/* $1: the command or the first word of some; prints the words that can follow, or what a word is called. */
static void print_words(FILE *out) {
        (void) fputs("_ghost_words() {\n    case $1 in\n    '') echo '", out);
        for (const CliGroup *group = cli_groups; group->word; group++)
                (void) fprintf(out, "%s ", group->word);
        for (const CliCommand *const *command = cli_commands; *command; command++)
                if (!strchr((*command)->name, ' '))
                        (void) fprintf(out, "%s ", (*command)->name);
        (void) fputs("' ;;\n", out);
        for (const CliGroup *group = cli_groups; group->word; group++) {
                (void) fprintf(out, "    '%s') echo '", group->word);
                for (const CliCommand *const *command = cli_commands; *command; command++)
                        if (cli_command_in_group(*command, group))
                                (void) fprintf(out, "%s ", cli_command_in_group(*command, group));
                (void) fputs("' ;;\n", out);
        }
        (void) fputs("    esac\n}\n_ghost_arguments() {\n    case $1 in\n", out);
        for (const CliCommand *const *command = cli_commands; *command; command++)
                (void) fprintf(out, "    '%s') echo '%s' ;;\n", (*command)->name, (*command)->words);
        (void) fputs("    esac\n}\n", out);
}

static const char walk[] =
        "# What a value is: one of some words, a file, or a name that the controller knows.\n"
        "_ghost_fill() {\n"
        "    local what=$1 current=$2 names\n"
        "    what=${what#[}\n"
        "    what=${what%]}\n"
        "    case $what in\n"
        "    *FILE*) mapfile -t COMPREPLY < <(compgen -f -- \"$current\") ;;\n"
        "    APP | JOB | DEPLOYMENT | WEBHOOK | INSTANCE)\n"
        "        names=$(ghost --complete \"$what\" 2>/dev/null </dev/null)\n"
        "        mapfile -t COMPREPLY < <(compgen -W \"$names\" -- \"$current\") ;;\n"
        "    *[A-Z]*) ;;\n"
        "    *) mapfile -t COMPREPLY < <(compgen -W \"${what//|/ }\" -- \"$current\") ;;\n"
        "    esac\n"
        "}\n"
        "_ghost() {\n"
        "    local current=${COMP_WORDS[COMP_CWORD]} command='' value='' word i arguments place=0\n"
        "    COMPREPLY=()\n"
        "    for ((i = 1; i < COMP_CWORD; i++)); do\n"
        "        word=${COMP_WORDS[i]}\n"
        "        if [ -n \"$value\" ]; then\n"
        "            value=''\n"
        "        elif [[ $word == -* ]]; then\n"
        "            value=$(_ghost_value \"$command\" \"$word\")\n"
        "        elif [ -z \"$command\" ] || [ -n \"$(_ghost_words \"$command\")\" ]; then\n"
        "            command=\"${command:+$command }$word\"\n"
        "        else\n"
        "            place=$((place + 1))\n"
        "        fi\n"
        "    done\n"
        "    if [ -n \"$value\" ]; then\n"
        "        _ghost_fill \"$value\" \"$current\"\n"
        "    elif [[ $current == -* ]]; then\n"
        "        mapfile -t COMPREPLY < <(compgen -W \"$(_ghost_options \"$command\")\" -- \"$current\")\n"
        "    elif [ -n \"$(_ghost_words \"$command\")\" ]; then\n"
        "        mapfile -t COMPREPLY < <(compgen -W \"$(_ghost_words \"$command\")\" -- \"$current\")\n"
        "    else\n"
        "        read -ra arguments <<<\"$(_ghost_arguments \"$command\")\"\n"
        "        _ghost_fill \"${arguments[place]:-X}\" \"$current\"\n"
        "    fi\n"
        "}\n"
        "complete -F _ghost ghost\n";

void completion_bash(FILE *out) {
        (void) fputs("# bash completion of ghost, printed by 'ghost completion bash'\n", out);
        print_values(out);
        print_options(out);
        print_words(out);
        (void) fputs(walk, out);
}
