/* An agent that is too old for health checks says that all went well: its instance has failed all the same.
 */
#include "../job_lab.h"

#include "jobs/steps/order_checks.h"

#define TOO_OLD                                                                                              \
        ": no health check was made: the version of the agent is too old for health checks; update the "     \
        "agent (build a new image)"
#define MANIFEST "1111111111111111111111111111111111111111111111111111111111111111"

/* ---- orders and receipts ---- */

static Ghost__Receipt receipt_with(Ghost__HealthRun **runs, size_t count) {
        Ghost__Receipt receipt = GHOST__RECEIPT__INIT;

        receipt.ok = true;
        receipt.health = runs;
        receipt.n_health = count;
        return receipt;
}

static void assert_missing(const StringList *modules, const Ghost__Receipt *receipt, const char *why) {
        CLEANUP(text_clear) Text text = { 0 };

        assert_int_equal(order_checks_made(modules, receipt, &text), why == NULL);
        if (why)
                assert_string_equal(text.data, why);
}

static void what_an_order_wants_checked_is_known(void **state) {
        Ghost__HealthCheck check = GHOST__HEALTH_CHECK__INIT;
        Ghost__RestoreModule restore = GHOST__RESTORE_MODULE__INIT;
        Ghost__Order order = GHOST__ORDER__INIT;
        CLEANUP(string_list_clear) StringList modules = { 0 };

        (void) state;
        restore.module = (char *) "site";
        restore.health = &check;
        order.action_case = GHOST__ORDER__ACTION_RESTORE_MODULE;
        order.restore_module = &restore;
        order_checks_list(&order, &modules);
        assert_int_equal(modules.count, 0); /* the module is removed: nothing is there to be checked */
        restore.manifest_sha256 = (char *) MANIFEST;
        order_checks_list(&order, &modules);
        assert_int_equal(modules.count, 1);
        assert_string_equal(modules.items[0], "site");
}

static void each_module_of_a_bootstrap_has_to_be_shown(void **state) {
        Ghost__HealthCheck check = GHOST__HEALTH_CHECK__INIT;
        Ghost__DeployModule modules[3], *pointers[] = { &modules[0], &modules[1], &modules[2] };
        Ghost__Bootstrap bootstrap = GHOST__BOOTSTRAP__INIT;
        Ghost__Order order = GHOST__ORDER__INIT;
        Ghost__HealthRun one = GHOST__HEALTH_RUN__INIT, two = GHOST__HEALTH_RUN__INIT,
                         *runs[] = { &one, &two };
        CLEANUP(string_list_clear) StringList checks = { 0 };

        (void) state;
        for (int i = 0; i < 3; i++)
                ghost__deploy_module__init(&modules[i]);
        modules[0].module = one.module = (char *) "site";
        modules[1].module = (char *) "plain";
        modules[2].module = two.module = (char *) "worker";
        modules[0].health = modules[2].health = &check;
        bootstrap.modules = pointers;
        bootstrap.n_modules = 3;
        order.action_case = GHOST__ORDER__ACTION_BOOTSTRAP;
        order.bootstrap = &bootstrap;
        order_checks_list(&order, &checks);
        assert_int_equal(checks.count, 2);

        const Ghost__Receipt all = receipt_with(runs, 2), some = receipt_with(runs, 1),
                             none = receipt_with(NULL, 0);
        assert_missing(&checks, &all, NULL);
        assert_missing(&checks, &some, "worker" TOO_OLD);
        assert_missing(&checks, &none, "site, worker" TOO_OLD);
}

/* ---- jobs ---- */

/* All on v1, which had no check. */
static char *begin(int instances) {
        for (int i = 1; i <= instances; i++)
                add_instance(i, true);
        assert_ok(job_queue_start(lab.queue, err));
        CLEANUP(document_free) Document *job = run_job(DEPLOY_PARALLEL("v1"));
        assert_job(job, "done", "Deployment OK");
        return wanted_release();
}

static void ask_for_health(void) {
        CLEANUP(document_free) Document *app = NULL;
        CLEANUP(document_free) Document *members = document_object();
        CLEANUP(document_free)
        Document *check = parse(xstrdup("{\"type\":\"http\",\"port\":80,\"path\":\"/up\"}"));

        assert_ok(collection_get(lab.services.store, COLLECTION_APPS, lab.app_id, &app, err));
        Document *modules = document_array(), *module = document_copy(document_get(app, "modules.0"));
        document_set(module, "health_check", TAKE(check));
        document_append(modules, module);
        document_set(members, "modules", modules);
        assert_ok(collection_patch(lab.services.store, COLLECTION_APPS, lab.app_id, members, false, err));
}

static void a_deploy_that_was_not_checked_has_failed(void **state) {
        (void) state;
        CLEANUP(free) char *before = begin(3);
        ask_for_health();
        lab.shared->agents[1].old = true;
        CLEANUP(document_free)
        Document *job = run_job("\"options\":[\"serial\",\"1by1\"]," DEPLOY("v2"));
        CLEANUP(free) char *after = wanted_release();

        assert_job(job, "failed", "Deploy error on: i-2 (site" TOO_OLD ")");
        assert_string_equal(before, after);
        assert_job(job, "failed", "; on the new release: i-1");
        assert_job(job, "failed", "; unchanged: i-3");
}

/* It was told to go back and did; that it is well there, nobody knows. */
static void a_restore_that_was_not_checked_has_failed(void **state) {
        (void) state;
        CLEANUP(free) char *before = begin(2);
        ask_for_health();
        lab.shared->agents[0].old = true;
        CLEANUP(document_free) Document *job = run_job(DEPLOY_PARALLEL("v2"));

        assert_job(job, "failed", "; back on it: i-2; NOT back, look at them: i-1 (site" TOO_OLD ")");
        assert_int_equal(lab.shared->agents[0].restores, 1);
        assert_string_equal(lab.shared->agents[0].release, before);
}

static void agents_that_check_are_believed(void **state) {
        (void) state;
        CLEANUP(free) char *before = begin(2);
        ask_for_health();
        CLEANUP(document_free) Document *job = run_job(DEPLOY_PARALLEL("v2"));
        CLEANUP(free) char *after = wanted_release();

        assert_job(job, "done", "Deployment OK");
        assert_string_not_equal(before, after);
        assert_string_equal(lab.shared->agents[1].release, after);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(what_an_order_wants_checked_is_known),
                cmocka_unit_test(each_module_of_a_bootstrap_has_to_be_shown),
                cmocka_unit_test_setup_teardown(a_deploy_that_was_not_checked_has_failed, set_up, tear_down),
                cmocka_unit_test_setup_teardown(a_restore_that_was_not_checked_has_failed, set_up, tear_down),
                cmocka_unit_test_setup_teardown(agents_that_check_are_believed, set_up, tear_down),
        };
        return cmocka_run_group_tests_name("order_checks", tests, NULL, NULL);
}
