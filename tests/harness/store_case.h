/* A store of the test's own: a real database in a folder of its own. */
#pragma once

#include "harness/ghost_test.h"
#include "harness/json_text.h"
#include "harness/temp_folder.h"
#include "store/collection.h"
#include "store/store.h"
#include "json/document.h"

typedef struct StoreCase {
        char *folder;
        char *path;
        Store *store;
} StoreCase;

static inline int store_case_set_up(void **state) {
        StoreCase *test = xcalloc(1, sizeof(*test));

        test->folder = temp_folder();
        test->path = xasprintf("%s/ghost.db", test->folder);
        const StoreSpec spec = { .path = test->path };
        test->store = store_open(&spec, NULL);
        *state = test;
        return test->store ? 0 : -1;
}

static inline int store_case_tear_down(void **state) {
        StoreCase *test = *state;

        store_free(test->store);
        temp_remove(test->folder);
        free(test->path);
        free(test);
        return 0;
}

#define STORE_TEST(function)                                                                                 \
        cmocka_unit_test_setup_teardown(function, store_case_set_up, store_case_tear_down)

static inline void store_put(Store *store, Collection collection, const char *text) {
        CLEANUP(document_free) Document *document = json_of(text);

        assert_ok(collection_insert(store, collection, document, NULL, err));
}
