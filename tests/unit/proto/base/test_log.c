#include "harness/ghost_test.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/memory.h"
#include "base/text.h"

static int saved_stderr, reading_end;

static void capture(void) {
        int ends[2];

        assert_int_equal(pipe(ends), 0);
        saved_stderr = dup(STDERR_FILENO);
        dup2(ends[1], STDERR_FILENO);
        close(ends[1]);
        reading_end = ends[0];
}

static char *captured(void) {
        char *text = xcalloc(65536, 1);

        dup2(saved_stderr, STDERR_FILENO);
        close(saved_stderr);
        for (size_t length = 0;;) {
                ssize_t count = read(reading_end, text + length, 65535 - length);
                if (count <= 0)
                        break;
                length += (size_t) count;
        }
        close(reading_end);
        return text;
}

static void lines_carry_priority_place_and_scope(void **state) {
        (void) state;
        LOG_SCOPE("job", "42");

        capture();
        {
                LOG_SCOPE("app", "demo");
                log_write(LOG_LEVEL_WARN, "a/b.c", 7, "odd: %d", 5);
        }
        log_write(LOG_LEVEL_ERROR, "a/b.c", 8, "bad");
        log_write(LOG_LEVEL_DEBUG, "a/b.c", 9, "silent");
        CLEANUP(free) char *text = captured();
        assert_string_equal(text, "<4>a/b.c:7: odd: 5 job=42 app=demo\n<3>a/b.c:8: bad job=42\n");
}

static void nobody_forges_a_line(void **state) {
        (void) state;
        capture();
        log_write(LOG_LEVEL_INFO, "x", 1, "user '%s' came", "eve\n<3>x:2: fire\x1b[31m");
        CLEANUP(free) char *text = captured();
        assert_string_equal(text, "<6>x:1: user 'eve <3>x:2: fire [31m' came\n");
}

static void *log_lines(void *context) {
        LOG_SCOPE("thread", context);

        for (int i = 0; i < 100; i++)
                log_write(LOG_LEVEL_INFO, "x", 1, "line");
        return NULL;
}

static void lines_of_threads_do_not_mix(void **state) {
        (void) state;
        pthread_t a, b;

        capture();
        assert_int_equal(pthread_create(&a, NULL, log_lines, "a"), 0);
        assert_int_equal(pthread_create(&b, NULL, log_lines, "b"), 0);
        pthread_join(a, NULL);
        pthread_join(b, NULL);
        CLEANUP(free) char *text = captured();
        CLEANUP(string_list_clear) StringList lines = { 0 };
        text_split(text, '\n', &lines);
        assert_int_equal(lines.count, 201);
        for (size_t i = 0; i < 200; i++)
                assert_true(
                        text_equal(lines.items[i], "<6>x:1: line thread=a") ||
                        text_equal(lines.items[i], "<6>x:1: line thread=b"));
}

static void levels_have_words(void **state) {
        (void) state;
        LogLevel level;

        assert_true(log_level_from_word("debug", &level));
        assert_int_equal(level, LOG_LEVEL_DEBUG);
        assert_false(log_level_from_word("loud", &level));
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(lines_carry_priority_place_and_scope),
                cmocka_unit_test(nobody_forges_a_line),
                cmocka_unit_test(lines_of_threads_do_not_mix),
                cmocka_unit_test(levels_have_words),
        };

        return cmocka_run_group_tests_name("log", tests, NULL, NULL);
}
