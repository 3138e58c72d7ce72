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
        unsigned tokens_asked;
        uint64_t changes;
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
        ((Book *) context)->tokens_asked++;
        if (strcmp(token, "good") != 0)
                return error_set(err, ERROR_NOT_FOUND, "no such token");
        *ret = (Account){ .name = xstrdup("robot"), .right = RIGHT_READ };
        return true;
}

static char *basic(const char *credentials) {
        CLEANUP(free) char *encoded = base64_encode(credentials, strlen(credentials));

        return xasprintf("Basic %s", encoded);
}

static bool find_session(void *context, const char *session, Account *ret, Error **err) {
        (void) context;
        if (strcmp(session, "open") != 0)
                return error_set(err, ERROR_NOT_FOUND, "no such session");
        *ret = (Account){ .name = xstrdup("ann"), .right = RIGHT_READ, .csrf_token = xstrdup("c") };
        return true;
}

static uint64_t count_changes(void *context) {
        const Book *book = context;

        return book->changes;
}

static Auth *auth_for(Book *book) {
        const AuthSource source = { find_user, find_token, find_session, book, count_changes };

        return auth_new(&source);
}

static bool check(Auth *auth, const char *header, Account *ret, Error **err) {
        AuthAttempt attempt = { .peer = "192.0.2.1", .authorization = header };

        return auth_check(auth, &attempt, ret, err);
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
        assert_ok(check(auth, good, &account, err));
        assert_string_equal(account.name, "ann");
        assert_int_equal(account.right, RIGHT_OPERATE);
        for (int twice = 0; twice < 2; twice++) { /* the second time from memory */
                assert_fails(ERROR_FORBIDDEN, WRONG, check(auth, bad, &account, err));
                assert_fails(ERROR_FORBIDDEN, WRONG, check(auth, unknown, &account, err));
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
                assert_ok(check(auth, good, &account, err));
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
        assert_ok(check(auth, good, &account, err));
        book.hash = other;
        assert_fails(ERROR_FORBIDDEN, WRONG, check(auth, good, &account, err));
        book.hash = NULL;
        assert_fails(ERROR_FORBIDDEN, WRONG, check(auth, good, &account, err));
}

static void bearer_tokens_are_looked_up(void **state) {
        Book book = { 0 };
        CLEANUP(auth_free) Auth *auth = auth_for(&book);
        CLEANUP(account_clear) Account account = { 0 };

        (void) state;
        assert_ok(check(auth, "bearer good", &account, err));
        assert_string_equal(account.name, "robot");
        assert_fails(ERROR_FORBIDDEN, WRONG, check(auth, "Bearer bad", &account, err));
}

static void a_good_token_is_remembered_until_something_changes(void **state) {
        Book book = { 0 };
        CLEANUP(auth_free) Auth *auth = auth_for(&book);

        (void) state;
        for (int i = 0; i < 100; i++) {
                CLEANUP(account_clear) Account account = { 0 };

                assert_ok(check(auth, "Bearer good", &account, err));
                assert_string_equal(account.name, "robot");
                assert_int_equal(account.right, RIGHT_READ);
        }
        assert_in_range(book.tokens_asked, 1, 50); /* once a second */
        unsigned asked = book.tokens_asked;
        for (int i = 0; i < 3; i++) {
                CLEANUP(account_clear) Account account = { 0 };
                Account nobody = { 0 };

                book.changes++;
                assert_ok(check(auth, "Bearer good", &account, err));
                assert_fails(ERROR_FORBIDDEN, WRONG, check(auth, "Bearer bad", &nobody, err));
        }
        assert_int_equal(book.tokens_asked, asked + 6);
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
                assert_fails(ERROR_FORBIDDEN, WRONG, check(auth, headers[i], &account, err));
        memset(longest, 'a', 5000);
        for (size_t i = 0; i < 6; i++)
                longest[i] = "Basic "[i];
        assert_fails(ERROR_FORBIDDEN, WRONG, check(auth, longest, &account, err));
}

static void a_broken_source_is_not_a_wrong_password(void **state) {
        CLEANUP(free) char *good = basic("ann:secret");
        Book book = { .broken = true };
        CLEANUP(auth_free) Auth *auth = auth_for(&book);
        CLEANUP(account_clear) Account account = { 0 };

        (void) state;
        assert_fails(ERROR_INTERNAL, "disk on fire", check(auth, good, &account, err));
}

static bool check_from(Auth *auth, const char *peer, const char *header, unsigned *ret_wait_s, Error **err) {
        AuthAttempt attempt = { .peer = peer, .authorization = header };
        CLEANUP(account_clear) Account account = { 0 };

        bool right = auth_check(auth, &attempt, &account, err);
        *ret_wait_s = attempt.retry_after_s;
        return right;
}

/* How often until the address has to wait. */
static unsigned fail_from(Auth *auth, const char *peer, const char *header) {
        for (unsigned failures = 0; failures < 100; failures++) {
                CLEANUP(error_free) Error *error = NULL;
                unsigned wait_s;

                assert_false(check_from(auth, peer, header, &wait_s, &error));
                if (error_kind(error) == ERROR_UNAVAILABLE) {
                        assert_in_range(wait_s, 1, 6);
                        return failures;
                }
                assert_int_equal(error_kind(error), ERROR_FORBIDDEN);
        }
        return 100;
}

static void who_fails_too_often_waits_and_nobody_else(void **state) {
        CLEANUP(free)
        char *good = basic("ann:secret"), *bad = basic("ann:guess"), *hash = password_hash("secret");
        CLEANUP(free) char *other = basic("bob:guess");
        Book book = { .hash = hash };
        CLEANUP(auth_free) Auth *auth = auth_for(&book);
        unsigned wait_s;

        (void) state;
        assert_ok(check_from(auth, "192.0.2.1", good, &wait_s, err));
        /* A few come back in a test that takes long. */
        assert_in_range(fail_from(auth, "192.0.2.1", bad), 10, 15);
        assert_ok(check_from(auth, "192.0.2.1", good, &wait_s, err)); /* remembered */
        assert_fails(ERROR_FORBIDDEN, WRONG, check_from(auth, "192.0.2.1", other, &wait_s, err));
        assert_fails(ERROR_FORBIDDEN, WRONG, check_from(auth, "192.0.2.2", bad, &wait_s, err));
        /* The right password too, where it is not known yet. */
        assert_in_range(fail_from(auth, "192.0.2.3", bad), 10, 15);
        CLEANUP(free) char *hash_again = password_hash("secret");
        book.hash = hash_again;
        assert_int_equal(fail_from(auth, "192.0.2.3", good), 0);
}

static void an_ipv6_network_is_one_address(void **state) {
        CLEANUP(free) char *bad = basic("ann:guess"), *hash = password_hash("secret");
        Book book = { .hash = hash };
        CLEANUP(auth_free) Auth *auth = auth_for(&book);
        unsigned wait_s;

        (void) state;
        assert_in_range(fail_from(auth, "2001:db8:1:2::1", bad), 10, 15);
        assert_int_equal(fail_from(auth, "2001:db8:1:2:ffff::7", bad), 0);
        assert_fails(ERROR_FORBIDDEN, WRONG, check_from(auth, "2001:db8:1:3::1", bad, &wait_s, err));
}

static void tokens_are_counted_but_good_ones_let_in(void **state) {
        Book book = { 0 };
        CLEANUP(auth_free) Auth *auth = auth_for(&book);
        unsigned wait_s;

        (void) state;
        assert_in_range(fail_from(auth, "192.0.2.1", "Bearer bad"), 30, 40);
        assert_ok(check_from(auth, "192.0.2.1", "Bearer good", &wait_s, err));
}

static void a_session_counts_where_no_header_is(void **state) {
        Book book = { 0 };
        CLEANUP(auth_free) Auth *auth = auth_for(&book);
        CLEANUP(account_clear) Account account = { 0 };
        CLEANUP(account_clear) Account nobody = { 0 };
        CLEANUP(account_clear) Account robot = { 0 };
        AuthAttempt open = { .peer = "::1", .session = "open" }, over = { .peer = "::1", .session = "over" };
        AuthAttempt both = { .peer = "::1", .session = "open", .authorization = "Bearer good" };
        AuthAttempt wrong = { .peer = "::1", .session = "open", .authorization = "Bearer bad" };

        (void) state;
        assert_ok(auth_check(auth, &open, &account, err));
        assert_string_equal(account.name, "ann");
        assert_string_equal(account.csrf_token, "c");
        assert_ok(auth_check(auth, &over, &nobody, err));
        assert_null(nobody.name);
        assert_ok(auth_check(auth, &both, &robot, err));
        assert_string_equal(robot.name, "robot");
        assert_fails(ERROR_FORBIDDEN, WRONG, auth_check(auth, &wrong, &nobody, err));
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(the_right_password_gets_in_and_others_do_not),
                cmocka_unit_test(a_known_password_is_not_hashed_again),
                cmocka_unit_test(a_changed_password_or_removed_account_counts_at_once),
                cmocka_unit_test(bearer_tokens_are_looked_up),
                cmocka_unit_test(a_good_token_is_remembered_until_something_changes),
                cmocka_unit_test(malformed_headers_are_wrong_credentials),
                cmocka_unit_test(a_broken_source_is_not_a_wrong_password),
                cmocka_unit_test(who_fails_too_often_waits_and_nobody_else),
                cmocka_unit_test(an_ipv6_network_is_one_address),
                cmocka_unit_test(tokens_are_counted_but_good_ones_let_in),
                cmocka_unit_test(a_session_counts_where_no_header_is),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
