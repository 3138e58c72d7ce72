#include "store/deviation_store.h"

#include <stdlib.h>

#include "base/memory.h"
#include "store/instance_store.h"
#include "store/query.h"

static Document *describe(const Deviation *deviation) {
        Document *one = document_object();

        document_set_string(one, "module", deviation->module);
        document_set_string(one, "wanted", deviation->wanted);
        document_set_string(one, "job_id", deviation->job_id);
        document_set_string(one, "why", deviation->why);
        return one;
}

/* *ret_known: there was one of that module. */
static Document *others(const Document *instance, const char *module, bool *ret_known) {
        const Document *known = document_get(instance, "deviations");
        Document *left = document_array();

        for (size_t i = 0; i < document_count(known); i++) {
                const Document *one = document_at(known, i);

                if (text_equal(document_get_string(one, "module"), module))
                        *ret_known = true;
                else
                        document_append(left, document_copy(one));
        }
        return left;
}

static bool put(Store *store, const char *instance_id, const Deviation *deviation, Error **err) {
        CLEANUP(document_free) Document *instance = NULL;
        CLEANUP(document_free) Document *members = document_object();
        bool known = false;

        if (!instance_store_find(store, instance_id, &instance, err))
                return false;
        if (!instance)
                return true;
        Document *list = others(instance, deviation->module, &known);
        document_set(members, "deviations", list);
        if (deviation->why)
                document_append(list, describe(deviation));
        return (!known && !deviation->why) || instance_store_put(store, instance_id, members, err);
}

bool deviation_store_put(Store *store, const char *instance_id, const Deviation *deviation, Error **err) {
        if (!store_begin(store, err))
                return false;
        if (!put(store, instance_id, deviation, err)) {
                store_roll_back(store);
                return false;
        }
        return store_commit(store, err);
}

const char *deviation_find(const Document *instance, const char *module, const char *wanted) {
        const Document *known = document_get(instance, "deviations");

        for (size_t i = 0; i < document_count(known); i++) {
                const Document *one = document_at(known, i);

                if (text_equal(document_get_string(one, "module"), module) &&
                    text_equal(document_get_string(one, "wanted"), wanted))
                        return document_get_string(one, "why");
        }
        return NULL;
}

static Document *read_row(const Query *query) {
        static const char *const members[] = { "app_id", "instance_id", "module", "wanted", "job_id", "why" };
        Document *one = document_object();

        for (int i = 0; i < (int) (sizeof(members) / sizeof(members[0])); i++) {
                CLEANUP(free) char *value = query_text(query, i);
                document_set_string(one, members[i], value);
        }
        return one;
}

bool deviation_store_list(Store *store, Document **ret, Error **err) {
        CLEANUP(query_end) Query query = { 0 };
        CLEANUP(document_free) Document *list = document_array();

        if (!query_read(
                    store,
                    "SELECT i.app_id, i.instance_id, d.value ->> '$.module', d.value ->> '$.wanted', "
                    "d.value ->> '$.job_id', d.value ->> '$.why' "
                    "FROM instances i, json_each(i.doc, '$.deviations') d "
                    "LEFT JOIN releases r ON r.app_id = i.app_id AND r.module = d.value ->> '$.module' "
                    "WHERE i.state IS NOT 'gone' AND d.value ->> '$.wanted' = coalesce(r.manifest_sha256, "
                    "'') "
                    "ORDER BY i.app_id, i.instance_id, d.key",
                    &query, err))
                return false;
        for (bool row = false;;) {
                if (!query_step(&query, &row, err))
                        return false;
                if (!row)
                        break;
                document_append(list, read_row(&query));
        }
        *ret = TAKE(list);
        return true;
}
