#include "harness/ghost_test.h"

#include <string.h>

#include "base/text.h"

static void text_grows_and_hands_over(void **state) {
        (void) state;
        Text text = { 0 };
        size_t length = 0;

        CLEANUP(free) char *empty = text_take(&text);
        assert_string_equal(empty, "");

        for (int i = 0; i < 1000; i++) {
                text_appendf(&text, "%d,", i % 10);
                text_append_bytes(&text, "\0x", 2);
                length += 4;
        }
        assert_int_equal(text.length, length);
        CLEANUP(free) char *taken = text_take(&text);
        assert_memory_equal(taken, "0,\0x1,\0x2,\0x", 12);
        assert_null(text.data);
        assert_int_equal(text.length, 0);
}

static void a_list_can_serve_as_argv(void **state) {
        (void) state;
        CLEANUP(string_list_clear) StringList list = { 0 };

        for (int i = 0; i < 100; i++) {
                string_list_addf(&list, "item %d", i);
                assert_null(list.items[list.count]);
        }
        assert_int_equal(list.count, 100);
        assert_string_equal(list.items[0], "item 0");
        assert_string_equal(list.items[99], "item 99");
        assert_true(string_list_contains(&list, "item 42"));
        assert_false(string_list_contains(&list, "item"));
}

static void split_keeps_empty_parts(void **state) {
        (void) state;
        CLEANUP(string_list_clear) StringList parts = { 0 };

        text_split(",a,,b,", ',', &parts);
        assert_int_equal(parts.count, 5);
        assert_string_equal(parts.items[0], "");
        assert_string_equal(parts.items[1], "a");
        assert_string_equal(parts.items[4], "");

        CLEANUP(string_list_clear) StringList one = { 0 };
        text_split("", ',', &one);
        assert_int_equal(one.count, 1);
}

static void trim_takes_blanks_from_both_ends_only(void **state) {
        (void) state;
        CLEANUP(free) char *trimmed = text_trim(" \t a b\r\n");
        CLEANUP(free) char *nothing = text_trim(" \n ");

        assert_string_equal(trimmed, "a b");
        assert_string_equal(nothing, "");
}

static void comparisons_know_null_and_empty(void **state) {
        (void) state;
        assert_true(text_equal(NULL, NULL));
        assert_false(text_equal(NULL, ""));
        assert_true(text_equal("a", "a"));
        assert_true(text_empty(NULL));
        assert_true(text_empty(""));
        assert_false(text_empty(" "));
        assert_true(text_starts_with("abc", "ab"));
        assert_false(text_starts_with("a", "ab"));
        assert_true(text_ends_with("abc", "bc"));
        assert_false(text_ends_with("c", "bc"));
}

static void numbers_are_digits_within_bounds(void **state) {
        (void) state;
        static const char *const wrong[] = { "", "+1", "-1", " 1", "1 ", "0x1", "1.0", "a" };
        uint64_t value = 0;

        assert_ok(text_parse_uint("18446744073709551615", 0, UINT64_MAX, &value, err));
        assert_true(value == UINT64_MAX);
        assert_ok(text_parse_uint("007", 0, 7, &value, err));
        assert_int_equal(value, 7);
        assert_fails(
                ERROR_INVALID, "the number is not between 0 and 18446744073709551615",
                text_parse_uint("18446744073709551616", 0, UINT64_MAX, &value, err));
        assert_fails(
                ERROR_INVALID, "the number is not between 1 and 5", text_parse_uint("6", 1, 5, &value, err));
        for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
                CLEANUP(error_free) Error *error = NULL;

                assert_false(text_parse_uint(wrong[i], 0, 100, &value, &error));
                assert_int_equal(error_kind(error), ERROR_INVALID);
        }
}

static void utf8_is_checked_to_the_last_byte(void **state) {
        (void) state;
        static const char *const good[] = {
                "", "plain", "\xc3\xa9", "\xe2\x82\xac", "\xf0\x9f\x91\xbb", "\xf4\x8f\xbf\xbf"
        };
        static const char *const bad[] = {
                "\x80",             /* continues nothing */
                "\xc3",             /* cut off */
                "\xc0\xaf",         /* overlong '/' */
                "\xe0\x80\xaf",     /* overlong again */
                "\xed\xa0\x80",     /* surrogate */
                "\xf4\x90\x80\x80", /* above U+10FFFF */
                "\xff",
                "a\xc3(",
        };

        for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
                assert_true(text_is_utf8(good[i], strlen(good[i])));
        for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
                assert_false(text_is_utf8(bad[i], strlen(bad[i])));
        assert_true(text_is_utf8("a\0b", 3));
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(text_grows_and_hands_over),
                cmocka_unit_test(a_list_can_serve_as_argv),
                cmocka_unit_test(split_keeps_empty_parts),
                cmocka_unit_test(trim_takes_blanks_from_both_ends_only),
                cmocka_unit_test(comparisons_know_null_and_empty),
                cmocka_unit_test(numbers_are_digits_within_bounds),
                cmocka_unit_test(utf8_is_checked_to_the_last_byte),
        };

        return cmocka_run_group_tests_name("text", tests, NULL, NULL);
}
