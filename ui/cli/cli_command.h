/* One command of the command line: what is typed, its options, its help, its function. */
#pragma once

#include "arguments.h"
#include "client.h"

typedef enum OutputFormat { OUTPUT_TABLE, OUTPUT_JSON, OUTPUT_YAML, OUTPUT_FORMAT_COUNT } OutputFormat;

typedef struct CliContext {
        Client *client;
        OutputFormat format; /* --output of the command or the program */
        bool colour;         /* standard output is a terminal */
} CliContext;

typedef struct CliCommand {
        const char *name;    /* "app ls" */
        const char *words;   /* "APP FILE", as the usage line shows them */
        const char *summary; /* one sentence */
        const CliOption *options;
        /* Prints its result; true: exit 0. A job that did not end well is an error like any other. */
        bool (*run)(CliContext *context, const Arguments *arguments, Error **err);
} CliCommand;

extern const CliCommand *const cli_commands[]; /* alphabetical, ends with NULL */
