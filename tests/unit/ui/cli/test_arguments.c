#include "harness/ghost_test.h"

#include "arguments.h"

static const CliOption options[] = {
        { "module", 'm', "NAME", "" },
        { "force", 0, NULL, "" },
        { "nb", 'n', "N", "" },
        { "skip", 0, "BOOL", "" },
        { "strategy", 0, "serial|1/3|25%", "" },
        { "revision", 0, "BRANCH|TAG", "" },
        { NULL },
};

#define PARSE(arguments, ...)                                                                                \
        arguments_parse(                                                                                     \
                options, (int) (sizeof((char *[]){ "x", __VA_ARGS__ }) / sizeof(char *)),                    \
                (char *[]){ "x", __VA_ARGS__, NULL }, arguments, err)

static void options_and_words_are_told_apart(void **state) {
        CLEANUP(arguments_clear) Arguments arguments = { 0 };

        (void) state;
        assert_ok(PARSE(&arguments, "-m", "a", "shop", "--module=b", "--force", "--", "-z"));
        assert_int_equal(arguments_values(&arguments, "module")->count, 2);
        assert_string_equal(arguments_value(&arguments, "module"), "b");
        assert_true(arguments_given(&arguments, "force"));
        assert_string_equal(arguments.words.items[1], "-z");
}

static void wrong_options_are_named(void **state) {
        CLEANUP(arguments_clear) Arguments arguments = { 0 };

        (void) state;
        assert_fails(ERROR_INVALID, "no such option: '--modul3'", PARSE(&arguments, "--modul3"));
        assert_fails(ERROR_INVALID, "no such option: '-q'", PARSE(&arguments, "-q"));
        assert_fails(ERROR_INVALID, "option '--module' needs a value", PARSE(&arguments, "--module"));
}

static void words_are_counted_by_the_usage_line(void **state) {
        CLEANUP(arguments_clear) Arguments arguments = { 0 };

        (void) state;
        assert_ok(PARSE(&arguments, "shop"));
        assert_ok(arguments_check_words(&arguments, "APP", err));
        assert_fails(
                ERROR_INVALID, "missing argument 'FILE'", arguments_check_words(&arguments, "APP FILE", err));
        assert_fails(ERROR_INVALID, "too many words: 'shop'", arguments_check_words(&arguments, "", err));
}

static void a_word_in_brackets_may_be_left_out(void **state) {
        CLEANUP(arguments_clear) Arguments none = { 0 };
        CLEANUP(arguments_clear) Arguments one = { 0 };
        CLEANUP(arguments_clear) Arguments three = { 0 };

        (void) state;
        assert_ok(PARSE(&none, "--force"));
        assert_ok(PARSE(&one, "file"));
        assert_ok(PARSE(&three, "a", "b", "c"));
        assert_ok(arguments_check_words(&one, "[APP] FILE", err));
        assert_ok(arguments_check_words(&none, "[SHELL]", err));
        assert_fails(
                ERROR_INVALID, "missing argument 'FILE'", arguments_check_words(&none, "[APP] FILE", err));
        assert_fails(ERROR_INVALID, "too many words: 'c'", arguments_check_words(&three, "[APP] FILE", err));
}

static void assert_refused(const char *option, const char *value, const char *message) {
        CLEANUP(arguments_clear) Arguments arguments = { 0 };

        assert_fails(ERROR_INVALID, message, PARSE(&arguments, (char *) option, (char *) value));
}

static void values_are_what_the_table_says(void **state) {
        CLEANUP(arguments_clear) Arguments arguments = { 0 };

        (void) state;
        assert_refused(
                "--strategy", "parallel",
                "invalid value for '--strategy': invalid choice: parallel. (choose from serial, 1/3, 25%)");
        assert_refused("--nb", "ten", "invalid value for '--nb': ten is not a valid number");
        assert_refused("-n", "0", "invalid value for '--nb': 0 is not a valid number");
        assert_refused("--skip", "maybe", "invalid value for '--skip': maybe is not a valid boolean");
        assert_ok(PARSE(&arguments, "--strategy", "25%", "--nb", "200", "--revision", "any"));
        assert_null(arguments_truth(&arguments, "skip", NULL));
        assert_string_equal(arguments_truth(&arguments, "skip", "True"), "True");
        assert_ok(PARSE(&arguments, "--skip", "YES"));
        assert_string_equal(arguments_truth(&arguments, "skip", NULL), "True");
        assert_ok(PARSE(&arguments, "--skip", "f"));
        assert_string_equal(arguments_truth(&arguments, "skip", NULL), "False");
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(options_and_words_are_told_apart),
                cmocka_unit_test(wrong_options_are_named),
                cmocka_unit_test(words_are_counted_by_the_usage_line),
                cmocka_unit_test(a_word_in_brackets_may_be_left_out),
                cmocka_unit_test(values_are_what_the_table_says),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
