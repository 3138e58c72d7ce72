/* /overview: all applications at a glance: how they stand, and which release of what runs where. */
#include "api/envelope.h"
#include "api/resources.h"
#include "api/route_doc.h"
#include "api/services.h"
#include "base/clock.h"
#include "base/memory.h"
#include "http/request.h"
#include "store/overview_store.h"

static void set_known(Document *document, const char *name, const char *text) {
        document_set_string(document, name, text_empty(text) ? NULL : text);
}

static Document *describe_release(const OverviewRelease *release) {
        Document *document = document_object();

        document_set_string(document, "manifest_sha256", release->manifest_sha256);
        set_known(document, "revision", release->revision);
        set_known(document, "commit", release->commit);
        return document;
}

/* Before its deployment is recorded only those that run it know what it was made from. */
static Document *describe_wanted(const OverviewModule *module) {
        const OverviewRelease *wanted = &module->wanted, *known = wanted;

        if (!wanted->manifest_sha256)
                return document_null();
        for (size_t i = 0; i < module->running_count && text_empty(wanted->deployment_id); i++)
                if (text_equal(module->running[i].manifest_sha256, wanted->manifest_sha256))
                        known = &module->running[i];
        Document *document = describe_release(known);
        set_known(document, "deployment_id", wanted->deployment_id);
        return document;
}

static Document *describe_modules(const OverviewApp *app) {
        Document *modules = document_array();

        for (size_t i = 0; i < app->module_count; i++) {
                const OverviewModule *module = &app->modules[i];
                Document *document = document_object(), *running = document_array();

                document_set_string(document, "name", module->name);
                document_set(document, "wanted", describe_wanted(module));
                for (size_t j = 0; j < module->running_count; j++) {
                        Document *release = describe_release(&module->running[j]);
                        document_set_int(release, "instances", (int64_t) module->running[j].instances);
                        document_append(running, release);
                }
                document_set(document, "running", running);
                document_append(modules, document);
        }
        return modules;
}

static Document *describe_job(const OverviewApp *app) {
        if (!app->job_id)
                return document_null();
        CLEANUP(free) char *created = clock_format_http(app->job_created_us);
        Document *job = document_object();

        document_set_string(job, "_id", app->job_id);
        document_set_string(job, "command", app->job_command);
        document_set_string(job, "status", app->job_status);
        document_set_string(job, "_created", created);
        return job;
}

static Document *describe(const OverviewApp *app) {
        Document *document = document_object(), *instances = document_object();

        document_set_string(document, "app_id", app->id);
        document_set_string(document, "name", app->name);
        document_set_string(document, "env", app->env);
        document_set_string(document, "role", app->role);
        document_set_string(document, "state", overview_state(app));
        document_set_int(instances, "total", (int64_t) app->total);
        document_set_int(instances, "connected", (int64_t) app->connected);
        document_set_int(instances, "behind", (int64_t) app->behind);
        document_set(document, "instances", instances);
        document_set(document, "modules", describe_modules(app));
        document_set(document, "last_job", describe_job(app));
        return document;
}

static bool show(const Request *request, Response *response, Services *services, Error **err) {
        CLEANUP(overview_clear) Overview overview = { 0 };
        const char *app_id = request_query(request, "app_id");

        if (!overview_store_read(services->store, text_empty(app_id) ? NULL : app_id, &overview, err))
                return false;
        Document *answer = document_object(), *apps = document_array();
        for (size_t i = 0; i < overview.count; i++)
                document_append(apps, describe(&overview.apps[i]));
        document_set(answer, "apps", apps);
        envelope_plain(response, answer);
        response_header(response, "Cache-Control", "no-store");
        return true;
}

static const SchemaField wanted_fields[] = {
        { "manifest_sha256", SCHEMA_STRING },
        { "revision", SCHEMA_STRING, SCHEMA_MAY_BE_NULL },
        { "commit", SCHEMA_STRING, SCHEMA_MAY_BE_NULL },
        { "deployment_id", SCHEMA_ID, SCHEMA_MAY_BE_NULL },
};
static const Schema wanted_schema = SCHEMA(wanted_fields);

static const SchemaField running_fields[] = {
        { "manifest_sha256", SCHEMA_STRING },
        { "revision", SCHEMA_STRING, SCHEMA_MAY_BE_NULL },
        { "commit", SCHEMA_STRING, SCHEMA_MAY_BE_NULL },
        { "instances", SCHEMA_INT },
};
static const Schema running_schema = SCHEMA(running_fields);

static const SchemaField module_fields[] = {
        { "name", SCHEMA_STRING },
        { "wanted", SCHEMA_OBJECT, SCHEMA_MAY_BE_NULL, .schema = &wanted_schema },
        { "running", SCHEMA_LIST, .schema = &running_schema },
};
static const Schema module_schema = SCHEMA(module_fields);

static const SchemaField instance_fields[] = {
        { "total", SCHEMA_INT },
        { "connected", SCHEMA_INT },
        { "behind", SCHEMA_INT },
};
static const Schema instance_schema = SCHEMA(instance_fields);

static const SchemaField job_fields[] = {
        { "_id", SCHEMA_ID },
        { "command", SCHEMA_STRING },
        { "status", SCHEMA_STRING },
        { "_created", SCHEMA_STRING },
};
static const Schema job_schema = SCHEMA(job_fields);

static const char *const states[] = { "never_deployed", "behind", "current", "mixed", NULL };

static const SchemaField app_fields[] = {
        { "app_id", SCHEMA_ID },
        { "name", SCHEMA_STRING },
        { "env", SCHEMA_STRING },
        { "role", SCHEMA_STRING },
        { "state", SCHEMA_STRING, .words = states },
        { "instances", SCHEMA_OBJECT, .schema = &instance_schema },
        { "modules", SCHEMA_LIST, .schema = &module_schema },
        { "last_job", SCHEMA_OBJECT, SCHEMA_MAY_BE_NULL, .schema = &job_schema },
};
static const Schema app_schema = SCHEMA(app_fields);

static const SchemaField fields[] = { { "apps", SCHEMA_LIST, .schema = &app_schema } };
static const Schema overview_schema = SCHEMA(fields);

static const Route routes[] = {
        { "GET", "/overview", RIGHT_READ, show, 0,
          &(const RouteDoc){
                  .operation = "show_overview",
                  .summary = "Shows how all applications stand, and which releases run on how many instances",
                  .description =
                          "state: never_deployed; mixed: instances run different releases of a module; "
                          "behind: "
                          "some lack what is wanted, or changed modules are not deployed; current: neither. "
                          "Instances are those that live, without builders of images.",
                  .kind = ANSWER_DOCUMENT,
                  .answer = &overview_schema,
                  .parameters = { { "app_id", "This application alone", SCHEMA_STRING } } } },
};

const Resource overview_resource = RESOURCE("overview", routes);
