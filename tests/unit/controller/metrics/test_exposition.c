#include "harness/ghost_test.h"

#include <math.h>

#include "metrics/exposition.h"

static void a_family_is_written_as_prometheus_reads_it(void **state) {
        CLEANUP(text_clear) Text text = { 0 };
        const ExpositionLabel labels[] = { { "command", "deploy" }, { "status", "do\"n\\e\n" } };

        (void) state;
        exposition_family(&text, "ghost_jobs", "gauge", "Jobs.");
        exposition_sample(&text, "ghost_jobs", labels, 2, 3);
        exposition_sample(&text, "ghost_jobs", NULL, 0, 0.25);
        assert_string_equal(
                text.data, "# HELP ghost_jobs Jobs.\n# TYPE ghost_jobs gauge\n"
                           "ghost_jobs{command=\"deploy\",status=\"do\\\"n\\\\e\\n\"} 3\nghost_jobs 0.25\n");
}

static void numbers_keep_what_they_are(void **state) {
        static const struct {
                double value;
                const char *text;
        } cases[] = { { 0, "x 0\n" },
                      { 1795888731477, "x 1795888731477\n" },
                      { 0.001, "x 0.001\n" },
                      { INFINITY, "x +Inf\n" },
                      { -1.5, "x -1.5\n" } };

        (void) state;
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                CLEANUP(text_clear) Text text = { 0 };
                exposition_sample(&text, "x", NULL, 0, cases[i].value);
                assert_string_equal(text.data, cases[i].text);
        }
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_family_is_written_as_prometheus_reads_it),
                cmocka_unit_test(numbers_keep_what_they_are),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
