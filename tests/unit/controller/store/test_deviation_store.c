/* What a job leaves an instance on, knowingly. */
#include "base/memory.h"
#include "harness/ghost_test.h"
#include "harness/temp_folder.h"
#include "store/deviation_store.h"
#include "store/instance_store.h"
#include "store/release_store.h"

static Store *open_store(char **ret_folder) {
        Store *store = NULL;

        *ret_folder = temp_folder();
        CLEANUP(free) char *path = xasprintf("%s/ghost.db", *ret_folder);
        assert_ok((store = store_open(&(StoreSpec){ .path = path }, err)));
        return store;
}

static Document *instance_of(Store *store) {
        Document *instance = NULL;

        assert_ok(instance_store_find(store, "i-1", &instance, err));
        return instance;
}

static void one_counts_while_that_release_is_wanted(void **state) {
        char *folder = NULL;
        CLEANUP(store_free) Store *store = open_store(&folder);
        CLEANUP(document_free) Document *members = document_object();
        const Deviation site = { "site", "aa", "job", "it failed" }, other = { "other", "", "job", "kept" };
        const Deviation again = { "site", "bb", "job2", "it failed again" }, none = { .module = "site" };

        (void) state;
        document_set_string(members, "state", "ready");
        assert_ok(deviation_store_put(store, "i-1", &site, err)); /* nobody knows it */
        assert_ok(instance_store_put(store, "i-1", members, err));
        assert_ok(deviation_store_put(store, "i-1", &none, err));
        assert_ok(deviation_store_put(store, "i-1", &site, err));
        assert_ok(deviation_store_put(store, "i-1", &other, err));
        CLEANUP(document_free) Document *one = instance_of(store);
        assert_string_equal(deviation_find(one, "site", "aa"), "it failed");
        assert_string_equal(deviation_find(one, "other", ""), "kept");
        assert_null(deviation_find(one, "site", "bb"));
        assert_null(deviation_find(one, "third", "aa"));
        assert_ok(deviation_store_put(store, "i-1", &again, err));
        CLEANUP(document_free) Document *two = instance_of(store);
        assert_null(deviation_find(two, "site", "aa"));
        assert_string_equal(deviation_find(two, "site", "bb"), "it failed again");
        assert_string_equal(document_get_string(two, "deviations.1.job_id"), "job2");
        assert_ok(deviation_store_put(store, "i-1", &none, err));
        CLEANUP(document_free) Document *three = instance_of(store);
        assert_null(deviation_find(three, "site", "bb"));
        assert_string_equal(deviation_find(three, "other", ""), "kept");
        assert_string_equal(document_get_string(three, "state"), "ready");
        temp_remove(folder);
}

static void put_instance(Store *store, const char *id, const char *state) {
        CLEANUP(document_free) Document *members = document_object();

        document_set_string(members, "app_id", "0123456789abcdef01234567");
        document_set_string(members, "state", state);
        assert_ok(instance_store_put(store, id, members, err));
}

static void those_that_count_are_listed(void **state) {
        char *folder = NULL;
        CLEANUP(store_free) Store *store = open_store(&folder);
        const Deviation site = { "site", "aa", "job", "it failed" }, none = { "none", "", "", "kept" };
        const Deviation old = { "site", "bb", "job", "long ago" };
        CLEANUP(document_free) Document *listed = NULL;
        CLEANUP(document_free) Document *later = NULL;

        (void) state;
        put_instance(store, "i-1", "ready");
        put_instance(store, "i-2", "ready");
        put_instance(store, "i-3", "gone");
        put_instance(store, "i-4", "ready");
        assert_ok(release_store_set(store, "0123456789abcdef01234567", "site", "aa", err));
        assert_ok(deviation_store_put(store, "i-2", &site, err));
        assert_ok(deviation_store_put(store, "i-2", &none, err));
        assert_ok(deviation_store_put(store, "i-1", &old, err));
        assert_ok(deviation_store_put(store, "i-3", &site, err));
        assert_ok(deviation_store_list(store, &listed, err));
        CLEANUP(free) char *text = document_canonical(listed);
        assert_string_equal(
                text, "[{\"app_id\":\"0123456789abcdef01234567\",\"instance_id\":\"i-2\",\"job_id\":\"job\","
                      "\"module\":\"site\",\"wanted\":\"aa\",\"why\":\"it failed\"},"
                      "{\"app_id\":\"0123456789abcdef01234567\",\"instance_id\":\"i-2\",\"job_id\":\"\","
                      "\"module\":\"none\",\"wanted\":\"\",\"why\":\"kept\"}]");
        assert_ok(release_store_set(store, "0123456789abcdef01234567", "site", "bb", err));
        assert_ok(deviation_store_list(store, &later, err));
        assert_int_equal(document_count(later), 2);
        assert_string_equal(document_get_string(later, "0.why"), "long ago");
        temp_remove(folder);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(one_counts_while_that_release_is_wanted),
                cmocka_unit_test(those_that_count_are_listed),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
