#include "harness/ghost_test.h"

#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "store/changes.h"

enum { PATIENCE_MS = 10000 };

static Change change_of(const char *id, const char *etag) {
        Change change = { .collection = COLLECTION_JOBS };

        (void) snprintf(change.id, sizeof(change.id), "%s", id);
        (void) snprintf(change.etag, sizeof(change.etag), "%s", etag);
        return change;
}

static void add(Changes *changes, const char *id, const char *etag) {
        const Change change = change_of(id, etag);

        changes_add(changes, &change);
}

static void count_told(void *context) {
        atomic_fetch_add((atomic_int *) context, 1);
}

/* Waits until there are so many after that number. */
static void read_after(Changes *changes, uint64_t after, Change *ret, size_t count) {
        Deadline give_up = deadline_after_ms(PATIENCE_MS);
        size_t found = 0;

        while (found < count) {
                assert_true(changes_read(changes, after, ret, count, &found));
                assert_false(deadline_passed(give_up));
                if (found < count)
                        clock_sleep_ms(2);
        }
}

static void what_happens_together_is_one_change(void **state) {
        atomic_int told = 0;
        const ChangesSpec spec = { .together_ms = 100, .told = count_told, .context = &told };
        CLEANUP(changes_free) Changes *changes = NULL;
        Change found[2];
        size_t none = 1;

        (void) state;
        assert_ok((changes = changes_new(&spec, err)) != NULL);
        uint64_t start = changes_newest(changes);
        Deadline together = deadline_after_ms(100);
        add(changes, "a", "1");
        add(changes, "b", "1");
        Change other = change_of("a", "x");
        other.collection = COLLECTION_APPS;
        changes_add(changes, &other);
        add(changes, "a", "2");
        if (!deadline_passed(together)) {
                assert_true(changes_read(changes, start, found, 2, &none));
                assert_int_equal(none, 0);
                assert_int_equal(changes_newest(changes), start);
        }

        read_after(changes, start, found, 2);
        assert_true(deadline_passed(together));
        assert_string_equal(found[0].id, "a");
        assert_string_equal(found[0].etag, "2");
        assert_int_equal(found[0].sequence, start + 1);
        assert_string_equal(found[1].id, "b");
        read_after(changes, start + 2, found, 1);
        assert_int_equal(found[0].collection, COLLECTION_APPS);
        add(changes, "a", "3");
        read_after(changes, start + 3, found, 1);
        assert_string_equal(found[0].etag, "3");
        assert_int_equal(changes_newest(changes), start + 4);
        changes_stop(changes);
        assert_true(told >= 2);
}

static void what_is_not_known_any_more_is_said(void **state) {
        const ChangesSpec spec = { .kept = 4, .together_ms = 1 };
        CLEANUP(changes_free) Changes *changes = NULL;
        Change found[8];
        size_t count = 0;

        (void) state;
        assert_ok((changes = changes_new(&spec, err)) != NULL);
        uint64_t start = changes_newest(changes);
        for (uint64_t i = 0; i < 6; i++) {
                CLEANUP(free) char *id = xasprintf("%d", (int) i);

                add(changes, id, "1");
                read_after(changes, start + i, found, 1);
        }
        assert_false(changes_read(changes, start + 1, found, 8, &count));
        assert_int_equal(count, 0);
        assert_true(changes_read(changes, start + 2, found, 8, &count));
        assert_int_equal(count, 4);
        assert_string_equal(found[0].id, "2");
        assert_true(changes_read(changes, start + 2, found, 3, &count));
        assert_int_equal(count, 3);
        assert_true(changes_read(changes, start + 6, found, 8, &count));
        assert_int_equal(count, 0);
        assert_false(changes_read(changes, start + 7, found, 8, &count)); /* not given yet */
        assert_false(changes_read(changes, start - 1, found, 8, &count)); /* of a former start */
}

/* Many at once: the newest are there, and whoever was before them hears of it. */
static void a_flood_is_a_gap(void **state) {
        const ChangesSpec spec = { .kept = 16, .together_ms = 50 };
        CLEANUP(changes_free) Changes *changes = NULL;
        Change found[16];
        size_t count = 0;

        (void) state;
        assert_ok((changes = changes_new(&spec, err)) != NULL);
        uint64_t start = changes_newest(changes);
        for (int i = 0; i < 100; i++) {
                CLEANUP(free) char *id = xasprintf("%d", i);

                add(changes, id, "1");
        }
        assert_false(changes_read(changes, start, found, 16, &count));
        read_after(changes, start + 84, found, 16);
        assert_string_equal(found[0].id, "84");
        assert_string_equal(found[15].id, "99");
}

static void numbers_of_a_later_start_are_larger(void **state) {
        const ChangesSpec spec = { .together_ms = 1 };
        CLEANUP(changes_free) Changes *former = NULL;
        CLEANUP(changes_free) Changes *later = NULL;
        Change found[1];
        size_t count = 0;

        (void) state;
        assert_ok((former = changes_new(&spec, err)) != NULL);
        add(former, "a", "1");
        clock_sleep_ms(5);
        assert_ok((later = changes_new(&spec, err)) != NULL);
        assert_true(changes_newest(later) > changes_newest(former));
        assert_false(changes_read(later, changes_newest(former), found, 1, &count));
        assert_true(changes_newest(later) < (UINT64_C(1) << 53));
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(what_happens_together_is_one_change),
                cmocka_unit_test(what_is_not_known_any_more_is_said),
                cmocka_unit_test(a_flood_is_a_gap),
                cmocka_unit_test(numbers_of_a_later_start_are_larger),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
