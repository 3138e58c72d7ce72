#include "harness/store_case.h"

#include "base/clock.h"
#include "store/token_store.h"
#include "store/user_store.h"

static void put_user(Store *store, const char *name, const char *role) {
        const User user = { .name = (char *) name, .role = (char *) role, .password_hash = (char *) "h" };

        assert_ok(user_store_put(store, &user, err));
}

/* Returns its id. */
static char *put_token(Store *store, const char *hash, const char *role, int64_t for_us) {
        const NewToken token = { hash, "eve", role, "ci", clock_now_us() + for_us };
        CLEANUP(document_free) Document *stored = NULL;

        assert_ok(token_store_insert(store, &token, &stored, err));
        return xstrdup(document_get_string(stored, "_id"));
}

static const int64_t MINUTE_US = 60000000;

/* role NULL: the token is not good. */
static void assert_token(Store *store, const char *hash, const char *role) {
        CLEANUP(token_owner_clear) TokenOwner owner = { 0 };

        if (!role) {
                assert_fails(ERROR_NOT_FOUND, "no such token", token_store_get(store, hash, &owner, err));
                return;
        }
        assert_ok(token_store_get(store, hash, &owner, err));
        assert_string_equal(owner.user, "eve");
        assert_string_equal(owner.name, "ci");
        assert_string_equal(owner.role, role);
}

static void a_token_lives_as_long_as_its_user(void **state) {
        Store *store = ((StoreCase *) *state)->store;
        CLEANUP(document_free) Document *left = NULL;

        put_user(store, "eve", "admin");
        CLEANUP(free) char *id = put_token(store, "t", "viewer", MINUTE_US);
        CLEANUP(free) char *late = put_token(store, "late", "viewer", -1);
        assert_token(store, "t", "viewer");
        assert_token(store, "late", NULL);
        assert_token(store, "none", NULL);
        assert_ok(user_store_remove(store, "eve", err));
        assert_fails(ERROR_NOT_FOUND, "no user 'eve'", user_store_remove(store, "eve", err));
        assert_token(store, "t", NULL);
        put_user(store, "eve", "viewer"); /* somebody else */
        assert_token(store, "t", NULL);
        assert_ok(collection_find(store, COLLECTION_TOKENS, NULL, &left, err));
        assert_int_equal(document_count(left), 0);
}

static void a_token_can_do_no_more_than_its_user(void **state) {
        Store *store = ((StoreCase *) *state)->store;

        put_user(store, "eve", "admin");
        CLEANUP(free) char *strong = put_token(store, "strong", "admin", MINUTE_US);
        CLEANUP(free) char *weak = put_token(store, "weak", "viewer", MINUTE_US);
        assert_token(store, "strong", "admin");
        assert_token(store, "weak", "viewer");
        put_user(store, "eve", "operator");
        assert_token(store, "strong", "operator");
        assert_token(store, "weak", "viewer");
}

static void one_is_taken_away_without_the_others(void **state) {
        Store *store = ((StoreCase *) *state)->store;

        put_user(store, "eve", "admin");
        CLEANUP(free) char *one = put_token(store, "one", "admin", MINUTE_US);
        CLEANUP(free) char *two = put_token(store, "two", "admin", MINUTE_US);
        assert_ok(token_store_remove(store, one, err));
        assert_token(store, "one", NULL);
        assert_token(store, "two", "admin");
}

static void its_use_is_noted(void **state) {
        Store *store = ((StoreCase *) *state)->store;
        CLEANUP(document_free) Document *token = NULL;
        CLEANUP(token_owner_clear) TokenOwner before = { 0 };
        CLEANUP(token_owner_clear) TokenOwner after = { 0 };

        put_user(store, "eve", "admin");
        CLEANUP(free) char *id = put_token(store, "t", "admin", MINUTE_US);
        assert_ok(token_store_get(store, "t", &before, err));
        assert_false(before.noticed);
        assert_ok(token_store_note_use(store, id, err));
        assert_ok(token_store_get(store, "t", &after, err));
        assert_true(after.noticed);
        assert_ok(collection_get(store, COLLECTION_TOKENS, id, &token, err));
        assert_string_not_equal(document_get_string(token, "last_used"), "");
        assert_null(document_get(token, "hash"));
}

int main(void) {
        const struct CMUnitTest tests[] = {
                STORE_TEST(a_token_lives_as_long_as_its_user),
                STORE_TEST(a_token_can_do_no_more_than_its_user),
                STORE_TEST(one_is_taken_away_without_the_others),
                STORE_TEST(its_use_is_noted),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
