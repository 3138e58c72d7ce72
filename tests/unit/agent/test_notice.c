/* What the metadata service announces, as AWS documents it, and what is no announcement. */
#include "harness/ghost_test.h"

#include <string.h>

#include "notice.h"

enum { SPOT, REBALANCE, MAINTENANCE };

static bool parse(size_t source, const char *text, Notice *ret, Error **err) {
        return notice_sources[source].parse(text, strlen(text), ret, err);
}

static void an_interruption_has_an_action_and_a_time(void **state) {
        CLEANUP(notice_clear) Notice notice = { 0 };

        (void) state;
        assert_ok(
                parse(SPOT, "{\"action\": \"terminate\", \"time\": \"2017-09-18T08:22:00Z\"}", &notice, err));
        assert_int_equal(notice.kind, GHOST__NOTICE_KIND__NOTICE_KIND_SPOT_INTERRUPTION);
        assert_string_equal(notice.action, "terminate");
        assert_int_equal(notice.at_us, INT64_C(1505722920) * 1000000);
}

static void a_recommendation_has_a_time(void **state) {
        CLEANUP(notice_clear) Notice notice = { 0 };

        (void) state;
        assert_ok(parse(REBALANCE, "{\"noticeTime\": \"2020-10-27T08:22:00Z\"}", &notice, err));
        assert_int_equal(notice.kind, GHOST__NOTICE_KIND__NOTICE_KIND_REBALANCE);
        assert_null(notice.action);
        assert_int_equal(notice.at_us, INT64_C(1603786920) * 1000000);
}

static void of_several_events_the_next_counts(void **state) {
        CLEANUP(notice_clear) Notice notice = { 0 };

        (void) state;
        assert_ok(
                parse(MAINTENANCE,
                      "[{\"Code\": \"instance-stop\", \"NotBefore\": \"1 Jan 2019 09:00:43 GMT\", \"State\": "
                      "\"completed\"},"
                      "{\"Code\": \"system-maintenance\", \"NotBefore\": \"22 Jan 2019 09:00:43 GMT\", "
                      "\"State\": \"active\"},"
                      "{\"Code\": \"system-reboot\", \"NotBefore\": \"2 Jan 2019 09:00:43 GMT\", \"State\": "
                      "\"active\"}]",
                      &notice, err));
        assert_int_equal(notice.kind, GHOST__NOTICE_KIND__NOTICE_KIND_MAINTENANCE);
        assert_string_equal(notice.action, "system-reboot");
        assert_int_equal(notice.at_us, INT64_C(1546419643) * 1000000);
}

static void no_event_is_no_notice(void **state) {
        CLEANUP(notice_clear) Notice notice = { 0 };

        (void) state;
        assert_ok(parse(MAINTENANCE, "[]", &notice, err));
        assert_int_equal(notice.kind, GHOST__NOTICE_KIND__NOTICE_KIND_NONE);
}

static void what_makes_no_sense_is_refused(void **state) {
        static const struct {
                size_t source;
                const char *text;
        } cases[] = {
                { SPOT, "" },
                { SPOT, "{\"action\": \"terminate\"" },
                { SPOT, "{\"action\": \"terminate\"}" },
                { SPOT, "{\"action\": \"terminate\", \"time\": \"soon\"}" },
                { SPOT, "{\"action\": \"rm -rf\", \"time\": \"2017-09-18T08:22:00Z\"}" },
                { SPOT, "{\"action\": \"\\u001b\", \"time\": \"2017-09-18T08:22:00Z\"}" },
                { SPOT, "{\"time\": \"2017-09-18T08:22:00Z\"}" },
                { REBALANCE, "{}" },
                { REBALANCE, "[]" },
                { MAINTENANCE, "{}" },
                { MAINTENANCE, "[{\"Code\": \"system-reboot\", \"State\": \"active\"}]" },
                { MAINTENANCE, "[{\"NotBefore\": \"21 Jan 2019 09:00:43 GMT\", \"State\": \"active\"}]" },
        };

        (void) state;
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                CLEANUP(notice_clear) Notice notice = { 0 };
                CLEANUP(error_free) Error *problem = NULL;

                assert_false(parse(cases[i].source, cases[i].text, &notice, &problem));
                assert_int_equal(error_kind(problem), ERROR_INVALID);
        }
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(an_interruption_has_an_action_and_a_time),
                cmocka_unit_test(a_recommendation_has_a_time),
                cmocka_unit_test(of_several_events_the_next_counts),
                cmocka_unit_test(no_event_is_no_notice),
                cmocka_unit_test(what_makes_no_sense_is_refused),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
