#include "harness/store_case.h"

#include "base/clock.h"
#include "store/agent_store.h"

static void put_agent(Store *store, const char *id) {
        const Agent agent = {
                .id = (char *) id,
                .app_id = (char *) "a",
                .instance_id = (char *) "i-1",
                .fingerprint = (char *) "f1",
        };

        assert_ok(agent_store_insert(store, &agent, err));
}

static void assert_valid(Store *store, const char *fingerprint, bool expected) {
        bool valid = !expected;

        assert_ok(agent_store_fingerprint_valid(store, "g", fingerprint, &valid, err));
        if (valid != expected)
                fail_msg("'%s' is %s", fingerprint, valid ? "valid" : "not valid");
}

static void the_former_certificate_counts_until_the_new_one_is_used(void **state) {
        Store *store = ((StoreCase *) *state)->store;

        put_agent(store, "g");
        assert_valid(store, "f1", true);
        assert_valid(store, "", false);
        assert_valid(store, "f2", false);
        assert_ok(agent_store_set_fingerprint(store, "g", "f2", err));
        assert_ok(agent_store_set_fingerprint(store, "g", "f3", err)); /* the answer with f2 was lost */
        assert_valid(store, "f1", true);
        assert_valid(store, "f2", false);
        assert_valid(store, "f3", true);
        assert_valid(store, "f1", false);
        assert_ok(agent_store_revoke(store, "g", err));
        assert_valid(store, "f3", false);
}

static void the_newest_agent_of_an_instance_is_found(void **state) {
        Store *store = ((StoreCase *) *state)->store;
        CLEANUP(agent_clear) Agent first = { 0 };
        CLEANUP(agent_clear) Agent second = { 0 };
        bool found = true;

        assert_ok(agent_store_find_by_instance(store, "i-1", &first, &found, err));
        assert_false(found);
        put_agent(store, "g");
        put_agent(store, "h");
        assert_ok(agent_store_revoke(store, "h", err));
        assert_ok(agent_store_find_by_instance(store, "i-1", &first, &found, err));
        assert_string_equal(first.id, "g");
        assert_ok(agent_store_get(store, "h", &second, err));
        assert_true(second.revoked);
        assert_fails(ERROR_NOT_FOUND, "no agent 'x'", agent_store_get(store, "x", &second, err));
}

static void put_token(Store *store, const char *hash, int64_t life_us) {
        const JoinToken token = {
                .app_id = (char *) "a",
                .job_id = (char *) "j",
                .purpose = (char *) "instance",
                .expires_us = clock_now_us() + life_us,
        };

        assert_ok(join_token_store_insert(store, hash, &token, err));
}

static void assert_use(
        Store *store, const char *hash, const char *instance, const char *request, const char *refusal) {
        CLEANUP(join_token_clear) JoinToken token = { 0 };

        if (refusal) {
                assert_fails(
                        ERROR_FORBIDDEN, refusal,
                        join_token_store_use(store, hash, instance, request, &token, err));
                return;
        }
        assert_ok(join_token_store_use(store, hash, instance, request, &token, err));
        assert_string_equal(token.app_id, "a");
        assert_string_equal(token.purpose, "instance");
}

static void a_join_token_is_used_once(void **state) {
        Store *store = ((StoreCase *) *state)->store;

        put_token(store, "t", 60000000);
        assert_use(store, "other", "i-1", "r1", "join token: unknown");
        assert_use(store, "t", "i-1", "r1", NULL);
        assert_use(store, "t", "i-1", "r1", NULL); /* the answer was lost */
        assert_use(store, "t", "i-1", "r2", "join token: already used");
        assert_use(store, "t", "i-2", "r1", "join token: made for another instance");
        put_token(store, "late", -1000);
        assert_use(store, "late", "i-1", "r1", "join token: expired");
}

static void a_token_is_forgotten_a_week_after_it_expired(void **state) {
        Store *store = ((StoreCase *) *state)->store;

        put_token(store, "old", -INT64_C(8) * 86400 * 1000000);
        put_token(store, "recent", -INT64_C(6) * 86400 * 1000000);
        put_token(store, "new", 1000);
        assert_use(store, "old", "i-1", "r1", "join token: unknown");
        assert_use(store, "recent", "i-1", "r1", "join token: expired");
}

static void a_bound_token_is_one_instances(void **state) {
        Store *store = ((StoreCase *) *state)->store;

        put_token(store, "t", 60000000);
        assert_ok(join_token_store_bind(store, "t", "i-7", err));
        assert_ok(join_token_store_bind(store, "t", "i-8", err));
        assert_use(store, "t", "i-8", "r", "join token: made for another instance");
        assert_use(store, "t", "i-7", "r", NULL);
}

static void a_receipt_is_kept_as_it_first_came(void **state) {
        Store *store = ((StoreCase *) *state)->store;
        CLEANUP(free) void *bytes = NULL;
        CLEANUP(free) void *none = NULL;
        size_t length = 0;

        assert_ok(receipt_store_put(store, "t", "j", "g", "a\0b", 3, err));
        assert_ok(receipt_store_put(store, "t", "j", "g", "other", 5, err));
        assert_ok(receipt_store_get(store, "t", "g", &bytes, &length, err));
        assert_int_equal(length, 3);
        assert_memory_equal(bytes, "a\0b", 3);
        assert_ok(receipt_store_get(store, "u", "g", &none, &length, err));
        assert_null(none);
        assert_ok(receipt_store_get(store, "t", "other", &none, &length, err));
        assert_null(none);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                STORE_TEST(the_former_certificate_counts_until_the_new_one_is_used),
                STORE_TEST(the_newest_agent_of_an_instance_is_found),
                STORE_TEST(a_join_token_is_used_once),
                STORE_TEST(a_token_is_forgotten_a_week_after_it_expired),
                STORE_TEST(a_bound_token_is_one_instances),
                STORE_TEST(a_receipt_is_kept_as_it_first_came),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
