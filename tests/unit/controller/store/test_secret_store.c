#include "harness/store_case.h"

#include <string.h>

#include "store/query.h"
#include "store/secret_store.h"

static void a_key_stays_as_it_was_made(void **state) {
        StoreCase *test = *state;
        const StoreSpec spec = { .path = test->path };
        uint8_t first[32] = { 0 }, again[32] = { 0 }, other[32] = { 0 };
        static const uint8_t zeros[32];

        assert_ok(secret_store_get(test->store, "a", first, sizeof(first), err));
        assert_ok(secret_store_get(test->store, "b", other, sizeof(other), err));
        assert_memory_not_equal(first, zeros, sizeof(zeros));
        assert_memory_not_equal(first, other, sizeof(first));
        store_free(TAKE(test->store));
        assert_ok((test->store = store_open(&spec, err)) != NULL);
        assert_ok(secret_store_get(test->store, "a", again, sizeof(again), err));
        assert_memory_equal(first, again, sizeof(first));
}

static void a_key_of_another_length_is_no_key(void **state) {
        Store *store = ((StoreCase *) *state)->store;
        uint8_t key[32];

        assert_ok(secret_store_get(store, "a", key, 16, err));
        assert_fails(
                ERROR_INTERNAL, "the key 'a' in the database is damaged",
                secret_store_get(store, "a", key, 32, err));
}

int main(void) {
        const struct CMUnitTest tests[] = {
                STORE_TEST(a_key_stays_as_it_was_made),
                STORE_TEST(a_key_of_another_length_is_no_key),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
