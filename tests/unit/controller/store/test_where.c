#include "harness/store_case.h"

#include "store/where.h"

static const WhereColumn columns[] = { { "name", "name", WHERE_TEXT }, { "n", "n", WHERE_INT }, { NULL } };

static void names_and_values_never_reach_the_sql(void **state) {
        CLEANUP(document_free)
        Document *where = json_of("{'evil name':'evil value','$or':[{'_id':'x'},{'a.b':{'$in':[1,2]}}]}");
        CLEANUP(where_values_clear) WhereValues values = { 0 };
        CLEANUP(text_clear) Text sql = { 0 };

        (void) state;
        assert_ok(where_compile(columns, where, &sql, &values, err));
        assert_null(strstr(sql.data, "evil"));
        size_t marks = 0;
        for (const char *c = sql.data; *c; c++)
                marks += *c == '?';
        assert_int_equal(marks, values.count);
}

static void no_condition_is_always_true(void **state) {
        CLEANUP(where_values_clear) WhereValues values = { 0 };
        CLEANUP(text_clear) Text sql = { 0 };

        (void) state;
        assert_ok(where_compile(columns, NULL, &sql, &values, err));
        assert_string_equal(sql.data, "1");
}

static void assert_refused(const char *text, const char *message) {
        CLEANUP(document_free) Document *where = json_of(text);
        CLEANUP(where_values_clear) WhereValues values = { 0 };
        CLEANUP(text_clear) Text sql = { 0 };

        assert_fails(ERROR_INVALID, message, where_compile(columns, where, &sql, &values, err));
}

static void what_is_no_condition_is_named(void **state) {
        CLEANUP(text_clear) Text deep = { 0 };

        (void) state;
        assert_refused("[]", "where: a condition is an object");
        assert_refused("{'$or':[]}", "where: $or takes a list of conditions");
        assert_refused("{'a':{}}", "where: a: an empty condition");
        assert_refused("{'a':{'$in':'x'}}", "where: a: a list of at most 2000 values");
        assert_refused("{'a':{'$in':[[1]]}}", "where: a: only plain values can be listed");
        assert_refused("{'':1}", "where: '' is no field");
        for (int i = 0; i < 10; i++)
                text_append(&deep, "{'$or':[");
        text_append(&deep, "{}");
        for (int i = 0; i < 10; i++)
                text_append(&deep, "]}");
        assert_refused(deep.data, "where: nested deeper than 10");
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(names_and_values_never_reach_the_sql),
                cmocka_unit_test(no_condition_is_always_true),
                cmocka_unit_test(what_is_no_condition_is_named),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
