#include "harness/ghost_test.h"

#include "base/names.h"

static void words_and_values_map_both_ways(void **state) {
        (void) state;
        static const char *const words[] = { "init", "started", "done" };
        static const Names names = NAMES(words);
        int value = -1;

        for (int i = 0; i < 3; i++) {
                assert_true(names_value(&names, names_word(&names, i), &value));
                assert_int_equal(value, i);
        }
        assert_false(names_value(&names, "Done", &value));
        assert_false(names_value(&names, "", &value));
        assert_int_equal(value, 2); /* written only on success */
}

int main(void) {
        const struct CMUnitTest tests[] = { cmocka_unit_test(words_and_values_map_both_ways) };

        return cmocka_run_group_tests_name("names", tests, NULL, NULL);
}
