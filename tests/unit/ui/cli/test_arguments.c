#include "harness/ghost_test.h"

#include "arguments.h"

static const CliOption options[] = {
        { "module", 'm', "NAME", "" },
        { "force", 0, NULL, "" },
        { NULL },
};

#define PARSE(arguments, ...)                                                                                \
        arguments_parse(                                                                                     \
                options, (int) (sizeof((char *[]){ "x", __VA_ARGS__ }) / sizeof(char *)),                    \
                (char *[]){ "x", __VA_ARGS__, NULL }, arguments, err)

static void options_and_words_are_told_apart(void **state) {
        CLEANUP(arguments_clear) Arguments arguments = { 0 };
        const char *word = NULL;

        (void) state;
        assert_ok(PARSE(&arguments, "-m", "a", "shop", "--module=b", "--force", "--", "-z"));
        assert_int_equal(arguments_values(&arguments, "module")->count, 2);
        assert_string_equal(arguments_value(&arguments, "module"), "b");
        assert_true(arguments_given(&arguments, "force"));
        assert_ok(arguments_word(&arguments, 1, "FILE", &word, err));
        assert_string_equal(word, "-z");
        assert_fails(ERROR_INVALID, "FILE is missing", arguments_word(&arguments, 2, "FILE", &word, err));
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
        assert_fails(ERROR_INVALID, "FILE is missing", arguments_check_words(&arguments, "APP FILE", err));
        assert_fails(ERROR_INVALID, "too many words: 'shop'", arguments_check_words(&arguments, "", err));
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(options_and_words_are_told_apart),
                cmocka_unit_test(wrong_options_are_named),
                cmocka_unit_test(words_are_counted_by_the_usage_line),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
