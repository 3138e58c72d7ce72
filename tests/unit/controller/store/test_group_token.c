/* The token of a group stays the same until it is changed, and opens one application only. */
#include "harness/store_case.h"

#include <stdlib.h>

#include "harness/text_assertions.h"
#include "store/group_token.h"

static const char app[] = "0123456789abcdef01234567", other[] = "0123456789abcdef01234568";

static void it_is_the_same_again(void **state) {
        StoreCase *test = *state;
        CLEANUP(free) char *first = NULL, *again = NULL, *others = NULL, *app_id = NULL;

        assert_ok(group_token_make(test->store, app, &first, err));
        assert_ok(group_token_make(test->store, app, &again, err));
        assert_ok(group_token_make(test->store, other, &others, err));
        assert_string_equal(first, again);
        assert_string_not_equal(first, others);
        assert_ok(group_token_check(test->store, first, &app_id, err));
        assert_string_equal(app_id, app);
}

static void what_is_no_such_token_is_left_to_others(void **state) {
        StoreCase *test = *state;
        char *app_id = NULL;

        assert_ok(group_token_check(test->store, "0011223344556677", &app_id, err));
        assert_ok(group_token_check(test->store, "group.short.00", &app_id, err));
        assert_ok(group_token_check(test->store, "", &app_id, err));
        assert_null(app_id);
}

static void a_forged_or_changed_token_opens_nothing(void **state) {
        StoreCase *test = *state;
        CLEANUP(free) char *old = NULL, *fresh = NULL, *app_id = NULL;
        CLEANUP(free) char *unknown = xasprintf("group.%s.00", other);

        assert_ok(group_token_make(test->store, app, &old, err));
        CLEANUP(free) char *forged = xstrdup(old);
        forged[strlen(forged) - 1] = forged[strlen(forged) - 1] == '0' ? '1' : '0';
        assert_fails(
                ERROR_FORBIDDEN, "join token: unknown, or changed since",
                group_token_check(test->store, forged, &app_id, err));
        assert_fails(
                ERROR_FORBIDDEN, "join token: unknown, or changed since",
                group_token_check(test->store, unknown, &app_id, err));

        assert_ok(group_token_change(test->store, app, err));
        assert_fails(/* though none was made in its place yet */
                     ERROR_FORBIDDEN, "join token: unknown, or changed since",
                     group_token_check(test->store, old, &app_id, err));
        assert_ok(group_token_make(test->store, app, &fresh, err));
        assert_string_not_equal(old, fresh);
        assert_fails(
                ERROR_FORBIDDEN, "join token: unknown, or changed since",
                group_token_check(test->store, old, &app_id, err));
        assert_null(app_id);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                STORE_TEST(it_is_the_same_again),
                STORE_TEST(what_is_no_such_token_is_left_to_others),
                STORE_TEST(a_forged_or_changed_token_opens_nothing),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
