#include "store/deviation_store.h"

#include "base/memory.h"
#include "store/instance_store.h"

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
