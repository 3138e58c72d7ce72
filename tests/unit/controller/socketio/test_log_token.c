#include "harness/ghost_test.h"

#include <string.h>

#include "base/memory.h"
#include "socketio/log_token.h"

#define JOB "0123456789abcdef01234567"
static const uint8_t key[LOG_TOKEN_KEY_BYTES] = { 1 }, other_key[LOG_TOKEN_KEY_BYTES] = { 2 };

static void it_is_for_one_job_and_a_day(void **state) {
        CLEANUP(free) char *token = log_token_new(key, JOB, 1000);
        CLEANUP(free) char *again = log_token_new(key, JOB, 1000);

        (void) state;
        assert_int_equal(strlen(token), LOG_TOKEN_HEX);
        assert_string_not_equal(token, again);
        assert_true(log_token_valid(key, token, JOB, 1000));
        assert_true(log_token_valid(key, token, JOB, 1000 + LOG_TOKEN_LIFETIME_S - 1));
        assert_false(log_token_valid(key, token, JOB, 1000 + LOG_TOKEN_LIFETIME_S));
        assert_false(log_token_valid(key, token, "1123456789abcdef01234567", 1000));
        assert_false(log_token_valid(other_key, token, JOB, 1000));
}

static void no_digit_of_it_can_be_changed(void **state) {
        CLEANUP(free) char *token = log_token_new(key, JOB, 1000);

        (void) state;
        for (size_t i = 0; i < LOG_TOKEN_HEX; i++) {
                CLEANUP(free) char *changed = xstrdup(token);

                changed[i] = changed[i] == '0' ? '1' : '0';
                assert_false(log_token_valid(key, changed, JOB, 1000));
        }
        assert_false(log_token_valid(key, "", JOB, 1000));
        token[LOG_TOKEN_HEX - 1] = 'x';
        assert_false(log_token_valid(key, token, JOB, 1000));
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(it_is_for_one_job_and_a_day),
                cmocka_unit_test(no_digit_of_it_can_be_changed),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
