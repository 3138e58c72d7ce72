#include "harness/ghost_test.h"

#include "base/memory.h"
#include "harness/job_event.h"

static void news_are_read_from_an_event(void **state) {
        CLEANUP(document_free) Document *event = job_event("failed", "ann", "it broke");
        CLEANUP(job_news_clear) JobNews news = job_news_read(event, "https://ghost.example");
        CLEANUP(free) char *date = job_news_date(news.at_us);

        (void) state;
        assert_string_equal(news.job_id, JOB_EVENT_ID);
        assert_string_equal(news.app, "shop");
        assert_string_equal(news.env, "prod");
        assert_string_equal(news.role, "web");
        assert_string_equal(news.command, "deploy");
        assert_string_equal(news.user, "ann");
        assert_string_equal(news.message, "it broke");
        assert_int_equal(news.status, JOB_FAILED);
        assert_string_equal(news.url, "https://ghost.example/web/jobs/" JOB_EVENT_ID);
        assert_string_equal(date, "2026-11-23 19:30:00 UTC");
}

static void each_status_has_its_colour(void **state) {
        static const char *const colors[][2] = {
                { "failed", "#F44336" },  { "cancelled", "#333333" }, { "aborted", "#AAAAAA" },
                { "started", "#03A9F4" }, { "done", "#4CAF50" },      { "init", "#415560" },
                { "unheard", "#415560" },
        };

        (void) state;
        for (size_t i = 0; i < sizeof(colors) / sizeof(colors[0]); i++) {
                CLEANUP(document_free) Document *event = job_event(colors[i][0], "", "");
                CLEANUP(job_news_clear) JobNews news = job_news_read(event, "");

                assert_string_equal(job_news_color(&news), colors[i][1]);
        }
}

static void an_application_that_is_gone_has_no_words(void **state) {
        CLEANUP(document_free) Document *event = json_of("{'job':{'status':'done'},'app':{'name':null}}");
        CLEANUP(job_news_clear) JobNews news = job_news_read(event, "");

        (void) state;
        assert_string_equal(news.app, "");
        assert_string_equal(news.user, "");
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(news_are_read_from_an_event),
                cmocka_unit_test(each_status_has_its_colour),
                cmocka_unit_test(an_application_that_is_gone_has_no_words),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
