#include "list_query.h"

#include <string.h>

#include "base/memory.h"
#include "net/url.h"
#include "output.h"

char *list_query(
        const char *path, const Arguments *arguments, const Document *where, const char *sort,
        const char *embedded) {
        CLEANUP(text_clear) Text query = { 0 };
        CLEANUP(free) char *filter = document_text(where);
        const char *count = arguments_value(arguments, "nb");
        const char *page = arguments_value(arguments, "page");

        text_appendf(&query, "%s?", path);
        if (embedded)
                url_append_parameter(&query, "embedded", embedded);
        url_append_parameter(&query, "where", filter);
        url_append_parameter(&query, "max_results", count ? count : "10");
        url_append_parameter(&query, "page", page ? page : "1");
        url_append_parameter(&query, "sort", sort);
        return text_take(&query);
}

void list_notice(const Document *collection, const char *what) {
        int64_t total = document_get_int(collection, "_meta.total");
        size_t shown = document_count(document_get(collection, "_items"));

        if ((int64_t) shown == total)
                output_notice("Showing all the %lld %s", (long long) total, what);
        else
                output_notice(
                        "Showing %zu on %lld %s - Page %lld", shown, (long long) total, what,
                        (long long) document_get_int(collection, "_meta.page"));
}

void list_filter(const Arguments *arguments, const char *option, const char *field, Document *where) {
        if (arguments_value(arguments, option))
                document_set_string(where, field, arguments_value(arguments, option));
}

void list_filter_regex(const Arguments *arguments, const char *option, const char *field, Document *where) {
        if (!arguments_value(arguments, option))
                return;

        CLEANUP(free) char *regex = xasprintf(".*%s.*", arguments_value(arguments, option));
        Document *condition = document_object();
        document_set_string(condition, "$regex", regex);
        document_set(where, field, condition);
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
        text_append(&path, "/apps?max_results=200&");
        url_append_parameter(&path, "where", filter);
        if (!client_get(context->client, path.data, &apps, err))
                return false;

        Document *any = document_array();
        const Document *items = document_get(apps, "_items");
        for (size_t i = 0; i < document_count(items); i++) {
                Document *one = document_object();

                document_set_string(one, "app_id", document_get_string(document_at(items, i), "_id"));
                document_append(any, one);
        }
        if (document_count(any) == 0) {
                Document *none = document_object();

                document_set_string(none, "app_id", "null");
                document_append(any, none);
        }
        document_set(where, "$or", any);
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
