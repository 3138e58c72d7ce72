/* A roll-out with a load balancer, whose controller is killed (SIGKILL) at every line, order and call: no
 * instance is worked on while it serves, and in the end all serve, each on what it should have. */
#include "../job_lab.h"

#include "jobs/steps/roll_out.h"

enum { HOSTS = 4, EVENTS_MAX = 90, END_DONE = 1, END_FAILED = 2 };

/* ---- a load balancer in shared memory ---- */

static void describe(void *context, Text *ret) {
        (void) context;
        text_append(ret, "the played one");
}

static bool check(void *context, Error **err) {
        (void) context;
        for (int i = 0; i < HOSTS; i++)
                if (!lab.shared->inside[i])
                        return error_set(err, ERROR_CONFLICT, "i-%d is out", i + 1);
        return true;
}

static bool count_healthy(void *context, const StringList *except, size_t *ret, Error **err) {
        (void) context;
        (void) err;
        *ret = 0;
        for (int i = 0; i < HOSTS; i++) {
                CLEANUP(free) char *id = xasprintf("i-%d", i + 1);
                *ret += lab.shared->inside[i] && !string_list_contains(except, id);
        }
        return true;
}

static void set_inside(const StringList *ids, bool inside) {
        for (size_t i = 0; i < ids->count; i++)
                lab.shared->inside[ids->items[i][2] - '1'] = inside;
        count_event();
}

static bool take_out(void *context, const char *name, const StringList *ids, Error **err) {
        (void) context;
        (void) name;
        (void) err;
        set_inside(ids, false);
        return true;
}

static bool put_back(void *context, const char *name, const StringList *ids, Error **err) {
        (void) context;
        (void) name;
        (void) err;
        set_inside(ids, true);
        return true;
}

static const DeployBalancer balancer = { .describe = describe,
                                         .check = check,
                                         .count_healthy = count_healthy,
                                         .take_out = take_out,
                                         .put_back = put_back };

/* ---- a job's lives ---- */

static void child_runs(const char *id, const char *options, int die_at, int resumes) {
        atomic_bool stopping = false;
        JobOptions read;
        CLEANUP(fleet_result_clear) FleetResult result = { 0 };
        CLEANUP(error_free) Error *error = NULL;
        CLEANUP(document_free) Document *list = parse(xstrdup(options));

        lab.shared->events = 0;
        lab.shared->die_at = die_at;
        lab_open();
        CLEANUP(document_free) Document *stored = get_job(id);
        JobContext job = { .services = &lab.services,
                           .id = id,
                           .job = stored,
                           .app_id = lab.app_id,
                           .deadline = deadline_after_ms(60000),
                           .resumes = resumes,
                           .stopping = &stopping };
        assert_ok(job_options_read("deploy", list, &read, err));
        const RollOut plan = {
                .module = "site", .manifest_sha256 = "new", .options = &read, .balancer = &balancer
        };
        lab.shared->end = roll_out(&job, &plan, &result, &error) ? END_DONE : END_FAILED;
        snprintf(lab.shared->message, sizeof(lab.shared->message), "%s", error ? error_message(error) : "");
        _exit(0);
}

/* True when it was killed. */
static bool live(const char *id, const char *options, int die_at, int resumes) {
        int status = 0;
        pid_t child = fork();

        assert_true(child >= 0);
        if (child == 0)
                child_runs(id, options, die_at, resumes);
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(WIFSIGNALED(status) ? WTERMSIG(status) == SIGKILL : WEXITSTATUS(status) == 0);
        return WIFSIGNALED(status);
}

static void begin_anew(void) {
        for (int i = 0; i < HOSTS; i++) {
                snprintf(lab.shared->agents[i].release, ID_MAX, "old");
                lab.shared->inside[i] = true;
        }
        assert_ok(release_store_set(lab.services.store, lab.app_id, "site", "old", err));
        lab.shared->end = 0;
}

/* expected: what each has in the end, and at last what is wanted: "nnoo o". */
static void assert_end(const char *id, int end, const char *expected) {
        CLEANUP(free) char *wanted = wanted_release();
        CLEANUP(free) char *log = job_text(id);
        char found[HOSTS + 3] = { 0 };

        for (int i = 0; i < HOSTS; i++)
                found[i] = lab.shared->agents[i].release[0];
        found[HOSTS] = ' ';
        found[HOSTS + 1] = wanted[0];
        for (int i = 0; i < HOSTS; i++)
                if (!lab.shared->inside[i])
                        fail_msg("i-%d is out: %s\n%s", i + 1, lab.shared->message, log);
        if (lab.shared->end != end || strcmp(found, expected) != 0 || lab.shared->disturbed > 0)
                fail_msg(
                        "%s, end %d, disturbed %u: %s\n%s", found, lab.shared->end, lab.shared->disturbed,
                        lab.shared->message, log);
}

static void kill_everywhere(const char *options, int end, const char *expected) {
        int die_at = 1;

        for (int i = 1; i <= HOSTS; i++)
                add_instance(i, true);
        for (bool killed = true; killed; die_at++) {
                CLEANUP(free) char *id = submit(DEPLOY("v1"));

                begin_anew();
                lab_close();
                killed = live(id, options, die_at, 0);
                if (killed)
                        (void) live(id, options, 3, 1);
                if (killed && lab.shared->end == 0)
                        assert_false(live(id, options, 0, 2));
                lab_open();
                assert_end(id, end, expected);
                assert_true(die_at < EVENTS_MAX);
        }
        assert_true(die_at > 15);
}

static void all_get_it(void **state) {
        (void) state;
        kill_everywhere("[\"serial\",\"1by1\"]", END_DONE, "nnnn n");
}

static void so_they_do_side_by_side(void **state) {
        (void) state;
        kill_everywhere("[\"parallel\",\"50%\"]", END_DONE, "nnnn n");
}

static void the_failed_batch_goes_back(void **state) {
        (void) state;
        lab.shared->agents[2].fails = true;
        kill_everywhere("[\"serial\",\"1by1\"]", END_FAILED, "nnoo o");
}

static void all_batches_go_back(void **state) {
        (void) state;
        lab.shared->agents[2].fails = true;
        kill_everywhere("[\"serial\",\"1by1\",\"rollback=all\"]", END_FAILED, "oooo o");
}

static void one_may_fail(void **state) {
        (void) state;
        lab.shared->agents[1].fails = true;
        kill_everywhere("[\"parallel\",\"50%\",\"max_failures=1\"]", END_DONE, "nonn n");
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(all_get_it, set_up, tear_down),
                cmocka_unit_test_setup_teardown(so_they_do_side_by_side, set_up, tear_down),
                cmocka_unit_test_setup_teardown(the_failed_batch_goes_back, set_up, tear_down),
                cmocka_unit_test_setup_teardown(all_batches_go_back, set_up, tear_down),
                cmocka_unit_test_setup_teardown(one_may_fail, set_up, tear_down),
        };
        return cmocka_run_group_tests_name("fleet_balancer", tests, NULL, NULL);
}
