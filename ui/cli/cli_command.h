/* One command of the command line: what is typed, its options, its help, its function. */
#pragma once

#include "arguments.h"
#include "client.h"
#include "profile.h"

typedef enum OutputFormat { OUTPUT_TABLE, OUTPUT_JSON, OUTPUT_YAML, OUTPUT_FORMAT_COUNT } OutputFormat;

typedef struct CliContext {
        Client *client;               /* NULL for CLI_NO_LOGIN */
        const ProfileSource *profile; /* as asked for in front of the command */
        OutputFormat format;          /* --output of the command or the program */
        bool colour;                  /* standard output is a terminal */
} CliContext;

typedef enum CliFlags {
        CLI_NO_LOGIN = 1 << 0, /* works without a controller */
} CliFlags;

typedef struct CliCommand {
        const char *name;    /* "app ls" */
        const char *words;   /* "APP FILE", as the usage line shows them */
        const char *summary; /* one sentence */
        const CliOption *options;
        /* Prints its result; true: exit 0. A job that did not end well is an error like any other. */
        bool (*run)(CliContext *context, const Arguments *arguments, Error **err);
        /* What is wrong with the arguments alone: exit 2, nobody was asked. NULL: nothing can be. */
        bool (*check)(const Arguments *arguments, Error **err);
        unsigned flags;
        const char *details; /* a paragraph for the manual and the command's help; NULL: none */
} CliCommand;

extern const CliCommand *const cli_commands[]; /* alphabetical, ends with NULL */

/* What every command takes besides its own options. Ends with a row without name. */
extern const CliOption cli_common_options[];

/* Its own options, then the common ones whose name is still free: what is parsed, completed and explained. */
void cli_command_options(const CliCommand *command, CliOption ret[static CLI_OPTION_MAX + 1]);

/* Words in front that several commands share ("app"), with what they are about. Ends with a row without word.
 */
typedef struct CliGroup {
        const char *word;
        const char *summary;
} CliGroup;
extern const CliGroup cli_groups[];

/* Whether the command is one of the group's; its second word, or NULL. */
const char *cli_command_in_group(const CliCommand *command, const CliGroup *group);
