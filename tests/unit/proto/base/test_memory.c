#include "harness/ghost_test.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/memory.h"

static void copies_end_in_a_nul(void **state) {
        (void) state;
        CLEANUP(free) char *bytes = xmemdup("abc", 2);
        CLEANUP(free) char *nothing = xmemdup(NULL, 0);
        CLEANUP(free) char *part = xstrndup("abcdef", 3);
        CLEANUP(free) char *format = xasprintf("%s-%d", "a", 7);

        assert_string_equal(bytes, "ab");
        assert_string_equal(nothing, "");
        assert_string_equal(part, "abc");
        assert_string_equal(format, "a-7");
}

static void taking_leaves_nothing_to_clean_up(void **state) {
        (void) state;
        char *kept;

        {
                CLEANUP(free) char *text = xstrdup("kept");
                kept = TAKE(text);
                assert_null(text);
        }
        assert_string_equal(kept, "kept");
        free(kept);
}

static void no_size_gives_null(void **state) {
        (void) state;
        CLEANUP(free) void *none = xcalloc(0, 8);
        CLEANUP(free) void *small = xrealloc(NULL, 0);

        assert_non_null(none);
        assert_non_null(small);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(copies_end_in_a_nul),
                cmocka_unit_test(taking_leaves_nothing_to_clean_up),
                cmocka_unit_test(no_size_gives_null),
        };

        return cmocka_run_group_tests_name("memory", tests, NULL, NULL);
}
