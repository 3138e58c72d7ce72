#include "harness/ghost_test.h"

#include <string.h>

#include "base/memory.h"
#include "base/settings.h"

typedef enum Colour { COLOUR_RED, COLOUR_BLUE } Colour;
static const char *const colour_words[] = { [COLOUR_RED] = "red", [COLOUR_BLUE] = "blue" };
static const Names colour_names = NAMES(colour_words);

typedef struct Values {
        char *folder, *secret;
        bool tls;
        int64_t port, cache, timeout;
        int colour;
} Values;

static const Setting settings[] = {
        { "folder", SETTING_STRING, offsetof(Values, folder), NULL, "Where things are.", SETTING_REQUIRED },
        { "secret", SETTING_STRING, offsetof(Values, secret), "hush", "Never shown.", SETTING_IS_SECRET },
        { "tls", SETTING_BOOL, offsetof(Values, tls), "yes", "Whether to encrypt." },
        { "port", SETTING_INT, offsetof(Values, port), "5000",
          "Where the controller listens, for the people and the programs that ask it, in many words so that "
          "it breaks.",
          .min = 1, .max = 65535 },
        { "cache.size", SETTING_BYTES, offsetof(Values, cache), "64M", "Memory." },
        { "job.timeout", SETTING_DURATION, offsetof(Values, timeout), "30m", "Patience.", .min = 1000,
          .max = 86400000 },
        { "colour", SETTING_ENUM, offsetof(Values, colour), "blue", "Which.", .names = &colour_names },
};
static const SettingsTable table = SETTINGS_TABLE(settings);

static void values_clearp(Values *values) {
        settings_clear(&table, values);
}

static void defaults_come_from_the_table(void **state) {
        (void) state;
        CLEANUP(values_clear) Values values = { 0 };

        settings_defaults(&table, &values);
        assert_null(values.folder);
        assert_true(values.tls);
        assert_int_equal(values.port, 5000);
        assert_int_equal(values.cache, 64 << 20);
        assert_int_equal(values.timeout, 30 * 60 * 1000);
        assert_int_equal(values.colour, COLOUR_BLUE);
        assert_fails(
                ERROR_INVALID, "the setting 'folder' is required",
                settings_check_required(&table, &values, err));
}

static void a_file_overrides_defaults_and_the_environment_the_file(void **state) {
        (void) state;
        static const char *const environment[] = { "GHOST_JOB_TIMEOUT=90", "GHOST_PORTS=1", "PORT=3", NULL };
        CLEANUP(values_clear) Values values = { 0 };

        settings_defaults(&table, &values);
        assert_ok(settings_parse(
                &table, &values, "x.conf",
                "# comment\n\n  folder = /some where \r\nport=80\njob.timeout = 5s\nsecret =\ncolour = "
                "red\ntls = off",
                err));
        assert_string_equal(values.folder, "/some where");
        assert_null(values.secret);
        assert_int_equal(values.port, 80);
        assert_int_equal(values.timeout, 5000);
        assert_int_equal(values.colour, COLOUR_RED);
        assert_false(values.tls);
        assert_ok(settings_from_environment(&table, &values, environment, err));
        assert_int_equal(values.timeout, 90000);
        assert_int_equal(values.port, 80);
        assert_ok(settings_set(&table, &values, "port", "81", err));
        assert_int_equal(values.port, 81);
        assert_ok(settings_check_required(&table, &values, err));
}

static void mistakes_are_named_with_their_place(void **state) {
        (void) state;
        static const struct {
                const char *content, *message;
        } cases[] = {
                { "\n\nprot = 1", "x.conf:3: unknown setting 'prot'; did you mean 'port'?" },
                { "whatever = 1", "x.conf:1: unknown setting 'whatever'" },
                { "port", "x.conf:1: expected 'key = value'" },
                { "port = 1\nport = 2", "x.conf:2: 'port' is set a second time" },
                { "port = x", "x.conf:1: port: 'x' is not a whole number" },
                { "port = 99999999999999999999",
                  "x.conf:1: port: '99999999999999999999' is not a whole number" },
                { "port = 0", "x.conf:1: port: '0' is not between 1 and 65535" },
                { "tls = maybe", "x.conf:1: tls: 'maybe' is not yes or no" },
                { "cache.size = 9223372036854775807G",
                  "x.conf:1: cache.size: '9223372036854775807G' is not a size such as 4096, 64K, 10M or 2G" },
                { "job.timeout = 1w",
                  "x.conf:1: job.timeout: '1w' is not a duration such as 500ms, 30s, 5m, 2h or 1d" },
                { "job.timeout = 1ms", "x.conf:1: job.timeout: '1ms' is not between 1000 and 86400000 ms" },
                { "colour = green", "x.conf:1: colour: 'green' is none of red, blue" },
        };

        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                CLEANUP(values_clear) Values values = { 0 };

                assert_fails(
                        ERROR_INVALID, cases[i].message,
                        settings_parse(&table, &values, "x.conf", cases[i].content, err));
        }

        static const char *const environment[] = { "GHOST_PORT=many", NULL };
        CLEANUP(values_clear) Values values = { 0 };
        assert_fails(
                ERROR_INVALID, "environment variable GHOST_PORT: port: 'many' is not a whole number",
                settings_from_environment(&table, &values, environment, err));
}

static void the_printed_file_explains_itself_and_parses(void **state) {
        (void) state;
        CLEANUP(free) char *text = settings_print(&table);
        CLEANUP(values_clear) Values values = { 0 };

        assert_non_null(strstr(text, "# Where things are.\n# Required.\n#folder =\n"));
        assert_non_null(strstr(text, "# One of: red blue\n#colour = blue\n"));
        assert_null(strstr(text, "hush"));
        assert_ok(settings_parse(&table, &values, "printed", text, err));

        /* Uncommented, it says the defaults. */
        CLEANUP(free) char *open = xstrdup(strstr(text, "#cache.size") + 1);
        open[strcspn(open, "\n")] = '\0';
        assert_ok(settings_parse(&table, &values, "printed", open, err));
        assert_int_equal(values.cache, 64 << 20);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(defaults_come_from_the_table),
                cmocka_unit_test(a_file_overrides_defaults_and_the_environment_the_file),
                cmocka_unit_test(mistakes_are_named_with_their_place),
                cmocka_unit_test(the_printed_file_explains_itself_and_parses),
        };

        return cmocka_run_group_tests_name("settings", tests, NULL, NULL);
}
