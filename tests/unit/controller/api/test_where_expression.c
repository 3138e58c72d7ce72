#include "harness/ghost_test.h"

#include <string.h>

#include "api/where_expression.h"
#include "base/memory.h"
#include "base/text.h"

static void assert_means(const char *text, const char *expected) {
        CLEANUP(document_free) Document *where = NULL;

        assert_ok(where = where_expression_parse(text, err));
        CLEANUP(free) char *found = document_canonical(where);
        assert_string_equal(found, expected);
}

static void comparisons_mean_what_python_means(void **state) {
        (void) state;
        assert_means("role==worker", "{\"role\":{\"$eq\":\"worker\"}}");
        assert_means("name==\"app1\"", "{\"name\":{\"$eq\":\"app1\"}}");
        assert_means(" name != 'it\\'s' ", "{\"name\":{\"$ne\":\"it's\"}}");
        assert_means("autoscale.min>=2", "{\"autoscale.min\":{\"$gte\":2}}");
        assert_means("n<-3", "{\"n\":{\"$lt\":-3}}");
        assert_means("on==True", "{\"on\":{\"$eq\":true}}");
        assert_means("on==None", "{\"on\":{\"$eq\":null}}");
        assert_means(
                "app_id==ObjectId(\"0123456789abcdef01234567\")",
                "{\"app_id\":{\"$eq\":\"0123456789abcdef01234567\"}}");
}

static void and_binds_more_than_or(void **state) {
        (void) state;
        assert_means(
                "a==1 and b==2 or c==3",
                "{\"$or\":[{\"$and\":[{\"a\":{\"$eq\":1}},{\"b\":{\"$eq\":2}}]},{\"c\":{\"$eq\":3}}]}");
        assert_means(
                "a==1 and (b==2 or c==3)",
                "{\"$and\":[{\"a\":{\"$eq\":1}},{\"$or\":[{\"b\":{\"$eq\":2}},{\"c\":{\"$eq\":3}}]}]}");
        assert_means("((a==order))", "{\"a\":{\"$eq\":\"order\"}}");
}

static void assert_refused(const char *text, const char *message) {
        assert_fails(ERROR_INVALID, message, where_expression_parse(text, err) != NULL);
}

static void what_is_no_condition_says_where(void **state) {
        CLEANUP(document_free) Document *none = NULL;
        CLEANUP(error_free) Error *why = NULL;
        CLEANUP(text_clear) Text deep = { 0 };

        (void) state;
        assert_refused("name", "where: a comparison expected at ''");
        assert_refused("==1", "where: a field expected at '==1'");
        assert_refused("a==", "where: a value expected at ''");
        assert_refused("a=='x", "where: the end of the text expected at ''");
        assert_refused("(a==1", "where: ')' expected at ''");
        assert_refused("a==1)", "where: the end expected at ')'");
        assert_refused("a==1 and", "where: a field expected at ''");
        for (int i = 0; i < 100; i++)
                text_append(&deep, "(");
        none = where_expression_parse(deep.data, &why);
        assert_null(none);
        assert_true(text_starts_with(error_message(why), "where: less nesting expected at '((("));
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(comparisons_mean_what_python_means),
                cmocka_unit_test(and_binds_more_than_or),
                cmocka_unit_test(what_is_no_condition_says_where),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
