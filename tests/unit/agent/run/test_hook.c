#include "harness/temp_folder.h"

#include <signal.h>
#include <string.h>

#include "run/hook.h"

typedef struct Fixture {
        char *folder, *scratch;
        Spool *spool;
} Fixture;

static int setup(void **state) {
        Fixture *fixture = xcalloc(1, sizeof(*fixture));
        CLEANUP(error_free) Error *problem = NULL;

        fixture->folder = temp_folder();
        fixture->scratch = xasprintf("%s/hooks", fixture->folder);
        CLEANUP(free) char *lines = xasprintf("%s/lines", fixture->folder);
        fixture->spool = spool_open(lines, 1 << 20, &problem);
        assert_non_null(fixture->spool);
        *state = fixture;
        return 0;
}

static int teardown(void **state) {
        Fixture *fixture = *state;

        spool_free(fixture->spool);
        free(fixture->scratch);
        temp_remove(fixture->folder);
        free(fixture);
        return 0;
}

static bool run(Fixture *fixture, const char *script, int timeout_ms, int32_t *ret_code, Error **err) {
        CLEANUP(string_list_clear) StringList environment = { 0 };
        uint32_t duration_ms = 0;

        string_list_add(&environment, "GHOST_APP=demo");
        string_list_add(&environment, "QUOTED=a \"b\" $(c) `d`");
        const HookSpec spec = {
                .name = "post_deploy",
                .content = script,
                .content_length = strlen(script),
                .scratch = fixture->scratch,
                .folder = fixture->folder,
                .environment = &environment,
                .uid = PROCESS_KEEP_ID,
                .gid = PROCESS_KEEP_ID,
                .deadline = deadline_after_ms(timeout_ms),
                .spool = fixture->spool,
        };
        return hook_run(&spec, ret_code, &duration_ms, err);
}

static void assert_nothing_of_ours(const char *lines) {
        static const char *const given[] = { "GHOST_APP", "QUOTED", "PATH",  "LANG", "HOME",
                                             "PWD",       "OLDPWD", "SHLVL", "_" };

        for (char *const *variable = environ; *variable; variable++) {
                CLEANUP(free) char *name = xstrndup(*variable, strcspn(*variable, "="));
                CLEANUP(free) char *line = xasprintf("\n%s=", name);
                bool known = false;
                for (size_t i = 0; i < sizeof(given) / sizeof(given[0]); i++)
                        known = known || strcmp(name, given[i]) == 0;
                if (!known && strstr(lines, line))
                        fail_msg("the hook was given %s", name);
        }
}

static void a_hook_gets_its_environment_and_nothing_of_ours(void **state) {
        Fixture *fixture = *state;
        int32_t code = -1;

        assert_ok(run(fixture, "#!/bin/sh\nenv | sort | grep -v '^_\\|^SHLVL'\n", 10000, &code, err));
        assert_int_equal(code, 0);
        CLEANUP(free) char *lines = temp_read(fixture->folder, "lines");
        assert_non_null(strstr(lines, "GHOST_APP=demo\n"));
        assert_non_null(strstr(lines, "QUOTED=a \"b\" $(c) `d`\n"));
        assert_non_null(strstr(lines, "PATH=/usr/local/sbin:"));
        assert_nothing_of_ours(lines);
        CLEANUP(free) char *pwd = xasprintf("PWD=%s\n", fixture->folder);
        assert_non_null(strstr(lines, pwd));
}

static void a_failing_hook_says_how_it_ended(void **state) {
        int32_t code = -1;

        assert_fails(
                ERROR_INTERNAL, "post_deploy exited with code 42",
                run(*state, "#!/bin/sh\nexit 42\n", 10000, &code, err));
        assert_int_equal(code, 42);
        assert_false(temp_has(((Fixture *) *state)->scratch, "post_deploy"));
}

static void a_hook_that_ignores_term_is_killed(void **state) {
        CLEANUP(error_free) Error *problem = NULL;
        int64_t begun = clock_monotonic_ms();
        int32_t code = 0;

        assert_false(
                run(*state, "#!/bin/sh\ntrap '' TERM\nwhile :; do sleep 1; done\n", 300, &code, &problem));
        assert_int_equal(error_kind(problem), ERROR_TIMEOUT);
        assert_true(clock_monotonic_ms() - begun < 15000);
}

static void what_a_hook_leaves_behind_is_ended(void **state) {
        Fixture *fixture = *state;
        CLEANUP(free)
        char *script = xasprintf(
                "#!/bin/sh\nsetsid sh -c 'echo $$ > %s/pid; exec sleep 60' >/dev/null 2>&1 &\n"
                "while ! test -s %s/pid; do sleep 0.02; done\n",
                fixture->folder, fixture->folder);
        int32_t code = -1;

        assert_ok(run(fixture, script, 10000, &code, err));
        CLEANUP(free) char *pid = temp_read(fixture->folder, "pid");
        assert_int_equal(kill((pid_t) strtol(pid, NULL, 10), 0), -1);
        CLEANUP(free) char *lines = temp_read(fixture->folder, "lines");
        assert_non_null(strstr(lines, "left 1 process"));
}

static void a_hundred_megabytes_and_binary_are_bounded(void **state) {
        Fixture *fixture = *state;
        int32_t code = -1;

        assert_ok(
                run(fixture, "#!/bin/sh\nhead -c 1000 /dev/urandom\nhead -c 100000000 /dev/zero\n", 60000,
                    &code, err));
        CLEANUP(free) char *lines = temp_read(fixture->folder, "lines");
        assert_true(strlen(lines) < 2 << 20);
        assert_true(text_is_utf8(lines, strlen(lines)));
        assert_non_null(strstr(lines, "(output limit of 1048576 bytes reached: the rest is dropped)\n"));
}

static void a_hook_that_cannot_be_run_is_an_error(void **state) {
        CLEANUP(error_free) Error *problem = NULL;
        int32_t code = 0;

        assert_false(run(*state, "#!/no/such/interpreter\n", 10000, &code, &problem));
        assert_true(text_starts_with(error_message(problem), "post_deploy"));
}

static void a_variable_must_be_a_name(void **state) {
        (void) state;

        assert_true(hook_variable_valid("GHOST_APP2"));
        assert_false(hook_variable_valid("2GHOST"));
        assert_false(hook_variable_valid(""));
        assert_false(hook_variable_valid("A=B"));
        assert_false(hook_variable_valid("A B"));
}

#define HOOK_TEST(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void) {
        const struct CMUnitTest tests[] = {
                HOOK_TEST(a_hook_gets_its_environment_and_nothing_of_ours),
                HOOK_TEST(a_failing_hook_says_how_it_ended),
                HOOK_TEST(a_hook_that_ignores_term_is_killed),
                HOOK_TEST(what_a_hook_leaves_behind_is_ended),
                HOOK_TEST(a_hundred_megabytes_and_binary_are_bounded),
                HOOK_TEST(a_hook_that_cannot_be_run_is_an_error),
                cmocka_unit_test(a_variable_must_be_a_name),
        };

        return cmocka_run_group_tests_name("hook", tests, NULL, NULL);
}
