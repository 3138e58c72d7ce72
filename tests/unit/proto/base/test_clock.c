#include "harness/ghost_test.h"

#include "base/clock.h"

static void http_dates_go_both_ways(void **state) {
        (void) state;
        CLEANUP(free) char *date = clock_format_http(INT64_C(1795389878999999));
        int64_t time_us = 0;

        assert_string_equal(date, "Sun, 22 Nov 2026 23:24:38 GMT");
        assert_true(clock_parse_http(date, &time_us));
        assert_true(time_us == INT64_C(1795389878000000));
}

static void http_dates_are_read_strictly(void **state) {
        (void) state;
        static const char *const wrong[] = {
                "",
                "Sun, 22 Nov 2026 23:24:38",
                "Sun, 22 Nov 2026 23:24:38 GMT ",
                "Sun, 31 Feb 2026 23:24:38 GMT",
                "Sun, 22 Nov 2026 24:24:38 GMT",
                "Sun, 2 Nov 2026 23:24:38 GMT",
        };
        int64_t time_us;

        for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
                assert_false(clock_parse_http(wrong[i], &time_us));
}

static void iso_dates_know_fractions_and_offsets(void **state) {
        (void) state;
        static const struct {
                const char *text;
                int64_t time_us;
        } cases[] = {
                { "1970-01-01T00:00:00Z", 0 },
                { "2026-11-22T23:24:38Z", INT64_C(1795389878000000) },
                { "2026-11-22T23:24:38.123Z", INT64_C(1795389878123000) },
                { "2026-11-22T23:24:38.123456789Z", INT64_C(1795389878123456) },
                { "2026-11-23T00:24:38+01:00", INT64_C(1795389878000000) },
                { "2026-11-22T19:54:38-0330", INT64_C(1795389878000000) },
        };
        static const char *const wrong[] = {
                "2026-11-22T23:24:38",     "2026-11-22 23:24:38Z",  "2026-13-22T23:24:38Z",
                "2026-11-22T23:24:38.Z",   "2026-11-22T23:24:38ZZ", "2026-11-22T23:24:60Z",
                "2026-11-22T23:24:38+1:0", "26-11-22T23:24:38Z",
        };
        int64_t time_us;

        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                assert_true(clock_parse_iso(cases[i].text, &time_us));
                assert_true(time_us == cases[i].time_us);
        }
        for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
                assert_false(clock_parse_iso(wrong[i], &time_us));
}

static void times_before_1970_round_down(void **state) {
        (void) state;
        CLEANUP(free) char *iso = clock_format_iso(-1);
        CLEANUP(free) char *free_form = clock_format(0, "%Y/%m/%d %H:%M:%S GMT");

        assert_string_equal(iso, "1969-12-31T23:59:59Z");
        assert_string_equal(free_form, "1970/01/01 00:00:00 GMT");
}

static void deadlines_saturate(void **state) {
        (void) state;
        assert_true(deadline_after_ms(INT64_MAX) == DEADLINE_NEVER);
        assert_int_equal(deadline_left_ms(DEADLINE_NEVER), INT32_MAX);
        assert_false(deadline_passed(DEADLINE_NEVER));
        assert_true(deadline_passed(deadline_after_ms(0)));
        assert_true(deadline_passed(deadline_after_ms(-5)));
        assert_false(deadline_passed(deadline_after_ms(100000)));
        assert_true(deadline_earlier(3, DEADLINE_NEVER) == 3);
}

static void sleeping_takes_the_time_asked(void **state) {
        (void) state;
        int64_t before = clock_monotonic_ms();

        clock_sleep_ms(20);
        assert_true(clock_monotonic_ms() - before >= 19);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(http_dates_go_both_ways),
                cmocka_unit_test(http_dates_are_read_strictly),
                cmocka_unit_test(iso_dates_know_fractions_and_offsets),
                cmocka_unit_test(times_before_1970_round_down),
                cmocka_unit_test(deadlines_saturate),
                cmocka_unit_test(sleeping_takes_the_time_asked),
        };

        return cmocka_run_group_tests_name("clock", tests, NULL, NULL);
}
