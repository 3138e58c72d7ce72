#include "harness/store_case.h"

static int fill(void **state) {
        if (store_case_set_up(state) != 0)
                return -1;

        Store *store = ((StoreCase *) *state)->store;
        store_put(store, COLLECTION_DEPLOYMENTS, "{'_id':'1','name':'b','n':1,'on':true,'in':{'side':'x'}}");
        store_put(store, COLLECTION_DEPLOYMENTS, "{'_id':'2','name':'a','n':5,'on':false}");
        store_put(store, COLLECTION_DEPLOYMENTS, "{'_id':'3','name':'c','n':9,'gone':null}");
        return 0;
}
#define LIST_TEST(function) cmocka_unit_test_setup_teardown(function, fill, store_case_tear_down)

/* Ids of what is found, in order: "132". */
static void assert_finds(Store *store, const char *where, const char *sort, const char *expected) {
        CLEANUP(document_free) Document *condition = json_of(where);
        CLEANUP(list_result_clear) ListResult result = { 0 };
        CLEANUP(text_clear) Text ids = { 0 };
        const ListQuery query = { .where = condition, .sort = sort, .page = 1, .max_results = 100 };

        assert_ok(collection_list(store, COLLECTION_DEPLOYMENTS, &query, &result, err));
        text_append(&ids, "");
        for (size_t i = 0; i < document_count(result.items); i++)
                text_append(&ids, document_get_string(document_at(result.items, i), "_id"));
        if (strcmp(ids.data, expected) != 0)
                fail_msg("%s: '%s', not '%s'", where, ids.data, expected);
        assert_int_equal(result.total, strlen(expected));
}

static void assert_refused(Store *store, const char *where, const char *sort, const char *message) {
        CLEANUP(document_free) Document *condition = json_of(where);
        CLEANUP(list_result_clear) ListResult result = { 0 };
        const ListQuery query = { .where = condition, .sort = sort, .page = 1, .max_results = 100 };

        assert_fails(
                ERROR_INVALID, message, collection_list(store, COLLECTION_DEPLOYMENTS, &query, &result, err));
}

static void operators_select_as_in_mongo(void **state) {
        Store *store = ((StoreCase *) *state)->store;
        static const char *const table[][2] = {
                { "{}", "123" },
                { "{'name':'a'}", "2" },
                { "{'n':{'$gt':1,'$lte':9}}", "23" },
                { "{'n':{'$gte':5,'$lt':9}}", "2" },
                { "{'in.side':'x'}", "1" },
                { "{'in':{'$exists':false}}", "23" },
                { "{'in.side':{'$exists':true}}", "1" },
                { "{'on':true}", "1" },
                { "{'on':null}", "3" },
                { "{'name':{'$ne':'a'}}", "13" },
                { "{'in.side':{'$ne':'x'}}", "23" },
                { "{'name':{'$in':['a','c','z']}}", "23" },
                { "{'name':{'$in':[]}}", "" },
                { "{'name':{'$nin':[]}}", "123" },
                { "{'in.side':{'$nin':['x']}}", "23" },
                { "{'in.side':{'$in':['y',null]}}", "23" },
                { "{'in.side':{'$nin':[null]}}", "1" },
                { "{'name':{'$regex':'^[ab]'}}", "12" },
                { "{'$or':[{'name':'a'},{'n':9}]}", "23" },
                { "{'$and':[{'n':{'$gt':1}},{'$or':[{'name':'a'},{'name':'b'}]}]}", "2" },
                { "{'_id':{'$in':['1','3']}}", "13" },
        };

        for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
                assert_finds(store, table[i][0], NULL, table[i][1]);
}

static void paths_reach_into_lists(void **state) {
        Store *store = ((StoreCase *) *state)->store;
        static const char *const table[][2] = {
                { "{'modules.name':'site'}", "45" },
                { "{'modules.0.name':'site'}", "4" },
                { "{'modules.name':{'$in':['cron','x']}}", "5" },
                { "{'modules.name':{'$ne':'site'}}", "123" },
                { "{'modules.name':{'$regex':'^s'}}", "45" },
                { "{'modules.name':{'$regex':'^S','$options':'i'}}", "45" },
                { "{'options':'serial'}", "4" },
                { "{'options':{'$exists':true}}", "4" },
                { "{'n':{'$gt':8.5}}", "3" },
                { "{'n':{'$not':{'$gt':1}},'name':{'$exists':true}}", "1" },
                { "{'$nor':[{'name':'a'},{'module':'m'}]}", "135" },
        };

        store_put(
                store, COLLECTION_DEPLOYMENTS,
                "{'_id':'4','module':'m','modules':[{'name':'site'}],'options':['serial']}");
        store_put(store, COLLECTION_DEPLOYMENTS, "{'_id':'5','modules':[{'name':'cron'},{'name':'site'}]}");
        for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
                assert_finds(store, table[i][0], NULL, table[i][1]);
}

static void dates_are_compared_by_the_second(void **state) {
        Store *store = ((StoreCase *) *state)->store;
        CLEANUP(document_free) Document *first = NULL;

        assert_ok(collection_get(store, COLLECTION_DEPLOYMENTS, "1", &first, err));
        static const struct {
                const char *op;
                bool found;
        } cases[] = { { "$eq", true },  { "$gte", true }, { "$lte", true },
                      { "$gt", false }, { "$lt", false }, { "$ne", false } };
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                CLEANUP(free)
                char *where = xasprintf(
                        "{'_id':'1','_updated':{'%s':'%s'}}", cases[i].op,
                        document_get_string(first, "_updated"));
                assert_finds(store, where, NULL, cases[i].found ? "1" : "");
        }
        assert_finds(store, "{'_created':{'$gt':'Sun, 22 Nov 2026 23:24:38 GMT'}}", NULL, "123");
        assert_finds(store, "{'_created':{'$lt':'Sun, 22 Nov 2026 23:24:38 GMT'}}", NULL, "");
        assert_finds(store, "{'_created':'yesterday'}", NULL, "");
        assert_finds(store, "{'_version':1}", NULL, "123");
        assert_finds(store, "{'_version':{'$gt':1}}", NULL, "");
        assert_finds(store, "{'_id':null}", NULL, "");
}

static void sorting_and_paging(void **state) {
        Store *store = ((StoreCase *) *state)->store;
        CLEANUP(list_result_clear) ListResult result = { 0 };
        const ListQuery second = { .sort = "name", .page = 2, .max_results = 2 };
        const ListQuery far = { .page = INT64_MAX, .max_results = 100 };

        assert_finds(store, "{}", "name", "213");
        assert_finds(store, "{}", "-n", "321");
        assert_finds(store, "{}", "-_id, name", "321");
        assert_finds(store, "{}", "in.side,-name", "321");
        assert_ok(collection_list(store, COLLECTION_DEPLOYMENTS, &second, &result, err));
        assert_int_equal(result.total, 3);
        assert_int_equal(document_count(result.items), 1);
        assert_string_equal(document_get_string(document_at(result.items, 0), "_id"), "3");
        assert_fails(
                ERROR_INVALID, "no such page",
                collection_list(store, COLLECTION_DEPLOYMENTS, &far, &result, err));
}

static void hostile_values_are_only_values(void **state) {
        Store *store = ((StoreCase *) *state)->store;
        static const char *const harmless[] = {
                "{'name':'x\\u0027 OR 1=1 --'}",
                "{'name\\u0027) OR 1=1 --':'x'}",
                "{'a) OR (1':1}",
                "{'name':{'$in':['x\\u0027); DROP TABLE deployments; --']}}",
                "{'$.name':1}",
        };

        for (size_t i = 0; i + 1 < sizeof(harmless) / sizeof(harmless[0]); i++)
                assert_finds(store, harmless[i], NULL, "");
        assert_refused(store, "{'$.name':1}", NULL, "where: operator '$.name' is not supported");
        assert_refused(store, "{'a\\u0022b':1}", NULL, "where: 'a\"b' is no field");
        assert_refused(store, "{'a..b':1}", NULL, "where: 'a..b' is no field");
        assert_refused(store, "{'n':{'$where':'1'}}", NULL, "where: n: operator '$where' is not supported");
        assert_refused(store, "{'n':[1]}", NULL, "where: n: $eq takes a plain value");
        assert_refused(store, "{}", "name; DROP TABLE apps", "sort: 'name; DROP TABLE apps' is no field");
        assert_refused(store, "{}", "a')--", "sort: 'a')--' is no field");
        assert_refused(store, "{}", "a..b", "sort: 'a..b' is no field");
        assert_refused(store, "{}", "a,,b", "sort: '' is no field");
        assert_refused(store, "{}", "a,a,a,a,a,a,a,a,a", "sort: at most 8 fields");
        assert_refused(
                store, "{'name':{'$regex':'('}}", NULL,
                "where: $regex: missing closing parenthesis at position 1");
        assert_finds(store, "{}", NULL, "123");
}

/* As much as is let through must still be something that SQLite takes. */
static void the_largest_condition_is_answered(void **state) {
        Store *store = ((StoreCase *) *state)->store;
        CLEANUP(text_clear) Text wide = { 0 };
        CLEANUP(text_clear) Text wider = { 0 };
        CLEANUP(text_clear) Text deep = { 0 };

        text_append(&wide, "{'$or':[{'n':1}");
        for (int i = 0; i < 248; i++)
                text_append(&wide, ",{'n':5}");
        text_appendf(&wider, "%s,{'n':5},{'n':5}]}", wide.data);
        text_append(&wide, "]}");
        assert_finds(store, wide.data, NULL, "12");
        assert_refused(store, wider.data, NULL, "where: more than 500 conditions");

        for (int i = 0; i < 9; i++)
                text_append(&deep, "{'n':{'$gt':0},'$and':[");
        text_append(&deep, "{'n':9}");
        for (int i = 0; i < 9; i++)
                text_append(&deep, "]}");
        assert_finds(store, deep.data, NULL, "3");
}

int main(void) {
        const struct CMUnitTest tests[] = {
                LIST_TEST(operators_select_as_in_mongo),     LIST_TEST(paths_reach_into_lists),
                LIST_TEST(dates_are_compared_by_the_second), LIST_TEST(sorting_and_paging),
                LIST_TEST(hostile_values_are_only_values),   LIST_TEST(the_largest_condition_is_answered),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
