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

static void names_are_taken_once(void **state) {
        Store *store = ((StoreCase *) *state)->store;
        const User eve = { (char *) "eve", (char *) "viewer", (char *) "h", 0 };
        CLEANUP(document_free) Document *stored = NULL;
        CLEANUP(user_clear) User kept = { 0 };

        assert_ok(user_store_add(store, &eve, &stored, err));
        assert_string_equal(document_get_string(stored, "role"), "viewer");
        assert_null(document_get(stored, "password_hash"));
        const User other = { (char *) "eve", (char *) "admin", (char *) "g", 0 };
        assert_fails(
                ERROR_CONFLICT, "A user with this name exists already",
                user_store_add(store, &other, NULL, err));
        assert_ok(user_store_get(store, "eve", &kept, err));
        assert_string_equal(kept.password_hash, "h");
}

static void an_admin_must_be_left(void **state) {
        Store *store = ((StoreCase *) *state)->store;

        put_user(store, "eve", "admin");
        assert_ok(user_store_check_admin(store, err));
        assert_ok(user_store_set_role(store, "eve", "operator", err));
        assert_fails(
                ERROR_CONFLICT, "There must be an admin: make somebody else one first",
                user_store_check_admin(store, err));
}

int main(void) {
        const struct CMUnitTest tests[] = {
                STORE_TEST(putting_again_changes_the_role),
                STORE_TEST(names_are_taken_once),
                STORE_TEST(an_admin_must_be_left),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
