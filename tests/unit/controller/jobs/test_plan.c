/* What a job would do, from what the store knows. */
#include "harness/store_case.h"
#include "harness/text_assertions.h"

#include "jobs/plan.h"
#include "store/job_store.h"

#define APP                                                                                                  \
        "{'_id':'0123456789abcdef01234567','name':'shop','modules':[{'name':'site','git_repo':'git@h:site'}" \
        ","                                                                                                  \
        "{'name':'files','source':{'protocol':'s3','url':'s3://b/k'}}],'autoscale':{'name':''}}"
#define JOB "{'app_id':'0123456789abcdef01234567','command':'%s','options':[%s],'modules':[%s]}"

typedef struct PlanCase {
        StoreCase *store;
        Document *app;
        int instances;
} PlanCase;

static void case_clearp(PlanCase *test) {
        document_free(test->app);
}

static PlanCase case_of(void **state, const char *app) {
        return (PlanCase){ .store = *state, .app = json_of(app) };
}

/* more: members, as "'bootstrapped':true,'agent_id':'a1','connected':true" */
static void add_instance(PlanCase *test, const char *more) {
        CLEANUP(free)
        char *text = xasprintf(
                "{'app_id':'0123456789abcdef01234567','instance_id':'i-%d','private_ip':'10.0.0.%d',%s}",
                test->instances + 1, test->instances + 1, more);
        CLEANUP(document_free) Document *instance = json_of(text);

        test->instances++;
        assert_ok(collection_insert(test->store->store, COLLECTION_INSTANCES, instance, NULL, err));
}

#define READY "'bootstrapped':true,'agent_id':'a','connected':true"

static void add_ready(PlanCase *test, int count) {
        for (int i = 0; i < count; i++)
                add_instance(test, READY);
}

static Document *plan_of(PlanCase *test, const char *command, const char *options, const char *modules) {
        CLEANUP(free) char *text = xasprintf(JOB, command, options, modules);
        CLEANUP(document_free) Document *job = json_of(text);
        CLEANUP(job_plan_clear) JobPlan plan = { 0 };
        Document *shown = NULL;

        assert_ok(job_plan_make(test->store->store, job, test->app, &plan, err));
        CLEANUP(free) char *whole = job_plan_text(&plan);
        assert_ok((shown = document_parse(whole, strlen(whole), err)));
        return shown;
}

static void assert_part(const Document *plan, const char *path, const char *expected) {
        CLEANUP(document_free) Document *wanted = json_of(expected);

        if (!document_equal(document_get(plan, path), wanted)) {
                CLEANUP(free) char *whole = document_text(plan);
                fail_msg("%s is not %s: %s", path, expected, whole);
        }
}

static void assert_warns(const Document *plan, const char *words) {
        CLEANUP(free) char *warnings = document_text(document_get(plan, "warnings"));

        assert_has(warnings, words);
}

static void batches_are_a_jobs(void **state) {
        __attribute__((cleanup(case_clearp))) PlanCase test = case_of(state, APP);

        add_ready(&test, 5);
        CLEANUP(document_free)
        Document *plan =
                plan_of(&test, "deploy", "'serial','50%','max_failures=1'", "{'name':'site','rev':'v2'}");
        assert_part(plan, "batches", "[['i-1','i-3','i-5'],['i-2','i-4']]");
        assert_part(plan, "capacity", "{'total':5,'min_in_service':2}");
        assert_part(
                plan, "strategy",
                "{'execution':'serial','safe':'50%','min_healthy':'0','max_failures':1,'rollback':'batch'}");
        assert_part(plan, "instances.4", "{'instance_id':'i-5','agent':'connected'}");
        assert_part(plan, "warnings", "[]");
        CLEANUP(document_free) Document *whole = plan_of(&test, "deploy", "", "{'name':'site'}");
        assert_part(whole, "batches", "[['i-1','i-2','i-3','i-4','i-5']]");
        assert_part(whole, "capacity", "{'total':5,'min_in_service':4}"); /* one after the other */
        CLEANUP(document_free)
        Document *asked = plan_of(&test, "deploy", "'serial','approve=first'", "{'name':'site'}");
        assert_part(asked, "strategy.approve", "'first'");
        assert_part(
                asked, "warnings", "['approve=first: nobody would be asked, for there is one batch alone']");
        CLEANUP(document_free)
        Document *between = plan_of(&test, "deploy", "'serial','1by1','approve=first'", "{'name':'site'}");
        assert_part(between, "warnings", "[]");
        CLEANUP(document_free) Document *together = plan_of(&test, "deploy", "'parallel'", "{'name':'site'}");
        assert_part(together, "capacity", "{'total':5,'min_in_service':0}");
}

static void instances_that_are_not_ready(void **state) {
        __attribute__((cleanup(case_clearp))) PlanCase test = case_of(state, APP);

        add_instance(&test, READY);
        add_instance(&test, "'bootstrapped':true,'agent_id':'a2','connected':false");
        add_instance(&test, "'agent_id':'','connected':false");
        add_instance(&test, READY ",'state':'gone'");
        add_instance(&test, READY ",'purpose':'bake'");
        CLEANUP(document_free)
        Document *plan = plan_of(&test, "deploy", "'serial','1by1'", "{'name':'site'}");
        assert_part(plan, "batches", "[['i-1'],['i-2']]");
        assert_part(
                plan, "instances",
                "[{'instance_id':'i-1','agent':'connected'},{'instance_id':'i-2','agent':'away'},"
                "{'instance_id':'i-3','agent':'none'}]");
        assert_warns(plan, "i-2 has no agent session: it would be waited for, and named as failed");
        assert_warns(plan, "i-3 would be left out: not bootstrapped");
        assert_warns(plan, "the job would fail: 1 would fail, and max_failures=0");
}

static void what_the_job_would_refuse(void **state) {
        __attribute__((cleanup(case_clearp))) PlanCase test = case_of(state, APP);

        CLEANUP(document_free)
        Document *none = plan_of(&test, "deploy", "'serial','1by1'", "{'name':'site'}");
        assert_warns(none, "no instance is ready: instances get it when they boot");
        assert_part(none, "batches", "[]");
        add_ready(&test, 1);
        CLEANUP(document_free) Document *few = plan_of(&test, "deploy", "'serial','1by1'", "{'name':'site'}");
        assert_warns(few, "not enought instances to perform the safe deployment: it needs 2, there is 1");
        add_ready(&test, 1);
        CLEANUP(document_free)
        Document *floor = plan_of(&test, "deploy", "'serial','1by1','min_healthy=2'", "{'name':'site'}");
        assert_warns(floor, "min_healthy=2 cannot be kept");
        CLEANUP(document_free)
        Document *twice = plan_of(&test, "deploy", "", "{'name':'site'},{'name':'site'}");
        assert_warns(twice, "module site is listed twice");
        CLEANUP(document_free) Document *empty = plan_of(&test, "deploy", "", "");
        assert_warns(empty, "it names no module");
}

static void add_deployment(const PlanCase *test, const char *id, const char *revision, int when) {
        CLEANUP(free)
        char *text = xasprintf(
                "{'_id':'%s','app_id':'0123456789abcdef01234567','module':'site','revision':'%s',"
                "'commit':'c-%s','timestamp':%d}",
                id, revision, revision, when);
        CLEANUP(document_free) Document *record = json_of(text);

        assert_ok(collection_insert(test->store->store, COLLECTION_DEPLOYMENTS, record, NULL, err));
}

static void modules_and_what_is_live(void **state) {
        __attribute__((cleanup(case_clearp))) PlanCase test = case_of(state, APP);
        CLEANUP(job_plan_clear) JobPlan plan = { 0 };
        CLEANUP(free)
        char *text = xasprintf(JOB, "deploy", "", "{'name':'site','rev':'v2'},{'name':'files'}");
        CLEANUP(document_free) Document *job = json_of(text);
        CLEANUP(document_free)
        Document *comparison = json_of("{'revision':'v2','commit':{'id':'x'},'commits':[{'id':'x'}],"
                                       "'commits_total':1,'files':[],'files_total':0,'message':'m'}");

        add_deployment(&test, "aaaaaaaaaaaaaaaaaaaaaaa1", "v0", 1);
        add_deployment(&test, "aaaaaaaaaaaaaaaaaaaaaaa2", "v1", 2);
        assert_ok(job_plan_make(test.store->store, job, test.app, &plan, err));
        assert_int_equal(plan.module_count, 2);
        assert_string_equal(plan.modules[0].url, "git@h:site");
        assert_string_equal(plan.modules[0].revision, "v2");
        assert_string_equal(plan.modules[0].from_commit, "c-v1");
        assert_true(plan.modules[0].has_commits);
        assert_false(plan.modules[1].has_commits);
        job_plan_compare(&plan, 0, comparison);
        CLEANUP(free) char *whole = job_plan_text(&plan);
        CLEANUP(document_free) Document *shown = NULL;
        assert_ok((shown = document_parse(whole, strlen(whole), err)));
        assert_part(shown, "modules.0.from", "{'revision':'v1','commit':'c-v1'}");
        assert_part(shown, "modules.0.commits", "[{'id':'x'}]");
        assert_part(shown, "modules.1.from", "null");
        assert_has(document_get_string(shown, "modules.1.message"), "there are no commits to compare");
}

static void redeploy(void **state) {
        __attribute__((cleanup(case_clearp))) PlanCase test = case_of(state, APP);

        add_ready(&test, 2);
        add_deployment(&test, "aaaaaaaaaaaaaaaaaaaaaaa1", "v0", 1);
        add_deployment(&test, "aaaaaaaaaaaaaaaaaaaaaaa2", "v1", 2);
        CLEANUP(document_free)
        Document *plan = plan_of(&test, "redeploy", "'aaaaaaaaaaaaaaaaaaaaaaa1','serial','1by1'", "");
        assert_part(plan, "modules.0.revision", "'v0'");
        assert_part(plan, "modules.0.from", "{'revision':'v1','commit':'c-v1'}");
        assert_part(plan, "batches", "[['i-1'],['i-2']]");
        CLEANUP(document_free)
        Document *absent = plan_of(&test, "redeploy", "'bbbbbbbbbbbbbbbbbbbbbbbb'", "");
        assert_warns(
                absent, "the job would fail: Redeploy on deployment ID: bbbbbbbbbbbbbbbbbbbbbbbb failed");
        assert_part(absent, "modules", "[]");
}

static void scripts(void **state) {
        __attribute__((cleanup(case_clearp))) PlanCase test = case_of(state, APP);

        add_ready(&test, 2);
        /* Without a balancer, one by one is what serial is. */
        CLEANUP(document_free)
        Document *all = plan_of(&test, "executescript", "'IyE=','','serial','1by1'", "");
        assert_part(all, "batches", "[['i-1','i-2']]");
        assert_part(all, "strategy.safe", "''");
        CLEANUP(document_free)
        Document *one = plan_of(&test, "executescript", "'IyE=','','single','10.0.0.2'", "");
        assert_part(one, "batches", "[['i-2']]");
        assert_part(one, "capacity", "{'total':2,'min_in_service':1}");
        CLEANUP(document_free)
        Document *nobody = plan_of(&test, "executescript", "'IyE=','','single','10.0.0.9'", "");
        assert_warns(nobody, "10.0.0.9 is no instance of the application");
}

static void other_commands(void **state) {
        __attribute__((cleanup(case_clearp))) PlanCase test =
                case_of(state, "{'ami':'ami-1','autoscale':{'name':'web','min':1,'max':3},'build_infos':{'"
                               "source_ami':'ami-0'},"
                               "'pending_changes':[{'field':'autoscale','user':'ann','updated':'now'}]}");

        add_ready(&test, 3);
        CLEANUP(document_free) Document *ends = plan_of(&test, "destroyallinstances", "", "");
        assert_warns(ends, "3 instances end: i-1, i-2, i-3");
        assert_warns(ends, "web launches others in their place");
        assert_part(ends, "capacity", "{'total':3,'min_in_service':0}");
        CLEANUP(document_free) Document *end = plan_of(&test, "destroyinstance", "'i-2'", "");
        assert_part(end, "batches", "[['i-2']]");
        CLEANUP(document_free) Document *anew = plan_of(&test, "recreateinstances", "'1by1'", "");
        assert_part(anew, "batches", "[['i-1'],['i-2'],['i-3']]");
        assert_part(anew, "capacity", "{'total':3,'min_in_service':2}");
        CLEANUP(document_free) Document *group = plan_of(&test, "updateautoscaling", "", "");
        assert_warns(group, "Auto Scaling group web gets min=1, max=3");
        assert_warns(group, "changed since it was last built or updated: autoscale (ann)");
        CLEANUP(document_free) Document *build = plan_of(&test, "buildimage", "", "");
        assert_warns(build, "launches from the new image");
        assert_part(build, "capacity", "{'total':3,'min_in_service':3}");
        CLEANUP(document_free) Document *one_more = plan_of(&test, "createinstance", "", "");
        assert_warns(one_more, "it launches one instance from ami-1");
        CLEANUP(document_free) Document *hooks = plan_of(&test, "updatelifecyclehooks", "", "");
        assert_warns(hooks, "web gets a new launch template");
}

static void what_waits_before_it(void **state) {
        __attribute__((cleanup(case_clearp))) PlanCase test = case_of(state, APP);
        CLEANUP(document_free)
        Document *job = json_of("{'app_id':'0123456789abcdef01234567','command':'deploy'}");

        assert_ok(collection_insert(test.store->store, COLLECTION_APPS, test.app, NULL, err));
        assert_ok(job_store_insert(test.store->store, job, NULL, err));
        CLEANUP(document_free) Document *plan = plan_of(&test, "deploy", "", "{'name':'site'}");
        assert_warns(plan, "1 job of the application waits: this one would begin after");
}

int main(void) {
        const struct CMUnitTest tests[] = {
                STORE_TEST(batches_are_a_jobs),
                STORE_TEST(instances_that_are_not_ready),
                STORE_TEST(what_the_job_would_refuse),
                STORE_TEST(modules_and_what_is_live),
                STORE_TEST(redeploy),
                STORE_TEST(scripts),
                STORE_TEST(other_commands),
                STORE_TEST(what_waits_before_it),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
