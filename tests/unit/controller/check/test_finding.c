#include "harness/ghost_test.h"

#include "check/finding.h"

static void the_worst_counts(void **state) {
        CLEANUP(findings_clear) Findings findings = { .check = "disk" };

        (void) state;
        assert_int_equal(findings_worst(&findings), FINDING_OK);
        finding_good(&findings, "%d MiB free", 5);
        assert_int_equal(findings_worst(&findings), FINDING_OK);
        finding_problem(&findings, "free some", "nothing free");
        finding_warning(&findings, "look", "little free");
        assert_int_equal(findings_worst(&findings), FINDING_PROBLEM);
        assert_int_equal(findings.count, 3);
        assert_string_equal(findings.items[0].what, "5 MiB free");
        assert_null(findings.items[0].remedy);
        assert_string_equal(findings.items[1].remedy, "free some");
        assert_string_equal(findings.items[1].check, "disk");
}

int main(void) {
        const struct CMUnitTest tests[] = { cmocka_unit_test(the_worst_counts) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
