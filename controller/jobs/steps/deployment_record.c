#include "jobs/steps/deployment_record.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

enum { ID_DIGITS = 24 };

/* Sets a member of the module of that name in the document's list of modules. */
static bool set_in_module(
        JobContext *job, Collection collection, const char *id, const char *module, const char *member,
        Document *value, Error **err) {
        CLEANUP(document_free) Document *owned = value;
        CLEANUP(document_free) Document *stored = NULL;
        CLEANUP(document_free) Document *members = document_object();
        Document *modules = document_array();

        document_set(members, "modules", modules);
        if (!collection_get(job->services->store, collection, id, &stored, err))
                return false;
        const Document *known = document_get(stored, "modules");
        for (size_t i = 0; i < document_count(known); i++) {
                Document *copy = document_copy(document_at(known, i));
                if (text_equal(document_get_string(copy, "name"), module))
                        document_set(copy, member, document_copy(owned));
                document_append(modules, copy);
        }
        return document_count(modules) == 0 ||
               collection_patch(job->services->store, collection, id, members, false, err);
}

static bool insert(JobContext *job, const Document *record, Error **err) {
        CLEANUP(error_free) Error *failed = NULL;

        return collection_insert(job->services->store, COLLECTION_DEPLOYMENTS, record, NULL, &failed) ||
               error_kind(failed) == ERROR_CONFLICT || /* by this job, before it was resumed */
               error_set(err, error_kind(failed), "%s", error_message(failed));
}

static bool mark(JobContext *job, const char *module, const char *id, Error **err) {
        return set_in_module(job, COLLECTION_JOBS, job->id, module, "deploy_id", document_string(id), err) &&
               set_in_module(
                       job, COLLECTION_APPS, job->app_id, module, "initialized", document_bool(true), err);
}

bool deployment_record(
        JobContext *job, const char *module, const char *module_path, const Document *package, char **ret_id,
        Error **err) {
        CLEANUP(document_free) Document *record = document_copy(package);
        CLEANUP(free) char *name = xasprintf("deployment\n%s\n%s", job->id, module);
        CLEANUP(free) char *id = crypto_sha256_hex(name, strlen(name));

        id[ID_DIGITS] = '\0';
        document_set_string(record, "_id", id);
        document_set_string(record, "app_id", job->app_id);
        document_set_string(record, "job_id", job->id);
        document_set_string(record, "module", module);
        document_set_string(record, "module_path", module_path);
        if (!insert(job, record, err) || !mark(job, module, id, err))
                return false;
        *ret_id = TAKE(id);
        return true;
}
