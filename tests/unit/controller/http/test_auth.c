#include "harness/ghost_test.h"

#include <string.h>

#include "base/clock.h"
#include "base/crypto.h"
#include "base/memory.h"
#include "base/text.h"
#include "http/auth.h"

typedef struct Book {
        char *hash; /* of the one user "ann"; NULL: she is gone */
        bool broken;
} Book;

static bool find_user(void *context, const char *name, char **ret_hash, Right *ret_right, Error **err) {
        const Book *book = context;

        if (book->broken)
                return error_set(err, ERROR_INTERNAL, "disk on fire");
        if (!book->hash || strcmp(name, "ann") != 0)
                return error_set(err, ERROR_NOT_FOUND, "no user %s", name);
        *ret_hash = xstrdup(book->hash);
        *ret_right = RIGHT_OPERATE;
        return true;
}

static bool find_token(void *context, const char *token, Account *ret, Error **err) {
        (void) context;
        if (strcmp(token, "good") != 0)
                return error_set(err, ERROR_NOT_FOUND, "no such token");
        *ret = (Account){ .name = xstrdup("robot"), .right = RIGHT_READ };
        return true;
}

static char *basic(const char *credentials) {
        CLEANUP(free) char *encoded = base64_encode(credentials, strlen(credentials));

        return xasprintf("Basic %s", encoded);
}

static Auth *auth_for(Book *book) {
        const AuthSource source = { .find_user = find_user, .find_token = find_token, .context = book };

        return auth_new(&source);
}

#define WRONG "Please provide proper credentials"

static void the_right_password_gets_in_and_others_do_not(void **state) {
        CLEANUP(free)
        char *good = basic("ann:secret:with:colons"), *bad = basic("ann:secret"), *unknown = basic("bob:x");
        CLEANUP(free) char *hash = password_hash("secret:with:colons");
        Book book = { .hash = hash };
        CLEANUP(auth_free) Auth *auth = auth_for(&book);
        CLEANUP(account_clear) Account account = { 0 };

        (void) state;
        assert_ok(auth_check(auth, good, &account, err));
        assert_string_equal(account.name, "ann");
        assert_int_equal(account.right, RIGHT_OPERATE);
        for (int twice = 0; twice < 2; twice++) { /* the second time from memory */
                assert_fails(ERROR_FORBIDDEN, WRONG, auth_check(auth, bad, &account, err));
                assert_fails(ERROR_FORBIDDEN, WRONG, auth_check(auth, unknown, &account, err));
        }
}

static void a_known_password_is_not_hashed_again(void **state) {
        CLEANUP(free) char *good = basic("ann:secret"), *hash = password_hash("secret");
        Book book = { .hash = hash };
        CLEANUP(auth_free) Auth *auth = auth_for(&book);

        (void) state;
        int64_t started = clock_monotonic_ms();
        for (int i = 0; i < 1000; i++) {
                CLEANUP(account_clear) Account account = { 0 };
                assert_ok(auth_check(auth, good, &account, err));
        }
        assert_in_range(clock_monotonic_ms() - started, 0, 5000); /* 1,000 hashes take 30 s and more */
}

static void a_changed_password_or_removed_account_counts_at_once(void **state) {
        CLEANUP(free)
        char *good = basic("ann:secret"), *hash = password_hash("secret"), *other = password_hash("new");
        Book book = { .hash = hash };
        CLEANUP(auth_free) Auth *auth = auth_for(&book);
        CLEANUP(account_clear) Account account = { 0 };

        (void) state;
        assert_ok(auth_check(auth, good, &account, err));
        book.hash = other;
        assert_fails(ERROR_FORBIDDEN, WRONG, auth_check(auth, good, &account, err));
        book.hash = NULL;
        assert_fails(ERROR_FORBIDDEN, WRONG, auth_check(auth, good, &account, err));
}

static void bearer_tokens_are_looked_up(void **state) {
        Book book = { 0 };
        CLEANUP(auth_free) Auth *auth = auth_for(&book);
        CLEANUP(account_clear) Account account = { 0 };

        (void) state;
        assert_ok(auth_check(auth, "bearer good", &account, err));
        assert_string_equal(account.name, "robot");
        assert_fails(ERROR_FORBIDDEN, WRONG, auth_check(auth, "Bearer bad", &account, err));
}

static void malformed_headers_are_wrong_credentials(void **state) {
        static const char *const headers[] = {
                "",         "Basic",  "Basic ", "Basic !!!", "Basic YW5u", "Basic Og==", "Basic YW5uAGI6eA==",
                "Digest x", "Bearer "
        };
        CLEANUP(free) char *longest = xcalloc(1, 5001);
        Book book = { 0 };
        CLEANUP(auth_free) Auth *auth = auth_for(&book);
        CLEANUP(account_clear) Account account = { 0 };

        (void) state;
        for (size_t i = 0; i < sizeof(headers) / sizeof(headers[0]); i++)
                assert_fails(ERROR_FORBIDDEN, WRONG, auth_check(auth, headers[i], &account, err));
        memset(longest, 'a', 5000);
        for (size_t i = 0; i < 6; i++)
                longest[i] = "Basic "[i];
        assert_fails(ERROR_FORBIDDEN, WRONG, auth_check(auth, longest, &account, err));
}

static void a_broken_source_is_not_a_wrong_password(void **state) {
        CLEANUP(free) char *good = basic("ann:secret");
        Book book = { .broken = true };
        CLEANUP(auth_free) Auth *auth = auth_for(&book);
        CLEANUP(account_clear) Account account = { 0 };

        (void) state;
        assert_fails(ERROR_INTERNAL, "disk on fire", auth_check(auth, good, &account, err));
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(the_right_password_gets_in_and_others_do_not),
                cmocka_unit_test(a_known_password_is_not_hashed_again),
                cmocka_unit_test(a_changed_password_or_removed_account_counts_at_once),
                cmocka_unit_test(bearer_tokens_are_looked_up),
                cmocka_unit_test(malformed_headers_are_wrong_credentials),
                cmocka_unit_test(a_broken_source_is_not_a_wrong_password),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
