/* List commands: --nb, --page and filters as the REST contract writes them, and what is printed. */
#pragma once

#include "cli_command.h"
#include "output.h"

#define PAGE_OPTIONS                                                                                         \
        { "nb", 'n', "N", "How many to show (10)" }, {                                                       \
                "page", 'p', "N", "Which page (1)"                                                           \
        }

#define LIST_OPTIONS                                                                                         \
        PAGE_OPTIONS, {                                                                                      \
                "format", 0, "table|json|yaml", "As --output"                                                \
        }

#define APP_FILTER_OPTIONS                                                                                   \
        { "application", 0, "REGEX", "Only applications whose name matches" },                               \
                { "env", 0, "ENV", "Only this environment" }, {                                              \
                "role", 0, "ROLE", "Only this role"                                                          \
        }

#define FORMAT_OPTION                                                                                        \
        { "format", 0, "yaml|json", "How to print it (yaml)" }

typedef struct ListSpec {
        const char *path;      /* "/apps" */
        const char *what;      /* "applications" */
        const Document *where; /* borrowed; NULL: everything */
        const char *sort;
        const char *embedded; /* NULL: nothing */
        const Column *columns;
} ListSpec;

/* Asks for the page and prints "Showing all the N applications" or "Showing M on N applications - Page P" and
 * the table, or just the items as JSON or YAML. */
bool list_run(CliContext *context, const Arguments *arguments, const ListSpec *spec, Error **err);

/* Prints what is at the path ("/jobs/ID"). */
bool list_show(CliContext *context, const Arguments *arguments, const char *path, Error **err);

/* where.$or over the applications that --name/--application, --env and --role select; nothing when none is
 * given. */
bool list_filter_apps(
        CliContext *context, const Arguments *arguments, const char *name_option, Document *where,
        Error **err);

/* where[field] = value of the option, when given. */
void list_filter(const Arguments *arguments, const char *option, const char *field, Document *where);
/* Found anywhere in the field, as a regular expression. */
void list_filter_regex(const Arguments *arguments, const char *option, const char *field, Document *where);

/* --format into a context's copy. */
CliContext list_with_format(const CliContext *context, const Arguments *arguments);
