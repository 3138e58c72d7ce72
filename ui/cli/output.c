#include "output.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "yaml/yaml_document.h"

bool output_colours(int fd) {
        return isatty(fd) && text_empty(getenv("NO_COLOR")); /* NOLINT(concurrency-mt-unsafe): one thread */
}

static void remove_bookkeeping(Document *document) {
        static const char *const names[] = { "_links", "_latest_version", "_version" };

        for (size_t i = 0; document_is_object(document) && i < sizeof(names) / sizeof(names[0]); i++)
                document_remove(document, names[i]);
}

static Document *without_bookkeeping(const Document *document) {
        CLEANUP(free) char *sorted = document_canonical(document);
        CLEANUP(error_free) Error *ignored = NULL;
        Document *copy = document_parse(sorted, strlen(sorted), &ignored);

        if (!document_is_array(copy)) {
                remove_bookkeeping(copy);
                return copy;
        }

        CLEANUP(document_free) Document *items = copy;
        Document *list = document_array();
        for (size_t i = 0; i < document_count(items); i++) {
                Document *item = document_copy(document_at(items, i));

                remove_bookkeeping(item);
                document_append(list, item);
        }
        return list;
}

bool output_document(const CliContext *context, const Document *document, Error **err) {
        CLEANUP(document_free) Document *shown = without_bookkeeping(document);

        if (context->format == OUTPUT_JSON) {
                CLEANUP(free) char *text = document_pretty(shown);

                (void) puts(text);
                return true;
        }
        return yaml_print(shown, stdout, err);
}

bool output_change(
        const CliContext *context, const Document *answer, const char *what, const char *id, Error **err) {
        if (context->format != OUTPUT_TABLE && answer)
                return output_document(context, answer, err);
        if (context->format == OUTPUT_TABLE)
                (void) printf("%s OK - ID : %s\n", what, id);
        return true;
}

char *output_text(const Document *value) {
        if (!value || document_is_null(value))
                return xstrdup("");
        return document_is_string(value) ? xstrdup(document_value(value)) : document_text(value);
}

char *output_joined(const Document *list) {
        CLEANUP(text_clear) Text text = { 0 };

        for (size_t i = 0; i < document_count(list); i++) {
                CLEANUP(free) char *item = output_text(document_at(list, i));

                text_appendf(&text, "%s%s", i ? ", " : "", item);
        }
        return text_take(&text);
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
        bool colour = output_colours(STDERR_FILENO);
        va_list args;

        output_progress(NULL);
        va_start(args, format);
        (void) fputs(colour ? "\033[33m" : "", stderr);
        (void) vfprintf(stderr, format, args);
        (void) fputs(colour ? "\033[0m\n" : "\n", stderr);
        va_end(args);
}

void output_progress(const char *line) {
        static bool shown;

        if (!isatty(STDERR_FILENO) || (!line && !shown))
                return;
        (void) fprintf(stderr, "\r\033[K%s", line ? line : "");
        (void) fflush(stderr);
        shown = line != NULL;
}
