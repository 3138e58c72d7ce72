#include "store/instance_store.h"

#include "base/memory.h"
#include "store/agent_store.h"
#include "store/query.h"

bool instance_store_find(Store *store, const char *instance_id, Document **ret, Error **err) {
        CLEANUP(query_end) Query query = { 0 };
        CLEANUP(free) char *id = NULL;
        bool row = false;

        *ret = NULL;
        if (!query_read(store, "SELECT id FROM instances WHERE instance_id = ?", &query, err))
                return false;
        query_bind_text(&query, instance_id);
        if (!query_step(&query, &row, err))
                return false;
        if (!row)
                return true;
        id = query_text(&query, 0);
        query_end(&query);
        return collection_get(store, COLLECTION_INSTANCES, id, ret, err);
}

static bool add(Store *store, const char *instance_id, const Document *members, Error **err) {
        CLEANUP(document_free) Document *document = document_copy(members);

        document_set_string(document, "instance_id", instance_id);
        return collection_insert(store, COLLECTION_INSTANCES, document, NULL, err);
}

bool instance_store_put(Store *store, const char *instance_id, const Document *members, Error **err) {
        CLEANUP(document_free) Document *known = NULL;
        CLEANUP(error_free) Error *why = NULL;

        if (!instance_store_find(store, instance_id, &known, err))
                return false;
        if (!known) {
                if (add(store, instance_id, members, &why))
                        return true;
                /* Somebody else added it between the look and the insert. */
                if (error_kind(why) != ERROR_CONFLICT ||
                    !instance_store_find(store, instance_id, &known, err) || !known)
                        return error_set(err, error_kind(why), "%s", error_message(why));
        }
        return collection_patch(
                store, COLLECTION_INSTANCES, document_get_string(known, "_id"), members, true, err);
}

bool instance_store_set_gone(Store *store, const char *instance_id, Error **err) {
        CLEANUP(document_free) Document *known = NULL;
        CLEANUP(document_free) Document *members = document_object();

        if (!instance_store_find(store, instance_id, &known, err))
                return false;
        if (!known)
                return true;
        document_set_string(members, "state", "gone");
        document_set_bool(members, "connected", false);
        return agent_store_revoke(store, document_get_string(known, "agent_id"), err) &&
               instance_store_put(store, instance_id, members, err);
}

bool instance_is_interrupted(const Document *instance) {
        return text_equal(document_get_string(instance, "notice.kind"), INSTANCE_NOTICE_SPOT);
}

bool instance_store_set_all_away(Store *store, Error **err) {
        CLEANUP(query_end) Query query = { 0 };

        return query_write(
                       store, "UPDATE instances SET doc = json_set(doc, '$.connected', json('false'))",
                       &query, err) &&
               query_run(&query, err);
}
