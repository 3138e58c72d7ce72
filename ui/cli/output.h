/* What commands print: a document as JSON or YAML, or a table of a collection. */
#pragma once

#include "cli_command.h"
#include "table.h"

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

/* A notice on standard error, yellow on a terminal. */
void output_notice(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Any value as text: strings bare, the rest as JSON. Caller frees. */
char *output_text(const Document *value);
