/* What was typed after a command: options by the command's own table, and the words that are none.
 * getopt_long does the parsing; the table also prints the help and the shell completion. */
#pragma once

#include "base/error.h"
#include "base/text.h"

typedef struct CliOption {
        const char *name;     /* "module", typed --module */
        char letter;          /* 'm', typed -m; 0: none */
        const char *argument; /* "NAME[:REV]"; NULL: a switch */
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

/* The word at that place; INVALID "APP is missing" when there is none. */
bool arguments_word(
        const Arguments *arguments, size_t index, const char *what, const char **ret, Error **err);

/* No more words than that. */
bool arguments_at_most(const Arguments *arguments, size_t count, Error **err);

/* Exactly the words that the usage line names ("APP FILE"). */
bool arguments_check_words(const Arguments *arguments, const char *usage, Error **err);
