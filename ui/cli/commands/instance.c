/* instance ls, show */
#include "cli_commands.h"

#include "base/clock.h"
#include "base/memory.h"
#include "list_query.h"

#define DAY_US (24 * 3600 * INT64_C(1000000))

/* "site v2 (1a2b3c4), conf HEAD" */
static char *modules_of(const Document *item) {
        CLEANUP(text_clear) Text text = { 0 };
        const Document *modules = document_get(item, "modules");

        text_append(&text, "");
        for (size_t i = 0; i < document_count(modules); i++) {
                const Document *module = document_at(modules, i);
                const char *revision = document_get_string(module, "revision");

                text_appendf(
                        &text, "%s%s %s", i ? ", " : "", document_get_string(module, "module"),
                        *revision ? revision : "-");
        }
        return text_take(&text);
}

static char *link_of(const Document *item) {
        return xstrdup(document_get_bool(item, "connected") ? "connected" : "away");
}

/* "spot_interruption Sun, 22 Nov 2026 23:24:38 GMT" */
static char *notice_of(const Document *item) {
        const char *kind = document_get_string(item, "notice.kind");

        return *kind ? xasprintf("%s %s", kind, document_get_string(item, "notice.at")) : xstrdup("");
}

/* Of the last task on any of its modules: "failed Sun, 22 Nov 2026 23:24:38 GMT". */
static char *last_deploy_of(const Document *item) {
        const Document *modules = document_get(item, "modules");
        const Document *last = NULL;
        int64_t last_us = 0;

        for (size_t i = 0; i < document_count(modules); i++) {
                const Document *receipt = document_get(document_at(modules, i), "receipt");
                int64_t at_us = 0;

                if (receipt && clock_parse_http(document_get_string(receipt, "at"), &at_us) &&
                    (!last || at_us > last_us || (at_us == last_us && !document_get_bool(receipt, "ok")))) {
                        last = receipt;
                        last_us = at_us;
                }
        }
        if (!last)
                return xstrdup("");
        return xasprintf(
                "%s %s", document_get_bool(last, "ok") ? "ok" : "failed", document_get_string(last, "at"));
}

/* "site: post_deploy exited with code 3": why it is not on what was wanted. */
static char *deviations_of(const Document *item) {
        CLEANUP(text_clear) Text text = { 0 };
        const Document *deviations = document_get(item, "deviations");

        text_append(&text, "");
        for (size_t i = 0; i < document_count(deviations); i++)
                text_appendf(
                        &text, "%s%s: %s", i ? "; " : "",
                        document_get_string(document_at(deviations, i), "module"),
                        document_get_string(document_at(deviations, i), "why"));
        return text_take(&text);
}

static const Column columns[] = {
        { "Instance", "instance_id", NULL },
        { "Application name", "app_id.name", NULL },
        { "State", "state", NULL },
        { "Private IP", "private_ip", NULL },
        { "Agent", NULL, link_of },
        { "Version", "agent_version", NULL },
        { "Notice", NULL, notice_of },
        { "Releases", NULL, modules_of },
        { "Last deploy", NULL, last_deploy_of },
        { "Not as wanted", NULL, deviations_of },
        { "Reason", "reason", NULL },
        { NULL },
};

static void set_comparison(Document *where, const char *field, const char *comparison, const char *value) {
        Document *wanted = document_object();

        document_set_string(wanted, comparison, value);
        document_set(where, field, wanted);
}

/* One that could not be bootstrapped is ended at once: whoever wants to know why finds it here for a day. */
static void filter_state(const Arguments *arguments, Document *where) {
        CLEANUP(free) char *yesterday = clock_format_http(clock_now_us() - DAY_US);
        Document *all = NULL, *shown = NULL, *either = NULL, *there = NULL, *failed = NULL;

        list_filter(arguments, "state", "state", where);
        if (arguments_value(arguments, "state"))
                return;
        all = document_array(); /* the applications asked for are an $or of their own */
        shown = document_object();
        either = document_array();
        there = document_object();
        failed = document_object();
        set_comparison(there, "state", "$ne", "gone");
        set_comparison(failed, "reason", "$gt", "");
        set_comparison(failed, "_updated", "$gte", yesterday);
        document_append(either, there);
        document_append(either, failed);
        document_set(shown, "$or", either);
        document_append(all, shown);
        document_set(where, "$and", all);
}

static bool run_ls(CliContext *context, const Arguments *arguments, Error **err) {
        CLEANUP(document_free) Document *where = document_object();
        const ListSpec spec = { .path = "/instances",
                                .what = "instances",
                                .where = where,
                                .sort = "-_updated",
                                .embedded = "{\"app_id\":1}",
                                .columns = columns };

        filter_state(arguments, where);
        return list_filter_apps(context, arguments, "application", where, err) &&
               list_run(context, arguments, &spec, err);
}

static bool run_show(CliContext *context, const Arguments *arguments, Error **err) {
        CLEANUP(free) char *path = client_path("/instances/", arguments->words.items[0]);

        return list_show(context, arguments, path, err);
}

static const CliOption ls_options[] = {
        LIST_OPTIONS,
        APP_FILTER_OPTIONS,
        { "state", 0, "STATE",
          "Only instances in this state (else all but those that are gone; what failed is shown for a day)" },
        { NULL },
};
static const CliOption show_options[] = { FORMAT_OPTION, { NULL } };

const CliCommand instance_ls_cli = { "instance ls", "", "List instances and what they run", ls_options,
                                     run_ls };
const CliCommand instance_show_cli = { "instance show", "INSTANCE", "Show an instance", show_options,
                                       run_show };
