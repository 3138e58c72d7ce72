#include "output.h"

#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "yaml_document.h"

bool output_document(const CliContext *context, const Document *document, Error **err) {
        if (context->format == OUTPUT_JSON) {
                CLEANUP(free) char *text = document_pretty(document);

                (void) puts(text);
                return true;
        }
        return yaml_print(document, stdout, err);
}

char *output_text(const Document *value) {
        if (!value || document_is_null(value))
                return xstrdup("");
        return document_is_string(value) ? xstrdup(document_value(value)) : document_text(value);
}

static void fill_columns(const Column *columns, Table *table) {
        CLEANUP(text_clear) Text headers = { 0 };

        for (const Column *column = columns; column->header; column++)
                text_appendf(&headers, "%s%s", column == columns ? "" : "|", column->header);
        table_init(table, headers.data);
}

bool output_collection(
        const CliContext *context, const Document *collection, const Column *columns, Error **err) {
        CLEANUP(table_clear) Table table = { 0 };
        const Document *items = document_get(collection, "_items");

        if (context->format != OUTPUT_TABLE)
                return output_document(context, items, err);
        fill_columns(columns, &table);
        for (size_t i = 0; i < document_count(items); i++)
                for (const Column *column = columns; column->header; column++) {
                        const Document *item = document_at(items, i);
                        CLEANUP(free)
                        char *text = column->text ? column->text(item)
                                                  : output_text(document_get(item, column->path));

                        table_cell(&table, text);
                }
        table_print(&table, context->colour, stdout);
        return true;
}

void output_notice(const char *format, ...) {
        bool colour = isatty(STDERR_FILENO);
        va_list args;

        va_start(args, format);
        (void) fputs(colour ? "\033[33m" : "", stderr);
        (void) vfprintf(stderr, format, args);
        (void) fputs(colour ? "\033[0m\n" : "\n", stderr);
        va_end(args);
}
