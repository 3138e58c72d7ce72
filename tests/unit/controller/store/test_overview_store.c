#include "harness/store_case.h"

#include <string.h>

#include "base/clock.h"
#include "store/job_store.h"
#include "store/overview_store.h"
#include "store/release_store.h"

#define APP(id, name, more)                                                                                  \
        "{'_id':'" id "','name':'" name "','env':'prod','role':'web','modules':[{'name':'site'},"            \
        "{'name':'api'}]" more "}"

static void put_app(const StoreCase *test, const char *id) {
        CLEANUP(free) char *text = xasprintf(APP("%s", "%s", ""), id, id);

        store_put(test->store, COLLECTION_APPS, text);
}

static void put_deployment(const StoreCase *test, const char *id, const char *manifest, int at) {
        CLEANUP(free)
        char *text = xasprintf(
                "{'_id':'%s','app_id':'a1','module':'site','manifest_sha256':'%s','revision':'v-%s',"
                "'commit':'c-%s','timestamp':%d}",
                id, manifest, manifest, manifest, at);

        store_put(test->store, COLLECTION_DEPLOYMENTS, text);
}

static void want(const StoreCase *test, const char *module, const char *manifest) {
        assert_ok(release_store_set(test->store, "a1", module, manifest, err));
}

/* modules: "'site':'m1'" as a list of pairs. */
static void put_instance(const StoreCase *test, const char *id, const char *state, const char *site) {
        CLEANUP(free)
        char *modules = site ? xasprintf(
                                       "{'module':'site','manifest_sha256':'%s','revision':'r-%s','commit':"
                                       "'k','receipt':{'ok':true}}",
                                       site, site)
                             : xstrdup("{'module':'site','receipt':{'ok':false}}");
        CLEANUP(free)
        char *text = xasprintf(
                "{'_id':'%s','instance_id':'i-%s','app_id':'a1','state':'%s','purpose':'instance',"
                "'connected':true,'modules':[%s,{'module':'old','manifest_sha256':'x'}]}",
                id, id, state, modules);

        store_put(test->store, COLLECTION_INSTANCES, text);
}

static void read_one(const StoreCase *test, Overview *ret) {
        overview_clear(ret);
        assert_ok(overview_store_read(test->store, "a1", ret, err));
        assert_int_equal(ret->count, 1);
}

static void assert_state(const StoreCase *test, const char *state, size_t total, size_t behind) {
        CLEANUP(overview_clear) Overview overview = { 0 };

        read_one(test, &overview);
        assert_string_equal(overview_state(&overview.apps[0]), state);
        assert_int_equal(overview.apps[0].total, total);
        assert_int_equal(overview.apps[0].behind, behind);
}

static void set_site(const StoreCase *test, const char *id, const char *manifest) {
        CLEANUP(free)
        char *text = xasprintf("{'modules':[{'module':'site','manifest_sha256':'%s'}]}", manifest);
        CLEANUP(document_free) Document *members = json_of(text);

        assert_ok(collection_patch(test->store, COLLECTION_INSTANCES, id, members, false, err));
}

static void an_application_goes_through_its_states(void **state) {
        const StoreCase *test = *state;
        CLEANUP(document_free)
        Document *pending = json_of("{'pending_changes':[{'field':'features'},{'field':'modules'}]}");

        put_app(test, "a1");
        assert_state(test, "never_deployed", 0, 0);
        put_instance(test, "i1", "ready", NULL);
        put_instance(test, "i2", "enrolled", NULL);
        assert_state(test, "never_deployed", 2, 0);
        want(test, "site", "m1");
        assert_state(test, "behind", 2, 2);
        set_site(test, "i1", "m1");
        assert_state(test, "behind", 2, 1);
        set_site(test, "i2", "m1");
        assert_state(test, "current", 2, 0);
        want(test, "site", "m2");
        assert_state(test, "behind", 2, 2);
        set_site(test, "i1", "m2");
        assert_state(test, "mixed", 2, 1);
        set_site(test, "i2", "m2");
        assert_state(test, "current", 2, 0);
        want(test, "api", "m3");
        assert_state(test, "behind", 2, 2);
        want(test, "api", NULL);
        assert_ok(collection_patch(test->store, COLLECTION_APPS, "a1", pending, false, err));
        assert_state(test, "behind", 2, 0);
}

static void without_instances_it_is_current(void **state) {
        const StoreCase *test = *state;

        put_app(test, "a1");
        put_deployment(test, "d1", "m1", 1); /* what nobody wants any more counts as deployed once */
        assert_state(test, "current", 0, 0);
        want(test, "site", "m1");
        assert_state(test, "current", 0, 0);
}

static void who_does_not_live_does_not_count(void **state) {
        const StoreCase *test = *state;
        CLEANUP(overview_clear) Overview overview = { 0 };

        put_app(test, "a1");
        want(test, "site", "m1");
        put_instance(test, "i1", "ready", "m1");
        put_instance(test, "i2", "gone", "m0");
        put_instance(test, "i3", "terminating", "m0");
        store_put(
                test->store, COLLECTION_INSTANCES,
                "{'_id':'i4','instance_id':'i-4','app_id':'a1','state':'building','purpose':'bake',"
                "'connected':true}");
        store_put(test->store, COLLECTION_INSTANCES, "{'_id':'i5','instance_id':'i-5','app_id':'a1'}");
        assert_state(test, "behind", 2, 1);
        read_one(test, &overview);
        assert_int_equal(overview.apps[0].connected, 1);
}

static void releases_are_known_by_their_deployments(void **state) {
        const StoreCase *test = *state;
        CLEANUP(overview_clear) Overview overview = { 0 };

        put_app(test, "a1");
        put_deployment(test, "d1", "m1", 1);
        put_deployment(test, "d2", "m1", 2);
        put_deployment(test, "d3", "m2", 3);
        want(test, "site", "m1"); /* as after a way back */
        put_instance(test, "i1", "ready", "m1");
        put_instance(test, "i2", "ready", "m2");
        put_instance(test, "i3", "ready", "m1");
        read_one(test, &overview);
        const OverviewModule *site = &overview.apps[0].modules[0], *api = &overview.apps[0].modules[1];
        assert_int_equal(overview.apps[0].module_count, 2);
        assert_string_equal(site->name, "site");
        assert_string_equal(site->wanted.manifest_sha256, "m1");
        assert_string_equal(site->wanted.deployment_id, "d2");
        assert_string_equal(site->wanted.revision, "v-m1");
        assert_string_equal(site->wanted.commit, "c-m1");
        assert_int_equal(site->running_count, 2);
        assert_string_equal(site->running[0].manifest_sha256, "m1");
        assert_int_equal(site->running[0].instances, 2);
        assert_string_equal(site->running[0].revision, "r-m1");
        assert_string_equal(site->running[0].commit, "k");
        assert_int_equal(site->running[1].instances, 1);
        assert_null(api->wanted.manifest_sha256);
        assert_int_equal(api->running_count, 0);

        want(test, "site", "m9"); /* being rolled out: nothing is recorded yet */
        read_one(test, &overview);
        assert_string_equal(overview.apps[0].modules[0].wanted.manifest_sha256, "m9");
        assert_string_equal(overview.apps[0].modules[0].wanted.deployment_id, "");
}

static void put_job(const StoreCase *test, const char *id, const char *app_id) {
        CLEANUP(free)
        char *text = xasprintf("{'_id':'%s','app_id':'%s','command':'deploy','status':'init'}", id, app_id);

        store_put(test->store, COLLECTION_JOBS, text);
}

static void the_last_job_is_the_one_made_last(void **state) {
        const StoreCase *test = *state;
        CLEANUP(overview_clear) Overview overview = { 0 };
        int64_t before = clock_now_us();

        put_app(test, "b2");
        put_app(test, "a1");
        put_app(test, "c3");
        put_job(test, "z1", "a1");
        put_job(test, "j2", "a1");
        put_job(test, "j3", "b2");
        assert_ok(job_store_set_status(test->store, "z1", JOB_PENDING, JOB_CANCELLED, "", err));
        assert_ok(overview_store_read(test->store, NULL, &overview, err));
        assert_int_equal(overview.count, 3); /* by their names */
        assert_string_equal(overview.apps[0].id, "a1");
        assert_string_equal(overview.apps[0].job_id, "j2");
        assert_string_equal(overview.apps[0].job_command, "deploy");
        assert_string_equal(overview.apps[0].job_status, "init");
        assert_true(overview.apps[0].job_created_us >= before);
        assert_string_equal(overview.apps[1].job_id, "j3");
        assert_null(overview.apps[2].job_id);

        CLEANUP(overview_clear) Overview none = { 0 };
        assert_ok(overview_store_read(test->store, "nobody", &none, err));
        assert_int_equal(none.count, 0);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                STORE_TEST(an_application_goes_through_its_states),
                STORE_TEST(without_instances_it_is_current),
                STORE_TEST(who_does_not_live_does_not_count),
                STORE_TEST(releases_are_known_by_their_deployments),
                STORE_TEST(the_last_job_is_the_one_made_last),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
