#include "harness/ghost_test.h"
#include "harness/temp_folder.h"

#include <sys/wait.h>

#include "usage.h"

static void the_table_is_alphabetical_and_explained(void **state) {
        const char *last = "";

        (void) state;
        for (const CliCommand *const *command = cli_commands; *command; command++) {
                assert_true(strcmp(last, (*command)->name) < 0);
                last = (*command)->name;
                assert_false(text_empty((*command)->summary));
                assert_false(text_ends_with((*command)->summary, "."));
                assert_non_null((*command)->words);
                assert_non_null((*command)->run);
                for (const CliOption *option = (*command)->options; option && option->name; option++)
                        assert_false(text_empty(option->help));
        }
}

static void write_script(const char *path) {
        int saved = dup(STDOUT_FILENO);

        (void) fflush(stdout);
        assert_non_null(freopen(path, "w", stdout));
        usage_completion();
        (void) fflush(stdout);
        assert_true(dup2(saved, STDOUT_FILENO) >= 0);
        close(saved);
}

/* The exit status of "bash -n". */
static int check_script(const char *script) {
        pid_t child = fork();
        int status = -1;

        if (child == 0) {
                execlp("bash", "bash", "-n", script, (char *) NULL);
                _exit(127);
        }
        assert_int_equal(waitpid(child, &status, 0), child);
        return WEXITSTATUS(status);
}

static void bash_takes_the_completion_script(void **state) {
        char *folder = temp_folder();
        CLEANUP(free) char *script = xasprintf("%s/ghost.bash", folder);

        (void) state;
        write_script(script);
        CLEANUP(free) char *text = temp_read(folder, "ghost.bash");
        assert_int_equal(check_script(script), 0);
        /* "deploy" must not swallow "deployment ls". */
        assert_null(strstr(text, "\"deploy\"*)"));
        assert_non_null(strstr(text, "\"deploy\" | \"deploy \"*)"));
        temp_remove(folder);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(the_table_is_alphabetical_and_explained),
                cmocka_unit_test(bash_takes_the_completion_script),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
