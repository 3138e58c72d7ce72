#include "harness/ghost_test.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "metrics/series.h"

static const SeriesSpec counter = { "c_total", "Things.", { "kind", "what" }, .combinations_max = 2 };
static const double bounds[] = { 0.1, 1 };
static const SeriesSpec histogram = {
        "h", "Times.", { "kind" }, .bounds = bounds, .bound_count = 2, .combinations_max = 5
};

static void assert_written(Series *series, const char *expected) {
        CLEANUP(text_clear) Text text = { 0 };

        series_write(series, &text);
        assert_string_equal(text.data, expected);
}

static void events_are_counted_by_their_labels(void **state) {
        CLEANUP(series_free) Series *series = series_new(&counter);

        (void) state;
        assert_written(series, "# HELP c_total Things.\n# TYPE c_total counter\n");
        series_add(series, (const char *[]){ "a", "x" }, 1);
        series_add(series, (const char *[]){ "b", "x" }, 1);
        series_add(series, (const char *[]){ "a", "x" }, 1);
        assert_written(
                series, "# HELP c_total Things.\n# TYPE c_total counter\n"
                        "c_total{kind=\"a\",what=\"x\"} 2\nc_total{kind=\"b\",what=\"x\"} 1\n");
}

static void what_would_be_too_many_is_other(void **state) {
        CLEANUP(series_free) Series *series = series_new(&counter);

        (void) state;
        series_add(series, (const char *[]){ "a", "x" }, 1);
        series_add(series, (const char *[]){ "b", "x" }, 1);
        series_add(series, (const char *[]){ "c", "x" }, 1);
        series_add(series, (const char *[]){ "d", "y" }, 1);
        series_add(series, (const char *[]){ "a", "x" }, 1);
        assert_written(
                series, "# HELP c_total Things.\n# TYPE c_total counter\nc_total{kind=\"a\",what=\"x\"} 2\n"
                        "c_total{kind=\"b\",what=\"x\"} 1\nc_total{kind=\"other\",what=\"other\"} 2\n");
}

static void buckets_hold_all_up_to_their_bound(void **state) {
        CLEANUP(series_free) Series *series = series_new(&histogram);

        (void) state;
        series_add(series, (const char *[]){ "a" }, 0.0625);
        series_add(series, (const char *[]){ "a" }, 0.5);
        series_add(series, (const char *[]){ "a" }, 1);
        series_add(series, (const char *[]){ "a" }, 7);
        assert_written(
                series,
                "# HELP h Times.\n# TYPE h histogram\n"
                "h_bucket{kind=\"a\",le=\"0.1\"} 1\nh_bucket{kind=\"a\",le=\"1\"} 3\n"
                "h_bucket{kind=\"a\",le=\"+Inf\"} 4\nh_sum{kind=\"a\"} 8.5625\nh_count{kind=\"a\"} 4\n");
}

enum { THREADS = 4, ROUNDS = 5000 };

static void *count(void *series) {
        for (int i = 0; i < ROUNDS; i++)
                series_add(series, (const char *[]){ i % 2 ? "a" : "b", "x" }, 1);
        return NULL;
}

static void threads_lose_nothing(void **state) {
        CLEANUP(series_free) Series *series = series_new(&counter);
        pthread_t threads[THREADS];
        CLEANUP(text_clear) Text text = { 0 };

        (void) state;
        for (int i = 0; i < THREADS; i++)
                assert_int_equal(pthread_create(&threads[i], NULL, count, series), 0);
        for (int i = 0; i < THREADS; i++)
                pthread_join(threads[i], NULL);
        series_write(series, &text);
        assert_non_null(strstr(text.data, "c_total{kind=\"a\",what=\"x\"} 10000\n"));
        assert_non_null(strstr(text.data, "c_total{kind=\"b\",what=\"x\"} 10000\n"));
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(events_are_counted_by_their_labels),
                cmocka_unit_test(what_would_be_too_many_is_other),
                cmocka_unit_test(buckets_hold_all_up_to_their_bound),
                cmocka_unit_test(threads_lose_nothing),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
