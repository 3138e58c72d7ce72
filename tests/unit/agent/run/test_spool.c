#include "harness/temp_folder.h"

#include <string.h>

#include "run/spool.h"

typedef struct Fixture {
        char *folder, *path;
} Fixture;

static int setup(void **state) {
        Fixture *fixture = xcalloc(1, sizeof(*fixture));

        fixture->folder = temp_folder();
        fixture->path = xasprintf("%s/lines", fixture->folder);
        *state = fixture;
        return 0;
}

static int teardown(void **state) {
        Fixture *fixture = *state;

        free(fixture->path);
        temp_remove(fixture->folder);
        free(fixture);
        return 0;
}

static Spool *reopen(const Fixture *fixture, uint64_t max_bytes) {
        CLEANUP(error_free) Error *problem = NULL;
        Spool *spool = spool_open(fixture->path, max_bytes, &problem);

        assert_non_null(spool);
        return spool;
}

static void assert_next(Spool *spool, uint64_t first_line, uint32_t count, const char *lines) {
        CLEANUP(spool_batch_clear) SpoolBatch batch = { 0 };

        assert_ok(spool_next_batch(spool, 64 << 10, &batch, err));
        assert_int_equal(batch.line_count, count);
        if (count == 0)
                return;
        assert_int_equal(batch.first_line, first_line);
        assert_int_equal(batch.length, strlen(lines));
        assert_memory_equal(batch.lines, lines, batch.length);
}

static void lines_are_numbered_and_handed_out_once(void **state) {
        CLEANUP(spool_free) Spool *spool = reopen(*state, 1 << 20);

        assert_next(spool, 0, 0, "");
        spool_append(spool, "one\ntwo\nthr", 11);
        assert_next(spool, 0, 2, "one\ntwo\n");
        assert_next(spool, 0, 0, "");
        spool_append(spool, "ee\n", 3);
        spool_say(spool, "four %d", 4);
        assert_next(spool, 2, 2, "three\nfour 4\n");
        assert_true(spool_all_sent(spool));
        assert_false(spool_all_acknowledged(spool));
        assert_ok(spool_acknowledge(spool, 4, err));
        assert_true(spool_all_acknowledged(spool));
        assert_int_equal(spool_bytes(spool), 21);
}

static void what_was_not_acknowledged_is_handed_out_again(void **state) {
        CLEANUP(spool_free) Spool *spool = reopen(*state, 1 << 20);

        spool_append(spool, "a\nb\nc\n", 6);
        assert_next(spool, 0, 3, "a\nb\nc\n");
        assert_ok(spool_acknowledge(spool, 1, err));
        spool_rewind(spool);
        assert_next(spool, 1, 2, "b\nc\n");
}

static void numbers_and_lines_survive_a_restart(void **state) {
        Spool *spool = reopen(*state, 1 << 20);

        spool_append(spool, "a\nb\n", 4);
        assert_next(spool, 0, 2, "a\nb\n");
        spool_free(spool);

        spool = reopen(*state, 1 << 20);
        spool_append(spool, "c\n", 2);
        assert_ok(spool_acknowledge(spool, 2, err)); /* the controller has two already */
        assert_next(spool, 2, 1, "c\n");
        assert_ok(spool_acknowledge(spool, 99, err));
        assert_true(spool_all_acknowledged(spool));
        spool_free(spool);
}

static void half_a_line_of_a_dying_machine_is_cut_off(void **state) {
        Fixture *fixture = *state;

        temp_write(fixture->folder, "lines", "whole\nhal");
        CLEANUP(spool_free) Spool *spool = reopen(fixture, 1 << 20);
        spool_append(spool, "next\n", 5);
        assert_next(spool, 0, 2, "whole\nnext\n");
        assert_content(fixture->folder, "lines", "whole\nnext\n");
}

static void past_the_limit_output_is_dropped_and_said(void **state) {
        Fixture *fixture = *state;
        CLEANUP(spool_free) Spool *spool = reopen(fixture, 1000);

        for (int i = 0; i < 100000; i++)
                spool_append(spool, "0123456789abcdefghi\n", 20);
        spool_say(spool, "web: done");
        CLEANUP(free) char *content = temp_read(fixture->folder, "lines");
        assert_true(strlen(content) < 1200);
        const char *note = strstr(content, "(output limit of 1000 bytes reached: the rest is dropped)\n");
        assert_non_null(note);
        assert_null(strstr(note + 1, "(output limit"));
        assert_true(text_ends_with(content, "web: done\n"));
}

static void a_stuck_controller_gets_a_bounded_amount_ahead(void **state) {
        CLEANUP(spool_free) Spool *spool = reopen(*state, 64 << 20);
        CLEANUP(free) char *block = xcalloc(1, 1 << 20);
        uint64_t handed_out = 0;

        memset(block, 'x', 1 << 20);
        for (int i = 0; i < 8; i++)
                spool_append(spool, block, 1 << 20);
        spool_end_line(spool);
        for (bool more = true; more;) {
                CLEANUP(spool_batch_clear) SpoolBatch batch = { 0 };
                assert_ok(spool_next_batch(spool, 128 << 10, &batch, err));
                assert_true(batch.length <= 128 << 10);
                more = batch.line_count > 0;
                handed_out += batch.length;
        }
        assert_true(handed_out <= (1 << 20) + (128 << 10));
}

#define SPOOL_TEST(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void) {
        const struct CMUnitTest tests[] = {
                SPOOL_TEST(lines_are_numbered_and_handed_out_once),
                SPOOL_TEST(what_was_not_acknowledged_is_handed_out_again),
                SPOOL_TEST(numbers_and_lines_survive_a_restart),
                SPOOL_TEST(half_a_line_of_a_dying_machine_is_cut_off),
                SPOOL_TEST(past_the_limit_output_is_dropped_and_said),
                SPOOL_TEST(a_stuck_controller_gets_a_bounded_amount_ahead),
        };

        return cmocka_run_group_tests_name("spool", tests, NULL, NULL);
}
