#include "harness/store_case.h"

#include "base/clock.h"
#include "store/user_store.h"

static void put_user(Store *store, const char *name, const char *role) {
        const User user = { .name = (char *) name, .role = (char *) role, .password_hash = (char *) "h" };

        assert_ok(user_store_put(store, &user, err));
}

static void putting_again_changes_the_role(void **state) {
        Store *store = ((StoreCase *) *state)->store;
        CLEANUP(user_clear) User first = { 0 };
        CLEANUP(user_clear) User second = { 0 };
        CLEANUP(document_free) Document *all = NULL;

        put_user(store, "eve", "viewer");
        assert_ok(user_store_get(store, "eve", &first, err));
        put_user(store, "eve", "admin");
        put_user(store, "adam", "viewer");
        assert_ok(user_store_get(store, "eve", &second, err));
        assert_string_equal(second.role, "admin");
        assert_int_equal(second.created_us, first.created_us);
        assert_ok(user_store_list(store, &all, err));
        assert_int_equal(document_count(all), 2);
        assert_string_equal(document_get_string(document_at(all, 0), "name"), "adam");
        assert_null(document_get(document_at(all, 0), "password_hash"));
}

static void assert_token(Store *store, const char *hash, bool there) {
        CLEANUP(free) char *user = NULL;
        CLEANUP(free) char *role = NULL;

        if (!there) {
                assert_fails(
                        ERROR_NOT_FOUND, "no such token", token_store_get(store, hash, &user, &role, err));
                return;
        }
        assert_ok(token_store_get(store, hash, &user, &role, err));
        assert_string_equal(user, "eve");
        assert_string_equal(role, "viewer");
}

static void a_token_lives_as_long_as_its_user(void **state) {
        Store *store = ((StoreCase *) *state)->store;
        int64_t now = clock_now_us();

        put_user(store, "eve", "admin");
        assert_ok(token_store_insert(store, "t", "eve", "viewer", "ci", now + 60000000, err));
        assert_ok(token_store_insert(store, "late", "eve", "viewer", "ci", now - 1, err));
        assert_token(store, "t", true);
        assert_token(store, "late", false);
        assert_token(store, "none", false);
        assert_ok(user_store_remove(store, "eve", err));
        assert_fails(ERROR_NOT_FOUND, "no user 'eve'", user_store_remove(store, "eve", err));
        assert_token(store, "t", false);
        put_user(store, "eve", "viewer"); /* somebody else */
        assert_token(store, "t", false);
        assert_ok(audit_store_add(store, "eve", "create", "apps/1", "", err));
}

static void assert_role(Store *store, const char *hash, const char *expected) {
        CLEANUP(free) char *user = NULL;
        CLEANUP(free) char *role = NULL;

        assert_ok(token_store_get(store, hash, &user, &role, err));
        assert_string_equal(role, expected);
}

static void a_token_can_do_no_more_than_its_user(void **state) {
        Store *store = ((StoreCase *) *state)->store;
        int64_t later = clock_now_us() + 60000000;

        put_user(store, "eve", "admin");
        assert_ok(token_store_insert(store, "strong", "eve", "admin", "", later, err));
        assert_ok(token_store_insert(store, "weak", "eve", "viewer", "", later, err));
        assert_role(store, "strong", "admin");
        assert_role(store, "weak", "viewer");
        put_user(store, "eve", "operator");
        assert_role(store, "strong", "operator");
        assert_role(store, "weak", "viewer");
}

int main(void) {
        const struct CMUnitTest tests[] = {
                STORE_TEST(putting_again_changes_the_role),
                STORE_TEST(a_token_lives_as_long_as_its_user),
                STORE_TEST(a_token_can_do_no_more_than_its_user),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
