#include "api/app_reference.h"

#include "base/memory.h"
#include "store/collection.h"

bool app_reference_find(
        Services *services, const Document *document, Document **ret, Document **ret_issues, Error **err) {
        CLEANUP(error_free) Error *why = NULL;
        const char *id = document_get_string(document, "app_id");

        if (collection_get(services->store, COLLECTION_APPS, id, ret, &why))
                return true;
        if (error_kind(why) != ERROR_NOT_FOUND)
                return error_set(err, error_kind(why), "%s", error_message(why));

        CLEANUP(free)
        char *issue = xasprintf("value '%s' must exist in resource 'apps', field '_id'.", id);
        *ret_issues = document_object();
        document_set_string(*ret_issues, "app_id", issue);
        return true;
}
