/* Questions: asked once by a worker, shared, kept, bounded. What the catalog of AWS has besides is in its own
 * test. */
#include "harness/ghost_test.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/text.h"
#include "catalog/questions.h"

enum { PATIENCE_MS = 10000, TEXTS = 2 };

typedef struct Case {
        Questions *questions;
        atomic_int asked, woken;
        atomic_bool held; /* answers wait meanwhile */
} Case;

static CatalogAnswer answer_text(void *context, const char *const *texts) {
        Case *test = context;

        test->asked++;
        while (test->held && !questions_stopping(test->questions))
                clock_sleep_ms(1);
        if (text_equal(texts[0], "bad"))
                return (CatalogAnswer){ .kind = ERROR_TIMEOUT, .message = xstrdup("no answer") };
        return (CatalogAnswer){ .json = xasprintf("%s-%s-%d", texts[0], texts[1], test->asked) };
}

static void count_wake(void *context, const char *topic) {
        assert_true(text_starts_with(topic, "things/"));
        ((Case *) context)->woken++;
}

static void start(Case *test, int64_t keep_ms, size_t kept) {
        const QuestionsSpec spec = { .name = "things",
                                     .texts = TEXTS,
                                     .workers = 2,
                                     .kept = kept,
                                     .keep_ms = keep_ms,
                                     .ask = answer_text,
                                     .wake = count_wake,
                                     .context = test,
                                     .wake_context = test };

        assert_ok(questions_start(&spec, &test->questions, err));
}

static void case_clearp(Case *test) {
        questions_free(test->questions);
}

static CatalogState look(Case *test, const char *first, const char *second, CatalogAnswer *ret) {
        const char *const texts[TEXTS] = { first, second };

        return questions_look(test->questions, texts, ret);
}

static CatalogState await(Case *test, const char *first, const char *second, CatalogAnswer *ret) {
        Deadline deadline = deadline_after_ms(PATIENCE_MS);

        for (;;) {
                CatalogState state = look(test, first, second, ret);

                if (state != CATALOG_ASKING || deadline_passed(deadline))
                        return state;
                catalog_answer_clear(ret);
                clock_sleep_ms(1);
        }
}

static void an_answer_is_shared_and_kept(void **state) {
        CLEANUP(case_clear) Case test = { .held = true };
        CLEANUP(catalog_answer_clear) CatalogAnswer first = { 0 };
        CLEANUP(catalog_answer_clear) CatalogAnswer again = { 0 };
        CLEANUP(catalog_answer_clear) CatalogAnswer other = { 0 };

        (void) state;
        start(&test, 60000, 8);
        for (int i = 0; i < 10; i++) {
                CLEANUP(catalog_answer_clear) CatalogAnswer none = { 0 };
                assert_int_equal(look(&test, "a", NULL, &none), CATALOG_ASKING);
                assert_non_null(none.topic);
        }
        test.held = false;
        assert_int_equal(await(&test, "a", NULL, &first), CATALOG_READY);
        assert_int_equal(await(&test, "a", "", &again), CATALOG_READY); /* nothing said is "" */
        assert_string_equal(first.json, "a--1");
        assert_string_equal(again.json, "a--1");
        assert_int_equal(await(&test, "a", "b", &other), CATALOG_READY);
        assert_string_equal(other.json, "a-b-2");
        assert_true(test.woken >= 1);
}

static void a_failure_is_kept_shorter(void **state) {
        CLEANUP(case_clear) Case test = { 0 };
        CLEANUP(catalog_answer_clear) CatalogAnswer failed = { 0 };
        Deadline deadline = deadline_after_ms(PATIENCE_MS);

        (void) state;
        start(&test, 200, 8);
        assert_int_equal(await(&test, "bad", "", &failed), CATALOG_FAILED);
        assert_string_equal(failed.message, "no answer");
        assert_int_equal(failed.kind, ERROR_TIMEOUT);
        assert_null(failed.json);
        while (test.asked < 3 && !deadline_passed(deadline)) {
                CLEANUP(catalog_answer_clear) CatalogAnswer next = { 0 };
                (void) look(&test, "bad", "", &next);
                clock_sleep_ms(1);
        }
        assert_true(test.asked >= 3);
}

static void it_is_bounded_and_stops(void **state) {
        CLEANUP(case_clear) Case test = { .held = true };
        CLEANUP(catalog_answer_clear) CatalogAnswer one = { 0 };
        CLEANUP(catalog_answer_clear) CatalogAnswer two = { 0 };
        CLEANUP(catalog_answer_clear) CatalogAnswer three = { 0 };

        (void) state;
        start(&test, 60000, 2);
        assert_int_equal(look(&test, "a", "", &one), CATALOG_ASKING);
        assert_int_equal(look(&test, "b", "", &two), CATALOG_ASKING);
        assert_int_equal(look(&test, "c", "", &three), CATALOG_BUSY);
        questions_stop(test.questions); /* whoever asks hears of it */
        assert_int_equal(look(&test, "a", "", &three), CATALOG_BUSY);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(an_answer_is_shared_and_kept),
                cmocka_unit_test(a_failure_is_kept_shorter),
                cmocka_unit_test(it_is_bounded_and_stops),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
