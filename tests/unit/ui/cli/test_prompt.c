#include "harness/ghost_test.h"

#include <pty.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/memory.h"
#include "prompt.h"

enum { SEEN_MAX = 4096 };

/* Asks for a new password at a terminal of its own and ends with what came of it. */
static void ask(void) {
        CLEANUP(error_free) Error *why = NULL;
        CLEANUP(free) char *password = NULL;

        if (prompt_new_password("password", &password, &why))
                (void) printf("got <%s>\n", password);
        else
                (void) printf("refused: %s\n", error_message(why));
        (void) fflush(stdout);
        _exit(0);
}

/* What is on the screen in the end; every answer follows its question. */
static void answer(const char *first, const char *second, char *seen) {
        const char *const questions[] = { "password: ", "again: " };
        const char *const answers[] = { first, second };
        size_t length = 0, next = 0;
        ssize_t count;
        int terminal;
        pid_t child = forkpty(&terminal, NULL, NULL, NULL);

        assert_true(child >= 0);
        if (child == 0)
                ask();
        while (length < SEEN_MAX - 1 && (count = read(terminal, seen + length, SEEN_MAX - 1 - length)) > 0) {
                length += (size_t) count;
                seen[length] = '\0';
                if (next < 2 && strstr(seen, questions[next])) {
                        assert_true(write(terminal, answers[next], strlen(answers[next])) > 0);
                        next++;
                }
        }
        close(terminal);
        assert_int_equal(waitpid(child, NULL, 0), child);
}

static void a_new_password_is_asked_for_twice_and_not_shown(void **state) {
        char seen[SEEN_MAX] = "";
        char differs[SEEN_MAX] = "";

        (void) state;
        answer(" two words \n", " two words \n", seen);
        assert_non_null(strstr(seen, "got < two words >"));
        *strstr(seen, "got <") = '\0';
        assert_null(strstr(seen, "two"));
        answer("one\n", "other\n", differs);
        assert_non_null(strstr(differs, "refused: the two are not the same"));
        assert_null(strstr(differs, "one"));
}

static void a_pipe_gives_one_line(void **state) {
        CLEANUP(free) char *password = NULL;
        FILE *file = tmpfile();
        int saved = dup(STDIN_FILENO);

        (void) state;
        assert_true(fputs("secret\r\nmore\n", file) >= 0);
        (void) fflush(file);
        rewind(file);
        assert_true(dup2(fileno(file), STDIN_FILENO) >= 0);
        assert_false(prompt_possible());
        assert_ok(prompt_new_password("password", &password, err));
        assert_string_equal(password, "secret");
        assert_true(dup2(saved, STDIN_FILENO) >= 0);
        close(saved);
        (void) fclose(file);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_new_password_is_asked_for_twice_and_not_shown),
                cmocka_unit_test(a_pipe_gives_one_line),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
