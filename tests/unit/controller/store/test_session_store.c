#include "harness/store_case.h"

#include "store/query.h"
#include "store/session_store.h"
#include "store/user_store.h"

static void put_user(Store *store, const char *role, const char *hash) {
        const User user = { .name = (char *) "eve", .role = (char *) role, .password_hash = (char *) hash };

        assert_ok(user_store_put(store, &user, err));
}

static void assert_session(Store *store, const char *hash, const char *role) {
        CLEANUP(session_clear) Session session = { 0 };

        if (!role) {
                assert_fails(
                        ERROR_NOT_FOUND, "no such session", session_store_get(store, hash, &session, err));
                return;
        }
        assert_ok(session_store_get(store, hash, &session, err));
        assert_string_equal(session.user, "eve");
        assert_string_equal(session.role, role);
        assert_string_equal(session.csrf_token, "c");
}

static void a_session_is_its_users(void **state) {
        Store *store = ((StoreCase *) *state)->store;

        put_user(store, "admin", "h");
        assert_ok(session_store_insert(store, "s", "eve", "c", err));
        assert_session(store, "s", "admin");
        assert_session(store, "t", NULL);
        assert_ok(user_store_set_role(store, "eve", "viewer", err));
        assert_session(store, "s", "viewer");
        assert_ok(session_store_remove(store, "s", err));
        assert_ok(session_store_remove(store, "s", err));
        assert_session(store, "s", NULL);
}

static void a_new_password_or_no_user_ends_it(void **state) {
        Store *store = ((StoreCase *) *state)->store;

        put_user(store, "admin", "h");
        assert_ok(session_store_insert(store, "s", "eve", "c", err));
        assert_ok(user_store_set_password(store, "eve", "other", err));
        assert_session(store, "s", NULL);
        assert_ok(session_store_insert(store, "t", "eve", "c", err));
        assert_ok(user_store_remove(store, "eve", err));
        assert_session(store, "t", NULL);
        put_user(store, "admin", "h"); /* somebody else */
        assert_session(store, "t", NULL);
}

static void set_times(Store *store, const char *created_ago, const char *used_ago) {
        CLEANUP(free)
        char *sql = xasprintf(
                "UPDATE sessions SET created_us = (unixepoch() - %s) * 1000000, used_us = (unixepoch() - %s) "
                "* 1000000",
                created_ago, used_ago);

        CLEANUP(query_end) Query query = { 0 };

        assert_ok(query_write(store, sql, &query, err) && query_run(&query, err));
}

static void it_ends_when_idle_or_old(void **state) {
        Store *store = ((StoreCase *) *state)->store;

        put_user(store, "admin", "h");
        assert_ok(session_store_insert(store, "s", "eve", "c", err));
        set_times(store, "3600 * 24 * 6", "3600 * 11");
        assert_session(store, "s", "admin");
        set_times(store, "3600 * 24 * 6", "3600 * 13");
        assert_session(store, "s", NULL);
        set_times(store, "3600 * 24 * 8", "60");
        assert_session(store, "s", NULL);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                STORE_TEST(a_session_is_its_users),
                STORE_TEST(a_new_password_or_no_user_ends_it),
                STORE_TEST(it_ends_when_idle_or_old),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
