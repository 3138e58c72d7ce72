#include "harness/ghost_test.h"

#include <pthread.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/text.h"
#include "run/runner.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static Text story;     /* guarded by lock */
static bool gate_open; /* guarded by lock */

static void tell(const char *name, const char *what) {
        pthread_mutex_lock(&lock);
        text_appendf(&story, "%s%s ", name, what);
        pthread_cond_broadcast(&changed);
        pthread_mutex_unlock(&lock);
}

static void run_short(void *context, const atomic_bool *cancelled) {
        tell(context, atomic_load(cancelled) ? "!" : "");
}

static void run_gated(void *context, const atomic_bool *cancelled) {
        (void) cancelled;
        tell(context, "(");
        pthread_mutex_lock(&lock);
        while (!gate_open)
                pthread_cond_wait(&changed, &lock);
        pthread_mutex_unlock(&lock);
        tell(context, ")");
}

static void run_until_cancelled(void *context, const atomic_bool *cancelled) {
        tell(context, "(");
        while (!atomic_load(cancelled))
                clock_sleep_ms(1);
        tell(context, "!");
}

static void wait_for(const char *part) {
        pthread_mutex_lock(&lock);
        while (!story.data || !strstr(story.data, part))
                pthread_cond_wait(&changed, &lock);
        pthread_mutex_unlock(&lock);
}

static void open_gate(void) {
        pthread_mutex_lock(&lock);
        gate_open = true;
        pthread_cond_broadcast(&changed);
        pthread_mutex_unlock(&lock);
}

static int setup(void **state) {
        (void) state;
        text_clear(&story);
        gate_open = false;
        return 0;
}

static void put(Runner *runner, const char *name, const char *key, RunnerFunction run) {
        assert_true(runner_submit(runner, name, key, run, (void *) name));
}

static void one_module_is_worked_on_in_order_and_others_beside_it(void **state) {
        Runner *runner = runner_new(4);
        (void) state;

        put(runner, "a1", "a", run_gated);
        put(runner, "a2", "a", run_short);
        put(runner, "b1", "b", run_short);
        wait_for("a1(");
        wait_for("b1 ");
        assert_null(strstr(story.data, "a2"));
        open_gate();
        wait_for("a1) a2 ");
        runner_stop(runner);
        runner_free(runner);
}

static void work_without_a_key_runs_alone(void **state) {
        Runner *runner = runner_new(4);
        (void) state;

        put(runner, "a1", "a", run_gated);
        put(runner, "all", NULL, run_short);
        put(runner, "b1", "b", run_short);
        wait_for("a1(");
        clock_sleep_ms(30);
        assert_string_equal(story.data, "a1( ");
        open_gate();
        wait_for("a1) all b1 ");
        runner_stop(runner);
        runner_free(runner);
}

static void threads_are_bounded(void **state) {
        Runner *runner = runner_new(2);
        (void) state;

        put(runner, "a", "a", run_gated);
        put(runner, "b", "b", run_gated);
        put(runner, "c", "c", run_short);
        wait_for("a(");
        wait_for("b(");
        assert_null(strstr(story.data, "c "));
        open_gate();
        wait_for("c ");
        runner_stop(runner);
        runner_free(runner);
}

static void cancelled_work_is_told_whether_it_runs_or_waits(void **state) {
        Runner *runner = runner_new(4);
        (void) state;

        put(runner, "a1", "a", run_until_cancelled);
        put(runner, "a2", "a", run_short);
        wait_for("a1(");
        assert_true(runner_cancel(runner, "a2"));
        assert_true(runner_cancel(runner, "a1"));
        assert_false(runner_cancel(runner, "a3"));
        wait_for("a1! a2! ");
        runner_stop(runner);
        runner_free(runner);
}

static void stopping_ends_everything_and_takes_no_more(void **state) {
        Runner *runner = runner_new(4);
        (void) state;

        put(runner, "a1", "a", run_until_cancelled);
        put(runner, "a2", "a", run_short);
        wait_for("a1(");
        runner_stop(runner);
        assert_string_equal(story.data, "a1( a1! a2! ");
        assert_false(runner_submit(runner, "b", "b", run_short, NULL));
        runner_free(runner);
        text_clear(&story);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup(one_module_is_worked_on_in_order_and_others_beside_it, setup),
                cmocka_unit_test_setup(work_without_a_key_runs_alone, setup),
                cmocka_unit_test_setup(threads_are_bounded, setup),
                cmocka_unit_test_setup(cancelled_work_is_told_whether_it_runs_or_waits, setup),
                cmocka_unit_test_setup(stopping_ends_everything_and_takes_no_more, setup),
        };

        return cmocka_run_group_tests_name("runner", tests, NULL, NULL);
}
