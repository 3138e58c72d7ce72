/* A log goes to the terminal and, when asked, to a file with its colours or without. */
#include "harness/ghost_test.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/memory.h"
#include "harness/temp_folder.h"
#include "log_output.h"

static const CliOption options[] = { LOG_OPTIONS, { NULL } };
static const CliContext context = { 0 };
static const char line[] = "\033[32mgreen\033[0m\n";

static bool write_log(char **argv, int argc, bool ok, Error **err) {
        CLEANUP(arguments_clear) Arguments arguments = { 0 };
        LogOutput output = { 0 };

        if (!arguments_parse(options, argc, argv, &arguments, err) ||
            !log_output_open(&context, &arguments, &output, err))
                return false;
        log_sinks_write(&output.sinks, line, strlen(line));
        return log_output_close(&output, ok, err);
}

static void assert_file(const char *path, const char *expected) {
        CLEANUP(free) char *text = NULL;
        size_t length = 0;

        assert_ok(file_read(path, 1000, &text, &length, err));
        assert_string_equal(text, expected);
}

static void a_file_keeps_the_colours_unless_told_otherwise(void **state) {
        char *folder = temp_folder();
        CLEANUP(free) char *path = xasprintf("%s/log", folder);
        char *coloured[] = { (char *) "log", (char *) "--output", path };
        char *plain[] = { (char *) "log", (char *) "--output", path, (char *) "--no-color" };

        (void) state;
        assert_ok(write_log(coloured, 3, true, err));
        assert_file(path, line);
        assert_ok(write_log(plain, 4, true, err)); /* made anew */
        assert_file(path, "green\n");
        temp_remove(folder);
}

static void what_failed_before_stays_a_failure(void **state) {
        char *folder = temp_folder();
        CLEANUP(free) char *path = xasprintf("%s/log", folder);
        char *words[] = { (char *) "log", (char *) "-o", path };
        CLEANUP(error_free) Error *error = NULL;

        (void) state;
        assert_false(write_log(words, 1, false, &error));
        assert_false(write_log(words, 3, false, &error));
        assert_null(error); /* whoever failed has said why */
        assert_ok(write_log(words, 1, true, err));
        temp_remove(folder);
}

static void a_file_that_cannot_be_written_is_named(void **state) {
        char *nowhere[] = { (char *) "log", (char *) "-o", (char *) "/nonexistent/log" };
        char *full[] = { (char *) "log", (char *) "-o", (char *) "/dev/full" };

        (void) state;
        assert_fails(
                ERROR_INVALID, "open '/nonexistent/log': No such file or directory",
                write_log(nowhere, 3, true, err));
        assert_fails(
                ERROR_UNAVAILABLE, "write '/dev/full': it does not hold the whole log",
                write_log(full, 3, true, err));
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_file_keeps_the_colours_unless_told_otherwise),
                cmocka_unit_test(what_failed_before_stays_a_failure),
                cmocka_unit_test(a_file_that_cannot_be_written_is_named),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
