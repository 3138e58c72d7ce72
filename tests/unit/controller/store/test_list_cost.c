/* What lists cost, in steps of SQLite's machine: the same on every computer. With 20,000 jobs behind them the
 * lists that clients ask for must look at the rows of a page, not at all. */
#include "harness/store_case.h"

#include <sqlite3.h>

enum { APPS = 2000, JOBS = 20000, DEPLOYMENTS = 20000, PAGE_STEPS = 12000, SCAN_STEPS = 40 };

static int64_t steps; /* of the statements that ended since it was set to 0 */

static int on_end(unsigned type, void *context, void *statement, void *nanoseconds) {
        (void) type, (void) context, (void) nanoseconds;
        steps += sqlite3_stmt_status(statement, SQLITE_STMTSTATUS_VM_STEP, 1);
        return 0;
}

/* SQLite calls it for every connection the store opens. */
static int watch(sqlite3 *database, char **message, const struct sqlite3_api_routines *routines) {
        (void) message, (void) routines;
        return sqlite3_trace_v2(database, SQLITE_TRACE_PROFILE, on_end, NULL);
}

static const char fill_sql[] =
        "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < 2000)"
        "INSERT INTO apps (id, doc, etag, version, created_us, updated_us) SELECT printf('%024x', i),"
        " json_object('name', printf('app-%05d', i), 'env', iif(i % 4, 'dev', 'prod'), 'role', iif(i % 3, "
        "'web', 'worker')), '', 1, i, i"
        " FROM n;"
        "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < 20000)"
        "INSERT INTO jobs (id, doc, etag, version, created_us, updated_us) SELECT printf('%024x', i),"
        " json_object('app_id', printf('%024x', i % 2000), 'command', iif(i % 9, 'deploy', 'buildimage'),"
        " 'status', iif(i % 7, 'done', iif(i % 1000, 'failed', 'started')), 'user', printf('user%02d', i % "
        "40)), '', 1, i, i FROM n;"
        "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < 20000)"
        "INSERT INTO deployments (id, doc, etag, version, created_us, updated_us) SELECT printf('%024x', i),"
        " json_object('app_id', printf('%024x', i % 2000), 'module', iif(i % 5, 'site', 'api'), 'revision', "
        "printf('v%d', i % 900),"
        " 'timestamp', i), '', 1, i, i FROM n;";

static int fill(void **state) {
        sqlite3 *database = NULL;

        sqlite3_auto_extension((void (*)(void)) watch);
        if (store_case_set_up(state) != 0 ||
            sqlite3_open(((StoreCase *) *state)->path, &database) != SQLITE_OK)
                return -1;
        int code = sqlite3_exec(database, fill_sql, NULL, NULL, NULL);
        (void) sqlite3_close(database);
        return code == SQLITE_OK ? 0 : -1;
}

static int tear_down(void **state) {
        sqlite3_reset_auto_extension();
        return store_case_tear_down(state);
}

typedef struct Case {
        Collection collection;
        const char *where, *sort;
        int64_t page;
        int64_t total;
        int64_t steps; /* at most */
} Case;

static void assert_cost(Store *store, const Case *test) {
        CLEANUP(document_free) Document *where = json_of(test->where);
        CLEANUP(list_result_clear) ListResult result = { 0 };
        const ListQuery query = { .where = where, .sort = test->sort, .page = test->page, .max_results = 23 };

        steps = 0;
        assert_ok(collection_list(store, test->collection, &query, &result, err));
        if (result.total != test->total || steps > test->steps || steps == 0)
                fail_msg(
                        "%s: %lld rows, not %lld, in %lld steps of %lld", test->where,
                        (long long) result.total, (long long) test->total, (long long) steps,
                        (long long) test->steps);
}

#define TWO_APPS "{'$or':[{'app_id':'000000000000000000000001'},{'app_id':'000000000000000000000002'}]"

static void lists_read_the_rows_of_a_page(void **state) {
        Store *store = ((StoreCase *) *state)->store;
        static const Case cases[] = {
                { COLLECTION_JOBS, "{}", "-_updated", 1, JOBS, PAGE_STEPS },
                { COLLECTION_JOBS, "{'status':'done'}", "-_updated", 1, 17142, PAGE_STEPS },
                { COLLECTION_JOBS, "{'status':'started'}", "-_updated", 1, 3, PAGE_STEPS },
                { COLLECTION_JOBS, "{'status':'init'}", "-_updated", 1, 0, PAGE_STEPS },
                { COLLECTION_JOBS, "{'command':'deploy','status':'started'}", "-_updated", 1, 2, PAGE_STEPS },
                { COLLECTION_JOBS, "{'command':'deploy'}", "-_updated", 1, 17777, PAGE_STEPS },
                { COLLECTION_JOBS, "{'user':{'$regex':'.*none.*'}}", "-_updated", 1, 0, PAGE_STEPS },
                { COLLECTION_JOBS, TWO_APPS "}", "-_updated", 1, 20, PAGE_STEPS },
                { COLLECTION_JOBS, TWO_APPS ",'user':{'$regex':'r0'},'status':'done'}", "-_updated", 1, 17,
                  PAGE_STEPS },
                { COLLECTION_JOBS, "{'$or':[{'app_id':'null'}]}", "-_updated", 1, 0, PAGE_STEPS },
                { COLLECTION_JOBS, "{'_id':{'$in':['000000000000000000000001','000000000000000000000009']}}",
                  NULL, 1, 2, PAGE_STEPS },
                { COLLECTION_DEPLOYMENTS, "{}", "-timestamp", 1, DEPLOYMENTS, PAGE_STEPS },
                { COLLECTION_DEPLOYMENTS, TWO_APPS "}", "-timestamp", 1, 20, PAGE_STEPS },
                { COLLECTION_DEPLOYMENTS, "{'module':{'$regex':'.*zzz.*'}}", "-timestamp", 1, 0, PAGE_STEPS },
                { COLLECTION_DEPLOYMENTS, "{'revision':'v17'}", "-timestamp", 1, 23, PAGE_STEPS },
                { COLLECTION_DEPLOYMENTS, "{'revision':'v17','module':{'$regex':'s'}}", "-timestamp", 1, 23,
                  PAGE_STEPS },
                { COLLECTION_DEPLOYMENTS, "{'app_id':'000000000000000000000001','module':'site'}",
                  "-timestamp", 1, 10, PAGE_STEPS },
                { COLLECTION_APPS, "{'name':'app-00017','env':'dev','role':'web'}", NULL, 1, 1, PAGE_STEPS },
                { COLLECTION_APPS, "{}", "-_updated", 40, APPS, 3 * PAGE_STEPS },
        };

        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
                assert_cost(store, &cases[i]);
}

/* A part of a name can be anywhere: each name is looked at, but no document. */
static void a_part_of_a_name_costs_a_look_at_each_name(void **state) {
        Store *store = ((StoreCase *) *state)->store;
        static const Case cases[] = {
                { COLLECTION_APPS, "{'name':{'$regex':'.*none.*'}}", "-_updated", 1, 0, SCAN_STEPS * APPS },
                { COLLECTION_APPS, "{'name':{'$regex':'.*00.*'},'env':'prod'}", "-_updated", 1, 262,
                  SCAN_STEPS * APPS },
        };

        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
                assert_cost(store, &cases[i]);
}

/* Counts kept by triggers follow what happens to the rows. */
static void totals_follow_the_rows(void **state) {
        Store *store = ((StoreCase *) *state)->store;
        static const Case before = { COLLECTION_JOBS, "{'status':'started'}", "-_updated", 1, 3, PAGE_STEPS };
        Case after = before;

        assert_cost(store, &before);
        store_put(
                store, COLLECTION_JOBS,
                "{'_id':'new','app_id':'x','status':'started','command':'deploy','user':'me'}");
        after.total = 4;
        assert_cost(store, &after);
        CLEANUP(document_free) Document *done = json_of("{'status':'done'}");
        assert_ok(collection_patch(store, COLLECTION_JOBS, "new", done, true, err));
        after.total = 3;
        assert_cost(store, &after);
        assert_ok(collection_delete(store, COLLECTION_JOBS, "new", NULL, NULL, err));
        const Case all = { COLLECTION_JOBS, "{}", "-_updated", 1, JOBS, PAGE_STEPS };
        assert_cost(store, &all);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(lists_read_the_rows_of_a_page, fill, tear_down),
                cmocka_unit_test_setup_teardown(a_part_of_a_name_costs_a_look_at_each_name, fill, tear_down),
                cmocka_unit_test_setup_teardown(totals_follow_the_rows, fill, tear_down),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
