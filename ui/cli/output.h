/* What commands print: a document as JSON or YAML, or a table of a collection. */
#pragma once

#include "cli_command.h"
#include "table.h"

/* Colours belong on terminals whose owner did not say NO_COLOR. */
bool output_colours(int fd);

/* Keys sorted, without the links and versions of the API. */
bool output_document(const CliContext *context, const Document *document, Error **err);

/* A column: header and the dotted path of its value in an item. Ends with a row without header. */
typedef struct Column {
        const char *header;
        const char *path;
        /* Instead of path: the cell's text. Caller frees. */
        char *(*text)(const Document *item);
} Column;

/* "_items" of a collection as a table (or as JSON or YAML, as asked). */
bool output_collection(
        const CliContext *context, const Document *collection, const Column *columns, Error **err);

/* The sentence that tells a change was made; the answer itself when JSON or YAML was asked for. */
bool output_change(
        const CliContext *context, const Document *answer, const char *what, const char *id, Error **err);

/* A notice on standard error, yellow on a terminal. */
void output_notice(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* How a wait goes, on a terminal only: rewrites its own line. NULL wipes it out. */
void output_progress(const char *line);

/* Any value as text: strings bare, the rest as JSON. Caller frees. */
char *output_text(const Document *value);

/* Strings of a list with commas between. Caller frees. */
char *output_joined(const Document *list);
