#include "jobs/steps/batches.h"

#include "harness/ghost_test.h"

static size_t count_of(const char *strategy, size_t hosts) {
        size_t count = 0;

        assert_ok(batches_count(strategy, hosts, &count, err));
        return count;
}

static void a_strategy_says_how_many_batches(void **state) {
        (void) state;
        assert_int_equal(count_of(NULL, 3), 1);
        assert_int_equal(count_of("", 1), 1);
        assert_int_equal(count_of("1by1", 7), 7);
        assert_int_equal(count_of("50%", 2), 2);
        assert_int_equal(count_of("1/3", 5), 3);
        assert_int_equal(count_of("25%", 9), 4);
}

static void too_few_hosts_are_refused(void **state) {
        size_t count;

        (void) state;
        assert_fails(
                ERROR_INVALID,
                "Cannot continue, not enought instances to perform the safe deployment: 25% needs 4, there "
                "are 3",
                batches_count("25%", 3, &count, err));
        assert_fails(
                ERROR_INVALID,
                "Cannot continue, not enought instances to perform the safe deployment: 1by1 needs 2, there "
                "are 1",
                batches_count("1by1", 1, &count, err));
}

static void hosts_are_dealt_out_in_turn(void **state) {
        (void) state;
        for (size_t host = 0; host < 5; host++)
                assert_int_equal(batches_index(host, 2), host % 2);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_strategy_says_how_many_batches),
                cmocka_unit_test(too_few_hosts_are_refused),
                cmocka_unit_test(hosts_are_dealt_out_in_turn),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
