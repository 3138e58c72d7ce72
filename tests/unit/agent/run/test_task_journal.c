#include "harness/temp_folder.h"

#include "run/task_journal.h"

typedef struct Fixture {
        char *folder, *tasks;
        TaskJournal *journal;
} Fixture;

static void open_journal(Fixture *fixture) {
        const TaskJournalSpec spec = { .folder = fixture->tasks,
                                       .output_max_bytes = 1 << 20,
                                       .remembered = 2 };
        CLEANUP(error_free) Error *problem = NULL;

        task_journal_free(fixture->journal);
        fixture->journal = task_journal_open(&spec, &problem);
        assert_non_null(fixture->journal);
}

static int setup(void **state) {
        Fixture *fixture = xcalloc(1, sizeof(*fixture));

        fixture->folder = temp_folder();
        fixture->tasks = xasprintf("%s/tasks", fixture->folder);
        open_journal(fixture);
        *state = fixture;
        return 0;
}

static int teardown(void **state) {
        Fixture *fixture = *state;

        task_journal_free(fixture->journal);
        free(fixture->tasks);
        temp_remove(fixture->folder);
        free(fixture);
        return 0;
}

static TaskAcceptance accept_task(Fixture *fixture, const char *task_id) {
        static int64_t issued_us;
        Ghost__Order order = GHOST__ORDER__INIT;
        Ghost__Task task = GHOST__TASK__INIT;
        TaskAcceptance acceptance = TASK_IS_NEW;

        order.task_id = (char *) task_id;
        order.job_id = (char *) "job";
        order.issued_us = ++issued_us;
        size_t length = ghost__order__get_packed_size(&order);
        CLEANUP(free) uint8_t *packed = xcalloc(1, length + 1);
        ghost__order__pack(&order, packed);
        task.order = (ProtobufCBinaryData){ length, packed };
        assert_ok(task_journal_accept(fixture->journal, &task, &order, &acceptance, err));
        return acceptance;
}

static void finish(Fixture *fixture, const char *task_id) {
        Ghost__Receipt receipt = GHOST__RECEIPT__INIT;

        receipt.task_id = (char *) task_id;
        receipt.ok = true;
        assert_ok(task_journal_finish(fixture->journal, &receipt, err));
}

/* "lines of ID" , "receipt of ID" or "nothing"; caller frees. */
static char *next(Fixture *fixture) {
        CLEANUP(task_outgoing_clear) TaskOutgoing outgoing = { 0 };

        assert_ok(task_journal_next_outgoing(fixture->journal, 1 << 16, &outgoing, err));
        if (!outgoing.task_id)
                return xstrdup("nothing");
        return xasprintf("%s of %s", outgoing.receipt ? "receipt" : "lines", outgoing.task_id);
}

static void assert_next(Fixture *fixture, const char *expected) {
        CLEANUP(free) char *got = next(fixture);

        assert_string_equal(got, expected);
}

static void the_receipt_comes_after_the_lines_and_once(void **state) {
        Fixture *fixture = *state;

        assert_int_equal(accept_task(fixture, "../any/id"), TASK_IS_NEW);
        assert_next(fixture, "nothing");
        spool_append(task_journal_spool(fixture->journal, "../any/id"), "hello\nworld", 11);
        finish(fixture, "../any/id");
        assert_next(fixture, "lines of ../any/id");
        assert_next(fixture, "receipt of ../any/id");
        assert_next(fixture, "nothing");
        task_journal_rewind(fixture->journal);
        assert_next(fixture, "lines of ../any/id");
        assert_ok(task_journal_lines_acknowledged(fixture->journal, "../any/id", 2, err));
        task_journal_receipt_acknowledged(fixture->journal, "../any/id");
        task_journal_rewind(fixture->journal);
        assert_next(fixture, "nothing");
        assert_true(task_journal_idle(fixture->journal));
}

static void everything_unacknowledged_survives_a_restart(void **state) {
        Fixture *fixture = *state;

        accept_task(fixture, "done");
        spool_append(task_journal_spool(fixture->journal, "done"), "a\n", 2);
        finish(fixture, "done");
        assert_next(fixture, "lines of done");
        assert_next(fixture, "receipt of done");
        open_journal(fixture);
        assert_next(fixture, "lines of done");
        assert_next(fixture, "receipt of done");
        assert_ok(task_journal_lines_acknowledged(fixture->journal, "done", 1, err));
        task_journal_receipt_acknowledged(fixture->journal, "done");
        open_journal(fixture);
        assert_next(fixture, "nothing");
        assert_int_equal(accept_task(fixture, "done"), TASK_IS_FINISHED);
        assert_next(fixture, "receipt of done");
}

static void tasks_cut_by_a_restart_come_back_in_order(void **state) {
        Fixture *fixture = *state;
        Ghost__Task *task = NULL;
        size_t cursor = 0;
        bool begun = false;

        accept_task(fixture, "z-first");
        accept_task(fixture, "a-second");
        assert_ok(task_journal_mark_begun(fixture->journal, "z-first", err));
        assert_int_equal(accept_task(fixture, "a-second"), TASK_IS_RUNNING);
        assert_false(task_journal_next_unfinished(fixture->journal, &cursor, &task, &begun));
        open_journal(fixture);
        assert_true(task_journal_next_unfinished(fixture->journal, &cursor, &task, &begun));
        assert_true(begun);
        assert_true(task_journal_next_unfinished(fixture->journal, &cursor, &task, &begun));
        assert_false(begun);
        assert_false(task_journal_next_unfinished(fixture->journal, &cursor, &task, &begun));
}

static void only_so_many_finished_tasks_are_remembered(void **state) {
        static const char *const ids[] = { "1", "2", "3", "4" };
        Fixture *fixture = *state;

        for (size_t i = 0; i < 4; i++) {
                accept_task(fixture, ids[i]);
                finish(fixture, ids[i]);
                task_journal_receipt_acknowledged(fixture->journal, ids[i]);
        }
        open_journal(fixture);
        assert_int_equal(accept_task(fixture, "4"), TASK_IS_FINISHED);
        assert_int_equal(accept_task(fixture, "3"), TASK_IS_FINISHED);
        assert_int_equal(accept_task(fixture, "1"), TASK_IS_NEW);
}

static void a_damaged_folder_is_forgotten(void **state) {
        Fixture *fixture = *state;
        CLEANUP(free) char *folder = xasprintf("%s/0123", fixture->tasks);

        assert_ok(file_make_folders(folder, 0700, err));
        temp_write(folder, "task", "\xff\xff garbage");
        open_journal(fixture);
        assert_next(fixture, "nothing");
        assert_false(file_exists(folder));
}

#define JOURNAL_TEST(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void) {
        const struct CMUnitTest tests[] = {
                JOURNAL_TEST(the_receipt_comes_after_the_lines_and_once),
                JOURNAL_TEST(everything_unacknowledged_survives_a_restart),
                JOURNAL_TEST(tasks_cut_by_a_restart_come_back_in_order),
                JOURNAL_TEST(only_so_many_finished_tasks_are_remembered),
                JOURNAL_TEST(a_damaged_folder_is_forgotten),
        };

        return cmocka_run_group_tests_name("task_journal", tests, NULL, NULL);
}
