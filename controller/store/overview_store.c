#include "store/overview_store.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "store/query.h"
#include "json/document.h"

static void release_clear(OverviewRelease *release) {
        free(release->manifest_sha256);
        free(release->revision);
        free(release->commit);
        free(release->deployment_id);
}

static void module_clear(OverviewModule *module) {
        for (size_t i = 0; i < module->running_count; i++)
                release_clear(&module->running[i]);
        free(module->running);
        release_clear(&module->wanted);
        free(module->name);
}

static void app_clear(OverviewApp *app) {
        for (size_t i = 0; i < app->module_count; i++)
                module_clear(&app->modules[i]);
        free(app->modules);
        free(app->id);
        free(app->name);
        free(app->env);
        free(app->role);
        free(app->job_id);
        free(app->job_command);
        free(app->job_status);
}

void overview_clear(Overview *overview) {
        for (size_t i = 0; i < overview->count; i++)
                app_clear(&overview->apps[i]);
        free(overview->apps);
        *overview = (Overview){ 0 };
}

typedef struct Reading {
        Store *store;
        const char *app_id; /* NULL: all */
        Overview overview;
        OverviewApp **by_id; /* sorted */
        /* The instance whose modules are being read. */
        OverviewApp *app; /* NULL: none */
        int64_t row;
        size_t matching; /* modules of it that are as wanted */
} Reading;
static void reading_clearp(Reading *reading) {
        overview_clear(&reading->overview);
        free(reading->by_id);
}

/* The statement with the condition for one application, if there is one, in the place of %s. */
static bool ask(
        const Reading *reading, const char *before, const char *column, const char *after, Query *ret,
        Error **err) {
        CLEANUP(free)
        char *sql = reading->app_id ? xasprintf("%s AND %s = ?%s", before, column, after)
                                    : xasprintf("%s%s", before, after);

        if (!query_read(reading->store, sql, ret, err))
                return false;
        if (reading->app_id)
                query_bind_text(ret, reading->app_id);
        return true;
}

/* ---- applications, their modules and their last jobs ---- */

static bool read_modules(const char *names, OverviewApp *app, Error **err) {
        CLEANUP(document_free) Document *list = document_parse(names, strlen(names), err);

        if (!list)
                return false;
        app->module_count = document_count(list);
        app->modules = xcalloc(app->module_count + 1, sizeof(*app->modules));
        for (size_t i = 0; i < app->module_count; i++) {
                const char *name = document_value(document_at(list, i));
                app->modules[i].name = xstrdup(name ? name : "");
        }
        return true;
}

static bool read_app(const Query *query, Overview *overview, Error **err) {
        CLEANUP(free) char *modules = query_text(query, 4);

        if ((overview->count & (overview->count - 1)) == 0)
                overview->apps = xrealloc(
                        overview->apps, (overview->count ? overview->count * 2 : 1) * sizeof(OverviewApp));
        OverviewApp *app = &overview->apps[overview->count++];
        *app = (OverviewApp){
                .id = query_text(query, 0),
                .name = query_text(query, 1),
                .env = query_text(query, 2),
                .role = query_text(query, 3),
                .pending = query_int(query, 5) != 0,
                .deployed = query_int(query, 6) != 0,
                .job_created_us = query_int(query, 10),
        };
        if (app->job_created_us > 0) {
                app->job_id = query_text(query, 7);
                app->job_command = query_text(query, 8);
                app->job_status = query_text(query, 9);
        }
        return read_modules(modules, app, err);
}

#define APPS                                                                                                 \
        "SELECT a.id, a.name, a.env, a.role, "                                                               \
        "(SELECT json_group_array(json_extract(value, '$.name')) FROM json_each(a.doc, '$.modules')), "      \
        "EXISTS (SELECT 1 FROM json_each(a.doc, '$.pending_changes') "                                       \
        "WHERE json_extract(value, '$.field') = 'modules'), "                                                \
        "EXISTS (SELECT 1 FROM deployments AS d WHERE d.app_id = a.id), "                                    \
        "j.id, j.command, j.status, j.created_us FROM apps AS a "                                            \
        "LEFT JOIN jobs AS j ON j.rowid = (SELECT max(rowid) FROM jobs WHERE app_id = a.id) WHERE 1"

static bool read_apps(Reading *reading, Error **err) {
        CLEANUP(query_end) Query query = { 0 };
        bool row = true;

        if (!ask(reading, APPS, "a.id", " ORDER BY a.name, a.env, a.role, a.color", &query, err))
                return false;
        while (query_step(&query, &row, err)) {
                if (!row)
                        return true;
                if (!read_app(&query, &reading->overview, err))
                        return false;
        }
        return false;
}

/* ---- finding them again ---- */

static int by_id(const void *a, const void *b) {
        return strcmp((*(OverviewApp *const *) a)->id, (*(OverviewApp *const *) b)->id);
}

static void sort_by_id(Reading *reading) {
        Overview *overview = &reading->overview;

        reading->by_id = xcalloc(overview->count + 1, sizeof(OverviewApp *));
        for (size_t i = 0; i < overview->count; i++)
                reading->by_id[i] = &overview->apps[i];
        if (overview->count > 1)
                qsort(reading->by_id, overview->count, sizeof(OverviewApp *), by_id);
}

/* NULL: there is none. */
static OverviewApp *find_app(const Reading *reading, char *id) {
        OverviewApp wanted = { .id = id }, *key = &wanted;
        OverviewApp **found = reading->overview.count == 0
                                      ? NULL
                                      : bsearch(&key, reading->by_id, reading->overview.count,
                                                sizeof(OverviewApp *), by_id);

        return found ? *found : NULL;
}

static OverviewModule *find_module(OverviewApp *app, const char *name) {
        for (size_t i = 0; i < app->module_count; i++)
                if (strcmp(app->modules[i].name, name) == 0)
                        return &app->modules[i];
        return NULL;
}

/* ---- what is wanted ---- */

static void take_wanted(Reading *reading, const Query *query) {
        CLEANUP(free) char *app_id = query_text(query, 0), *name = query_text(query, 1);
        OverviewApp *app = find_app(reading, app_id);
        OverviewModule *module = app ? find_module(app, name) : NULL;

        if (!module)
                return;
        app->deployed = true;
        module->wanted = (OverviewRelease){
                .manifest_sha256 = query_text(query, 2),
                .deployment_id = query_text(query, 3),
                .revision = query_text(query, 4),
                .commit = query_text(query, 5),
        };
}

#define WANTED                                                                                               \
        "SELECT r.app_id, r.module, r.manifest_sha256, d.id, json_extract(d.doc, '$.revision'), "            \
        "json_extract(d.doc, '$.commit') FROM releases AS r LEFT JOIN deployments AS d ON d.rowid = ("       \
        "SELECT n.rowid FROM deployments AS n WHERE n.app_id = r.app_id AND n.module = r.module AND "        \
        "json_extract(n.doc, '$.manifest_sha256') = r.manifest_sha256 ORDER BY n.timestamp DESC LIMIT 1) "   \
        "WHERE 1"

static bool read_wanted(Reading *reading, Error **err) {
        CLEANUP(query_end) Query query = { 0 };
        bool row = true;

        if (!ask(reading, WANTED, "r.app_id", "", &query, err))
                return false;
        while (query_step(&query, &row, err)) {
                if (!row)
                        return true;
                take_wanted(reading, &query);
        }
        return false;
}

/* ---- what runs ---- */

static OverviewRelease *running_release(OverviewModule *module, const char *manifest_sha256) {
        for (size_t i = 0; i < module->running_count; i++)
                if (strcmp(module->running[i].manifest_sha256, manifest_sha256) == 0)
                        return &module->running[i];
        module->running = xrealloc(module->running, (module->running_count + 1) * sizeof(*module->running));
        OverviewRelease *release = &module->running[module->running_count++];
        *release = (OverviewRelease){ .manifest_sha256 = xstrdup(manifest_sha256) };
        return release;
}

enum { FACT_PURPOSE, FACT_CONNECTED, FACT_MODULE, FACT_MANIFEST, FACT_REVISION, FACT_COMMIT };

static const char *fact(const Document *facts, size_t index) {
        const char *text = document_value(document_at(facts, index));

        return text ? text : "";
}

static void take_module(Reading *reading, const Document *facts) {
        OverviewModule *module = find_module(reading->app, fact(facts, FACT_MODULE));
        const char *manifest = fact(facts, FACT_MANIFEST);

        if (!module || !*manifest)
                return;
        OverviewRelease *release = running_release(module, manifest);
        if (release->instances++ == 0) {
                release->revision = xstrdup(fact(facts, FACT_REVISION));
                release->commit = xstrdup(fact(facts, FACT_COMMIT));
        }
        reading->matching += text_equal(module->wanted.manifest_sha256, manifest);
}

static void end_instance(Reading *reading) {
        size_t wanted = 0;

        if (!reading->app)
                return;
        for (size_t i = 0; i < reading->app->module_count; i++)
                wanted += reading->app->modules[i].wanted.manifest_sha256 != NULL;
        reading->app->behind += reading->matching < wanted;
        reading->app = NULL;
}

/* The rows of an instance come one after the other: one for each of its modules, or one alone. */
static bool take_row(Reading *reading, const Query *query, Error **err) {
        CLEANUP(free) char *app_id = query_text(query, 0), *text = query_text(query, 2);
        CLEANUP(document_free) Document *facts = document_parse(text, strlen(text), err);

        if (!facts)
                return false;
        if (!reading->app || reading->row != query_int(query, 1)) {
                end_instance(reading);
                reading->app =
                        strcmp(fact(facts, FACT_PURPOSE), "bake") == 0 ? NULL : find_app(reading, app_id);
                reading->row = query_int(query, 1);
                reading->matching = 0;
                if (!reading->app)
                        return true;
                reading->app->total++;
                reading->app->connected += document_is_true(document_at(facts, FACT_CONNECTED));
        }
        take_module(reading, facts);
        return true;
}

/* Who they are comes from the index alone; each document is then taken apart as few times as can be. */
#define RUNNING                                                                                              \
        "SELECT k.app_id, k.rowid, json_extract(i.doc, '$.purpose', '$.connected', "                         \
        "coalesce(m.fullkey, '$') || '.module', coalesce(m.fullkey, '$') || '.manifest_sha256', "            \
        "coalesce(m.fullkey, '$') || '.revision', coalesce(m.fullkey, '$') || '.commit') "                   \
        "FROM instances AS k INDEXED BY instances_app CROSS JOIN instances AS i ON i.rowid = k.rowid "       \
        "LEFT JOIN json_each(i.doc, '$.modules') AS m "                                                      \
        "WHERE coalesce(k.state, '') NOT IN ('gone', 'terminating')"

static bool read_running(Reading *reading, Error **err) {
        CLEANUP(query_end) Query query = { 0 };
        bool row = true;

        if (!ask(reading, RUNNING, "k.app_id", " ORDER BY k.app_id", &query, err))
                return false;
        while (query_step(&query, &row, err)) {
                if (!row) {
                        end_instance(reading);
                        return true;
                }
                if (!take_row(reading, &query, err))
                        return false;
        }
        return false;
}

/* ---- the whole ---- */

bool overview_store_read(Store *store, const char *app_id, Overview *ret, Error **err) {
        __attribute__((cleanup(reading_clearp))) Reading reading = { .store = store, .app_id = app_id };

        if (!read_apps(&reading, err))
                return false;
        sort_by_id(&reading);
        if (!read_wanted(&reading, err) || !read_running(&reading, err))
                return false;
        *ret = reading.overview;
        reading.overview = (Overview){ 0 };
        return true;
}

const char *overview_state(const OverviewApp *app) {
        if (!app->deployed)
                return "never_deployed";
        for (size_t i = 0; i < app->module_count; i++)
                if (app->modules[i].running_count > 1)
                        return "mixed";
        return app->behind > 0 || app->pending ? "behind" : "current";
}
