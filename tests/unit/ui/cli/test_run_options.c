#include "harness/ghost_test.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "base/memory.h"
#include "run_options.h"

static void assert_options(const char *const *values, size_t count, const char *expected) {
        CLEANUP(document_free) Document *options = run_options(values, count);
        CLEANUP(free) char *text = document_text(options);

        assert_string_equal(text, expected);
}

static void options_keep_their_places(void **state) {
        static const char *const both[] = { "a", "b" };
        static const char *const last[] = { NULL, "b" };
        static const char *const first[] = { "a", NULL };
        static const char *const none[] = { NULL, NULL };

        (void) state;
        assert_options(both, 2, "[\"a\",\"b\"]");
        assert_options(last, 2, "[\"\",\"b\"]");
        assert_options(first, 2, "[\"a\"]");
        assert_options(none, 2, "[]");
}

int main(void) {
        const struct CMUnitTest tests[] = { cmocka_unit_test(options_keep_their_places) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
