/* The query of a list command: --nb, --page and filters, as the REST contract writes them. */
#pragma once

#include "cli_command.h"

#define LIST_OPTIONS                                                                                         \
        { "nb", 'n', "N", "How many to show (10)" }, { "page", 'p', "P", "Which page (1)" }, {               \
                "format", 0, "table|json|yaml", "How to print it (table)"                                    \
        }

#define FORMAT_OPTION                                                                                        \
        { "format", 0, "yaml|json", "How to print it (yaml)" }

/* "/apps?where=…&max_results=…&page=…&sort=…". where is borrowed; embedded may be NULL. Caller frees. */
char *list_query(
        const char *path, const Arguments *arguments, const Document *where, const char *sort,
        const char *embedded);

/* "Showing M on N applications - Page P" on standard error. */
void list_notice(const Document *collection, const char *what);

/* where.$or over the applications that --name/--application, --env and --role select; nothing when none is
 * given. */
bool list_filter_apps(
        CliContext *context, const Arguments *arguments, const char *name_option, Document *where,
        Error **err);

/* where[field] = value of the option, when given. */
void list_filter(const Arguments *arguments, const char *option, const char *field, Document *where);
void list_filter_regex(const Arguments *arguments, const char *option, const char *field, Document *where);

/* --format into a context's copy. */
CliContext list_with_format(const CliContext *context, const Arguments *arguments);
