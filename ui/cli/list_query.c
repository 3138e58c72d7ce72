#include "list_query.h"

#include <string.h>

#include "base/memory.h"
#include "net/url.h"

enum { APPS_MAX = 200 }; /* what the contract gives at once */

/* "/apps?where=…&max_results=…&page=…&sort=…". Caller frees. */
static char *query_of(const Arguments *arguments, const ListSpec *spec) {
        CLEANUP(text_clear) Text query = { 0 };
        CLEANUP(free) char *filter = spec->where ? document_text(spec->where) : xstrdup("{}");
        const char *count = arguments_value(arguments, "nb");
        const char *page = arguments_value(arguments, "page");

        text_appendf(&query, "%s?", spec->path);
        if (spec->embedded)
                url_append_parameter(&query, "embedded", spec->embedded);
        url_append_parameter(&query, "where", filter);
        url_append_parameter(&query, "max_results", count ? count : "10");
        url_append_parameter(&query, "page", page ? page : "1");
        url_append_parameter(&query, "sort", spec->sort);
        return text_take(&query);
}

static void print_heading(const Document *collection, const char *what) {
        long long total = document_get_int(collection, "_meta.total");
        long long page_size = document_get_int(collection, "_meta.max_results");

        if (page_size >= total)
                (void) printf("Showing all the %lld %s\n", total, what);
        else
                (void) printf(
                        "Showing %lld on %lld %s - Page %lld\n", page_size, total, what,
                        (long long) document_get_int(collection, "_meta.page"));
}

bool list_run(CliContext *context, const Arguments *arguments, const ListSpec *spec, Error **err) {
        CLEANUP(document_free) Document *found = NULL;
        CLEANUP(free) char *path = query_of(arguments, spec);
        CliContext formatted = list_with_format(context, arguments);

        if (!client_get(context->client, path, &found, err))
                return false;
        if (formatted.format == OUTPUT_TABLE)
                print_heading(found, spec->what);
        return output_collection(&formatted, found, spec->columns, err);
}

bool list_show(CliContext *context, const Arguments *arguments, const char *path, Error **err) {
        CLEANUP(document_free) Document *item = NULL;
        CliContext formatted = list_with_format(context, arguments);

        return client_get(context->client, path, &item, err) && output_document(&formatted, item, err);
}

void list_filter(const Arguments *arguments, const char *option, const char *field, Document *where) {
        if (arguments_value(arguments, option))
                document_set_string(where, field, arguments_value(arguments, option));
}

void list_filter_regex(const Arguments *arguments, const char *option, const char *field, Document *where) {
        Document *condition;

        if (!arguments_value(arguments, option))
                return;
        condition = document_object();
        document_set_string(condition, "$regex", arguments_value(arguments, option));
        document_set(where, field, condition);
}

static void add_any_of(const Document *apps, Document *where) {
        Document *any = document_array();

        for (size_t i = 0; i < document_count(apps); i++) {
                Document *one = document_object();

                document_set_string(one, "app_id", document_get_string(document_at(apps, i), "_id"));
                document_append(any, one);
        }
        if (document_count(any) == 0) {
                Document *none = document_object();

                document_set_string(none, "app_id", "null");
                document_append(any, none);
        }
        document_set(where, "$or", any);
}

bool list_filter_apps(
        CliContext *context, const Arguments *arguments, const char *name_option, Document *where,
        Error **err) {
        CLEANUP(document_free) Document *apps_where = document_object();
        CLEANUP(document_free) Document *apps = NULL;

        list_filter_regex(arguments, name_option, "name", apps_where);
        list_filter(arguments, "env", "env", apps_where);
        list_filter(arguments, "role", "role", apps_where);
        if (document_count(apps_where) == 0)
                return true;

        CLEANUP(free) char *filter = document_text(apps_where);
        CLEANUP(text_clear) Text path = { 0 };
        text_appendf(&path, "/apps?max_results=%d&", APPS_MAX);
        url_append_parameter(&path, "projection", "{\"name\":1}");
        url_append_parameter(&path, "where", filter);
        if (!client_get(context->client, path.data, &apps, err))
                return false;
        if (document_get_int(apps, "_meta.total") > APPS_MAX)
                output_notice(
                        "Only %d of the %lld applications that match are looked at", APPS_MAX,
                        (long long) document_get_int(apps, "_meta.total"));
        add_any_of(document_get(apps, "_items"), where);
        return true;
}

CliContext list_with_format(const CliContext *context, const Arguments *arguments) {
        CliContext copy = *context;
        const char *format = arguments_value(arguments, "format");

        if (format && strcmp(format, "json") == 0)
                copy.format = OUTPUT_JSON;
        else if (format && strcmp(format, "table") == 0)
                copy.format = OUTPUT_TABLE;
        else if (format)
                copy.format = OUTPUT_YAML;
        return copy;
}
