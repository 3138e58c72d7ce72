#include "harness/ghost_test.h"

#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "http/target.h"

static void path_and_query_are_decoded(void **state) {
        CLEANUP(target_clear) Target target = { 0 };

        (void) state;
        assert_ok(target_parse(
                "/apps/x%20y/?where=%7B%22a%22%3A1%7D&sort=-name+x&flag&=v&a=1&a=2", &target, err));
        assert_string_equal(target.path, "/apps/x y");
        assert_string_equal(pairs_find(&target.query, "where"), "{\"a\":1}");
        assert_string_equal(pairs_find(&target.query, "sort"), "-name x");
        assert_string_equal(pairs_find(&target.query, "flag"), "");
        assert_string_equal(pairs_find(&target.query, "a"), "1");
        assert_null(pairs_find(&target.query, "b"));
}

static void a_broken_escape_stands_for_itself(void **state) {
        CLEANUP(target_clear) Target target = { 0 };

        (void) state;
        assert_ok(target_parse("/a%zz%?q=100%&r=%4", &target, err));
        assert_string_equal(target.path, "/a%zz%");
        assert_string_equal(pairs_find(&target.query, "q"), "100%");
        assert_string_equal(pairs_find(&target.query, "r"), "%4");
}

static void slashes_at_the_end_do_not_count(void **state) {
        CLEANUP(target_clear) Target root = { 0 }, target = { 0 };

        (void) state;
        assert_ok(target_parse("/", &root, err));
        assert_string_equal(root.path, "/");
        assert_ok(target_parse("/version//", &target, err));
        assert_string_equal(target.path, "/version");
}

static void hidden_bytes_are_refused(void **state) {
        Target target = { 0 };

        (void) state;
        assert_fails(
                ERROR_INVALID, "the path holds a forbidden character", target_parse("/a%2fb", &target, err));
        assert_fails(
                ERROR_INVALID, "the path holds a forbidden character", target_parse("/a%00b", &target, err));
        assert_fails(
                ERROR_INVALID, "the path holds a forbidden character",
                target_parse("/a%0d%0ab", &target, err));
        assert_fails(ERROR_INVALID, "the query holds a NUL byte", target_parse("/a?b=%00", &target, err));
        assert_fails(
                ERROR_INVALID, "the request target must start with '/'",
                target_parse("http://x/", &target, err));
}

static void size_and_number_are_bounded(void **state) {
        CLEANUP(free) char *longest = xcalloc(1, TARGET_MAX_LENGTH + 2);
        CLEANUP(text_clear) Text many = { 0 };
        Target target = { 0 };

        (void) state;
        memset(longest, 'a', TARGET_MAX_LENGTH + 1);
        longest[0] = '/';
        assert_fails(ERROR_INVALID, "the request target is too long", target_parse(longest, &target, err));

        text_append(&many, "/?");
        for (int i = 0; i <= TARGET_MAX_PARAMETERS; i++)
                text_append(&many, "a=b&");
        assert_fails(ERROR_INVALID, "too many query parameters", target_parse(many.data, &target, err));
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(path_and_query_are_decoded),
                cmocka_unit_test(a_broken_escape_stands_for_itself),
                cmocka_unit_test(slashes_at_the_end_do_not_count),
                cmocka_unit_test(hidden_bytes_are_refused),
                cmocka_unit_test(size_and_number_are_bounded),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
