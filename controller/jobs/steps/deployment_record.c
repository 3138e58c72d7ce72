#include "jobs/steps/deployment_record.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "jobs/steps/package_module.h"

enum { ID_DIGITS = 24 };

/* One member of the module of that name in a document's list of modules. */
typedef struct Mark {
        const char *module, *member;
        Document *value;
} Mark;

static Document *with_mark(void *context, const Document *stored) {
        const Mark *mark = context;
        const Document *known = document_get(stored, "modules");
        Document *members = document_object(), *modules = document_array();

        document_set(members, "modules", modules);
        for (size_t i = 0; i < document_count(known); i++) {
                Document *copy = document_copy(document_at(known, i));
                if (text_equal(document_get_string(copy, "name"), mark->module))
                        document_set(copy, mark->member, document_copy(mark->value));
                document_append(modules, copy);
        }
        return members;
}

static bool set_mark(
        JobContext *job, Collection collection, const char *id, const char *module, const char *member,
        Document *value, Error **err) {
        CLEANUP(document_free) Document *owned = value;
        Mark mark = { .module = module, .member = member, .value = owned };

        return job_change_document(job, collection, id, with_mark, &mark, err);
}

/* By this job before it was resumed: it is there already. */
static bool insert_once(JobContext *job, const Document *record, Error **err) {
        CLEANUP(document_free) Document *known = NULL;
        CLEANUP(error_free) Error *failed = NULL;
        Store *store = job->services->store;

        if (collection_get(
                    store, COLLECTION_DEPLOYMENTS, document_get_string(record, "_id"), &known, &failed))
                return true;
        if (error_kind(failed) != ERROR_NOT_FOUND)
                return error_set(err, error_kind(failed), "%s", error_message(failed));
        return collection_insert(store, COLLECTION_DEPLOYMENTS, record, NULL, err);
}

static bool write_all(JobContext *job, const Document *record, Error **err) {
        const char *module = document_get_string(record, "module");
        const char *id = document_get_string(record, "_id");

        return insert_once(job, record, err) &&
               set_mark(job, COLLECTION_JOBS, job->id, module, "deploy_id", document_string(id), err) &&
               set_mark(job, COLLECTION_APPS, job->app_id, module, "initialized", document_bool(true), err);
}

static bool write_record(
        JobContext *job, const char *module, const char *module_path, const Document *package, char **ret_id,
        Error **err) {
        CLEANUP(document_free) Document *record = document_copy(package);
        CLEANUP(free) char *name = xasprintf("deployment\n%s\n%s", job->id, module);
        CLEANUP(free) char *id = crypto_sha256_hex(name, strlen(name));
        Store *store = job->services->store;

        id[ID_DIGITS] = '\0';
        document_set_string(record, "_id", id);
        document_set_string(record, "app_id", job->app_id);
        document_set_string(record, "job_id", job->id);
        document_set_string(record, "module", module);
        document_set_string(record, "module_path", module_path);
        if (!store_begin(store, err))
                return false;
        if (!write_all(job, record, err)) {
                store_roll_back(store);
                return false;
        }
        if (!store_commit(store, err))
                return false;
        *ret_id = TAKE(id);
        return true;
}

bool deployment_finish(
        JobContext *job, const char *module, const char *module_path, const Document *package, char **ret_id,
        Error **err) {
        const char *sha256 = document_get_string(package, "manifest_sha256");
        CLEANUP(error_free) Error *hook = NULL;
        CLEANUP(error_free) Error *record = NULL;

        bool hook_ok = package_run_after_all(job, sha256, &hook);
        if (!hook_ok && error_kind(hook) == ERROR_CANCELLED && job_interrupted(job))
                return error_set(err, ERROR_CANCELLED, "%s", error_message(hook));
        if (!write_record(job, module, module_path, package, ret_id, &record))
                return error_set(
                        err, hook_ok ? error_kind(record) : error_kind(hook),
                        "%s%sthe new release of %s is live, but its deployment could not be recorded: %s",
                        hook_ok ? "" : error_message(hook), hook_ok ? "" : "; ", module,
                        error_message(record));
        return hook_ok || error_set(
                                  err, error_kind(hook), "%s; the new release of %s is live: deployment %s",
                                  error_message(hook), module, *ret_id);
}
