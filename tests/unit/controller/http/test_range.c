#include "harness/ghost_test.h"

#include "http/range.h"

typedef struct Case {
        const char *header;
        RangeResult result;
        uint64_t first, last;
} Case;

static void ranges_of_a_file_of_ten_bytes(void **state) {
        static const Case cases[] = {
                { NULL, RANGE_WHOLE, 0, 0 },
                { "bytes=0-3", RANGE_PART, 0, 3 },
                { "bytes=4-", RANGE_PART, 4, 9 },
                { "bytes=4-100", RANGE_PART, 4, 9 },
                { "bytes=-3", RANGE_PART, 7, 9 },
                { "bytes=-30", RANGE_PART, 0, 9 },
                { "bytes=9-9", RANGE_PART, 9, 9 },
                { "bytes=10-", RANGE_UNSATISFIABLE, 0, 0 },
                { "bytes=-0", RANGE_UNSATISFIABLE, 0, 0 },
                { "bytes=3-2", RANGE_WHOLE, 0, 0 },
                { "bytes=0-1,4-5", RANGE_WHOLE, 0, 0 },
                { "lines=0-1", RANGE_WHOLE, 0, 0 },
                { "bytes=a-b", RANGE_WHOLE, 0, 0 },
                { "bytes=", RANGE_WHOLE, 0, 0 },
                { "bytes=-", RANGE_WHOLE, 0, 0 },
                { "bytes=99999999999999999999-", RANGE_WHOLE, 0, 0 },
        };

        (void) state;
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                uint64_t first = 0, last = 0;

                assert_int_equal(range_parse(cases[i].header, 10, &first, &last), cases[i].result);
                assert_int_equal(first, cases[i].first);
                assert_int_equal(last, cases[i].last);
        }
}

static void an_empty_file_has_no_part(void **state) {
        uint64_t first, last;

        (void) state;
        assert_int_equal(range_parse("bytes=0-", 0, &first, &last), RANGE_UNSATISFIABLE);
        assert_int_equal(range_parse("bytes=-5", 0, &first, &last), RANGE_UNSATISFIABLE);
        assert_int_equal(range_parse(NULL, 0, &first, &last), RANGE_WHOLE);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(ranges_of_a_file_of_ten_bytes),
                cmocka_unit_test(an_empty_file_has_no_part),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
