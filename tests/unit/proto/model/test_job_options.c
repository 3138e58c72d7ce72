/* What a job may be asked for, and how a mistake is told. */
#include "model/job_options.h"

#include <string.h>

#include "base/memory.h"
#include "harness/ghost_test.h"

static bool read(const char *command, const char *text, JobOptions *ret, Document **keep, Error **err) {
        *keep = document_parse(text, strlen(text), err);
        return *keep && job_options_read(command, *keep, ret, err);
}

static void each_command_has_its_places(void **state) {
        CLEANUP(document_free) Document *keep = NULL;
        CLEANUP(document_free) Document *other = NULL;
        CLEANUP(document_free) Document *script = NULL;
        JobOptions options = { 0 };

        (void) state;
        assert_ok(read("deploy", "[\"parallel\", \"25%\"]", &options, &keep, err));
        assert_int_equal(options.execution, EXECUTION_PARALLEL);
        assert_int_equal(options.safe.kind, SAFE_PARTS);
        assert_int_equal(options.safe.number, 4);
        assert_string_equal(options.safe_word, "25%");
        assert_ok(read("redeploy", "[\"a=b\", \"serial\", \"3\"]", &options, &other, err));
        assert_string_equal(options.deploy_id, "a=b");
        assert_int_equal(options.safe.kind, SAFE_COUNT);
        assert_int_equal(options.safe.number, 3);
        assert_ok(read(
                "executescript", "[\"IyE=\", \"site\", \"single\", \"10.0.0.1\"]", &options, &script, err));
        assert_string_equal(options.script, "IyE=");
        assert_string_equal(options.module, "site");
        assert_int_equal(options.execution, EXECUTION_SINGLE);
        assert_string_equal(options.address, "10.0.0.1");
}

static void what_is_not_given_is_nothing(void **state) {
        static const char *const texts[] = { "[]", "[\"\"]", "[\"\", \"\"]", "[\"None\", \"None\"]",
                                             "[\"serial\", null, \"\"]" };
        JobOptions options = { 0 };

        (void) state;
        for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
                CLEANUP(document_free) Document *keep = NULL;
                assert_ok(read("deploy", texts[i], &options, &keep, err));
                assert_int_equal(options.execution, EXECUTION_SERIAL);
                assert_int_equal(options.safe.kind, SAFE_NONE);
                assert_string_equal(options.safe_word, "");
                assert_int_equal(options.min_healthy.number, 0);
                assert_int_equal(options.max_failures, 0);
                assert_false(options.rollback_all);
        }
        assert_ok(job_options_read("deploy", NULL, &options, err));
        assert_ok(job_options_read("buildimage", NULL, &options, err));
}

static void named_ones_stand_behind(void **state) {
        CLEANUP(document_free) Document *keep = NULL;
        CLEANUP(document_free) Document *bare = NULL;
        CLEANUP(document_free) Document *script = NULL;
        JobOptions options = { 0 };

        (void) state;
        assert_ok(read(
                "deploy", "[\"serial\", \"10%\", \"min_healthy=60%\", \"max_failures=2\", \"rollback=all\"]",
                &options, &keep, err));
        assert_int_equal(options.safe.kind, SAFE_PERCENT);
        assert_true(options.min_healthy.percent);
        assert_int_equal(quantity_of(options.min_healthy, 4), 3);
        assert_int_equal(options.max_failures, 2);
        assert_true(options.rollback_all);
        assert_int_equal(options.approve, APPROVE_NEVER);
        assert_ok(read("deploy", "[\"max_failures=1\", \"approve=first\"]", &options, &bare, err));
        assert_int_equal(options.approve, APPROVE_FIRST);
        assert_int_equal(options.max_failures, 1);
        assert_int_equal(options.safe.kind, SAFE_NONE);
        assert_ok(read(
                "executescript", "[\"IyE=\", \"\", \"serial\", \"1by1\", \"deadline=60\", \"user=www-data\"]",
                &options, &script, err));
        assert_int_equal(options.deadline_s, 60);
        assert_string_equal(options.user, "www-data");
}

static void a_mistake_names_the_option_and_what_is_expected(void **state) {
        static const struct {
                const char *command, *options, *words;
        } cases[] = {
                { "deploy", "[\"paralel\"]", "execution strategy 'paralel' is unknown: serial or parallel" },
                { "deploy", "[\"single\"]", "execution strategy 'single' is unknown: serial or parallel" },
                { "executescript", "[\"x\", \"\", \"all\"]",
                  "execution strategy 'all' is unknown: single, serial or parallel" },
                { "deploy", "[\"serial\", \"2by2\"]",
                  "safe deployment strategy '2by2' is unknown: 1by1, 1/3, 25% or 50%, a number of instances "
                  "(3), a share of them (10%), or none for all at once" },
                { "deploy", "[\"serial\", \"0\"]", "safe deployment strategy '0' is unknown: " },
                { "deploy", "[\"serial\", \"100%\"]", "safe deployment strategy '100%' is unknown: " },
                { "recreateinstances", "[\"half\"]", "safe deployment strategy 'half' is unknown: " },
                { "deploy", "[\"serial\", \"1by1\", \"quick\"]",
                  "option 'quick' is not known here: those with a name are min_healthy, max_failures, "
                  "rollback, approve" },
                { "deploy", "[\"user=root\"]", "option 'user=root' is not known here: " },
                { "recreateinstances", "[\"1by1\", \"rollback=all\"]",
                  "option 'rollback=all' is not known here: there are none with a name" },
                { "deploy", "[\"min_healthy=x\"]",
                  "min_healthy 'x': a number of instances (2) or a share of them (50%) is expected" },
                { "deploy", "[\"min_healthy=101%\"]", "min_healthy '101%': " },
                { "deploy", "[\"max_failures=-1\"]", "max_failures '-1': " },
                { "deploy", "[\"max_failures=1\", \"max_failures=2\"]",
                  "option max_failures is given more than once" },
                { "deploy", "[\"rollback=some\"]", "rollback 'some' is unknown: all " },
                { "deploy", "[\"approve=\"]",
                  "approve '' is unknown: start (before anything is begun), first (after the first batch) or "
                  "each (after each batch)" },
                { "deploy", "[\"max_failures=1\", \"1by1\"]", "option '1by1' is not known here: " },
                { "executescript", "[\"x\", \"\", \"serial\", \"\", \"user=-x\"]", "user '-x': " },
                { "executescript", "[\"x\", \"\", \"serial\", \"\", \"deadline=0\"]", "deadline '0': " },
        };
        JobOptions options = { 0 };

        (void) state;
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                CLEANUP(document_free) Document *keep = NULL;
                CLEANUP(error_free) Error *error = NULL;

                assert_false(read(cases[i].command, cases[i].options, &options, &keep, &error));
                assert_int_equal(error_kind(error), ERROR_INVALID);
                if (!strstr(error_message(error), cases[i].words))
                        fail_msg("%s: %s", cases[i].options, error_message(error));
        }
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(each_command_has_its_places),
                cmocka_unit_test(what_is_not_given_is_nothing),
                cmocka_unit_test(named_ones_stand_behind),
                cmocka_unit_test(a_mistake_names_the_option_and_what_is_expected),
        };
        return cmocka_run_group_tests_name("job_options", tests, NULL, NULL);
}
