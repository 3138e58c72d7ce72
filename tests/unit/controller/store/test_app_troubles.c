#include "harness/ghost_test.h"

#include <stdio.h>

#include "base/clock.h"
#include "base/text.h"
#include "store/app_troubles.h"

static Document *app(const char *id) {
        Document *document = document_object();
        Document *autoscale = document_object();

        document_set_string(document, "_id", id);
        document_set_string(autoscale, "name", "web");
        document_set(document, "autoscale", autoscale);
        return document;
}

static size_t count(AppTroubles *troubles) {
        CLEANUP(document_free) Document *list = app_troubles_describe(troubles);

        return document_count(list);
}

static void assert_first(AppTroubles *troubles, const char *member, const char *expected) {
        CLEANUP(document_free) Document *list = app_troubles_describe(troubles);

        assert_string_equal(document_get_string(document_at(list, 0), member), expected);
}

/* After it what was told before is told before. */
static int64_t next_moment(void) {
        int64_t now = clock_monotonic_ms();

        while (clock_monotonic_ms() == now)
                clock_sleep_ms(1);
        return clock_monotonic_ms();
}

static void what_is_not_told_again_is_over(void **state) {
        CLEANUP(app_troubles_free) AppTroubles *troubles = app_troubles_new();
        CLEANUP(document_free) Document *one = app("a1");

        (void) state;
        assert_int_equal(count(troubles), 0);
        app_troubles_tell(troubles, one, "i-1", "refused");
        app_troubles_tell(troubles, one, NULL, "no answer");
        assert_int_equal(count(troubles), 2);
        assert_first(troubles, "app_id", "a1");
        assert_first(troubles, "instance_id", "i-1");
        assert_first(troubles, "group", "web");
        assert_first(troubles, "trouble", "refused");

        int64_t round = next_moment();
        app_troubles_tell(troubles, one, NULL, "no answer");
        assert_int_equal(count(troubles), 2); /* the round is not over */
        app_troubles_forget_before(troubles, round);
        assert_int_equal(count(troubles), 1);
        assert_first(troubles, "instance_id", "");

        app_troubles_forget_before(troubles, next_moment());
        assert_int_equal(count(troubles), 0);
}

static void an_application_is_well_again(void **state) {
        CLEANUP(app_troubles_free) AppTroubles *troubles = app_troubles_new();
        CLEANUP(document_free) Document *one = app("a1");
        CLEANUP(document_free) Document *other = app("a2");

        (void) state;
        app_troubles_tell(troubles, one, "i-1", "refused");
        app_troubles_tell(troubles, other, "i-2", "refused");
        app_troubles_tell(troubles, one, "i-3", "refused");
        app_troubles_forget_app(troubles, "a1");
        assert_int_equal(count(troubles), 1);
        assert_first(troubles, "instance_id", "i-2");
}

static void it_is_known_since_when(void **state) {
        CLEANUP(app_troubles_free) AppTroubles *troubles = app_troubles_new();
        CLEANUP(document_free) Document *one = app("a1");

        (void) state;
        app_troubles_tell(troubles, one, NULL, "Describe: Refused: no (request 1)");
        CLEANUP(document_free) Document *first = app_troubles_describe(troubles);
        const char *since = document_get_string(document_at(first, 0), "since");
        CLEANUP(free) char *now = xstrdup(since);
        assert_true(*since);
        while (text_equal(now, since)) { /* dates have seconds */
                clock_sleep_ms(10);
                free(now);
                now = clock_format_http(clock_now_us());
        }
        app_troubles_tell(troubles, one, NULL, "Describe: Refused: no (request 2)");
        assert_int_equal(count(troubles), 1);
        assert_first(troubles, "since", since);
        assert_first(troubles, "trouble", "Describe: Refused: no (request 2)");
        app_troubles_tell(troubles, one, NULL, "Describe: Refused: not yet (request 3)");
        assert_int_equal(count(troubles), 2);
}

static void only_so_many_are_kept(void **state) {
        CLEANUP(app_troubles_free) AppTroubles *troubles = app_troubles_new();
        CLEANUP(document_free) Document *one = app("a1");
        char name[32];

        (void) state;
        app_troubles_tell(troubles, one, "i-first", "refused");
        (void) next_moment();
        for (int i = 0; i < 1000; i++) {
                (void) snprintf(name, sizeof(name), "i-%d", i);
                app_troubles_tell(troubles, one, name, "refused");
        }
        assert_in_range(count(troubles), 100, 500);
        CLEANUP(document_free) Document *list = app_troubles_describe(troubles);
        assert_string_equal(
                document_get_string(document_at(list, document_count(list) - 1), "instance_id"), "i-999");
        for (size_t i = 0; i < document_count(list); i++)
                assert_string_not_equal(document_get_string(document_at(list, i), "instance_id"), "i-first");
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(what_is_not_told_again_is_over),
                cmocka_unit_test(an_application_is_well_again),
                cmocka_unit_test(it_is_known_since_when),
                cmocka_unit_test(only_so_many_are_kept),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
