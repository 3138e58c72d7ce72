/* What was typed after a command: options by the command's own table, and the words that are none.
 * getopt_long does the parsing; the table also prints the help and the shell completion. */
#pragma once

#include "base/error.h"
#include "base/text.h"

typedef struct CliOption {
        const char *name; /* "module", typed --module */
        char letter;      /* 'm', typed -m; 0: none */
        /* "NAME[:REV]"; NULL: a switch. "serial|parallel" (lower case) names the only values,
         * "25%|N" those and others; "N" is a number, "BOOL" true or false, and both are checked. */
        const char *argument;
        const char *help;
} CliOption;

enum { CLI_OPTION_MAX = 24 };

typedef struct Arguments {
        const CliOption *options; /* ends with a row without name */
        StringList words;
        StringList values[CLI_OPTION_MAX]; /* per option: every value given; "" for a switch */
} Arguments;

/* argv[0] is the command's last word. A wrong option is INVALID with a sentence. */
bool arguments_parse(const CliOption *options, int argc, char **argv, Arguments *ret, Error **err);
void arguments_clear(Arguments *arguments);
static inline void arguments_clearp(Arguments *arguments) {
        arguments_clear(arguments);
}

/* The last value given, or NULL. The name must be one of the table's. */
const char *arguments_value(const Arguments *arguments, const char *name);
const StringList *arguments_values(const Arguments *arguments, const char *name);
bool arguments_given(const Arguments *arguments, const char *name);

/* The words that the usage line names ("APP FILE"; "[APP] FILE": one may be left out). */
bool arguments_check_words(const Arguments *arguments, const char *usage, Error **err);

/* The values that an option is limited to; none when it is not. */
void arguments_choices(const CliOption *option, StringList *ret);

/* "True" or "False", as the REST contract's options spell a truth; fallback (may be NULL) when not given. */
const char *arguments_truth(const Arguments *arguments, const char *name, const char *fallback);
